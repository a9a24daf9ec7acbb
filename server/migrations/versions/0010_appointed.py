"""Accounts that are appointed: disabled, post, phone, second factor; sessions that are seen and half open."""

from alembic import op
from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ForeignKeyConstraint,
    Integer,
    PrimaryKeyConstraint,
    String,
    Text,
    false,
)

revision = "0010_appointed"
down_revision = "0009_reactions"

BIG = BigInteger().with_variant(Integer(), "sqlite")


def upgrade() -> None:
    op.add_column("account", Column("disabled_at", BIG))
    op.add_column("account", Column("post", String(16), nullable=False, server_default="member"))
    op.add_column("account", Column("phone", String(20), nullable=False, server_default=""))
    op.add_column("account", Column("totp", Text(), nullable=False, server_default=""))
    op.add_column("account", Column("totp_used", BIG, nullable=False, server_default="0"))
    # Sessions of the release before have no moment at which they were last seen: they end, people sign in again.
    op.execute("DELETE FROM web_session")
    op.add_column("web_session", Column("half", Boolean(), nullable=False, server_default=false()))
    op.add_column("web_session", Column("agent", String(200), nullable=False, server_default=""))
    op.add_column("web_session", Column("seen_at", BIG, nullable=False, server_default="0"))
    op.create_table(
        "recovery_code",
        Column("account", Integer(), nullable=False),
        Column("digest", String(64), nullable=False),
        PrimaryKeyConstraint("account", "digest", name="pk_recovery_code"),
        ForeignKeyConstraint(["account"], ["account.id"], name="fk_recovery_code_account"),
    )
