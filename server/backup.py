"""Backup and restore: one SQLite file and a manifest, whichever database the server runs on. Keys are never in it.

A backup clears each log's `late` (the lowest number stored since), copies one snapshot and reads the copy again. Only then,
and only when the operator says that it stands off this machine, `archived` rises to what the copy holds before anything
late; kiosks delete nothing that it does not cover. A restore puts the old database aside, never away.
"""

import hashlib
import json
import logging
import os
import shutil
import sqlite3
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import Connection, func, insert, inspect, select, text, update

from protocol import canon
from protocol.inbox import Ranges
from server.db import METADATA, Database, chunks, plain, rows_of
from server.errors import ServerError
from server.ledger.tables import BACKUP, COVERAGE
from server.migrations.upgrade import upgrade
from server.pki import private_folder

logger = logging.getLogger(__name__)

FORMAT = 1
DATABASE = "tram.db"
MANIFEST = "backup.json"
BEGUN, VERIFIED, ARCHIVED = "begun", "verified", "archived"
READ_AT_ONCE = 2000


class BackupError(ServerError, RuntimeError):
    """A backup could not be written or is not what its manifest says; the sentence tells the operator what to do."""

    code = "backup"

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence=sentence)


@dataclass(frozen=True, kw_only=True)
class Log:
    """One writer's log as the backup holds it: records, the end of its first unbroken range, the last one's digest."""

    k: str
    inc: str
    records: int
    committed: int
    head: str


@dataclass(frozen=True, kw_only=True)
class Report:
    """What was written, and where. `archived`: were the logs' marks raised?"""

    place: Path
    records: int
    logs: tuple[Log, ...]
    sha256: str
    archived: bool


def copy(db: Database, path: Path) -> None:
    """A consistent copy of `db` as a new SQLite file, while others read and write."""
    if db.dialect == "sqlite":
        raw = db.engine.raw_connection()
        try:
            plain_file = sqlite3.connect(path)
            raw.driver_connection.backup(plain_file)  # type: ignore[union-attr]  # of this pool it is sqlite3's
            plain_file.execute("PRAGMA journal_mode = DELETE")
            plain_file.close()
        finally:
            raw.close()
        return
    made = Database(f"sqlite:///{path}")
    try:
        upgrade(made)
        with db.engine.connect().execution_options(isolation_level="REPEATABLE READ") as source, made.write() as target:
            _pour(source, target)
        with made.engine.connect() as conn:
            conn.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
            conn.rollback()
            conn.connection.execute("PRAGMA journal_mode = DELETE")
    finally:
        made.close()


def write(
    db: Database, *, to: Path, home: Path, off_host: bool, now: int, copier: Callable[[Database, Path], None] = copy
) -> Report:
    """Back `db` up into a new folder under `to`, read it again, and raise the marks if it stands off this machine.

    `home`: the server's own folder, in which no backup may lie. `copier`: makes the copy. Safe while the server runs.
    Raises `BackupError`.
    """
    to, home = to.resolve(), home.resolve()
    if to == home or home in to.parents:
        raise BackupError(f"{to} lies in the server's own folder: a fire would take both. Name another place.")
    place = to / f"tram-{datetime.fromtimestamp(now / 1000, UTC):%Y%m%dT%H%M%SZ}"
    if place.exists():
        raise BackupError(f"{place} exists already: one backup a second is enough.")
    number = db.transact(lambda conn: _begin(conn, place, now))
    draft = to / f".{place.name}.{os.getpid()}"
    try:
        private_folder(to)
        draft.mkdir(mode=0o700)
        copier(db, draft / DATABASE)
        logs, tables = verify(draft / DATABASE)
        sha256 = _hash(draft / DATABASE)
        manifest = {
            "format": FORMAT, "made_at": now, "database": DATABASE, "sha256": sha256, "tables": tables,
            "logs": [asdict(log) for log in logs],
        }  # fmt: skip
        (draft / MANIFEST).write_text(json.dumps(manifest, indent=1), "utf-8")
        for path in (draft / DATABASE, draft / MANIFEST):
            # The folder keeps others out here; the files are carried away from it.
            path.chmod(0o600)
            _sync(path)
        _sync(draft)
        draft.rename(place)
        _sync(to)
    except (OSError, sqlite3.Error) as error:
        raise BackupError(f"The backup was not written: {error}") from error
    finally:
        # After a success it bears its name; after a failure nothing that looks like a backup is left.
        shutil.rmtree(draft, ignore_errors=True)
    records = sum(log.records for log in logs)
    archived = db.transact(
        lambda conn: _end(conn, number, logs, off_host=off_host, sha256=sha256, records=records, now=now)
    )
    logger.info("backup_finished records=%d archived=%s", records, archived)
    return Report(place=place, records=records, logs=logs, sha256=sha256, archived=archived)


def verify(path: Path) -> tuple[tuple[Log, ...], dict[str, int]]:
    """Read a backup's database whole: its pages, every record's digest, every log's chain against what it covers.

    Gives its logs and the number of rows of each table. Raises `BackupError`.
    """
    conn = sqlite3.connect(path.absolute().as_uri() + "?mode=ro&immutable=1", uri=True)
    try:
        found = conn.execute("PRAGMA integrity_check").fetchone()[0]
        if found != "ok":
            raise BackupError(f"{path} is damaged: {found}")
        names = [row[0] for row in conn.execute("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")]
        tables = {
            name: int(conn.execute(f'SELECT count(*) FROM "{name}"').fetchone()[0])  # noqa: S608 - the schema's own names
            for name in names
            if not name.startswith("sqlite_")
        }
        return _logs(conn, path), tables
    except sqlite3.DatabaseError as error:
        raise BackupError(f"{path} is no backup of this server: {error}") from error
    finally:
        conn.close()


def read_manifest(place: Path) -> Path:
    """The database file of backup folder `place`, found whole and as its manifest says. Raises `BackupError`."""
    try:
        manifest = json.loads((place / MANIFEST).read_text("utf-8"))
        path = place / str(manifest["database"])
        sha256 = _hash(path)
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise BackupError(f"{place} holds no backup: {error}") from error
    if manifest.get("format") != FORMAT:
        raise BackupError(f"{place} was written by a newer release.")
    if sha256 != manifest["sha256"]:
        raise BackupError(f"{path} is not the file that was written: its SHA-256 differs.")
    logs, tables = verify(path)
    if [asdict(log) for log in logs] != manifest["logs"] or tables != manifest["tables"]:
        raise BackupError(f"{path} does not hold what its manifest says.")
    return path


def restore_file(source: Path, target: Path, *, replace: bool, now: int) -> Path | None:
    """Put backup file `source` in the place of SQLite database `target`; gives where the old one lies now, if any.

    The server must not run. Raises `BackupError` when there is a database and `replace` was not said.
    """
    aside = None
    if target.exists():
        if not replace:
            raise BackupError(f"{target} is a living database. To put it aside and restore, say --replace.")
        aside = target.with_name(f"{target.name}.replaced-{now}")
        for end in ("-wal", "-shm", ""):
            held = target.with_name(target.name + end)
            if held.exists():
                held.rename(aside.with_name(aside.name + end))
    private_folder(target.parent)
    draft = target.with_name(f".{target.name}.{os.getpid()}")
    shutil.copyfile(source, draft)
    draft.chmod(0o600)
    _sync(draft)
    draft.rename(target)
    _sync(target.parent)
    return aside


def restore_postgresql(source: Path, db: Database, *, replace: bool, now: int) -> str:
    """Pour backup file `source` into PostgreSQL; gives the schema in which the old tables lie now, empty for none.

    The server must not run. Raises `BackupError` when there is a database and `replace` was not said.
    """
    aside = ""
    with db.engine.connect() as conn:
        living = inspect(conn).has_table("alembic_version")
    if living:
        if not replace:
            raise BackupError("The database holds a living server. To put it aside and restore, say --replace.")
        aside = f"tram_replaced_{now}"
        with db.write() as conn:
            conn.execute(text(f"ALTER SCHEMA public RENAME TO {aside}"))
            conn.execute(text("CREATE SCHEMA public"))
    draft = source.with_name(f".{source.name}.{os.getpid()}")
    shutil.copyfile(source, draft)
    held = Database(f"sqlite:///{draft}")
    try:
        # The backup may be of an earlier release.
        upgrade(held)
        upgrade(db)
        with held.read() as origin, db.write() as target:
            _pour(origin, target)
            _set_sequences(target)
    finally:
        held.close()
        for end in ("", "-wal", "-shm"):
            draft.with_name(draft.name + end).unlink(missing_ok=True)
    return aside


def _begin(conn: Connection, place: Path, now: int) -> int:
    row = {"begun_at": now, "place": str(place), "state": BEGUN, "records": 0, "sha256": ""}
    number = conn.execute(insert(BACKUP).values(**row).returning(BACKUP.c.id)).scalar_one()
    # Whoever is storing holds its log's row: when this returns, all that is stored so far is in the snapshot to come.
    conn.execute(update(COVERAGE).values(late=None))
    return int(number)


def _end(
    conn: Connection, number: int, logs: tuple[Log, ...], *, off_host: bool, sha256: str, records: int, now: int
) -> bool:
    # Another backup that began meanwhile has cleared `late`: what came between is known to nobody, so it marks alone.
    newest = conn.execute(select(func.max(BACKUP.c.id))).scalar_one() == number
    archived = off_host and newest
    if archived:
        committed = {(log.k, log.inc): log.committed for log in logs}
        for row in rows_of(conn, select(COVERAGE).with_for_update()):
            mark = mark_of(row, committed.get((row["k"], row["inc"]), 0))
            if mark > row["archived"]:
                where = (COVERAGE.c.k == row["k"], COVERAGE.c.inc == row["inc"])
                conn.execute(update(COVERAGE).where(*where).values(archived=mark))
    values = {"ended_at": now, "state": ARCHIVED if archived else VERIFIED, "records": records, "sha256": sha256}
    conn.execute(update(BACKUP).where(BACKUP.c.id == number).values(**values))
    return archived


def mark_of(row: Mapping[str, int | None], committed: int) -> int:
    """Up to where the backup holds all that coverage row `row` counts: nothing behind what was stored since it began."""
    late = row["late"]
    return committed if late is None else min(committed, late - 1)


def _pour(source: Connection, target: Connection) -> None:
    """Every row of every table of ours into the same, empty table."""
    for table in METADATA.sorted_tables:
        result = source.execution_options(stream_results=True).execute(select(table))
        for part in result.partitions(READ_AT_ONCE):
            for rows in chunks([plain(row) for row in part]):
                target.execute(insert(table), rows)


def _set_sequences(conn: Connection) -> None:
    """The next number behind the highest poured in."""
    for table in METADATA.sorted_tables:
        for column in table.primary_key.columns:
            if column.autoincrement is True or column is table.autoincrement_column:
                sequence = conn.execute(
                    text("SELECT pg_get_serial_sequence(:t, :c)"), {"t": table.name, "c": column.name}
                ).scalar()
                highest = conn.execute(select(func.max(column))).scalar()
                if sequence and highest:
                    conn.execute(text("SELECT setval(:s, :n)"), {"s": sequence, "n": highest})


def _logs(conn: sqlite3.Connection, path: Path) -> tuple[Log, ...]:
    counts: dict[tuple[str, str], int] = {}
    digests: dict[tuple[str, str, int], str] = {}
    spans = {(k, inc): Ranges(json.loads(told)) for k, inc, told in conn.execute("SELECT k, inc, spans FROM coverage")}
    for k, inc, seq, digest, line in conn.execute("SELECT k, inc, seq, digest, line FROM record"):
        if canon.digest(bytes(line)) != digest:
            raise BackupError(f"{path} is damaged: record {k}/{inc}/{seq} is not what its digest says.")
        if (k, inc) not in spans or spans[k, inc].add(seq):
            raise BackupError(f"{path} is damaged: record {k}/{inc}/{seq} is held and not counted as covered.")
        counts[k, inc] = counts.get((k, inc), 0) + 1
        if seq == spans[k, inc].committed():
            digests[k, inc, seq] = digest
    return tuple(
        Log(
            k=k,
            inc=inc,
            records=counts.get((k, inc), 0),
            committed=ranges.committed(),
            head=digests.get((k, inc, ranges.committed()), ""),
        )
        for (k, inc), ranges in sorted(spans.items())
    )


def _hash(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
