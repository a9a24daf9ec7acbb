"""What a scan means depends on the screen: a citizen's card, a badge, a vial. Runs on the desk's thread."""

from __future__ import annotations

from kiosk import checkin, signin
from kiosk.desk import acts
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
    desk.take(outcome)
    front.fresh()


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
    if screen in ("welcome", "type_id", "ticket", "confirm") or (
        screen == "queue" and desk.front.station == "reception"
    ):
        return checkin.scanned(text.encode())
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
