"""The days of the sites: opening, team, drills, closing."""

from alembic import op
from sqlalchemy import BigInteger, Column, Integer, PrimaryKeyConstraint, String, Text

revision = "0013_site_days"
down_revision = "0012_fleet"

BIG = BigInteger().with_variant(Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "site_day",
        Column("site_day", String(64), nullable=False),
        Column("entity", String(96), nullable=False),
        Column("site", String(64), nullable=False),
        Column("day", String(12), nullable=False),
        Column("opened_at", BIG),
        Column("opened_by", String(64), nullable=False),
        Column("team", Text(), nullable=False),
        Column("lots", Text(), nullable=False),
        Column("drill", Text(), nullable=False),
        Column("drills", Text(), nullable=False),
        Column("differs", Text(), nullable=False),
        Column("reason", Text(), nullable=False),
        Column("closed_at", BIG),
        Column("closed_by", String(64), nullable=False),
        Column("figures", Text(), nullable=False),
        Column("closed_differs", Text(), nullable=False),
        Column("closed_reason", Text(), nullable=False),
        PrimaryKeyConstraint("site_day", name="pk_site_day"),
    )
    op.create_index("ix_site_day_entity", "site_day", ["entity"])
    op.create_index("ix_site_day_day", "site_day", ["day"])
