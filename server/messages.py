"""Messages to citizens: composing their texts, and one row per message with what became of it. Sends nothing."""

import string
import unicodedata
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Column, Connection, Integer, String, Table, Text, func, select

from protocol.envelope import Record
from server.db import BIG, METADATA, row_of, rows_of
from server.features import Derived, Feature, entity_column

QUEUED = "queued"
SENT = "sent"
FAILED = "failed"
# One text message of GSM-7; operators bill each 160 characters (domain.md 8).
MAX_TEXT = 160
# Of GSM-7 only what every operator passes on; everything else becomes a blank.
_GSM = frozenset(string.ascii_letters + string.digits + " \n!\"#%&'()*+,-./:;<=>?@_")

# `complaint` and `person` are empty when the message belongs to none. `done_at` is null until sent or failed.
MESSAGE = Table(
    "message",
    METADATA,
    Column("message", String(64), primary_key=True),
    entity_column(),
    Column("state", String(8), nullable=False, index=True),
    Column("to", String(20), nullable=False),
    Column("template", String(64), nullable=False),
    Column("text", Text, nullable=False),
    Column("complaint", String(64), nullable=False, index=True),
    Column("person", String(64), nullable=False),
    Column("queued_at", BIG, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("tried_at", BIG),
    Column("done_at", BIG),
)


def feature() -> Feature:
    """Messages' share in the ledger."""
    return Feature("messages", (MESSAGE,), {"message": derive})


def derive(message: str, records: list[Record]) -> list[Derived]:
    """The row of a message: sent once any attempt was, failed while all were not."""
    queued = next((record for record in records if record.kind == "message.queued"), None)
    if queued is None:
        return []
    body = queued.body
    tries = [record for record in records if record.kind == "message.sent"]
    sent = next((record for record in tries if record.body["result"] == "sent"), None)
    last = tries[-1] if tries else None
    done = sent or last
    row = {
        "message": message,
        "state": SENT if sent else FAILED if tries else QUEUED,
        "to": body["to"],
        "template": body["template"],
        "text": body["text"],
        "complaint": body.get("complaint", ""),
        "person": body.get("person", ""),
        "queued_at": queued.at,
        "attempts": len(tries),
        "tried_at": last.at if last else None,
        "done_at": done.at if done else None,
    }
    return [(MESSAGE, row)]


def compose(templates: Mapping[str, Mapping[str, Any]], template: str, values: Mapping[str, str]) -> str:
    """The text of a message: no accents, at most MAX_TEXT characters. `templates`: those of sms_templates.json.

    A text that would be longer loses the end of its longest value that is neither address nor number.
    Raises `KeyError` for an unknown template or a value that it needs and does not get.
    """
    pattern = templates[template]["text"]
    plain = {name: without_marks(value) for name, value in values.items()}
    text: str = pattern.format(**plain)
    over = len(text) - MAX_TEXT
    giving = [name for name in templates[template]["fields"] if name not in _KEPT_WHOLE and name in plain]
    if over > 0 and giving:
        longest = max(giving, key=lambda name: len(plain[name]))
        plain[longest] = plain[longest][: max(len(plain[longest]) - over, 0)].rstrip()
        text = pattern.format(**plain)
    return text[:MAX_TEXT]


def without_marks(text: str) -> str:
    """Text as GSM-7 can write it: `Đã cập nhật` becomes `Da cap nhat`; one accent would halve the room."""
    spread = unicodedata.normalize("NFD", text.replace("đ", "d").replace("Đ", "D"))
    bare = "".join(char for char in spread if not unicodedata.combining(char))
    return "".join(char if char in _GSM else " " for char in bare)


def waiting(
    conn: Connection, *, attempts: int = 5, limit: int = 50, only: Sequence[str] | None = None
) -> list[dict[str, Any]]:
    """Messages to send now: queued, or failed fewer than `attempts` times; oldest first. `only`: of these templates."""
    query = select(MESSAGE).where(MESSAGE.c.state != SENT, MESSAGE.c.attempts < attempts)
    if only is not None:
        # Asked of the database: a night's waiting invitations must not hide an alarm behind them.
        query = query.where(MESSAGE.c.template.in_(only))
    return rows_of(conn, query.order_by(MESSAGE.c.queued_at, MESSAGE.c.message).limit(limit))


def by_id(conn: Connection, message: str) -> dict[str, Any] | None:
    """One message, or None."""
    return row_of(conn, select(MESSAGE).where(MESSAGE.c.message == message))


def of_complaint(conn: Connection, complaint: str) -> list[dict[str, Any]]:
    """What the citizen was told about a complaint, oldest first."""
    query = select(MESSAGE).where(MESSAGE.c.complaint == complaint)
    return rows_of(conn, query.order_by(MESSAGE.c.queued_at, MESSAGE.c.message))


def states(conn: Connection) -> dict[str, int]:
    """How many messages stand in each state."""
    rows = conn.execute(select(MESSAGE.c.state, func.count()).group_by(MESSAGE.c.state))
    return {state: int(n) for state, n in rows}


_KEPT_WHOLE = frozenset({"url", "code", "otp", "dmy", "hhmm", "dose", "doses", "hotline", "short", "rows", "head"})
