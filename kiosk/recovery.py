"""A citizen's slip brings back a dose that no machine remembers: what it says, and the record of the scan. Pure.

Nothing is refused for a signature that is bad or cannot be checked here: the centre judges, and keeps what it does not believe.
"""

from __future__ import annotations

from typing import Any

from kiosk import whois
from kiosk.outcome import Fact, Notice, Outcome, say
from protocol import slip_code
from protocol.errors import ProtocolError

# Of the slip's signature: good; not its kiosk's; of a kiosk whose key is not on this site's list.
# What an earlier dose's `certificate` begins with when our own slip tells of it.
SLIP_SOURCE = "TRAM:"
GOOD, FORGED, STRANGER = "good", "forged", "stranger"


def read(code: str, *, signed: str, known: bool) -> Outcome:
    """A slip was scanned. `signed`: GOOD, FORGED or STRANGER; `known`: this site's own records tell of the dose."""
    try:
        value = slip_code.decode(code)[0]
    except ProtocolError:
        return say("unreadable", "warn")
    return Outcome(screen="recovery", pending={"code": code, "slip": value, "signed": signed, "known": known})


def told(value: dict[str, Any], *, given_on: str, good: bool) -> dict[str, Any]:
    """Who a slip names and which dose it proves: `identity`, `earlier` (empty for one that cannot be judged here), `notice`."""
    papers, _, number = str(value["p"]).partition(":")
    known = papers in ("cccd", "cmnd", "passport")
    identity: dict[str, Any] = dict.fromkeys(whois.NAMES, "") | {"warnings": [], "sex": "U"}
    identity |= {"doc_type": papers if known else "none", "doc_no": number if known else ""}
    identity |= {"name": value["n"], "dob": value["b"]}
    dose = {
        "vaccine": value["v"],
        "given_on": given_on,
        "dose_no": value["d"],
        "country": "VN",
        "certificate": source(value["s"]),
    }
    return {"identity": identity, "earlier": [dose] if good else [], "notice": "" if good else "slip_unverified"}


def source(slip: str) -> str:
    """How a check-in names the slip that tells of a dose, apart from certificates (`URN:…`)."""
    return SLIP_SOURCE + slip_code.show_number(slip)


def record(pending: dict[str, Any], *, then: str) -> Outcome:
    """Keep the slip's word: a fact of its own, never a second dose. `then`: the screen after."""
    if pending["known"]:
        return say("slip_known", "warn")
    value = pending["slip"]
    body = {"slip": value["s"], "person": value["p"], "code": pending["code"]}
    notice = Notice("slip_recorded", {"slip": slip_code.show_number(value["s"])})
    return Outcome(facts=(Fact("dose.recovered", body),), screen=then, notice=notice)
