"""The ledger: records once and for ever, their index, forks, quarantine, coverage, counters."""

from alembic import op
from sqlalchemy import BigInteger, Column, Integer, LargeBinary, PrimaryKeyConstraint, String, Text, UniqueConstraint

from server.db import append_only

revision = "0001"
down_revision = None

BIG = BigInteger().with_variant(Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "counter",
        Column("name", String(32), nullable=False),
        Column("place", String(64), nullable=False),
        Column("day", String(12), nullable=False),
        Column("item", String(100), nullable=False),
        Column("n", BIG, nullable=False),
        PrimaryKeyConstraint("name", "place", "day", "item", name="pk_counter"),
    )
    op.create_table(
        "coverage",
        Column("k", String(64), nullable=False),
        Column("inc", String(16), nullable=False),
        Column("spans", Text(), nullable=False),
        Column("last_said", BIG, nullable=False),
        Column("head_said", String(64), nullable=False),
        Column("heard_at", BIG, nullable=False),
        Column("archived", BIG, nullable=False),
        PrimaryKeyConstraint("k", "inc", name="pk_coverage"),
    )
    op.create_table(
        "fork",
        Column("k", String(64), nullable=False),
        Column("inc", String(16), nullable=False),
        Column("seq", BIG, nullable=False),
        Column("digest", String(64), nullable=False),
        Column("line", LargeBinary(), nullable=False),
        Column("signature", Text(), nullable=False),
        Column("received_at", BIG, nullable=False),
        PrimaryKeyConstraint("k", "inc", "seq", "digest", name="pk_fork"),
    )
    op.create_table(
        "quarantine",
        Column("id", BIG, autoincrement=True, nullable=False),
        Column("k", String(64), nullable=True),
        Column("inc", String(16), nullable=True),
        Column("seq", BIG, nullable=True),
        Column("reason", String(40), nullable=False),
        Column("digest", String(64), nullable=False),
        Column("topic", String(160), nullable=False),
        Column("payload", LargeBinary(), nullable=False),
        Column("signature", LargeBinary(), nullable=False),
        Column("received_at", BIG, nullable=False),
        Column("resolved_at", BIG, nullable=True),
        PrimaryKeyConstraint("id", name="pk_quarantine"),
        UniqueConstraint("digest", name="uq_quarantine_digest"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_quarantine_k_inc_seq", "quarantine", ["k", "inc", "seq"])
    op.create_table(
        "record",
        Column("id", BIG, autoincrement=True, nullable=False),
        Column("k", String(64), nullable=False),
        Column("inc", String(16), nullable=False),
        Column("seq", BIG, nullable=False),
        Column("digest", String(64), nullable=False),
        Column("prev", String(64), nullable=False),
        Column("kind", String(64), nullable=False),
        Column("site", String(64), nullable=False),
        Column("hlc_p", BIG, nullable=False),
        Column("hlc_l", BIG, nullable=False),
        Column("wall", BIG, nullable=False),
        Column("received_at", BIG, nullable=False),
        Column("line", LargeBinary(), nullable=False),
        Column("signature", Text(), nullable=False),
        PrimaryKeyConstraint("id", name="pk_record"),
        UniqueConstraint("k", "inc", "seq", name="uq_record_k_inc_seq"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "touch",
        Column("entity", String(16), nullable=False),
        Column("entity_id", String(64), nullable=False),
        Column("record_id", BIG, nullable=False),
        PrimaryKeyConstraint("entity", "entity_id", "record_id", name="pk_touch"),
    )
    op.create_table(
        "writer",
        Column("k", String(64), nullable=False),
        Column("shard", String(32), nullable=False),
        Column("site", String(64), nullable=False),
        Column("public_key", Text(), nullable=False),
        Column("enrolled_at", BIG, nullable=False),
        Column("revoked_at", BIG, nullable=True),
        PrimaryKeyConstraint("k", name="pk_writer"),
    )
    for table in ("record", "fork"):
        for statement in append_only(table, op.get_bind().dialect.name):
            op.execute(statement)
