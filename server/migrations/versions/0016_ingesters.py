"""Which ingest process takes which shards."""

from alembic import op
from sqlalchemy import BigInteger, Column, Integer, PrimaryKeyConstraint, String

revision = "0016_ingesters"
down_revision = "0015_imports"


def upgrade() -> None:
    op.create_table(
        "ingester",
        Column("name", String(64), nullable=False),
        Column("beats", BigInteger().with_variant(Integer(), "sqlite"), nullable=False),
        Column("takes", String(2000), nullable=False),
        PrimaryKeyConstraint("name", name="pk_ingester"),
    )
