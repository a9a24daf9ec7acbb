"""Decided complaints whose ground has moved since (fault F93): what changed of the dose or person a decision was about. Pure.

Rules:
1. A decision says which records it saw (`saw`); one of an earlier release saw what lies before it by the hybrid clock.
2. What changes a decided dose, or the person, and was seen by no decision or recheck of the complaint, is a change.
3. So is another dose recorded within a day of the decided one: it may be the same needle. A complaint's own corrections are none.
"""

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import Column, Connection, Integer, String, Table, select
from sqlalchemy.sql.elements import ColumnElement

from protocol import fields, rechecks
from protocol import links as one_person
from protocol.clocktext import day_number, day_of
from protocol.envelope import Record
from server.complaints.tables import COMPLAINT, NEW
from server.db import BIG, METADATA, rows_of
from server.facts import effective_doses
from server.features import Derived, Feature, entity_column

# `changed`: the kind of the latest change; `changed_at` (best time, UTC ms) and `changed_by` of that one; `changes`: how many.
RECHECK = Table(
    "recheck",
    METADATA,
    Column("complaint", String(64), primary_key=True),
    Column("person", String(64), primary_key=True),
    entity_column(),
    Column("changed", String(32), nullable=False),
    Column("dose", String(64), nullable=False),
    Column("changed_at", BIG, nullable=False),
    Column("changed_by", String(64), nullable=False),
    Column("changes", Integer, nullable=False),
)
DOSE_CHANGES = ("dose.corrected", "dose.undone")
NEW_DOSES = ("dose.given", "dose.entered_late")
BEARS = (*DOSE_CHANGES, *NEW_DOSES, "person.corrected", *one_person.KINDS)
NEAR_DAYS = 1


def feature() -> Feature:
    """The rechecks' share in the ledger; they count nothing."""
    return Feature("rechecks", (RECHECK,), {"person": derive})


def saw(records: Iterable[Record]) -> list[str]:
    """What somebody who has a person's `records` before them has seen, as a decision's record says it; the latest, if many."""
    return sorted(
        rechecks.mark_of(one.digest) for one in [one for one in records if one.kind in BEARS][-rechecks.MOST_SEEN :]
    )


def derive(person: str, records: list[Record]) -> list[Derived]:
    """One row per complaint decided about this person of whose ground something has changed unseen."""
    if one_person.kept(person, records) != person:
        return []
    decided: dict[str, list[Record]] = {}
    for record in records:
        if record.kind in ("complaint.decided", "complaint.rechecked"):
            decided.setdefault(record.body["complaint"], []).append(record)
    rows = []
    for complaint, looks in sorted(decided.items()):
        found = _unseen(complaint, looks, records)
        if found:
            rows.append((RECHECK, _row(complaint, person, found)))
    return rows


def open_ones(
    conn: Connection, *, within: ColumnElement[bool] | None = None, complaint: str = ""
) -> list[dict[str, Any]]:
    """The rows of complaints that stand decided, the latest change first, with their `category`; `within`: somebody's scope."""
    query = select(RECHECK, COMPLAINT.c.category).join(COMPLAINT, COMPLAINT.c.complaint == RECHECK.c.complaint)
    query = query.where(COMPLAINT.c.state != NEW)
    if within is not None:
        query = query.where(within)
    if complaint:
        query = query.where(RECHECK.c.complaint == complaint)
    return rows_of(conn, query.order_by(RECHECK.c.changed_at.desc(), RECHECK.c.complaint, RECHECK.c.person))


def _unseen(complaint: str, looks: Sequence[Record], records: Sequence[Record]) -> list[Record]:
    last = next((one for one in reversed(looks) if one.kind == "complaint.decided"), None)
    if last is None:
        return []
    seen = {mark for one in looks for mark in one.body.get("saw", ())}
    blind = [one.sort_key() for one in looks if "saw" not in one.body]
    dose = last.body.get("dose", "")
    return [
        one
        for one in records
        if one.kind in BEARS
        and rechecks.mark_of(one.digest) not in seen
        and one.body.get("complaint") != complaint
        and not (blind and one.sort_key() < max(blind))
        and _bears(one, dose, records)
    ]


def _bears(one: Record, dose: str, records: Sequence[Record]) -> bool:
    if one.kind in DOSE_CHANGES:
        return one.body["dose"] == dose or not dose
    if one.kind in NEW_DOSES:
        return bool(dose) and one.body["dose"] != dose and _is_near(one, dose, records)
    return True


def _is_near(one: Record, dose: str, records: Sequence[Record]) -> bool:
    decided = next((each.given_on for each in effective_doses(records) if each.dose == dose), "")
    day = one.body.get("given_on") or day_of(one.at)
    # A broken clock's year has six digits: such a day is near no other.
    if not (fields.is_day(decided) and fields.is_day(day)):
        return False
    return abs(int(day_number(decided)) - int(day_number(day))) <= NEAR_DAYS


def _row(complaint: str, person: str, found: Sequence[Record]) -> dict[str, Any]:
    last = found[-1]
    return {
        "complaint": complaint,
        "person": person,
        "changed": last.kind,
        "dose": last.body.get("dose", ""),
        "changed_at": last.at,
        "changed_by": last.who["id"],
        "changes": len(found),
    }
