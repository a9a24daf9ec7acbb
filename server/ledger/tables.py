"""The ledger's own tables. `record` and `fork` are append-only, held so by triggers; nobody else writes any of these."""

from sqlalchemy import Column, Index, LargeBinary, String, Table, Text, UniqueConstraint, text

from server.db import BIG, METADATA

# What cold boxes measure is read by site and time, not by an entity: its index holds those records alone.
# A question has to say it in these very words: with a bound value no database knows that the index will do.
MEASURED = text("kind = 'cold_box.measured'")

# Who may write, with the key that proves it. `revoked_at` is null while the writer is trusted.
WRITER = Table(
    "writer",
    METADATA,
    Column("k", String(64), primary_key=True),
    Column("shard", String(32), nullable=False),
    Column("site", String(64), nullable=False),
    Column("public_key", Text, nullable=False),
    Column("enrolled_at", BIG, nullable=False),
    Column("revoked_at", BIG),
)

# `id` is the order of arrival at the server and nothing else; derivations never read it.
RECORD = Table(
    "record",
    METADATA,
    Column("id", BIG, primary_key=True, autoincrement=True),
    Column("k", String(64), nullable=False),
    Column("inc", String(16), nullable=False),
    Column("seq", BIG, nullable=False),
    Column("digest", String(64), nullable=False),
    Column("prev", String(64), nullable=False),
    Column("kind", String(64), nullable=False),
    Column("site", String(64), nullable=False),
    Column("hlc_p", BIG, nullable=False),
    Column("hlc_l", BIG, nullable=False),
    Column("wall", BIG, nullable=False),
    Column("received_at", BIG, nullable=False),
    Column("line", LargeBinary, nullable=False),
    Column("signature", Text, nullable=False),
    UniqueConstraint("k", "inc", "seq"),
    Index("ix_record_cold_box", "site", "hlc_p", sqlite_where=MEASURED, postgresql_where=MEASURED),
    sqlite_autoincrement=True,
)

# Which records speak of which entity: the ledger's one index for deriving again.
TOUCH = Table(
    "touch",
    METADATA,
    Column("entity", String(16), primary_key=True),
    Column("entity_id", String(64), primary_key=True),
    Column("record_id", BIG, primary_key=True),
)

# Other bytes under a name that is taken (invariant I4). `record` holds the first that came; both count alike.
FORK = Table(
    "fork",
    METADATA,
    Column("k", String(64), primary_key=True),
    Column("inc", String(16), primary_key=True),
    Column("seq", BIG, primary_key=True),
    Column("digest", String(64), primary_key=True),
    Column("line", LargeBinary, nullable=False),
    Column("signature", Text, nullable=False),
    Column("received_at", BIG, nullable=False),
)

# Per (writer, boot), named by a digest of both: the synced record that dates the others of that boot. Milliseconds.
ANCHOR = Table(
    "anchor",
    METADATA,
    Column("boot", String(64), primary_key=True),
    Column("err", BIG, nullable=False),
    Column("mono", BIG, nullable=False),
    Column("wall", BIG, nullable=False),
)

# As `touch`, for forks: the needle of a cloned card's second branch is a fact too.
FORK_TOUCH = Table(
    "fork_touch",
    METADATA,
    Column("entity", String(16), primary_key=True),
    Column("entity_id", String(64), primary_key=True),
    Column("k", String(64), primary_key=True),
    Column("inc", String(16), primary_key=True),
    Column("seq", BIG, primary_key=True),
    Column("digest", String(64), primary_key=True),
)

# What could not be taken. k, inc, seq are null when the bytes do not even name themselves; `resolved_at` is null
# until a good record of that name stands. `digest` is SHA-256 over line, line feed, signature.
QUARANTINE = Table(
    "quarantine",
    METADATA,
    Column("id", BIG, primary_key=True, autoincrement=True),
    Column("k", String(64)),
    Column("inc", String(16)),
    Column("seq", BIG),
    Column("reason", String(40), nullable=False),
    Column("digest", String(64), nullable=False, unique=True),
    Column("topic", String(160), nullable=False),
    Column("payload", LargeBinary, nullable=False),
    Column("signature", LargeBinary, nullable=False),
    Column("received_at", BIG, nullable=False),
    Column("resolved_at", BIG),
    Index(None, "k", "inc", "seq"),
    sqlite_autoincrement=True,
)

# Per writer's log: the numbers that are durable here, as spans [[1, 40], [43, 60]], and what its last hello said.
# `archived`: all that is held up to this number is in an off-host backup too. `late`: the lowest number stored since the
# last backup began, null when none was. `gone`: the writer has deleted its records up to this number.
# `owed`: the gaps and since when each is known, [[118, 140, ms]]; null in a row of an earlier release. `tip`, `tip_digest`:
# the highest number in `record`; 0 in a row of an earlier release too, until the next record.
COVERAGE = Table(
    "coverage",
    METADATA,
    Column("k", String(64), primary_key=True),
    Column("inc", String(16), primary_key=True),
    Column("spans", Text, nullable=False),
    Column("last_said", BIG, nullable=False),
    Column("head_said", String(64), nullable=False),
    Column("heard_at", BIG, nullable=False),
    Column("archived", BIG, nullable=False),
    Column("late", BIG),
    Column("gone", BIG, nullable=False, server_default="0"),
    Column("owed", Text),
    Column("tip", BIG, nullable=False, server_default="0"),
    Column("tip_digest", String(64), nullable=False, server_default=""),
)

# Which log the server's own desk writes in. `why`: enrolled, or restored when the database was put back from a backup.
OWN_LOG = Table(
    "own_log",
    METADATA,
    Column("k", String(64), primary_key=True),
    Column("inc", String(16), nullable=False),
    Column("opened_at", BIG, nullable=False),
    Column("why", String(16), nullable=False),
)

# Every backup that was begun. `state`: begun, verified, or archived when it was verified and stands off this machine;
# `ended_at` is null until then. `sha256` of the backup's database file, empty until it is written.
BACKUP = Table(
    "backup",
    METADATA,
    Column("id", BIG, primary_key=True, autoincrement=True),
    Column("begun_at", BIG, nullable=False),
    Column("ended_at", BIG),
    Column("place", Text, nullable=False),
    Column("state", String(16), nullable=False),
    Column("records", BIG, nullable=False),
    Column("sha256", String(64), nullable=False),
    sqlite_autoincrement=True,
)

# Figures, moved by the difference in the transaction that moves the rows. `day` is empty for what has no day.
# Days take 12 signs here and elsewhere: a broken clock's year has six digits, and its record must not stop the others.
COUNTER = Table(
    "counter",
    METADATA,
    Column("name", String(32), primary_key=True),
    Column("place", String(64), primary_key=True),
    Column("day", String(12), primary_key=True),
    Column("item", String(100), primary_key=True),
    Column("n", BIG, nullable=False),
)

# Which program derived the tables last (server/ledger/release.py). One row, `id` 1.
RELEASE = Table(
    "release",
    METADATA,
    Column("id", BIG, primary_key=True, autoincrement=False),
    Column("stamp", String(64), nullable=False),
    Column("at", BIG, nullable=False),
)
