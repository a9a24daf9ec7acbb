"""The queue of one lane: who is next at a station, and calling them. Pure decisions."""

from __future__ import annotations

from typing import Any

from kiosk import turns
from kiosk.outcome import Fact, Notice, Outcome, say
from protocol import visit
from protocol.errors import WrongTransition

# Which state a station serves, and the states it shows as being in its hands.
SERVES = {"screening": visit.WAITING, "injection": visit.CLEARED}
IN_HAND = {"screening": visit.CALLED, "injection": visit.READY}
# Whoever was sent away today may be screened anew when they stand here again; nobody calls them from the line.
AGAIN = (visit.DEFERRED, visit.REFUSED)
SCREEN_OF = {"screening": "screening", "injection": "dosing"}
# Whose lanes are this kiosk's to call when it stands in for nobody: see `lanes`.
JUST_OURS = frozenset({""})


def line(station: str, visits_today: list[dict[str, Any]], rule: dict[str, Any] | None = None) -> list[dict[str, Any]]:
    """The visits a station sees, those in its hands first, then waiting ones in ticket order, or by the site's `rule`."""
    if station not in SERVES:
        return [one for one in visits_today if one["state"] in visit.OPEN]
    in_hand = [one for one in visits_today if one["state"] == IN_HAND[station]]
    waiting = [one for one in visits_today if one["state"] == SERVES[station]]
    return in_hand + (turns.order(waiting, rule) if rule else waiting)


def call(one: dict[str, Any] | None, *, station: str, desk: str) -> Outcome:
    """Call a person to a station."""
    if station not in SERVES:
        return say("not_allowed")
    if one is None:
        return say("nobody_waiting", "info")
    body = {"visit": one["visit"], "station": station, "desk": desk}
    try:
        visit.step(one["state"], visit.event_of("visit.called", body))
    except WrongTransition:
        return say("wrong_state", "warn")
    return Outcome(
        facts=(Fact("visit.called", body),),
        screen=SCREEN_OF[station],
        pending={"visit": one["visit"]},
        notice=Notice("called", {"ticket": one["ticket"]}),
    )


def next_one(
    station: str,
    visits_today: list[dict[str, Any]],
    rule: dict[str, Any] | None = None,
    led: frozenset[str] = JUST_OURS,
) -> dict[str, Any] | None:
    """Who is called next: somebody already in the station's hands (after a restart, say), else the first waiting.

    Of the lanes that this kiosk leads only: two desks must not call one person (I5).
    """
    people = [one for one in line(station, visits_today, rule) if ours(one, led)]
    return people[0] if people and station in SERVES else None


def ours(one: dict[str, Any], led: frozenset[str] = JUST_OURS) -> bool:
    """Is it for this kiosk to call this person? Those it has called, and of the waiting those it checked in.

    `led`: the kiosks whose lanes it leads, itself as the empty word; what a dead one had called is in its hands too.
    """
    if one["state"] in (visit.CALLED, visit.READY) and "called" in one:
        return one["called"].get("k", "") in led | JUST_OURS
    return one.get("home", "") in led


def walk_up(visits_of_person: list[dict[str, Any]], *, today: str, station: str, desk: str) -> Outcome:
    """A person stands at the desk with their card: open their visit, whichever kiosk of the site checked them in."""
    of_today = [one for one in visits_of_person if one["day"] == today]
    standing = [one for one in of_today if one["state"] in visit.OPEN]
    again = [one for one in of_today if one["state"] in AGAIN]
    if not standing and again and station == "screening":
        return call(again[-1], station=station, desk=desk)
    if not standing:
        return say("not_here_today", "warn")
    one = standing[-1]
    if station not in SERVES or one["state"] not in (SERVES[station], IN_HAND[station]):
        return say("not_this_step", "warn", ticket=one["ticket"], state=one["state"])
    return call(one, station=station, desk=desk)


def end(one: dict[str, Any], why: str) -> Outcome:
    """The person is absent or went away: their visit ends, their number is not called again."""
    try:
        visit.step(one["state"], "end")
    except WrongTransition:
        return say("wrong_state", "warn")
    return Outcome(
        facts=(Fact("visit.ended", {"visit": one["visit"], "person": one["person"], "why": why}),),
        screen="queue",
        notice=Notice("saved"),
    )
