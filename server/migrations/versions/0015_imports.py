"""Lists brought in from files, and the list of who is to be vaccinated."""

from alembic import op
from sqlalchemy import BigInteger, Boolean, Column, Integer, LargeBinary, PrimaryKeyConstraint, String, Text

revision = "0015_imports"
down_revision = "0014_commands"

BIG = BigInteger().with_variant(Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "recipient",
        Column("person", String(64), nullable=False),
        Column("ref", String(20), nullable=False),
        Column("name", String(120), nullable=False),
        Column("folded", String(240), nullable=False),
        Column("dob", String(10), nullable=False),
        Column("sex", String(1), nullable=False),
        Column("doc_type", String(16), nullable=False),
        Column("doc_no", String(32), nullable=False),
        Column("old_no", String(32), nullable=False),
        Column("health_no", String(32), nullable=False),
        Column("phone", String(32), nullable=False),
        Column("commune", String(64), nullable=False),
        Column("address", String(400), nullable=False),
        Column("work", String(200), nullable=False),
        Column("priority_group", Integer(), nullable=False),
        Column("listed_by", String(32), nullable=False),
        Column("changed_by", String(32), nullable=False),
        Column("changed_at", BIG, nullable=False),
        Column("off_at", BIG),
        PrimaryKeyConstraint("person", name="pk_recipient"),
    )
    for name in ("ref", "folded", "doc_no", "old_no", "health_no", "commune"):
        op.create_index(f"ix_recipient_{name}", "recipient", [name])
    op.create_index("ix_recipient_dob_folded", "recipient", ["dob", "folded"])
    op.create_table(
        "import",
        Column("import", String(32), nullable=False),
        Column("kind", String(16), nullable=False),
        Column("state", String(16), nullable=False),
        Column("unit", String(64), nullable=False),
        Column("unit_from", String(10), nullable=False),
        Column("file_name", String(200), nullable=False),
        Column("sha256", String(64), nullable=False),
        Column("size", BIG, nullable=False),
        Column("whole", Boolean(), nullable=False),
        Column("made_by", String(64), nullable=False),
        Column("made_at", BIG, nullable=False),
        Column("committed_by", String(64), nullable=False),
        Column("changed_at", BIG, nullable=False),
        Column("rows", Integer(), nullable=False),
        Column("at_row", Integer(), nullable=False),
        Column("accepted", Text(), nullable=False),
        Column("take_off", Boolean(), nullable=False),
        Column("figures", Text(), nullable=False),
        Column("fault", String(32), nullable=False),
        PrimaryKeyConstraint("import", name="pk_import"),
    )
    op.create_index("ix_import_state", "import", ["state"])
    op.create_index("ix_import_unit", "import", ["unit"])
    op.create_table(
        "import_part",
        Column("import", String(32), nullable=False),
        Column("n", Integer(), nullable=False),
        Column("bytes", LargeBinary(), nullable=False),
        PrimaryKeyConstraint("import", "n", name="pk_import_part"),
    )
    op.create_table(
        "import_row",
        Column("import", String(32), nullable=False),
        Column("n", Integer(), nullable=False),
        Column("line", Integer(), nullable=False),
        Column("key", String(64), nullable=False),
        Column("state", String(16), nullable=False),
        Column("words", String(400), nullable=False),
        Column("given", Text(), nullable=False),
        Column("value", Text(), nullable=False),
        Column("before", Text(), nullable=False),
        PrimaryKeyConstraint("import", "n", name="pk_import_row"),
    )
    op.create_index("ix_import_row_import_key", "import_row", ["import", "key"])
    op.create_index("ix_import_row_import_state_words", "import_row", ["import", "state", "words"])
