"""A first password that nobody used ends: until when it may be. 0, as for those of earlier releases: without end."""

from alembic import op
from sqlalchemy import BigInteger, Column, Integer

revision = "0023_first_until"
down_revision = "0022_kiosk_of_dose"


def upgrade() -> None:
    when = BigInteger().with_variant(Integer(), "sqlite")
    op.add_column("account", Column("first_until", when, nullable=False, server_default="0"))
