"""Kiosks as the centre sees them: when last heard, which numbers they owe, what of theirs stands in quarantine or forked."""

import json
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Select, and_, func, select

from protocol.inbox import Ranges
from server.db import row_of, rows_of
from server.ledger import owed
from server.ledger.tables import COVERAGE, FORK, QUARANTINE, RECORD, WRITER


def writers(conn: Connection, *, site: str | None = None) -> list[dict[str, Any]]:
    """Every enrolled writer with its logs.

    `{"k", "shard", "site", "enrolled_at", "revoked_at", "heard_at" (0 never), "owes" (records), "logs": [...],
    "quarantined", "forks"}`; a log is `{"inc", "committed", "last_said", "heard_at", "gaps": [[first, last, since], …]}`,
    `since` (UTC ms) being when any of those numbers was first known to be missing.
    """
    query = select(WRITER).order_by(WRITER.c.site, WRITER.c.k)
    if site is not None:
        query = query.where(WRITER.c.site == site)
    logs: dict[str, list[dict[str, Any]]] = {}
    for row in rows_of(conn, select(COVERAGE).order_by(COVERAGE.c.k, COVERAGE.c.inc)):
        logs.setdefault(row["k"], []).append(_log(row))
    quarantined = _per_writer(conn, QUARANTINE.c.k, QUARANTINE.c.resolved_at.is_(None))
    forks = _per_writer(conn, FORK.c.k, FORK.c.seq > 0)
    found = []
    for row in rows_of(conn, query):
        mine = logs.get(row["k"], [])
        found.append(
            {
                **{name: row[name] for name in ("k", "shard", "site", "enrolled_at", "revoked_at")},
                "heard_at": max((log["heard_at"] for log in mine), default=0),
                "owes": sum(last - first + 1 for log in mine for first, last, _ in log["gaps"]),
                "logs": mine,
                "quarantined": quarantined.get(row["k"], 0),
                "forks": forks.get(row["k"], 0),
            }
        )
    return found


def writer(conn: Connection, k: str) -> dict[str, Any] | None:
    """One enrolled writer: `{"k", "shard", "site", "public_key", "enrolled_at", "revoked_at"}`, or None."""
    return row_of(conn, select(WRITER).where(WRITER.c.k == k))


def broken_links(conn: Connection, *, limit: int = 100) -> list[dict[str, Any]]:
    """Records whose `prev` is not the digest of the one before that is held: `{"k", "inc", "seq"}`. Evidence only."""
    before = RECORD.alias("before")
    joined = RECORD.join(
        before, and_(before.c.k == RECORD.c.k, before.c.inc == RECORD.c.inc, before.c.seq == RECORD.c.seq - 1)
    )
    query = select(RECORD.c.k, RECORD.c.inc, RECORD.c.seq).select_from(joined).where(before.c.digest != RECORD.c.prev)
    return rows_of(conn, query.order_by(RECORD.c.k, RECORD.c.inc, RECORD.c.seq).limit(limit))


def quarantine(
    conn: Connection, *, reason: str = "", ks: Sequence[str] | None = None, limit: int = 100, offset: int = 0
) -> list[dict[str, Any]]:
    """The operators' queue, oldest first: `{"id", "k", "inc", "seq", "reason", "topic", "received_at"}`; never the bytes.

    `ks`: only what came under the names of these writers.
    """
    columns = (QUARANTINE.c[name] for name in ("id", "k", "inc", "seq", "reason", "topic", "received_at"))
    query = _waiting(select(*columns), reason, ks).order_by(QUARANTINE.c.id)
    return rows_of(conn, query.limit(limit).offset(offset))


def reasons(conn: Connection, *, ks: Sequence[str] | None = None) -> dict[str, int]:
    """How much stands in quarantine for each reason. `ks`: as in `quarantine`."""
    rows = conn.execute(_waiting(select(QUARANTINE.c.reason, func.count()), "", ks).group_by(QUARANTINE.c.reason))
    return {reason: int(n) for reason, n in rows}


def quarantined(conn: Connection, number: int) -> dict[str, Any] | None:
    """One row of the quarantine with its bytes (`payload`, `signature`), or None. Bytes can hold a person's data: audit."""
    return row_of(conn, select(QUARANTINE).where(QUARANTINE.c.id == number))


def forks(conn: Connection, *, limit: int = 100, offset: int = 0) -> list[dict[str, Any]]:
    """Names under which two contents are held: `{"k", "inc", "seq", "digest", "received_at"}`, newest first."""
    columns = (FORK.c[name] for name in ("k", "inc", "seq", "digest", "received_at"))
    query = select(*columns).order_by(FORK.c.received_at.desc(), FORK.c.k, FORK.c.seq, FORK.c.digest)
    return rows_of(conn, query.limit(limit).offset(offset))


def _log(row: dict[str, Any]) -> dict[str, Any]:
    covered = Ranges(json.loads(row["spans"]))
    since = {(first, last): at for first, last, at in owed.read(row["owed"])}
    return {
        "inc": row["inc"],
        "committed": covered.committed(),
        "last_said": row["last_said"],
        "heard_at": row["heard_at"],
        # A gap that a release without the column left has been known at least since the last word.
        "gaps": [[*gap, since.get(tuple(gap), row["heard_at"])] for gap in covered.missing(row["last_said"])],
    }


def _waiting(query: Select[Any], reason: str, ks: Sequence[str] | None) -> Select[Any]:
    query = query.where(QUARANTINE.c.resolved_at.is_(None))
    if reason:
        query = query.where(QUARANTINE.c.reason == reason)
    return query if ks is None else query.where(QUARANTINE.c.k.in_(ks))


def _per_writer(conn: Connection, column: Any, condition: Any) -> dict[str, int]:
    rows = conn.execute(select(column, func.count()).where(condition).group_by(column))
    return {k: int(n) for k, n in rows}
