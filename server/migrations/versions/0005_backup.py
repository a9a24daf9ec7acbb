"""Backups, the log the server's own desk writes in, and per writer's log what came late and what its kiosk deleted."""

from alembic import op
from sqlalchemy import BigInteger, Column, Integer, PrimaryKeyConstraint, String, Text

revision = "0005_backup"
down_revision = "0004_fork_touch"

BIG = BigInteger().with_variant(Integer(), "sqlite")


def upgrade() -> None:
    op.add_column("coverage", Column("late", BIG))
    op.add_column("coverage", Column("gone", BIG, nullable=False, server_default="0"))
    op.create_table(
        "own_log",
        Column("k", String(64), nullable=False),
        Column("inc", String(16), nullable=False),
        Column("opened_at", BIG, nullable=False),
        Column("why", String(16), nullable=False),
        PrimaryKeyConstraint("k", name="pk_own_log"),
    )
    op.create_table(
        "backup",
        Column("id", BIG, autoincrement=True, nullable=False),
        Column("begun_at", BIG, nullable=False),
        Column("ended_at", BIG),
        Column("place", Text(), nullable=False),
        Column("state", String(16), nullable=False),
        Column("records", BIG, nullable=False),
        Column("sha256", String(64), nullable=False),
        PrimaryKeyConstraint("id", name="pk_backup"),
        sqlite_autoincrement=True,
    )
