"""The head of the audit goes to another unit's telephone once a day: whoever cuts the chain here cannot call it back there.

Says what is due; the worker writes and sends it. Holds nobody's name: a count and a digest.
"""

import hashlib
from typing import Any

from sqlalchemy import Connection

from protocol.clocktext import day_of, day_shown
from server import audit, contacts, messages
from server.complaints.filing import Say

DUTY, TEMPLATE = "audit", "audit_head"


def due(conn: Connection, *, now: int, say: Say) -> list[dict[str, Any]]:
    """Bodies of `message.queued` that this day (of Viet Nam) still owes, one for each unit that named a telephone."""
    day = day_of(now)
    owed = [
        (name, phone)
        for unit, phone in contacts.of_duty(conn, DUTY)
        if messages.by_id(conn, name := message_of(unit, day)) is None
    ]
    if not owed:
        return []
    values = {"dmy": day_shown(day), "rows": str(audit.count(conn)), "head": audit.head(conn)}
    text = say(TEMPLATE, values)
    return [{"message": name, "to": phone, "template": TEMPLATE, "text": text} for name, phone in owed]


def message_of(unit: str, day: str) -> str:
    """The name of a day's message to a unit: the same whoever makes it, so it is written once."""
    return "m-" + hashlib.sha256(f"audit {unit} {day}".encode()).hexdigest()[:16]
