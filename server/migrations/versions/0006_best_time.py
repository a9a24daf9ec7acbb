"""Best times: anchors of boots, certainty beside the times shown; gaps with their hour; which program derived last.

Complaints: what a record that came later bears upon.
"""

from alembic import op
from sqlalchemy import BigInteger, Column, Integer, PrimaryKeyConstraint, String, Text

revision = "0006_best_time"
down_revision = "0005_backup"

BIG = BigInteger().with_variant(Integer(), "sqlite")
CERTAINTIES = (("vaccination", "given_sure", "given_err"), ("visit", "sure", "err"), ("aefi", "sure", "err"))


def upgrade() -> None:
    op.create_table(
        "anchor",
        Column("boot", String(64), nullable=False),
        Column("err", BIG, nullable=False),
        Column("mono", BIG, nullable=False),
        Column("wall", BIG, nullable=False),
        PrimaryKeyConstraint("boot", name="pk_anchor"),
    )
    op.create_table(
        "release",
        Column("id", BIG, autoincrement=False, nullable=False),
        Column("stamp", String(64), nullable=False),
        Column("at", BIG, nullable=False),
        PrimaryKeyConstraint("id", name="pk_release"),
    )
    op.add_column("coverage", Column("owed", Text))
    # Defaults, because the release before writes these tables without them; the next start derives every row again.
    for table, sure, err in CERTAINTIES:
        op.add_column(table, Column(sure, String(8), nullable=False, server_default="synced"))
        op.add_column(table, Column(err, BIG, nullable=False, server_default="0"))
    op.add_column("complaint", Column("known", Text))
    op.add_column("complaint", Column("reopened_at", BIG))
    op.add_column("complaint", Column("reopened_for", String(64), nullable=False, server_default=""))
    op.create_table(
        "bearing",
        Column("complaint", String(64), nullable=False),
        Column("dose", String(64), nullable=False),
        Column("entity", String(96), nullable=False),
        Column("person", String(64), nullable=False),
        Column("place", String(64), nullable=False),
        Column("given_on", String(12), nullable=False),
        Column("vaccine", String(64), nullable=False),
        Column("dose_no", Integer, nullable=False),
        PrimaryKeyConstraint("complaint", "dose", name="pk_bearing"),
    )
    op.create_index("ix_bearing_entity", "bearing", ["entity"])
