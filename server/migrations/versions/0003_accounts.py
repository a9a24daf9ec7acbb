"""Who signs in and what they did: units, accounts, sessions, tokens, audit, limits, one-time codes; photos."""

from alembic import op
from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ForeignKeyConstraint,
    Integer,
    LargeBinary,
    PrimaryKeyConstraint,
    String,
    Text,
    UniqueConstraint,
)

revision = "0003_accounts"
down_revision = "0002"

BIG = BigInteger().with_variant(Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "unit",
        Column("code", String(64), nullable=False),
        Column("name", Text(), nullable=False),
        Column("level", String(16), nullable=False),
        Column("parent", String(64), nullable=False),
        Column("valid_from", String(10), nullable=False),
        Column("valid_to", String(10), nullable=False),
        PrimaryKeyConstraint("code", name="pk_unit"),
    )
    op.create_index("ix_unit_parent", "unit", ["parent"])
    op.create_table(
        "account",
        Column("id", Integer(), nullable=False),
        Column("login", String(64), nullable=False),
        Column("name", Text(), nullable=False),
        Column("email", Text(), nullable=False),
        Column("role", String(16), nullable=False),
        Column("unit", String(64), nullable=False),
        Column("password", Text(), nullable=False),
        Column("must_change", Boolean(), nullable=False),
        Column("failed", Integer(), nullable=False),
        Column("locked_until", BIG, nullable=False),
        Column("created_at", BIG, nullable=False),
        PrimaryKeyConstraint("id", name="pk_account"),
        UniqueConstraint("login", name="uq_account_login"),
    )
    op.create_table(
        "web_session",
        Column("id", String(64), nullable=False),
        Column("account", Integer(), nullable=True),
        Column("data", Text(), nullable=False),
        Column("created_at", BIG, nullable=False),
        Column("expires_at", BIG, nullable=False),
        PrimaryKeyConstraint("id", name="pk_web_session"),
        ForeignKeyConstraint(["account"], ["account.id"], name="fk_web_session_account"),
    )
    op.create_index("ix_web_session_account", "web_session", ["account"])
    op.create_table(
        "client_token",
        Column("digest", String(64), nullable=False),
        Column("name", Text(), nullable=False),
        Column("created_at", BIG, nullable=False),
        Column("revoked_at", BIG, nullable=True),
        PrimaryKeyConstraint("digest", name="pk_client_token"),
    )
    op.create_table(
        "audit",
        Column("id", Integer(), nullable=False),
        Column("at", BIG, nullable=False),
        Column("account", String(64), nullable=False),
        Column("act", String(32), nullable=False),
        Column("object", String(200), nullable=False),
        Column("prev", String(64), nullable=False),
        Column("digest", String(64), nullable=False),
        PrimaryKeyConstraint("id", name="pk_audit"),
        UniqueConstraint("prev", name="uq_audit_prev"),
    )
    op.create_index("ix_audit_object", "audit", ["object"])
    op.create_table(
        "rate",
        Column("key", String(64), nullable=False),
        Column("window", BIG, nullable=False),
        Column("ends_at", BIG, nullable=False),
        Column("n", Integer(), nullable=False),
        PrimaryKeyConstraint("key", "window", name="pk_rate"),
    )
    op.create_index("ix_rate_ends_at", "rate", ["ends_at"])
    op.create_table(
        "one_time",
        Column("id", Integer(), nullable=False),
        Column("session", String(64), nullable=False),
        Column("phone", String(20), nullable=False),
        Column("digest", String(64), nullable=False),
        Column("tries", Integer(), nullable=False),
        Column("expires_at", BIG, nullable=False),
        PrimaryKeyConstraint("id", name="pk_one_time"),
    )
    op.create_index("ix_one_time_session", "one_time", ["session"])
    op.create_table(
        "one_time_text",
        Column("id", Integer(), nullable=False),
        Column("to", String(20), nullable=False),
        Column("text", Text(), nullable=False),
        Column("expires_at", BIG, nullable=False),
        PrimaryKeyConstraint("id", name="pk_one_time_text"),
    )
    op.create_table(
        "attachment",
        Column("sha256", String(64), nullable=False),
        Column("mime", String(32), nullable=False),
        Column("bytes", LargeBinary(), nullable=False),
        Column("received_at", BIG, nullable=False),
        PrimaryKeyConstraint("sha256", name="pk_attachment"),
    )
