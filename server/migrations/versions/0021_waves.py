"""A wanted version goes to a share of its group, and can be halted."""

from alembic import op
from sqlalchemy import BigInteger, Column, Integer

revision = "0021_waves"
down_revision = "0020_issued"


def upgrade() -> None:
    op.add_column("wanted_version", Column("share", Integer(), nullable=False, server_default="100"))
    op.add_column("wanted_version", Column("halted_at", BigInteger().with_variant(Integer(), "sqlite")))
