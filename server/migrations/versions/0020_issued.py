"""Which certificates each kiosk was given, so that those of a revoked one can be taken back; what somebody was refused."""

from alembic import op
from sqlalchemy import Column, String

revision = "0020_issued"
down_revision = "0019_mad_years"


def upgrade() -> None:
    op.create_table(
        "issued",
        Column("serial", String(40), primary_key=True),
        Column("k", String(64), nullable=False),
    )
    op.create_index("ix_issued_k", "issued", ["k"])
    op.add_column("turned_away", Column("about", String(160), nullable=False, server_default=""))
