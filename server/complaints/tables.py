"""The complaints' derived table, the states of a complaint and their derivation from records."""

import json
from collections.abc import Iterable, Mapping
from functools import partial
from typing import Any

from sqlalchemy import Column, String, Table, Text

from protocol.clocktext import day_of
from protocol.envelope import Record
from server.complaints.deadlines import Deadlines, due_at
from server.db import BIG, METADATA
from server.features import Count, Derived, Feature, entity_column

NEW = "new"
CORRECTED = "corrected"
REJECTED = "rejected"

# `identity`, `wants` and `photos` are JSON. `decided_at` is null until decided. `dose` and `person` are those of the
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
)


def feature(deadlines: Deadlines) -> Feature:
    """Complaints' share in the ledger: counters `complaints_filed` (item category) and `complaints_decided` (item state)."""
    return Feature("complaints", (COMPLAINT,), {"complaint": partial(derive, deadlines=deadlines)}, counts)


def derive(complaint: str, records: list[Record], *, deadlines: Deadlines) -> list[Derived]:
    """The row of a complaint; none before its filing has arrived. The first decision holds: deciding is done once."""
    filed = next((record for record in records if record.kind == "complaint.filed"), None)
    if filed is None:
        return []
    body = filed.body
    row: dict[str, Any] = {name: body.get(name, "") for name in ("person", "dose", "slip")}
    row.update(
        complaint=complaint,
        category=body["category"],
        state=NEW,
        filed_at=filed.t["wall"],
        due_at=due_at(filed.t["wall"], deadlines),
        name=body["identity"]["name"],
        phone=body["identity"]["phone"],
        content=body["content"],
        decided_at=None,
        decided_by="",
        reason_code="",
        reason="",
    )
    row.update({name: json.dumps(body[name], ensure_ascii=False) for name in ("identity", "wants", "photos")})
    decided = next((record for record in records if record.kind == "complaint.decided"), None)
    if decided is not None:
        row.update(state=decided.body["decision"], decided_at=decided.t["wall"], decided_by=decided.who["id"])
        row.update(reason_code=decided.body["reason_code"], reason=decided.body["reason"])
        row.update({name: decided.body[name] for name in ("person", "dose") if decided.body.get(name)})
    return [(COMPLAINT, row)]


def counts(_table: Table, row: Mapping[str, Any]) -> Iterable[Count]:
    """What a complaint adds to its days; it has no place until an officer has found one."""
    yield ("complaints_filed", "", day_of(row["filed_at"]), row["category"], 1)
    if row["decided_at"] is not None:
        yield ("complaints_decided", "", day_of(row["decided_at"]), row["state"], 1)
