"""Reactions: what is known later, who knows of the alarm; whom to call at a unit."""

from alembic import op
from sqlalchemy import BigInteger, Boolean, Column, Integer, PrimaryKeyConstraint, String, Text, false

revision = "0009_reactions"
down_revision = "0008_units"

BIG = BigInteger().with_variant(Integer(), "sqlite")


def upgrade() -> None:
    # Defaults, because the release before writes this table without them; the next start derives every row again.
    op.add_column("aefi", Column("grade", String(4), nullable=False, server_default=""))
    op.add_column("aefi", Column("onset_min", Integer))
    op.add_column("aefi", Column("treatment", Text, nullable=False, server_default="[]"))
    op.add_column("aefi", Column("outcome", String(12), nullable=False, server_default=""))
    op.add_column("aefi", Column("follow_ups", Integer, nullable=False, server_default="0"))
    op.add_column("aefi", Column("followed_at", BIG))
    op.add_column("aefi", Column("rang", Boolean, nullable=False, server_default=false()))
    op.add_column("aefi", Column("seen_at", BIG))
    op.add_column("aefi", Column("seen_by", String(64), nullable=False, server_default=""))
    op.create_table(
        "contact",
        Column("unit", String(64), nullable=False),
        Column("duty", String(16), nullable=False),
        Column("phone", String(20), nullable=False),
        PrimaryKeyConstraint("unit", "duty", name="pk_contact"),
    )
