"""What a scan means depends on the screen: a citizen's card, a badge, a vial. Runs on the desk's thread."""

from __future__ import annotations

from kiosk import checkin, signin
from kiosk.desk import acts, recovery
from kiosk.desk.front import CITIZEN
from kiosk.desk.loop import Desk
from kiosk.dosing import lot_of
from kiosk.outcome import Outcome, say
from protocol import cccd
from protocol.errors import ProtocolError


def scan(desk: Desk, data: bytes) -> None:
    """Take one scan. Nothing of it is logged but what kind of code it was."""
    front = desk.front
    front.notice = None
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
        text = checkin.text_of(data).strip()
    except ProtocolError as error:
        return say("too_long_code" if error.code == "too_long" else "unreadable", "warn")
    kind = cccd.kind_of(text)
    if kind == cccd.BADGE and screen in CITIZEN:
        return _badge(desk, text)
    if kind == cccd.SLIP and screen in ("queue", "observation", "recovery"):
        outcome = recovery.scanned(desk, text)
        return None if screen == "recovery" and outcome.pending == desk.front.pending else outcome
    if screen in ("welcome", "type_id", "ticket", "confirm") or (
        screen == "queue" and desk.front.station == "reception"
    ):
        outcome = checkin.scanned(text.encode())
        same = outcome.pending is not None and screen == "confirm" and outcome.pending == desk.front.pending
        # Camera and reader both saw the card, or it still lies there: the page stays, its buttons stay good (F11).
        return None if same else outcome
    if screen == "queue" and kind in (cccd.CCCD, cccd.PERSONAL):
        outcome = checkin.scanned(text.encode())
        return acts.walk_up(desk, outcome.pending["identity"]) if outcome.pending else outcome
    if screen == "dosing":
        return acts.lot(desk, {"lot": lot_of(text)})
    return say("not_ours", "warn")


def _badge(desk: Desk, text: str) -> Outcome:
    member = signin.by_badge(desk.lists.staff, text)
    if member is None:
        return say("unknown_badge", "warn")
    if member.get("revoked"):
        return say("revoked_badge", "warn")
    desk.front.badge = member
    return Outcome(screen="sign_in")
