"""Filing a complaint: what a citizen's form becomes. Pure: numbers, due time and the words' composer come in."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from protocol import records
from protocol.clocktext import day_of, day_shown
from server.errors import Refused

_PHONE = re.compile(r"\+?[0-9]{8,15}")

Fact = tuple[str, dict[str, Any]]
# Composes the text of a message: (template, values) -> text.
Say = Callable[[str, Mapping[str, str]], str]


@dataclass(frozen=True)
class Filing:
    """A citizen's complaint as typed. `identity`: fields of `records.IDENTITY`; `wants`: what it should say instead.

    `person`, `dose`, `slip`: what the lookup before it led to, empty when there was none; `photos`: SHA-256 each.
    """

    category: str
    identity: Mapping[str, str]
    content: str
    wants: Mapping[str, Any]
    photos: Sequence[str] = ()
    person: str = ""
    dose: str = ""
    slip: str = ""


def file(filing: Filing, *, complaint: str, message: str, due_at: int, say: Say, url: str) -> list[Fact]:
    """The facts of a filed complaint: the filing and the message that it was received. Raises `Refused` with the field."""
    if filing.category not in records.COMPLAINT_CATEGORIES:
        raise Refused("category_missing", "Choose what is wrong.", field="category")
    if not filing.identity.get("name", "").strip():
        raise Refused("name_missing", "Enter the person's full name.", field="name")
    phone = "".join(filing.identity.get("phone", "").split())
    if not _PHONE.fullmatch(phone):
        raise Refused("phone_missing", "Enter a phone number: the answer is sent there.", field="phone")
    if not filing.content.strip() and not filing.wants and not filing.photos:
        raise Refused("content_missing", "Write what is wrong, or add a photo of the paper.", field="content")
    body: dict[str, Any] = {
        "complaint": complaint,
        "category": filing.category,
        "identity": {**filing.identity, "phone": phone},
        "wants": dict(filing.wants),
        "content": filing.content,
        "photos": list(filing.photos),
    }
    body.update({name: value for name in ("person", "dose", "slip") if (value := getattr(filing, name))})
    told = say("complaint_received", {"code": complaint, "dmy": day_shown(day_of(due_at)), "url": url})
    queued = {
        "message": message,
        "complaint": complaint,
        "to": phone,
        "template": "complaint_received",
        "text": told,
    }
    return [("complaint.filed", body), ("message.queued", queued)]
