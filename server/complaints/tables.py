"""The complaints' derived tables, the states of a complaint and their derivation from records.

Rules:
1. A decision holds until the complaint is reopened; of two without a reopening between them the first one holds.
2. A rejected complaint is reopened for a dose that its decision did not know. What the decision knew stands in its record,
   so no order of arrival enters: a dose that came late and one that was overlooked are told apart by the record alone.
3. A dose bears on a complaint about a missing dose of the same person where day and place, if the citizen named them, agree.
"""

import json
from collections.abc import Iterable, Mapping
from functools import partial
from typing import Any

from sqlalchemy import Column, Integer, String, Table, Text

from protocol import links as one_person
from protocol.clocktext import day_of
from protocol.envelope import Record
from server.complaints.deadlines import Deadlines, due_at
from server.db import BIG, METADATA
from server.facts import GIVEN, EffectiveDose, effective_doses
from server.features import Count, Derivation, Derived, Feature, entity_column

NEW = "new"
CORRECTED = "corrected"
REJECTED = "rejected"

# `identity`, `wants`, `photos` and `known` are JSON; `known` (doses) is null where the decision does not say. `reopened_at`
# and `reopened_for` (a dose) tell of the last reopening; the state is then `new` again until the next decision.
# `decided_at` is null until decided. `dose` and `person` are those of the
# decision once there is one, before that what the citizen's slip led to (empty when it led nowhere).
COMPLAINT = Table(
    "complaint",
    METADATA,
    Column("complaint", String(64), primary_key=True),
    entity_column(),
    Column("category", String(20), nullable=False),
    Column("state", String(12), nullable=False, index=True),
    Column("filed_at", BIG, nullable=False),
    Column("due_at", BIG, nullable=False, index=True),
    Column("person", String(64), nullable=False, index=True),
    Column("dose", String(64), nullable=False),
    Column("slip", String(64), nullable=False),
    # The injection site that the citizen named, or empty: whose care the complaint is in.
    Column("place", String(64), nullable=False, server_default="", index=True),
    Column("name", String(120), nullable=False),
    Column("phone", String(32), nullable=False),
    Column("identity", Text, nullable=False),
    Column("wants", Text, nullable=False),
    Column("content", Text, nullable=False),
    Column("photos", Text, nullable=False),
    Column("decided_at", BIG),
    Column("decided_by", String(64), nullable=False),
    Column("reason_code", String(8), nullable=False),
    Column("reason", Text, nullable=False),
    Column("known", Text),
    Column("reopened_at", BIG),
    Column("reopened_for", String(64), nullable=False, server_default=""),
)

# A dose on record that bears on a complaint about a missing dose.
BEARING = Table(
    "bearing",
    METADATA,
    Column("complaint", String(64), primary_key=True),
    Column("dose", String(64), primary_key=True),
    entity_column(),
    Column("person", String(64), nullable=False),
    Column("place", String(64), nullable=False),
    Column("given_on", String(12), nullable=False),
    Column("vaccine", String(64), nullable=False),
    Column("dose_no", Integer, nullable=False),
)


def feature(deadlines: Deadlines) -> Feature:
    """Complaints' share in the ledger: counters `complaints_filed` (item category) and `complaints_decided` (item state)."""
    derives: dict[str, Derivation] = {"complaint": partial(derive, deadlines=deadlines), "person": derive_bearing}
    return Feature("complaints", (COMPLAINT, BEARING), derives, counts)


def derive(complaint: str, records: list[Record], *, deadlines: Deadlines) -> list[Derived]:
    """The row of a complaint; none before its filing has arrived."""
    filed = next((record for record in records if record.kind == "complaint.filed"), None)
    if filed is None:
        return []
    body = filed.body
    asked: dict[str, Any] = {name: body.get(name, "") for name in ("person", "dose", "slip")}
    row: dict[str, Any] = {
        **asked,
        **_UNDECIDED,
        "complaint": complaint,
        "category": body["category"],
        "state": NEW,
        "filed_at": filed.at,
        "due_at": due_at(filed.at, deadlines),
        "name": body["identity"]["name"],
        "phone": body["identity"]["phone"],
        "content": body["content"],
        "place": body["wants"].get("place", ""),
        "reopened_at": None,
        "reopened_for": "",
    }
    row.update({name: json.dumps(body[name], ensure_ascii=False) for name in ("identity", "wants", "photos")})
    for record in records:
        if record.kind == "complaint.decided" and row["state"] == NEW:
            row.update(_decided(record))
        elif record.kind == "complaint.reopened" and unknown_to(row, record.body["dose"]):
            row.update(asked)
            row.update(_UNDECIDED)
            row.update(state=NEW, due_at=due_at(record.at, deadlines))
            row.update(reopened_at=record.at, reopened_for=record.body["dose"])
    return [(COMPLAINT, row)]


def derive_bearing(person: str, records: list[Record]) -> list[Derived]:
    """Which of a person's standing doses bear on which of their complaints about a missing one.

    Of persons who are one only the one that was kept has them: a dose under one number bears on a complaint under another.
    """
    if one_person.kept(person, records) != person:
        return []
    filed = {record.body["complaint"]: record for record in reversed(records) if record.kind == "complaint.filed"}
    asked = {name: record for name, record in filed.items() if record.body["category"] == "missing_dose"}
    if not asked:
        return []
    standing = [dose for dose in effective_doses(records) if dose.status == GIVEN]
    return [
        (
            BEARING,
            {
                "complaint": complaint,
                "dose": dose.dose,
                "person": person,
                "place": dose.place,
                "given_on": dose.given_on,
                "vaccine": dose.vaccine,
                "dose_no": dose.dose_no,
            },
        )
        for complaint, record in sorted(asked.items())
        for dose in standing
        if _agrees(record.body["wants"], dose)
    ]


def unknown_to(row: Mapping[str, Any], dose: str) -> bool:
    """Is the complaint rejected by a decision that did not know this dose?"""
    known = json.loads(row["known"] or "null")
    return row["state"] == REJECTED and known is not None and dose not in known


_UNDECIDED: Mapping[str, Any] = {"decided_at": None, "decided_by": "", "reason_code": "", "reason": "", "known": None}


def _decided(record: Record) -> dict[str, Any]:
    body = record.body
    changes: dict[str, Any] = {name: body[name] for name in ("person", "dose") if body.get(name)}
    changes.update(state=body["decision"], decided_at=record.at, decided_by=record.who["id"])
    changes.update(reason_code=body["reason_code"], reason=body["reason"])
    if "known" in body:
        changes["known"] = json.dumps(body["known"])
    return changes


def _agrees(wants: Mapping[str, Any], dose: EffectiveDose) -> bool:
    said = (wants.get("given_on", dose.given_on), wants.get("place", dose.place))
    return said == (dose.given_on, dose.place)


def counts(table: Table, row: Mapping[str, Any]) -> Iterable[Count]:
    """What a complaint adds to its days; it has no place until an officer has found one."""
    if table is not COMPLAINT:
        return
    yield ("complaints_filed", "", day_of(row["filed_at"]), row["category"], 1)
    if row["decided_at"] is not None:
        yield ("complaints_decided", "", day_of(row["decided_at"]), row["state"], 1)
