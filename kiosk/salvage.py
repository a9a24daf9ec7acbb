"""A damaged store is moved aside, never deleted, and what can be read of it goes into a new one (fault F33).

Rules: 1. Our own records are believed by their signature alone, wherever their bytes are found: in rows that SQLite still
reads, else carved out of the raw file and its write-ahead log. 2. A reference list is believed when its digest fits.
3. Of the rest only rows that SQLite reads are taken. 4. Neighbours' copies are left: neighbours state what we hold and
send the rest anew. The caller begins a new incarnation: the old log's numbers may have been lost with its last page.
"""

from __future__ import annotations

import logging
import re
import shutil
import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

from kiosk.crypto import Verifier
from kiosk.desk import reading
from kiosk.errors import DamagedStore
from kiosk.folders import sync_folder
from kiosk.store import Batch, Sealed, Store, connect
from protocol import canon, envelope
from protocol.errors import ProtocolError

log = logging.getLogger(__name__)
# A record's cell holds line and signature side by side; the line is one JSON object.
SIGNATURE = re.compile(rb"\}(es256 [A-Za-z0-9_-]{86})")
BEGINS = b'{"v":1,'
LONGEST = 16_384
TABLES = ("meta", "ref_list", "print_job", "slip_code", "boot", "quarantined", "sealed_record", "archive_mark")
AROUND = 64
RECOVER_S = 120
GIVE_UP_AFTER = 2_000


def open_store(path: Path, *, verifier: Verifier, k: str, journal: str = "wal") -> tuple[Store, Path | None]:
    """The store, and where a damaged one was moved to (None: it was sound). `ForeignStore`, `NotWritten`.

    `verifier`: of this kiosk's own key; `k`: its name.
    """
    try:
        store = Store(path, journal=journal)
        if _sound(store):
            return store, None
        store.close()
    except DamagedStore:
        log.exception("store_damaged")
    aside = move_aside(path)
    fresh = Store(path, journal=journal)
    count = refill(fresh, aside, verifier=verifier, k=k)
    log.error("store_salvaged records=%d aside=%s", count, aside.name)
    return fresh, aside


def _sound(store: Store) -> bool:
    try:
        return bool(store.db.conn.execute("PRAGMA quick_check(1)").fetchone()[0] == "ok")
    except sqlite3.DatabaseError:
        return False


def move_aside(path: Path) -> Path:
    """Give the database and its companions another name; nothing is deleted. Gives the database's new name."""
    number = 1
    while (aside := path.with_name(f"{path.name}.damaged-{number}")).exists():
        number += 1
    for end in ("-wal", "-shm", ""):
        with suppress(FileNotFoundError):
            path.with_name(path.name + end).rename(aside.with_name(aside.name + end))
    sync_folder(path.parent)
    return aside


def refill(store: Store, aside: Path, *, verifier: Verifier, k: str) -> int:
    """Put into an empty store what the damaged one still tells; gives the number of our own records."""
    # What SQLite's own tool found stands behind: the damaged file's word counts first.
    files = [aside, *_recovered(aside)]
    rows = {name: [row for file in files for row in _rows(file, name)] for name in TABLES}
    rows["ref_list"] = [row for row in rows["ref_list"] if canon.digest(bytes(row["body"])) == row["sha256"]]
    # What has been sealed meanwhile may still stand open in an old page: it stays sealed.
    away = {(row["inc"], row["seq"]) for row in rows["sealed_record"]}
    records = [one for one in _records(aside, verifier=verifier, k=k) if (one.inc, one.seq) not in away]
    with store.db.atomic():
        for name, found in rows.items():
            for row in found:
                marks = ", ".join("?" for _ in row)
                # A row that the new schema refuses was damaged too.
                with suppress(sqlite3.Error):
                    store.db.conn.execute(
                        f"INSERT OR IGNORE INTO {name} ({', '.join(row)}) VALUES ({marks})",  # noqa: S608 - names of ours
                        tuple(row.values()),
                    )
    if records:
        newest = max(records, key=lambda one: (one.wall, one.seq)).inc
        store.commit(Batch(records=tuple(records), meta=(("inc", store.meta("inc") or newest),)))
    store.commit(Batch(visits=tuple(reading.rebuilt(store).values())))
    return len(records)


def _records(aside: Path, *, verifier: Verifier, k: str) -> list[Sealed]:
    """Our own records, each once, by log and number."""
    found: dict[tuple[str, int], Sealed] = {}
    pairs = [(bytes(row["line"]), bytes(row["signature"])) for row in _rows(aside, "record")]
    for line, signature in (*pairs, *_carved(aside)):
        if not verifier.good(line, signature):
            continue
        try:
            record = envelope.parse(line)
        except ProtocolError:
            continue
        if record.k != k:
            continue
        visit = record.body.get("visit")
        one = Sealed(
            inc=record.inc, seq=record.seq, digest=record.digest, kind=record.kind, wall=record.t["wall"],
            visit=visit if isinstance(visit, str) else None, line=line, signature=signature, session=record.session,
        )  # fmt: skip
        found[(one.inc, one.seq)] = one
    return [found[name] for name in sorted(found)]


def _recovered(aside: Path) -> list[Path]:
    """The file that SQLite's own `.recover` makes of the damaged one, where that tool is installed."""
    tool = shutil.which("sqlite3")
    if not tool:
        return []
    found = aside.with_name(aside.name + ".recovered")
    try:
        said = subprocess.run((tool, str(aside), ".recover"), capture_output=True, timeout=RECOVER_S, check=False)  # noqa: S603 - our own path
        with closing(sqlite3.connect(found)) as db:
            db.executescript(said.stdout.decode("utf-8", "replace"))
    except (OSError, sqlite3.Error, subprocess.SubprocessError):
        log.exception("recover_failed")
        return [found] if found.exists() else []
    return [found]


def _carved(aside: Path) -> Iterator[tuple[bytes, bytes]]:
    """Pairs of line and signature in the raw bytes of the file and its write-ahead log."""
    for place in (aside, aside.with_name(aside.name + "-wal")):
        with suppress(FileNotFoundError):
            data = place.read_bytes()
            for match in SIGNATURE.finditer(data):
                end = match.start() + 1
                start = data.rfind(BEGINS, max(end - LONGEST, 0), end)
                if start >= 0:
                    yield data[start:end], match[1]


def _rows(aside: Path, name: str) -> Iterator[dict[str, Any]]:
    """The rows of a table that SQLite can still read, from both ends of each damaged place."""
    try:
        db = connect(aside, read_only=True).conn
        db.execute("PRAGMA writable_schema = ON")  # what is wrong in the schema does not keep the rest from being read
    except sqlite3.Error:
        return
    with closing(db):
        at, missed = 0, 0
        while missed < GIVE_UP_AFTER:
            try:
                # One row at a time behind a damaged page, many before it.
                limit = AROUND if not missed else 1
                rows = db.execute(
                    f"SELECT rowid AS rowid_, * FROM {name} WHERE rowid > ? ORDER BY rowid LIMIT ?",  # noqa: S608 - names of ours
                    (at, limit),
                ).fetchall()
            except sqlite3.DatabaseError:
                at, missed = at + 1, missed + 1
                continue
            if not rows:
                return
            for row in rows:
                yield {key: row[key] for key in row.keys() if key != "rowid_"}  # noqa: SIM118 - a sqlite3.Row is no dict
            at, missed = int(rows[-1]["rowid_"]), 0
