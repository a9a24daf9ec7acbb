"""Adverse events following immunisation: one row each, what is known now, who knows of the alarm, who is to be told.

Tells nobody itself: the worker does, with what `due` says.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import Boolean, Column, Connection, Integer, String, Table, Text, and_, false, or_, select

from protocol.clocktext import day_of
from protocol.envelope import Record
from protocol.records import GRADES, REACTION_OUTCOMES
from server import links
from server.db import BIG, METADATA, rows_of
from server.features import Count, Derived, Feature, entity_column

SEVERE = "severe"
OPEN = REACTION_OUTCOMES[0]
MINUTE_MS = 60_000
HOUR_MS = 3_600_000

# `symptoms` and `treatment` are JSON lists of words of server/data/aefi_symptoms.json. `grade` and `outcome` are empty
# until somebody says them. `rang`: it was called severe at any time. Null: `onset_min` nobody said, `followed_at` nobody
# followed it up, `seen_at` nobody else has said that they know.
AEFI = Table(
    "aefi",
    METADATA,
    Column("aefi", String(64), primary_key=True),
    entity_column(),
    Column("dose", String(64), nullable=False, index=True),
    Column("visit", String(64), nullable=False),
    Column("person", String(64), nullable=False, index=True),
    Column("site", String(64), nullable=False),
    Column("day", String(12), nullable=False),
    Column("severity", String(8), nullable=False),
    Column("symptoms", Text, nullable=False),
    Column("note", Text, nullable=False),
    Column("reported_at", BIG, nullable=False),
    Column("reported_by", String(64), nullable=False),
    Column("sure", String(8), nullable=False, server_default="synced"),
    Column("err", BIG, nullable=False, server_default="0"),
    Column("grade", String(4), nullable=False, server_default=""),
    Column("onset_min", Integer),
    Column("treatment", Text, nullable=False, server_default="[]"),
    Column("outcome", String(12), nullable=False, server_default=""),
    Column("follow_ups", Integer, nullable=False, server_default="0"),
    Column("followed_at", BIG),
    Column("rang", Boolean, nullable=False, server_default=false()),
    Column("seen_at", BIG),
    Column("seen_by", String(64), nullable=False, server_default=""),
)


def feature() -> Feature:
    """Adverse events' share in the ledger: counter `aefi` per site and day, item the severity."""
    return Feature("aefi", (AEFI,), {"aefi": derive}, counts)


def derive(aefi: str, records: list[Record]) -> list[Derived]:
    """The row of an event. What was followed up holds over what was reported, the later over the earlier.

    A follow-up whose report is not here yet makes the row by itself; a receipt alone says nothing of whom.
    """
    reports = [record for record in records if record.kind == "aefi.reported"]
    later = [record for record in records if record.kind == "aefi.followed_up"]
    told = [*reports, *later]
    if not told:
        return []
    first = reports[0] if reports else later[0]
    known: dict[str, Any] = {}
    for record in told:
        known.update(record.body)
    seen = next((record for record in records if record.kind == "alarm.seen"), None)
    row = {name: known[name] for name in ("dose", "visit", "person", "severity", "note")}
    row.update(
        aefi=aefi,
        site=first.site,
        day=day_of(first.at),
        symptoms=json.dumps(known["symptoms"]),
        reported_at=first.at,
        reported_by=first.who["id"],
        sure=first.sure,
        err=first.err,
        grade=known.get("grade", ""),
        onset_min=known.get("onset_min"),
        treatment=json.dumps(known.get("treatment", [])),
        outcome=known.get("outcome", ""),
        follow_ups=len(later),
        followed_at=later[-1].at if later else None,
        rang=any(record.body["severity"] == SEVERE for record in told),
        seen_at=seen.at if seen else None,
        seen_by=seen.who["id"] if seen else "",
    )
    return [(AEFI, row)]


def counts(_table: Table, row: Mapping[str, Any]) -> Iterable[Count]:
    """An event counts where and when it was reported."""
    yield ("aefi", row["site"], row["day"], row["severity"], 1)


def of_person(conn: Connection, person: str) -> list[dict[str, Any]]:
    """A person's events, oldest first, `symptoms` and `treatment` as lists."""
    query = select(AEFI).where(links.same(AEFI.c.person, person)).order_by(AEFI.c.reported_at, AEFI.c.aefi)
    return [_read(row) for row in rows_of(conn, query)]


def at_sites(
    conn: Connection, *, places: Sequence[str], first: str, last: str, only_open: bool = False, limit: int = 200
) -> list[dict[str, Any]]:
    """Events of these sites and days, `first` to `last` inclusive, the newest first; open: not over yet, or not seen."""
    query = select(AEFI).where(AEFI.c.site.in_(places), AEFI.c.day >= first, AEFI.c.day <= last)
    if only_open:
        query = query.where(or_(AEFI.c.outcome.in_(("", OPEN)), and_(AEFI.c.rang, AEFI.c.seen_at.is_(None))))
    rows = rows_of(conn, query.order_by(AEFI.c.reported_at.desc(), AEFI.c.aefi).limit(limit))
    return [_read(row) for row in rows]


def report(conn: Connection, *, places: Sequence[str], first: str, last: str) -> list[dict[str, Any]]:
    """Counts for the report on reactions (QĐ 3588, TT 34/2018), per site that has any, by site.

    `{"site", "cases", "common", "severe", "grades": {I…IV: n}, "outcomes": {…: n}, "symptoms": {code: n}}`; one person
    with two symptoms is one case and counts under both symptoms.
    """
    query = select(AEFI).where(AEFI.c.site.in_(places), AEFI.c.day >= first, AEFI.c.day <= last)
    found: dict[str, dict[str, Any]] = {}
    for row in rows_of(conn, query.order_by(AEFI.c.site)):
        blank = {"site": row["site"], "cases": 0, "common": 0, "severe": 0, "symptoms": {}}
        blank |= {"grades": dict.fromkeys(GRADES, 0), "outcomes": dict.fromkeys(REACTION_OUTCOMES, 0)}
        site = found.setdefault(row["site"], blank)
        site["cases"] += 1
        site[row["severity"]] += 1
        if row["grade"]:
            site["grades"][row["grade"]] += 1
        # Whoever only reported it has left them under treatment.
        site["outcomes"][row["outcome"] or OPEN] += 1
        for code in set(json.loads(row["symptoms"])):
            site["symptoms"][code] = site["symptoms"].get(code, 0) + 1
    return list(found.values())


def calling(conn: Connection, *, since: int, places: Sequence[str] | None = None) -> list[dict[str, Any]]:
    """Severe events reported after `since`, or at a time nobody vouches for, oldest first."""
    query = select(AEFI).where(AEFI.c.rang, or_(AEFI.c.reported_at > since, AEFI.c.sure == "unknown"))
    if places is not None:
        query = query.where(AEFI.c.site.in_(places))
    return [_read(row) for row in rows_of(conn, query.order_by(AEFI.c.reported_at, AEFI.c.aefi))]


def unseen(row: Mapping[str, Any]) -> bool:
    """Does an event still call, with nobody who has said that they know?"""
    return row["severity"] == SEVERE and row["seen_at"] is None and row["outcome"] in ("", OPEN)


def due(row: Mapping[str, Any], *, unseen_min: Sequence[int], now: int) -> list[int]:
    """Whom a severe event is due to by now: level 0 at once; level n when nobody saw it for `unseen_min[n - 1]` minutes."""
    if row["severity"] != SEVERE:
        return []
    waited = now - row["reported_at"]
    later = [level for level, minutes in enumerate(unseen_min, 1) if waited >= minutes * MINUTE_MS]
    return [0, *(later if unseen(row) else [])]


def message_of(aefi: str, level: int) -> str:
    """The name of the message about an event to a level: the same whoever makes it, so it is written once."""
    return "m-" + hashlib.sha256(f"{aefi} {level}".encode()).hexdigest()[:16]


def _read(row: Mapping[str, Any]) -> dict[str, Any]:
    return {**row, "symptoms": json.loads(row["symptoms"]), "treatment": json.loads(row["treatment"])}
