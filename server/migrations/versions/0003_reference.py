"""The reference lists: sites, what people keep for them, the versions that went down, the lots and doses on them."""

from alembic import op
from sqlalchemy import BigInteger, Column, Integer, LargeBinary, PrimaryKeyConstraint, String, Text

# A name, not a number: parts that are built side by side each hang their own migration below the features.
revision = "0003_reference"
down_revision = "0002"

BIG = BigInteger().with_variant(Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "site",
        Column("site", String(32), nullable=False),
        Column("shard", String(32), nullable=False),
        Column("name", String(200), nullable=False),
        Column("address", String(400), nullable=False),
        Column("hotline", String(32), nullable=False),
        Column("unit", String(16), nullable=False),
        PrimaryKeyConstraint("site", name="pk_site"),
    )
    op.create_table(
        "ref_item",
        Column("site", String(32), nullable=False),
        Column("list", String(32), nullable=False),
        Column("key", String(96), nullable=False),
        Column("value", Text(), nullable=False),
        PrimaryKeyConstraint("site", "list", "key", name="pk_ref_item"),
    )
    op.create_table(
        "ref_list",
        Column("site", String(32), nullable=False),
        Column("name", String(32), nullable=False),
        Column("version", BIG, nullable=False),
        Column("sha256", String(64), nullable=False),
        Column("body", LargeBinary(), nullable=False),
        PrimaryKeyConstraint("site", "name", name="pk_ref_list"),
    )
    op.create_table(
        "site_lot",
        Column("entity", String(96), nullable=False),
        Column("place", String(64), nullable=False),
        Column("lot", String(32), nullable=False),
        Column("vaccine", String(64), nullable=False),
        Column("expiry", String(10), nullable=False),
        Column("doses_per_vial", Integer(), nullable=False),
        Column("received_at", BIG, nullable=False),
    )
    op.create_index("ix_site_lot_entity", "site_lot", ["entity"])
    op.create_index("ix_site_lot_place", "site_lot", ["place"])
    op.create_table(
        "person_dose",
        Column("entity", String(96), nullable=False),
        Column("person", String(64), nullable=False),
        Column("vaccine", String(64), nullable=False),
        Column("given_on", String(10), nullable=False),
        Column("dose_no", Integer(), nullable=False),
    )
    op.create_index("ix_person_dose_entity", "person_dose", ["entity"])
    op.create_index("ix_person_dose_person", "person_dose", ["person"])
