"""Derives everything from the records alone, and proves that the live tables say the same (invariant I9).

`check` works inside one transaction that is always rolled back: the live tables are never changed by looking.
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, Table, delete, insert, select

from protocol import envelope
from protocol.envelope import Record
from protocol.errors import ProtocolError
from protocol.inbox import Ranges
from server.db import Database, chunks, plain
from server.ledger import intake, shelf, times
from server.ledger.derive import Deriver, Entity, entities_of, hold_still, spelled
from server.ledger.ledger import Ledger
from server.ledger.tables import ANCHOR, COUNTER, COVERAGE, FORK, FORK_TOUCH, RECORD, TOUCH
from server.ledger.writers import find_writer

# Records read at once while everything is derived again: bounds the memory.
BATCH = 1000
# Differences named per table; the count is always given in full.
SHOWN = 3


@dataclass(frozen=True)
class Report:
    """What a check found: one sentence per thing looked at, and whether all of it was as it should be."""

    same: bool
    sentences: tuple[str, ...]


def rebuild(ledger: Ledger) -> int:
    """Throw every derived row away and derive it again, in one transaction. Returns the number of records read."""

    def work(conn: Connection) -> int:
        hold_still(conn)
        return again(conn, ledger.deriver)

    return ledger.db.transact(work)


def check(ledger: Ledger) -> Report:
    """Compare the live tables with a rebuild, row by row, and every stored record with its digest and signature."""
    with _undone(ledger.db) as conn:
        hold_still(conn)
        sentences = [_check_records(conn), _check_forks(conn), _check_coverage(conn)]
        tables = [*ledger.deriver.tables(), ANCHOR, COUNTER, TOUCH, FORK_TOUCH]
        live = {table.name: _dump(conn, table) for table in tables}
        again(conn, ledger.deriver)
        sentences.extend(_compare(table, live[table.name], _dump(conn, table)) for table in tables)
    same = all(good for good, _ in sentences)
    verdict = "The rebuild is identical to the live tables." if same else "The rebuild DIFFERS from the live tables."
    return Report(same, (*(sentence for _, sentence in sentences), verdict))


@contextmanager
def _undone(db: Database) -> Iterator[Connection]:
    with db.engine.connect().execution_options(tram_write=True) as conn, conn.begin() as transaction:
        try:
            yield conn
        finally:
            transaction.rollback()


def again(conn: Connection, deriver: Deriver) -> int:
    """Throw every derived row away and derive it again, in a transaction that keeps writers out. The records read."""
    for table in (*deriver.tables(), ANCHOR, COUNTER, TOUCH, FORK_TOUCH):
        conn.execute(delete(table))
    entities: set[Entity] = set()
    touches: list[dict[str, Any]] = []
    found: dict[str, times.Anchor] = {}
    count = 0
    for row in _stored(conn):
        record = _parsed(row)
        if record is None:
            continue
        count += 1
        times.offer(found, record)
        touches.extend(shelf.touch_rows(record, row.id))
        entities.update(entities_of(record.body))
        if len(touches) >= BATCH:
            _insert_touches(conn, touches)
    _insert_touches(conn, touches)
    for row in conn.execute(select(FORK)).all():
        record = _parsed(row)
        if record is not None:
            count += 1
            times.offer(found, record)
            forked = shelf.fork_touch_rows(record)
            entities.update(entities_of(record.body))
            if forked:
                conn.execute(insert(FORK_TOUCH), forked)
    times.put(conn, found)
    deriver.derive_held(conn, sorted(entities))
    return count


def _insert_touches(conn: Connection, touches: list[dict[str, Any]]) -> None:
    for part in chunks(touches):
        conn.execute(insert(TOUCH), part)
    touches.clear()


def _stored(conn: Connection) -> Iterator[Row[Any]]:
    """Every record, log by log, in order."""
    after = ("", "", 0)
    while True:
        query = (
            select(RECORD)
            .where(
                (RECORD.c.k > after[0])
                | ((RECORD.c.k == after[0]) & (RECORD.c.inc > after[1]))
                | ((RECORD.c.k == after[0]) & (RECORD.c.inc == after[1]) & (RECORD.c.seq > after[2]))
            )
            .order_by(RECORD.c.k, RECORD.c.inc, RECORD.c.seq)
            .limit(BATCH)
        )
        rows = conn.execute(query).all()
        yield from rows
        if len(rows) < BATCH:
            return
        after = (rows[-1].k, rows[-1].inc, rows[-1].seq)


def _parsed(row: Row[Any]) -> Record | None:
    try:
        return envelope.parse(row.line)
    except ProtocolError:
        return None


def _check_records(conn: Connection) -> tuple[bool, str]:
    damaged: list[str] = []
    broken = 0
    count = 0
    before: tuple[str, str, int, str] = ("", "", 0, "")
    writers: dict[str, intake.WriterRow] = {}
    for row in _stored(conn):
        count += 1
        if row.k not in writers:
            writers[row.k] = find_writer(conn, row.k)
        if not _sound(row, writers[row.k]):
            damaged.append(f"{row.k}/{row.inc}/{row.seq}")
        if before[:3] == (row.k, row.inc, row.seq - 1) and before[3] != row.prev:
            broken += 1
        before = (row.k, row.inc, row.seq, row.digest)
    chain = f" {broken} chain links are broken (a flag, not damage)." if broken else ""
    if damaged:
        named = ", ".join(damaged[:SHOWN])
        return (False, f"record: {len(damaged)} of {count} records are DAMAGED ({named}).{chain}")
    return (True, f"record: {count} records, every digest and signature is good.{chain}")


def _check_forks(conn: Connection) -> tuple[bool, str]:
    rows = conn.execute(select(FORK).order_by(FORK.c.k, FORK.c.inc, FORK.c.seq, FORK.c.digest)).all()
    damaged = []
    for row in rows:
        record = _parsed(row)
        kept = (row.k, row.inc, row.seq, row.digest)
        told = (*record.name(), record.digest) if record else ()
        if told != kept or not intake.verified(row.line, row.signature.encode("ascii"), find_writer(conn, row.k)):
            damaged.append(f"{row.k}/{row.inc}/{row.seq}")
    if damaged:
        return (False, f"fork: {len(damaged)} of {len(rows)} records are DAMAGED ({', '.join(damaged[:SHOWN])}).")
    return (True, f"fork: {len(rows)} records, every digest and signature is good.")


def _sound(row: Row[Any], writer: intake.WriterRow) -> bool:
    record = _parsed(row)
    if record is None or record.digest != row.digest:
        return False
    told = (record.k, record.inc, record.seq, record.prev, record.kind, record.site, record.t["wall"], *record.t["hlc"])
    kept = (row.k, row.inc, row.seq, row.prev, row.kind, row.site, row.wall, row.hlc_p, row.hlc_l)
    return told == kept and intake.verified(row.line, row.signature.encode("ascii"), writer)


def _check_coverage(conn: Connection) -> tuple[bool, str]:
    covered = {
        (row.k, row.inc): Ranges(json.loads(row.spans)) for row in conn.execute(select(COVERAGE).order_by(COVERAGE.c.k))
    }
    bare = 0
    for row in conn.execute(select(RECORD.c.k, RECORD.c.inc, RECORD.c.seq)):
        ranges = covered.get((row.k, row.inc))
        if ranges is None or ranges.add(row.seq):
            bare += 1
    if bare:
        return (False, f"coverage: {bare} records are held but NOT counted as covered.")
    return (True, f"coverage: {len(covered)} logs, every record held is counted.")


def _dump(conn: Connection, table: Table) -> list[str]:
    return spelled(table, (plain(row) for row in conn.execute(select(table))))


def _compare(table: Table, live: list[str], rebuilt: list[str]) -> tuple[bool, str]:
    if live == rebuilt:
        return (True, f"{table.name}: {len(live)} rows, identical.")
    extra, missing = len(set(live) - set(rebuilt)), len(set(rebuilt) - set(live))
    told = f"{extra} rows only in the live table, {missing} only in the rebuild"
    return (False, f"{table.name}: DIFFERS, {told}.")
