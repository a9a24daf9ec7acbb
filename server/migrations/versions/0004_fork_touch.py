"""Forked records count: which of them speak of which entity. `rebuild` brings in forks kept before this release."""

from alembic import op
from sqlalchemy import BigInteger, Column, Integer, PrimaryKeyConstraint, String

revision = "0004_fork_touch"
down_revision = "0002"

BIG = BigInteger().with_variant(Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "fork_touch",
        Column("entity", String(16), nullable=False),
        Column("entity_id", String(64), nullable=False),
        Column("k", String(64), nullable=False),
        Column("inc", String(16), nullable=False),
        Column("seq", BIG, nullable=False),
        Column("digest", String(64), nullable=False),
        PrimaryKeyConstraint("entity", "entity_id", "k", "inc", "seq", "digest", name="pk_fork_touch"),
    )
