"""Photos of papers from which a kiosk entered a dose: put together from the records that carry their pieces. Owns no table."""

import base64
import hashlib
from collections.abc import Iterable
from typing import Any

from protocol.envelope import Record

ENTERED = "dose.entered_late"
PIECE = "photo.taken"


def photo(told: Iterable[Record], digest: str) -> bytes | None:
    """The picture of this SHA-256 from the records that speak of it; None while a piece is missing or they make another one."""
    pieces: dict[int, bytes] = {}
    parts = 0
    for record in told:
        if record.kind == PIECE and record.body["photo"] == digest:
            parts = record.body["parts"]
            pieces[record.body["part"]] = base64.b64decode(record.body["data"])
    whole = b"".join(pieces[number] for number in range(1, parts + 1) if number in pieces)
    # The name decides, as for every record: whatever pieces came, only the bytes that were photographed have it.
    return whole if parts and hashlib.sha256(whole).hexdigest() == digest else None


def papers(told: Iterable[Record]) -> list[dict[str, Any]]:
    """What each dose entered from paper rests on, of one person's records, in their order.

    `dose`, `form`, `number` (empty where an officer entered it), `time` (`HH:MM` or empty), `by` (the hand's name), `reason`,
    `warnings`, `photos`, `entered_by`.
    """
    found = []
    for record in told:
        if record.kind != ENTERED:
            continue
        body, minute = record.body, record.body.get("given_min")
        paper = body.get("paper", {"form": "", "number": ""})
        found.append(
            {
                "dose": body["dose"],
                "dose_no": body["dose_no"],
                "given_on": body["given_on"],
                "form": paper["form"],
                "number": paper["number"],
                "time": "" if minute is None else f"{minute // 60:02}:{minute % 60:02}",
                "by": body.get("injector_name", ""),
                "reason": body["reason"],
                "warnings": list(body.get("warnings", ())),
                "photos": list(body["photos"]),
                "entered_by": record.who["id"],
            }
        )
    return found
