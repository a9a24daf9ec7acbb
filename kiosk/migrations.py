"""The kiosk store's schema, as ordered functions. Forward only and additive: the release before must still run (F42)."""

from __future__ import annotations

from sqlite_utils import Database, Migrations

# "TRAM" in ASCII: a file with another application_id is refused.
APPLICATION_ID = 0x5452414D

migrations = Migrations("kiosk")


def upgrade(db: Database) -> None:
    """Bring the schema up to date, all in one transaction: sqlite-utils makes its own table in two that are not."""
    with db.atomic():
        migrations.apply(db)


@migrations()
def m001_records(db: Database) -> None:
    """The append-only log, its safe mark, and what the centre put aside."""
    db.execute(
        """
        CREATE TABLE record (
            inc TEXT NOT NULL, seq INTEGER NOT NULL CHECK (seq > 0),
            digest TEXT NOT NULL, kind TEXT NOT NULL, wall INTEGER NOT NULL,
            visit TEXT,               -- null when the record belongs to no visit
            line BLOB NOT NULL, signature BLOB NOT NULL,
            PRIMARY KEY (inc, seq)
        ) STRICT
        """
    )
    db.execute("CREATE INDEX record_visit ON record (visit)")
    db.execute(
        "CREATE TRIGGER record_no_update BEFORE UPDATE ON record BEGIN SELECT RAISE(ABORT, 'records never change'); END"
    )
    db.execute(
        "CREATE TABLE quarantined (inc TEXT NOT NULL, seq INTEGER NOT NULL, word TEXT NOT NULL, reason TEXT NOT NULL,"
        " PRIMARY KEY (inc, seq)) STRICT"
    )
    db.execute("CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT")


@migrations()
def m002_visits(db: Database) -> None:
    """The reading of this kiosk's visits, rebuilt from records at any time."""
    db.execute(
        """
        CREATE TABLE visit (
            visit TEXT PRIMARY KEY, day TEXT NOT NULL, ticket TEXT NOT NULL, person TEXT NOT NULL,
            state TEXT NOT NULL, body TEXT NOT NULL
        ) STRICT
        """
    )
    db.execute("CREATE INDEX visit_day ON visit (day, state)")


@migrations()
def m003_slips(db: Database) -> None:
    """Numbered print jobs and the signed copies that go onto slips."""
    db.execute(
        """
        CREATE TABLE print_job (
            slip TEXT NOT NULL, copy INTEGER NOT NULL CHECK (copy > 0), visit TEXT NOT NULL,
            what TEXT NOT NULL CHECK (what IN ('ticket', 'dose')),
            state TEXT NOT NULL CHECK (state IN ('waiting', 'sending', 'printed', 'failed', 'unknown')),
            ordered_at INTEGER NOT NULL,
            PRIMARY KEY (slip, copy)
        ) STRICT
        """
    )
    db.execute("CREATE INDEX print_job_state ON print_job (state)")
    db.execute("CREATE TABLE slip_code (slip TEXT PRIMARY KEY, code TEXT NOT NULL) STRICT")


@migrations()
def m004_lists(db: Database) -> None:
    """Reference lists from the centre, and how long each boot has lived (observation time survives a restart)."""
    db.execute(
        """
        CREATE TABLE ref_list (
            name TEXT PRIMARY KEY, version INTEGER NOT NULL, sha256 TEXT NOT NULL, body BLOB NOT NULL,
            issued INTEGER NOT NULL, received_at INTEGER NOT NULL
        ) STRICT
        """
    )
    db.execute(
        "CREATE TABLE boot (boot TEXT PRIMARY KEY, first_mono INTEGER NOT NULL, last_mono INTEGER NOT NULL,"
        " started_at INTEGER NOT NULL) STRICT"
    )


@migrations()
def m005_neighbours(db: Database) -> None:
    """Neighbours' records, verified and as they came: the site's day, and the only copy left when a kiosk burns."""
    db.execute(
        """
        CREATE TABLE neighbour_record (
            k TEXT NOT NULL, inc TEXT NOT NULL, seq INTEGER NOT NULL CHECK (seq > 0), digest TEXT NOT NULL,
            prev TEXT NOT NULL, kind TEXT NOT NULL,
            visit TEXT,               -- null when the record belongs to no visit
            session TEXT NOT NULL, line BLOB NOT NULL, signature BLOB NOT NULL,
            boot TEXT NOT NULL, mono INTEGER NOT NULL,
            PRIMARY KEY (k, inc, seq, digest)
        ) STRICT
        """
    )
    db.execute("CREATE INDEX neighbour_record_visit ON neighbour_record (visit)")


@migrations()
def m006_retention(db: Database) -> None:
    """Past days sealed to the centre's key, what of them is archived and since when, and all that is held of a log."""
    # Null: written by an earlier release.
    db.execute("ALTER TABLE record ADD COLUMN session TEXT")
    db.execute(
        """
        CREATE TABLE sealed_record (
            inc TEXT NOT NULL, seq INTEGER NOT NULL CHECK (seq > 0), digest TEXT NOT NULL, wall INTEGER NOT NULL,
            name BLOB NOT NULL, box BLOB NOT NULL,
            PRIMARY KEY (inc, seq)
        ) STRICT
        """
    )
    db.execute(
        "CREATE TABLE archive_mark (inc TEXT NOT NULL, upto INTEGER NOT NULL, centre_at INTEGER NOT NULL,"
        " own_at INTEGER NOT NULL, PRIMARY KEY (inc, upto)) STRICT"
    )
    db.execute(
        "CREATE VIEW entry AS SELECT inc, seq, digest, wall FROM record"
        " UNION ALL SELECT inc, seq, digest, wall FROM sealed_record"
    )


@migrations()
def m007_sealed_copies(db: Database) -> None:
    """Neighbours' records of past days, sealed to the centre's key until a backup off its machine holds them."""
    db.execute(
        """
        CREATE TABLE neighbour_box (
            k TEXT NOT NULL, inc TEXT NOT NULL, seq INTEGER NOT NULL CHECK (seq > 0), digest TEXT NOT NULL,
            prev TEXT NOT NULL, session TEXT NOT NULL, name BLOB NOT NULL, box BLOB NOT NULL,
            PRIMARY KEY (k, inc, seq, digest)
        ) STRICT
        """
    )


@migrations()
def m008_late_copies(db: Database) -> None:
    """How late a neighbour's record came (ms): what is offered after a night without the network is of the day before."""
    db.execute("ALTER TABLE neighbour_record ADD COLUMN late INTEGER NOT NULL DEFAULT 0")
