"""Of each log the highest record, so that the next one is seen to go on with it."""

from alembic import op
from sqlalchemy import BigInteger, Column, Integer, String

revision = "0027_tips"
down_revision = "0026_cold_boxes"

BIG = BigInteger().with_variant(Integer(), "sqlite")


def upgrade() -> None:
    op.add_column("coverage", Column("tip", BIG, nullable=False, server_default="0"))
    op.add_column("coverage", Column("tip_digest", String(64), nullable=False, server_default=""))
