"""The tables of imports: what was brought, the file in pieces, and each of its rows as it stands in the review.

Nothing of an import touches a list before somebody committed it. The file and the rows that went over well are
deleted at the end; what failed, and what was changed from what into what, stays.
"""

from sqlalchemy import Boolean, Column, Index, Integer, LargeBinary, PrimaryKeyConstraint, String, Table, Text

from server.db import BIG, METADATA

# `kind`: recipients, facilities or staff. `state`: see `server.imports.staging`. `at_row`: rows of the file that are
# staged, or, while it is being committed, written: an import that was cut off goes on there. `rows`: 0 while nobody knows.
IMPORT = Table(
    "import",
    METADATA,
    Column("import", String(32), primary_key=True),
    Column("kind", String(16), nullable=False),
    Column("state", String(16), nullable=False, index=True),
    Column("unit", String(64), nullable=False, index=True),
    Column("unit_from", String(10), nullable=False),
    Column("file_name", String(200), nullable=False),
    Column("sha256", String(64), nullable=False),
    Column("size", BIG, nullable=False),
    # The file is the whole list of its unit: who is not in it may be taken off.
    Column("whole", Boolean, nullable=False),
    Column("made_by", String(64), nullable=False),
    Column("made_at", BIG, nullable=False),
    Column("committed_by", String(64), nullable=False),
    Column("changed_at", BIG, nullable=False),
    Column("rows", Integer, nullable=False),
    Column("at_row", Integer, nullable=False),
    # Words of the proposals that were accepted, and what the reviewer decided of those who are not in the file.
    Column("accepted", Text, nullable=False),
    Column("take_off", Boolean, nullable=False),
    # Figures as JSON once it is over; `fault`: the word of why a file could not be read.
    Column("figures", Text, nullable=False),
    Column("fault", String(32), nullable=False),
)
IMPORT_PART = Table(
    "import_part",
    METADATA,
    Column("import", String(32), nullable=False),
    Column("n", Integer, nullable=False),
    Column("bytes", LargeBinary, nullable=False),
    PrimaryKeyConstraint("import", "n"),
)
# `n`: its number among the file's rows, from 1; `line`: where a spreadsheet shows it. `given`: the cells as JSON, of rows
# that say something; `value`: the standardised row as JSON; `before`: what it would change, as JSON, empty where nothing.
IMPORT_ROW = Table(
    "import_row",
    METADATA,
    Column("import", String(32), nullable=False),
    Column("n", Integer, nullable=False),
    Column("line", Integer, nullable=False),
    Column("key", String(64), nullable=False),
    Column("state", String(16), nullable=False),
    # Words of `server.imports.checking`, with blanks between.
    Column("words", String(400), nullable=False),
    Column("given", Text, nullable=False),
    Column("value", Text, nullable=False),
    Column("before", Text, nullable=False),
    PrimaryKeyConstraint("import", "n"),
    Index("ix_import_row_import_key", "import", "key"),
    Index("ix_import_row_import_state_words", "import", "state", "words"),
)
