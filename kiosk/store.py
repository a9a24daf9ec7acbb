"""The kiosk's one database file: SQLite, WAL, `synchronous=FULL`, one writer (the desk). Contains no decisions.

`commit()` is the only way a fact becomes durable: records, the reading of their visits and print jobs in one
transaction. Whoever tells anybody anything does so after it has returned.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlite_utils import Database

from kiosk import parsed
from kiosk.errors import DamagedStore, ForeignStore, NotWritten
from kiosk.folders import make_folder
from kiosk.migrations import APPLICATION_ID, upgrade
from kiosk.neighbours import Copies, Copy, Name, Shut
from kiosk.retention import Away, Kept

Row = dict[str, Any]
# A busy writer elsewhere (a technician's shell) is waited for, but never longer than a person would.
BUSY_MS = 2000


@dataclass(frozen=True)
class Sealed:
    """A record ready to be written: its name's part, digest, exact bytes and signature line."""

    inc: str
    seq: int
    digest: str
    kind: str
    wall: int
    visit: str | None
    line: bytes
    signature: bytes
    session: str = ""


@dataclass(frozen=True)
class Batch:
    """What one act makes durable together."""

    records: tuple[Sealed, ...] = ()
    visits: tuple[Row, ...] = ()
    prints: tuple[Row, ...] = ()
    codes: tuple[tuple[str, str], ...] = ()
    meta: tuple[tuple[str, str], ...] = ()
    copies: tuple[Copy, ...] = ()
    # Neighbours' copies to be sealed; copies and visits that nobody here needs any more.
    shut: tuple[Shut, ...] = ()
    spent: tuple[Name, ...] = ()
    over: tuple[str, ...] = ()
    away: Away | None = None


def connect(path: Path, *, read_only: bool = False, journal: str = "wal") -> Database:
    """A connection with our pragmas set: sqlite-utils leaves `foreign_keys` off (measured with 4.2.1)."""
    where = path.absolute().as_uri() + ("?mode=ro" if read_only else "")
    connection = sqlite3.connect(where, uri=True, check_same_thread=False, timeout=BUSY_MS / 1000)
    connection.row_factory = sqlite3.Row
    try:
        connection.execute("PRAGMA foreign_keys = ON")
        if not read_only:
            connection.execute(f"PRAGMA journal_mode = {journal}")
            connection.execute("PRAGMA synchronous = FULL")
            # What is deleted is overwritten (I20); Debian's SQLite does so by itself, others do not.
            connection.execute("PRAGMA secure_delete = ON")
    except sqlite3.Error:
        connection.close()
        raise
    return Database(connection)


def _not_opened(error: sqlite3.Error, path: Path) -> DamagedStore | NotWritten:
    """No database at all (`SQLITE_NOTADB`, damaged): never ours to overwrite. Anything else is the disk's trouble."""
    if isinstance(error, sqlite3.OperationalError):
        return NotWritten(f"store: {error}")
    return DamagedStore(f"{path}: {error}")


class Store:
    """The writer's side. Used by the desk's thread alone."""

    def __init__(self, path: Path, *, journal: str = "wal") -> None:
        """Open or create the file at `path`. `ForeignStore` when it is not ours, `DamagedStore` when it cannot be read,
        `NotWritten` when it cannot be made. `journal`: see `one_writer`.
        """
        self.path = path
        try:
            make_folder(path.parent)
            self.db = connect(path, journal=journal)
        except OSError as error:
            message = f"store: {error}"
            raise NotWritten(message) from error
        except sqlite3.Error as error:
            raise _not_opened(error, path) from error
        try:
            self._prepare()
        except sqlite3.Error as error:
            self.close()
            raise _not_opened(error, path) from error
        except ForeignStore:
            self.close()
            raise

    def _prepare(self) -> None:
        """See that the file is ours and bring its schema up to date. Writes nothing when it is: the disk may be full."""
        run = self.db.conn.execute
        found = run("PRAGMA application_id").fetchone()[0]
        tables = run("SELECT count(*) FROM sqlite_master").fetchone()[0]
        if found not in (0, APPLICATION_ID) or (found == 0 and tables):
            message = f"{self.path} belongs to another program"
            raise ForeignStore(message)
        if found == 0:
            run(f"PRAGMA application_id = {APPLICATION_ID}")
        upgrade(self.db)
        if run("PRAGMA foreign_key_check").fetchall():
            message = f"{self.path}: foreign keys broken"
            raise ForeignStore(message)

    def close(self) -> None:
        """Close the file."""
        self.db.conn.close()

    def commit(self, batch: Batch) -> None:
        """Make a batch durable, whole or not at all. `NotWritten` when the disk refuses."""
        with self.writing():
            self._write(batch)

    @contextmanager
    def writing(self) -> Iterator[None]:
        """One transaction: whole or not at all. `NotWritten` when the disk refuses."""
        try:
            with self.db.atomic():
                yield
        except sqlite3.Error as error:
            message = f"store: {error}"
            raise NotWritten(message) from error

    def _write(self, batch: Batch) -> None:
        run = self.db.conn.execute
        for one in batch.records:
            run(
                "INSERT INTO record (inc, seq, digest, kind, wall, visit, line, signature, session)"
                " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (one.inc, one.seq, one.digest, one.kind, one.wall, one.visit, one.line, one.signature, one.session),
            )
        if batch.away is not None:
            self.kept.write(batch.away)
        for row in batch.visits:
            run(
                "INSERT OR REPLACE INTO visit (visit, day, ticket, person, state, body) VALUES (?, ?, ?, ?, ?, ?)",
                (
                    row["visit"],
                    row["day"],
                    row["ticket"],
                    row["person"],
                    row["state"],
                    json.dumps(row, ensure_ascii=False, sort_keys=True),
                ),
            )
        for row in batch.prints:
            run(
                "INSERT INTO print_job (slip, copy, visit, what, state, ordered_at)"
                " VALUES (:slip, :copy, :visit, :what, :state, :ordered_at)"
                " ON CONFLICT (slip, copy) DO UPDATE SET state = excluded.state",
                row,
            )
        for slip, code in batch.codes:
            run("INSERT INTO slip_code (slip, code) VALUES (?, ?)", (slip, code))
        for key, value in batch.meta:
            run("INSERT OR REPLACE INTO meta (key, value) VALUES (?, ?)", (key, value))
        self.copies.write(batch.copies)
        self.copies.shut(batch.shut)
        self.copies.remove(batch.spent)
        for visit in batch.over:
            run("DELETE FROM visit WHERE visit = ?", (visit,))

    @property
    def kept(self) -> Kept:
        """What is kept of past days."""
        return Kept(self.db.conn)

    @property
    def copies(self) -> Copies:
        """Neighbours' records."""
        return Copies(self.db.conn)

    def put_aside(self, inc: str, statuses: Iterable[tuple[int, str, str]]) -> None:
        """Remember what now stands in quarantine at the centre or was seen as a fork, for the kiosk's staff to see.

        What the centre names no longer it can read by now. A fork stays: only a new log ends it.
        """
        run = self.db.conn.execute
        told = {(int(seq), str(word), str(reason)) for seq, word, reason in statuses}
        held = {tuple(row) for row in run("SELECT seq, word, reason FROM quarantined WHERE inc = ?", (inc,))}
        if told == held:
            return
        with self.writing():
            run("DELETE FROM quarantined WHERE inc = ? AND word <> 'fork'", (inc,))
            for seq, word, reason in sorted(told):
                run("INSERT OR REPLACE INTO quarantined VALUES (?, ?, ?, ?)", (inc, seq, word, reason))

    def swap_lists(self, lists: Iterable[Row]) -> None:
        """Put verified reference lists in place, all in one transaction; a version never goes back."""
        with self.writing():
            for row in lists:
                self.db.conn.execute(
                    "INSERT INTO ref_list (name, version, sha256, body, issued, received_at)"
                    " VALUES (:name, :version, :sha256, :body, :issued, :received_at)"
                    " ON CONFLICT (name) DO UPDATE SET version = excluded.version, sha256 = excluded.sha256, body = excluded.body,"
                    " issued = excluded.issued, received_at = excluded.received_at WHERE excluded.version >= ref_list.version",
                    row,
                )

    def mark_alive(self, boot: str, mono: int, wall: int) -> None:
        """Note that this boot has lived until `mono`, and when it began if somebody vouches for `wall` (else 0)."""
        with self.writing():
            self.db.conn.execute(
                "INSERT INTO boot (boot, first_mono, last_mono, started_at) VALUES (?, ?, ?, ?) ON CONFLICT (boot) DO UPDATE"
                " SET last_mono = max(last_mono, excluded.last_mono), started_at = max(excluded.started_at, started_at * ?)",
                (boot, mono, mono, wall and wall - mono, not wall),
            )

    def meta(self, key: str, default: str = "") -> str:
        """A single remembered value."""
        row = self.db.conn.execute("SELECT value FROM meta WHERE key = ?", (key,)).fetchone()
        return str(row[0]) if row else default

    def carried(self) -> frozenset[str]:
        """The neighbours whom the site's lead has called dead."""
        rows = self.db.conn.execute("SELECT substr(key, 7) FROM meta WHERE key LIKE 'carry:%' AND value = '1'")
        return frozenset(str(row[0]) for row in rows)

    def told(self, kind: str) -> list[bytes]:
        """Every record's line of a kind that lies open here, ours and neighbours'."""
        query = "SELECT line FROM record WHERE kind = ? UNION ALL SELECT line FROM neighbour_record WHERE kind = ?"
        return [bytes(row[0]) for row in self.db.conn.execute(query, (kind, kind))]

    def head(self, inc: str) -> tuple[int, str]:
        """`(last seq, its digest)` of a log; `(0, "")` when it is empty."""
        row = self.db.conn.execute(
            "SELECT seq, digest FROM entry WHERE inc = ? ORDER BY seq DESC LIMIT 1", (inc,)
        ).fetchone()
        return (int(row[0]), str(row[1])) if row else (0, "")

    def lines(self) -> Iterator[bytes]:
        """Every record's line in the order they were made."""
        for row in self.db.conn.execute("SELECT line FROM record ORDER BY rowid"):
            yield bytes(row[0])

    def lines_of(self, visit: str) -> list[bytes]:
        """Our own records of one visit, in the order they were made."""
        rows = self.db.conn.execute("SELECT line FROM record WHERE visit = ? ORDER BY rowid", (visit,))
        return [bytes(row[0]) for row in rows]

    def latest(self, visit: str, kind: str) -> tuple[str, int]:
        """`(inc, seq)` of our last record of this kind for a visit; `("", 0)` when there is none."""
        query = "SELECT inc, seq FROM record WHERE visit = ? AND kind = ? ORDER BY rowid DESC LIMIT 1"
        row = self.db.conn.execute(query, (visit, kind)).fetchone()
        return (str(row[0]), int(row[1])) if row else ("", 0)

    def visits(self, day: str) -> list[Row]:
        """The day's visits in ticket order."""
        rows = self.db.conn.execute("SELECT body FROM visit WHERE day = ? ORDER BY ticket", (day,))
        return [parsed.visit(row[0]) for row in rows]

    def visits_about(self, day: str, other_day: str) -> list[Row]:
        """The visits of either day, and all not yet over."""
        rows = self.db.conn.execute(
            "SELECT body FROM visit WHERE day IN (?, ?)"
            " OR state IN ('waiting', 'called', 'cleared', 'ready', 'observing')",
            (day, other_day),
        )
        return [parsed.visit(row[0]) for row in rows]

    def visit(self, visit: str) -> Row | None:
        """One visit, or None."""
        row = self.db.conn.execute("SELECT body FROM visit WHERE visit = ?", (visit,)).fetchone()
        return parsed.visit(row[0]) if row else None

    def visits_of(self, person: str) -> list[Row]:
        """All of a person's visits known here, oldest first."""
        rows = self.db.conn.execute("SELECT body FROM visit WHERE person = ? ORDER BY day, ticket", (person,))
        return [parsed.visit(row[0]) for row in rows]

    def lists(self) -> dict[str, Row]:
        """The reference lists held, by name; bodies parsed."""
        rows = self.db.conn.execute("SELECT name, version, body, issued, received_at FROM ref_list")
        return {row["name"]: {**dict(row), "body": json.loads(row["body"])} for row in rows}

    def prints(self, *states: str) -> list[Row]:
        """Print jobs in one of `states`, in the order in which they were ordered (the clock may have gone back since)."""
        query = "SELECT rowid, * FROM print_job WHERE state = ?"
        rows = [dict(row) for state in states for row in self.db.conn.execute(query, (state,))]
        return sorted(rows, key=lambda row: int(row["rowid"]))

    def last_copy(self, slip: str) -> Row | None:
        """The highest numbered print job of a slip."""
        row = self.db.conn.execute(
            "SELECT * FROM print_job WHERE slip = ? ORDER BY copy DESC LIMIT 1", (slip,)
        ).fetchone()
        return dict(row) if row else None

    def code(self, slip: str) -> str:
        """The signed copy that belongs on a dose slip; empty for a ticket."""
        row = self.db.conn.execute("SELECT code FROM slip_code WHERE slip = ?", (slip,)).fetchone()
        return str(row[0]) if row else ""

    def boots(self) -> list[Row]:
        """Every boot's life, oldest first: `boot`, `first_mono`, `last_mono`, `started_at` (wall ms; 0: nobody vouched).

        In the order they were noted: by the wall clock a boot with a wrong one would count as later, and an
        observation would end early (I7).
        """
        return [dict(row) for row in self.db.conn.execute("SELECT * FROM boot ORDER BY rowid")]

    def quarantined(self, inc: str) -> int:
        """How many of our records the centre has put aside."""
        query = "SELECT count(*) FROM quarantined WHERE inc = ? AND word <> 'fork'"
        return int(self.db.conn.execute(query, (inc,)).fetchone()[0])

    def oldest_unsafe(self, inc: str, safe: int) -> int | None:
        """Wall time of the oldest record not yet known to be at the centre."""
        row = self.db.conn.execute(
            "SELECT wall FROM entry WHERE inc = ? AND seq > ? ORDER BY seq LIMIT 1", (inc, safe)
        ).fetchone()
        return int(row[0]) if row else None

    def owed(self) -> tuple[int, int | None]:
        """Records of old logs that the centre is not known to have, and the wall time of the oldest."""
        row = self.db.conn.execute(
            "SELECT count(*), min(wall) FROM entry"
            " WHERE inc IN (SELECT substr(key, 5) FROM meta WHERE key LIKE 'old:%' AND value = 'owed')"
        ).fetchone()
        return int(row[0]), row[1]
