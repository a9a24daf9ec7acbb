"""Answers kept under idempotency keys; what a token may write."""

from alembic import op
from sqlalchemy import BigInteger, Column, Integer, PrimaryKeyConstraint, String, Text

revision = "0018_answered"
down_revision = "0017_sessions"

BIG = BigInteger().with_variant(Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "answered",
        Column("client", Text(), nullable=False),
        Column("key", String(64), nullable=False),
        Column("digest", String(64), nullable=False),
        Column("status", Integer(), nullable=False),
        Column("answer", Text(), nullable=False),
        Column("at", BIG, nullable=False),
        PrimaryKeyConstraint("client", "key", name="pk_answered"),
    )
    op.create_index("ix_answered_at", "answered", ["at"])
    op.add_column("client_token", Column("may", String(64), nullable=False, server_default=""))
