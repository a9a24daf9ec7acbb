"""Decided complaints of whose ground something has changed since."""

from alembic import op
from sqlalchemy import BigInteger, Column, Integer, PrimaryKeyConstraint, String

revision = "0025_rechecks"
down_revision = "0024_texts"


def upgrade() -> None:
    op.create_table(
        "recheck",
        Column("complaint", String(64), nullable=False),
        Column("person", String(64), nullable=False),
        Column("entity", String(96), nullable=False),
        Column("changed", String(32), nullable=False),
        Column("dose", String(64), nullable=False),
        Column("changed_at", BigInteger().with_variant(Integer, "sqlite"), nullable=False),
        Column("changed_by", String(64), nullable=False),
        Column("changes", Integer(), nullable=False),
        PrimaryKeyConstraint("complaint", "person", name="pk_recheck"),
    )
    op.create_index("ix_recheck_entity", "recheck", ["entity"])
