"""Persons who are one: who with whom, what was said of pairs; proposals; a person's insurance number; copies of certificates."""

from alembic import op
from sqlalchemy import BigInteger, Column, Integer, PrimaryKeyConstraint, String, Text

revision = "0011_links"
down_revision = "0010_appointed"

BIG = BigInteger().with_variant(Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "alias",
        Column("person", String(64), nullable=False),
        Column("entity", String(96), nullable=False),
        Column("whole", String(64), nullable=False),
        PrimaryKeyConstraint("person", name="pk_alias"),
    )
    op.create_index("ix_alias_entity", "alias", ["entity"])
    op.create_index("ix_alias_whole", "alias", ["whole"])
    op.create_table(
        "person_pair",
        Column("one", String(64), nullable=False),
        Column("other", String(64), nullable=False),
        Column("entity", String(96), nullable=False),
        Column("state", String(8), nullable=False),
        Column("reason", Text, nullable=False),
        Column("because", Text, nullable=False),
        Column("decided_by", String(64), nullable=False),
        Column("decided_at", BIG, nullable=False),
        PrimaryKeyConstraint("one", "other", name="pk_person_pair"),
    )
    op.create_index("ix_person_pair_entity", "person_pair", ["entity"])
    op.create_index("ix_person_pair_other", "person_pair", ["other"])
    op.create_table(
        "proposal",
        Column("one", String(64), nullable=False),
        Column("other", String(64), nullable=False),
        Column("score", Integer(), nullable=False),
        Column("because", Text, nullable=False),
        Column("found_at", BIG, nullable=False),
        PrimaryKeyConstraint("one", "other", name="pk_proposal"),
    )
    op.create_index("ix_proposal_other", "proposal", ["other"])
    op.create_index("ix_proposal_score", "proposal", ["score"])
    # Defaults, because the release before writes these tables without them; the next start derives every row again.
    op.add_column("person", Column("health_no", String(32), nullable=False, server_default=""))
    op.create_index("ix_person_health_no", "person", ["health_no"])
    # The search for duplicates goes through people by day of birth.
    op.create_index("ix_person_dob", "person", ["dob"])
    op.add_column("certificate", Column("whole", String(64), nullable=False, server_default=""))
