"""At which kiosk each dose was recorded: one account at two of them at once is seen by it."""

from alembic import op
from sqlalchemy import Column, String

revision = "0022_kiosk_of_dose"
down_revision = "0021_waves"


def upgrade() -> None:
    op.add_column("vaccination", Column("kiosk", String(64), nullable=False, server_default=""))
