"""A unit is a code and the day its row begins; accounts and tokens name both; a complaint tells the place it is about."""

from alembic import op
from sqlalchemy import Column, String

revision = "0008_units"
down_revision = ("0007_vials", "0003_accounts", "0003_reference")

# An account made before this release meant the unit that bore its code then.
_BEGUN = (
    "UPDATE account SET unit_from = COALESCE((SELECT MAX(valid_from) FROM unit WHERE unit.code = account.unit), '')"
)


def upgrade() -> None:
    with op.batch_alter_table("unit") as unit:
        unit.drop_constraint("pk_unit", type_="primary")
        unit.create_primary_key("pk_unit", ["code", "valid_from"])
    op.add_column("account", Column("unit_from", String(10), nullable=False, server_default=""))
    op.execute(_BEGUN)
    # Empty: a token of an earlier release, which sees everything as it did.
    op.add_column("client_token", Column("unit", String(64), nullable=False, server_default=""))
    op.add_column("client_token", Column("unit_from", String(10), nullable=False, server_default=""))
    # Filled by the rebuild that a new program begins with (ledger/release.py).
    op.add_column("complaint", Column("place", String(64), nullable=False, server_default=""))
    op.create_index("ix_complaint_place", "complaint", ["place"])
