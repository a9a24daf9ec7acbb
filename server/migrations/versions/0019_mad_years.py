"""A clock gone mad gives years of six digits: the day of a dose that kiosks are told of takes them, as the dose's own row does."""

from alembic import op
from sqlalchemy import String

revision = "0019_mad_years"
down_revision = "0018_answered"


def upgrade() -> None:
    with op.batch_alter_table("person_dose") as dose:
        dose.alter_column("given_on", existing_type=String(10), type_=String(12), existing_nullable=False)
