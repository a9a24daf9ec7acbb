"""The desk's side of a slip that is scanned: whose key is asked, what is known here, what the screen shows."""

from __future__ import annotations

from typing import Any

from kiosk import recovery
from kiosk.crypto import KeyRing, signature_line
from kiosk.desk.loop import Desk
from kiosk.outcome import Outcome
from protocol import cccd, slip_code
from protocol.clocktext import day_of, day_shown, time_of
from protocol.errors import ProtocolError


def scanned(desk: Desk, code: str) -> Outcome:
    """A slip lies under the reader at a staffed desk."""
    try:
        value, signed, signature = slip_code.decode(code)
    except ProtocolError:
        return recovery.read(code, signed=recovery.STRANGER, known=False)
    word = standing(desk, value, signed, signature)
    known = any(one.get("dose", {}).get("slip") == value["s"] for one in desk.visits_of(value["p"]))
    return recovery.read(code, signed=word, known=known)


def standing(desk: Desk, value: dict[str, Any], signed: bytes, signature: bytes) -> str:
    """Of a slip's signature, by the keys of this site's writers: GOOD, FORGED or STRANGER."""
    ring = KeyRing(desk.lists.keys)
    if value["k"] not in ring.names():
        return recovery.STRANGER
    return recovery.GOOD if ring.good(value["k"], signed, signature_line(signature)) else recovery.FORGED


def told(desk: Desk, code: str) -> dict[str, Any]:
    """Our own slip at the door as `whois` wants it: who it names, and its dose if its signature is good.

    `ProtocolError` with code `slip_forged` for one that was changed: it names nobody.
    """
    value, signed, signature = slip_code.decode(code)
    word = standing(desk, value, signed, signature)
    if word == recovery.FORGED:
        problem = "slip_forged"
        raise ProtocolError(problem)
    good = word == recovery.GOOD
    return recovery.told(value, given_on=day_of(value["t"], desk.lists.offset_min), good=good)


def recover(desk: Desk, _form: dict[str, Any]) -> Outcome:
    """One touch keeps it."""
    return recovery.record(desk.front.pending, then="observation" if desk.front.station == "observation" else "queue")


def shown(desk: Desk) -> dict[str, Any]:
    """What the slip says. Never the whole identity number."""
    pending = desk.front.pending
    value, offset = pending["slip"], desk.lists.offset_min
    return {
        "slip": slip_code.show_number(value["s"]),
        "person": {
            "ticket": "",
            "name": value["n"],
            "year": value["b"][:4],
            "sex": "",
            "masked": cccd.mask(value["p"].partition(":")[2]),
        },
        "dose_no": value["d"],
        "vaccine_name": desk.lists.vaccine_name(value["v"]),
        "lot": value["l"],
        "day": day_shown(day_of(value["t"], offset)),
        "time": time_of(value["t"], offset),
        "place": desk.lists.site["name"] if value["x"] == desk.lists.site.get("site") else value["x"],
        "signed": pending["signed"],
        "known": pending["known"],
    }
