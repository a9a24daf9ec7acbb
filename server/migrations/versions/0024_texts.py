"""What units say on the screens and slips of their sites in the place of the campaign's words."""

from alembic import op
from sqlalchemy import BigInteger, Column, Integer, PrimaryKeyConstraint, String

revision = "0024_texts"
down_revision = "0023_first_until"


def upgrade() -> None:
    op.create_table(
        "unit_text",
        Column("unit", String(16), nullable=False),
        Column("unit_from", String(10), nullable=False),
        Column("name", String(32), nullable=False),
        Column("lang", String(8), nullable=False),
        Column("text", String(400), nullable=False),
        Column("said_by", String(64), nullable=False),
        Column("said_at", BigInteger().with_variant(Integer(), "sqlite"), nullable=False),
        PrimaryKeyConstraint("unit", "unit_from", "name", "lang"),
    )
