"""The fleet: boxes, one-time enrolment codes, who was turned away, wanted versions."""

from alembic import op
from sqlalchemy import BigInteger, Column, Integer, PrimaryKeyConstraint, String, Text, UniqueConstraint

revision = "0012_fleet"
down_revision = "0011_links"

BIG = BigInteger().with_variant(Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "box",
        Column("k", String(64), nullable=False),
        Column("hardware", String(80), nullable=False, server_default=""),
        Column("certificate_until", BIG),
        Column("renewed_at", BIG),
        Column("grp", String(32), nullable=False, server_default="all"),
        Column("state", Text(), nullable=False, server_default=""),
        Column("state_at", BIG),
        PrimaryKeyConstraint("k", name="pk_box"),
    )
    op.create_table(
        "enrol_code",
        Column("digest", String(64), nullable=False),
        Column("shard", String(32), nullable=False),
        Column("site", String(64), nullable=False),
        Column("k", String(64), nullable=False),
        Column("lane", String(1), nullable=False),
        Column("desk", String(8), nullable=False),
        Column("made_by", String(64), nullable=False),
        Column("made_at", BIG, nullable=False),
        Column("expires_at", BIG, nullable=False),
        Column("used_at", BIG),
        Column("key_digest", String(64)),
        PrimaryKeyConstraint("digest", name="pk_enrol_code"),
        UniqueConstraint("k", name="uq_enrol_code_k"),
    )
    op.create_table(
        "turned_away",
        Column("who", String(120), nullable=False),
        Column("what", String(32), nullable=False),
        Column("site", String(64), nullable=False),
        Column("first_at", BIG, nullable=False),
        Column("last_at", BIG, nullable=False),
        Column("n", BIG, nullable=False),
        PrimaryKeyConstraint("who", "what", name="pk_turned_away"),
    )
    op.create_table(
        "wanted_version",
        Column("grp", String(32), nullable=False),
        Column("version", String(64), nullable=False),
        Column("set_by", String(64), nullable=False),
        Column("set_at", BIG, nullable=False),
        PrimaryKeyConstraint("grp", name="pk_wanted_version"),
    )
