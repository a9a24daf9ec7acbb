"""Opened vials: what each gave, what was wasted of it, why it was put away."""

from alembic import op
from sqlalchemy import BigInteger, Column, Integer, PrimaryKeyConstraint, String

revision = "0007_vials"
down_revision = "0006_best_time"

BIG = BigInteger().with_variant(Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "stock_vial",
        Column("vial", String(64), nullable=False),
        Column("entity", String(96), nullable=False),
        Column("place", String(64), nullable=False),
        Column("day", String(12), nullable=False),
        Column("vaccine", String(64), nullable=False),
        Column("lot", String(32), nullable=False),
        Column("doses", Integer, nullable=False),
        Column("given", Integer, nullable=False),
        Column("wasted", Integer, nullable=False),
        Column("extra", Integer, nullable=False),
        Column("state", String(8), nullable=False),
        Column("reason", String(32), nullable=False),
        Column("said_given", Integer, nullable=False),
        Column("said_waste", Integer, nullable=False),
        Column("opened_at", BIG, nullable=False),
        Column("closed_at", BIG),
        Column("opened_by", String(64), nullable=False),
        PrimaryKeyConstraint("vial", name="pk_stock_vial"),
    )
    op.create_index("ix_stock_vial_entity", "stock_vial", ["entity"])
    op.create_index("ix_stock_vial_place", "stock_vial", ["place"])
    op.create_index("ix_stock_vial_lot", "stock_vial", ["lot"])
