"""Commands to kiosks and how far each is."""

from alembic import op
from sqlalchemy import BigInteger, Column, Integer, PrimaryKeyConstraint, String, Text

revision = "0014_commands"
down_revision = "0013_site_days"

BIG = BigInteger().with_variant(Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "command",
        Column("command", String(64), nullable=False),
        Column("entity", String(96), nullable=False),
        Column("k", String(64), nullable=False),
        Column("n", Integer(), nullable=False),
        Column("what", String(16), nullable=False),
        Column("text", Text(), nullable=False),
        Column("about", String(64), nullable=False),
        Column("issued_at", BIG, nullable=False),
        Column("issued_by", String(64), nullable=False),
        Column("until", BIG, nullable=False),
        Column("state", String(16), nullable=False),
        Column("reason", String(40), nullable=False),
        Column("reached_at", BIG),
        Column("answered_at", BIG),
        PrimaryKeyConstraint("command", name="pk_command"),
    )
    op.create_index("ix_command_entity", "command", ["entity"])
    op.create_index("ix_command_k", "command", ["k"])
