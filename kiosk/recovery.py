"""A citizen's slip brings back a dose that no machine remembers: what it says, and the record of the scan. Pure.

Nothing is refused for a signature that is bad or cannot be checked here: the centre judges, and keeps what it does not believe.
"""

from __future__ import annotations

from typing import Any

from kiosk.outcome import Fact, Notice, Outcome, say
from protocol import slip_code
from protocol.errors import ProtocolError

# Of the slip's signature: good; not its kiosk's; of a kiosk whose key is not on this site's list.
GOOD, FORGED, STRANGER = "good", "forged", "stranger"


def read(code: str, *, signed: str, known: bool) -> Outcome:
    """A slip was scanned. `signed`: GOOD, FORGED or STRANGER; `known`: this site's own records tell of the dose."""
    try:
        value = slip_code.decode(code)[0]
    except ProtocolError:
        return say("unreadable", "warn")
    return Outcome(screen="recovery", pending={"code": code, "slip": value, "signed": signed, "known": known})


def record(pending: dict[str, Any], *, then: str) -> Outcome:
    """Keep the slip's word: a fact of its own, never a second dose. `then`: the screen after."""
    if pending["known"]:
        return say("slip_known", "warn")
    value = pending["slip"]
    body = {"slip": value["s"], "person": value["p"], "code": pending["code"]}
    notice = Notice("slip_recorded", {"slip": slip_code.show_number(value["s"])})
    return Outcome(facts=(Fact("dose.recovered", body),), screen=then, notice=notice)
