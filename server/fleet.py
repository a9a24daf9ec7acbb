"""Kiosks as the centre sees them: when last heard, which numbers they owe, what of theirs stands in quarantine or forked."""

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Select, func, or_, select

from protocol.inbox import Ranges
from server import boxes, waves
from server.db import row_of, rows_of
from server.ledger import owed
from server.ledger.tables import COVERAGE, FORK, QUARANTINE, WRITER

# What a hello told a moment ago is under way; a hello comes every minute.
LATE_MS = 120_000
# A kiosk says something every minute while it is connected; after this it is worth a call.
SILENT_MS = 15 * 60_000
# Below this a kiosk takes no new check-ins (kiosk/status.py).
LITTLE_MB = 200
# A kiosk asks for a new certificate when a third of five years is left; one with fewer days than this asked in vain.
CERTIFICATE_MS = 30 * 86_400_000


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


def concerns(rows: Iterable[Mapping[str, Any]], *, now: int) -> list[dict[str, Any]]:
    """What of these `writers` needs a person, the longest standing first: `{"k", "site", "what", "since", "gaps", "n"}`.

    `what`: `owes` (`gaps`: [[first, last], …] that have been known for LATE_MS), `silent`, `forked` or `quarantined`
    (`n` of them). `since` in UTC ms; 0 when nobody noted it. A revoked writer owes nothing that will still come.
    """
    found = []
    for row in rows:
        for log in row["logs"]:
            old = [gap for gap in log["gaps"] if now - gap[2] >= LATE_MS]
            for since in sorted({gap[2] for gap in old}):
                gaps = [[first, last] for first, last, at in old if at == since]
                found.append(_concern(row, "owes", since, gaps, sum(last - first + 1 for first, last in gaps)))
        if row["heard_at"] and not row["revoked_at"] and now - row["heard_at"] >= SILENT_MS:
            found.append(_concern(row, "silent", row["heard_at"], [], 0))
        if row["forks"]:
            found.append(_concern(row, "forked", 0, [], row["forks"]))
        if row["quarantined"]:
            found.append(_concern(row, "quarantined", 0, [], row["quarantined"]))
    return sorted(found, key=lambda one: (one["since"] or now, one["k"], one["what"]))


def ordered(conn: Connection, rows: Iterable[dict[str, Any]], *, now: int) -> list[dict[str, Any]]:
    """These `writers` with their `box` and the version `wanted` of them by the wave (empty: any), the silent first, the revoked last.

    `quiet`: has it said nothing for SILENT_MS? `trouble`: words for what of its own last word wants a hand.
    """
    held, wanted, found = boxes.every(conn), boxes.wanted(conn), []
    for row in rows:
        box = held.get(row["k"]) or boxes.one(conn, row["k"])
        heard = max(row["heard_at"], box["state_at"] or 0)
        version = waves.asked(wanted.get(box["grp"]) or wanted.get(boxes.EVERYBODY), row["k"])
        quiet = not row["revoked_at"] and now - heard > SILENT_MS
        more = {"box": box, "wanted": version, "quiet": quiet, "heard_at": heard}
        found.append({**row, **more, "trouble": trouble(row, box, version, now=now)})
    return sorted(found, key=lambda one: (bool(one["revoked_at"]), not one["quiet"], one["heard_at"], one["k"]))


def trouble(row: Mapping[str, Any], box: Mapping[str, Any], version: str, *, now: int) -> list[str]:
    """What of a kiosk's own last word wants a hand: a word of `terms.TROUBLES`, such as `printer`, `power`, `wear`."""
    state, until = box["state"], box["certificate_until"]
    if row["revoked_at"]:
        return []
    tests = (
        ("printer", state.get("printer", "ready") not in ("ready", "busy", "unused")),
        ("clock", state.get("sure") == "unknown"),
        ("power", state.get("power") in ("poor", "was_poor")),
        ("wear", state.get("wear") in ("worn", "spent")),
        ("room", 0 <= _number(state, "free_mb") < LITTLE_MB),
        ("other_box", bool(box["hardware"] and state.get("hardware") and state["hardware"] != box["hardware"])),
        ("refused", _number(state, "refused") > 0),
        ("certificate", until is not None and until - now < CERTIFICATE_MS),
        ("version", bool(version and state.get("app") and state["app"] != version)),
    )
    return [name for name, holds in tests if holds]


def _number(state: Mapping[str, Any], name: str) -> int:
    value = state.get(name, -1)
    return value if isinstance(value, int) else -1


def _concern(row: Mapping[str, Any], what: str, since: int, gaps: list[list[int]], n: int) -> dict[str, Any]:
    return {"k": row["k"], "site": row["site"], "what": what, "since": since, "gaps": gaps, "n": n}


def writer(conn: Connection, k: str) -> dict[str, Any] | None:
    """One enrolled writer: `{"k", "shard", "site", "public_key", "enrolled_at", "revoked_at"}`, or None."""
    return row_of(conn, select(WRITER).where(WRITER.c.k == k))


def quarantine(
    conn: Connection, *, ks: Sequence[str] | None = None, strangers: bool = False, reason: str = "", limit: int = 100,
    offset: int = 0,
) -> list[dict[str, Any]]:  # fmt: skip
    """The operators' queue, oldest first: `{"id", "k", "inc", "seq", "reason", "topic", "received_at"}`; never the bytes.

    `ks`: only what came under the names of these writers; `strangers`: and what no enrolled writer sent.
    """
    columns = (QUARANTINE.c[name] for name in ("id", "k", "inc", "seq", "reason", "topic", "received_at"))
    query = _waiting(select(*columns), reason, ks, strangers=strangers).order_by(QUARANTINE.c.id)
    return rows_of(conn, query.limit(limit).offset(offset))


def reasons(conn: Connection, *, ks: Sequence[str] | None = None, strangers: bool = False) -> dict[str, int]:
    """How much stands in quarantine for each reason. `ks`, `strangers`: as in `quarantine`."""
    query = _waiting(select(QUARANTINE.c.reason, func.count()), "", ks, strangers=strangers)
    rows = conn.execute(query.group_by(QUARANTINE.c.reason))
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


def _waiting(query: Select[Any], reason: str, ks: Sequence[str] | None, *, strangers: bool) -> Select[Any]:
    query = query.where(QUARANTINE.c.resolved_at.is_(None))
    if reason:
        query = query.where(QUARANTINE.c.reason == reason)
    if ks is None:
        return query
    told = QUARANTINE.c.k.in_(ks)
    unknown = or_(QUARANTINE.c.k.is_(None), QUARANTINE.c.k.not_in(select(WRITER.c.k)))
    return query.where(or_(told, unknown) if strangers else told)


def _per_writer(conn: Connection, column: Any, condition: Any) -> dict[str, int]:
    rows = conn.execute(select(column, func.count()).where(condition).group_by(column))
    return {k: int(n) for k, n in rows}
