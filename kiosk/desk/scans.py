"""What a scan means depends on the screen: a citizen's card, a badge, a vial. Runs on the desk's thread."""

from __future__ import annotations

from typing import Any

from kiosk import signin, whois
from kiosk.desk import acts, arrival, board, dosing, drill, late_entry, recovery, vials
from kiosk.desk.front import CITIZEN
from kiosk.desk.loop import Desk
from kiosk.drill import PREFIX
from kiosk.outcome import Outcome, say
from protocol import cccd
from protocol.errors import ProtocolError

# Codes that say who somebody is.
NAMING = (cccd.CCCD, cccd.PERSONAL, cccd.HEALTH, cccd.REGISTRATION, cccd.CERTIFICATE)


def scan(desk: Desk, data: bytes, source: str = "reader") -> None:
    """Take one scan. Nothing of it is logged but what kind of code it was."""
    front = desk.front
    front.notice = None
    if front.screen == "opening_drill" and data.startswith(PREFIX.encode()):
        drill.seen(desk, data.decode("ascii", "replace").strip(), source)
        return
    outcome = _meaning(desk, data)
    if outcome is None:
        return
    front.touched = desk.clock.ticks()
    before = front.screen
    desk.take(outcome)
    if outcome.screen or front.screen != before:
        front.fresh()
    else:
        # Only a sentence: whoever is typing on this page may go on.
        front.changed()


def _meaning(desk: Desk, data: bytes) -> Outcome | None:
    screen = desk.front.screen
    if not data:
        # The reader saw a frame break off: hold the card again.
        return say("unreadable", "warn")
    try:
        text = whois.text_of(data).strip()
    except ProtocolError as error:
        return say("too_long_code" if error.code == "too_long" else "unreadable", "warn")
    kind = cccd.kind_of(text)
    if kind == cccd.BADGE and screen in CITIZEN:
        return _badge(desk, text)
    door = screen == "queue" and desk.front.station == "reception"
    if kind == cccd.SLIP and screen in ("queue", "observation", "recovery") and not door:
        outcome = recovery.scanned(desk, text)
        return None if screen == "recovery" and outcome.pending == desk.front.pending else outcome
    if late_entry.is_asking(desk):
        outcome = late_entry.scanned(desk, kind, text)
        same = (
            outcome.pending is not None
            and screen == outcome.screen
            and _told(outcome.pending) == _told(desk.front.pending)
        )
        return None if same else outcome
    if door or screen in ("welcome", "type_id", "ticket", "confirm"):
        outcome = arrival.scanned(desk, text)
        same = (
            outcome.pending is not None
            and screen == outcome.screen
            and _told(outcome.pending) == _told(desk.front.pending)
        )
        # Camera and reader both saw the card, or it still lies there: the page stays, its buttons stay good (F11).
        return None if same else outcome
    if screen in ("queue", "observation") and kind in NAMING:
        return (_walk_up if screen == "queue" else _came_back)(desk, arrival.scanned(desk, text))
    return _at_the_table(desk, screen, kind, text)


def _at_the_table(desk: Desk, screen: str, kind: str, text: str) -> Outcome | None:
    """Injection: a badge confirms the read-back; any other code is a vial's or its box's."""
    if screen in ("read_back", "needle") and kind == cccd.BADGE:
        dosing.by_badge(desk, text)
        return None
    if kind in (cccd.UNKNOWN, cccd.LOT) and screen in ("dosing", "read_back"):
        return dosing.scanned(desk, text)
    if kind in (cccd.UNKNOWN, cccd.LOT) and screen == "vials":
        return vials.scanned(desk, text)
    return say("not_ours", "warn")


def _walk_up(desk: Desk, outcome: Outcome) -> Outcome:
    """At a staffed desk a code opens the visit of whoever it names; what it leaves open is asked at reception only."""
    pending = outcome.pending or {}
    if "visit" in pending:
        return acts.walk_up_visit(desk, pending["visit"])
    if "identity" in pending:
        return acts.walk_up(desk, pending["identity"])
    return say("not_here_today", "warn") if pending else outcome


def _came_back(desk: Desk, outcome: Outcome) -> Outcome:
    """At the board of observation a code opens the reaction report of whoever it names, also after they have left."""
    pending = outcome.pending or {}
    if "visit" in pending:
        return board.returned(desk, pending["visit"])
    if "identity" in pending:
        of_person = desk.visits_of(cccd.person_key(pending["identity"], "new"))
        dosed = [one["visit"] for one in of_person if "dose" in one]
        return board.returned(desk, dosed[-1] if dosed else "")
    return say("not_here_today", "warn") if pending else outcome


def _told(pending: dict[str, Any]) -> Any:
    """What a scan brought to a page, whatever was typed there since."""
    return pending.get("found") or pending


def _badge(desk: Desk, text: str) -> Outcome:
    member = signin.by_badge(desk.lists.staff, text)
    if member is None:
        return say("unknown_badge", "warn")
    if member.get("revoked"):
        return say("revoked_badge", "warn")
    desk.front.badge = member
    return Outcome(screen="sign_in")
