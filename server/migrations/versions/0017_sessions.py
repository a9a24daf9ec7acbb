"""Planned sessions and their appointments."""

from alembic import op
from sqlalchemy import BigInteger, Column, Integer, PrimaryKeyConstraint, String, Text

revision = "0017_sessions"
down_revision = "0016_ingesters"

BIG = BigInteger().with_variant(Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "planned_session",
        Column("session", String(64), nullable=False),
        Column("site", String(32), nullable=False),
        Column("day", String(10), nullable=False),
        Column("vaccine", String(64), nullable=False),
        Column("hours", Text(), nullable=False),
        Column("choice", Text(), nullable=False),
        Column("team", Text(), nullable=False),
        Column("team_at", BIG),
        Column("state", String(12), nullable=False),
        Column("reason", Text(), nullable=False),
        Column("version", Integer(), nullable=False),
        Column("made_by", String(64), nullable=False),
        Column("made_at", BIG, nullable=False),
        Column("changed_by", String(64), nullable=False),
        Column("changed_at", BIG, nullable=False),
        Column("invited_at", BIG),
        PrimaryKeyConstraint("session", name="pk_planned_session"),
    )
    op.create_index("ix_planned_session_site", "planned_session", ["site"])
    op.create_index("ix_planned_session_day", "planned_session", ["day"])
    op.create_table(
        "appointment",
        Column("session", String(64), nullable=False),
        Column("person", String(64), nullable=False),
        Column("n", Integer(), nullable=False),
        Column("at", BIG, nullable=False),
        Column("dose_no", Integer(), nullable=False),
        Column("grp", Integer(), nullable=False),
        Column("name", String(120), nullable=False),
        Column("dob", String(10), nullable=False),
        Column("sex", String(1), nullable=False),
        Column("phone", String(32), nullable=False),
        Column("state", String(12), nullable=False),
        Column("told_at", BIG),
        Column("told_site", String(32), nullable=False),
        PrimaryKeyConstraint("session", "person", name="pk_appointment"),
    )
    op.create_index("ix_appointment_person", "appointment", ["person"])
