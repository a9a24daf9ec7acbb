"""The records of cold boxes are found by site and time: an index that holds them alone."""

from alembic import op
from sqlalchemy import text

revision = "0026_cold_boxes"
down_revision = "0025_rechecks"
MEASURED = text("kind = 'cold_box.measured'")


def upgrade() -> None:
    op.create_index("ix_record_cold_box", "record", ["site", "hlc_p"], sqlite_where=MEASURED, postgresql_where=MEASURED)
