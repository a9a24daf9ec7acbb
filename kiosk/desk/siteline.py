"""What the screens show of the site's shared queue: who keeps it, who is called where, where two have one person. Reads only."""

from __future__ import annotations

from typing import Any

from kiosk import queue, turns
from kiosk.desk.loop import Desk
from protocol.claims import lane_of

View = dict[str, Any]


def about(desk: Desk) -> View:
    """`mode`: `alone` (the site has no keeper), `shared`, or `own` lane only; `keeper` is the letter people know it by.

    `clashes`: `ticket` and the other `desk`, of people whom both have; `may_take`: may the lead make this kiosk the keeper?
    """
    side, now = desk.claims.desk, desk.clock.ticks()
    mode = "alone"
    if desk.claims.shared:
        mode = "shared" if side.in_contact(now) and not side.learning else "own"
    clashes = []
    for visit, other in side.clashes if side.in_contact(now) else ():
        one = desk.store.visit(visit)
        if one is not None:
            clashes.append({"ticket": one["ticket"], "desk": other})
    return {
        "mode": mode,
        "here": desk.claims.keeper_here,
        "keeper": side.keeper_lane or side.keeper,
        "learning": bool(side.learning and side.in_contact(now)),
        "clashes": clashes,
        "may_take": not desk.claims.keeper_here and (desk.claims.shared or len(desk.lists.keys) > 1),
    }


def people(desk: Desk, station: str, today: list[dict[str, Any]]) -> list[tuple[dict[str, Any], View]]:
    """The visits a station sees in the order in which they are called, each with `ours` and `at_desk`.

    `ours`: may this desk call them now? `at_desk`: the desk that has them, when it is another.
    """
    side, now = desk.claims.desk, desk.clock.ticks()
    found = []
    for one in queue.line(station, today, desk.lists.turns):
        lane, called = lane_of(str(one["ticket"])), one.get("called", {})
        holder = side.holder(one["visit"], now)
        in_other_hands = one["state"] in queue.IN_HAND.values() and "k" in called
        at_desk = holder[1] if holder is not None else str(called["desk"]) if in_other_hands else ""
        ours = queue.ours(one, desk.led)
        if desk.claims.shared and not at_desk and one["state"] in queue.SERVES.values():
            alone = side.may_call_alone(one["visit"], lane, now) or (ours and holder is None)
            ours = alone or (side.in_contact(now) and not side.learning)
        found.append((one, {"ours": ours and not at_desk, "at_desk": at_desk}))
    if not desk.claims.shared:
        found.sort(key=lambda pair: not pair[1]["ours"])
        return found
    # This desk's people, then the site's line, then those who are with others.
    waiting = turns.order([one for one, told in found if told["ours"] and not _in_hand(one)], desk.lists.turns)
    place = {one["visit"]: number for number, one in enumerate(waiting, 1)}
    found.sort(key=lambda pair: (not pair[1]["ours"], place.get(pair[0]["visit"], 0)))
    return found


def next_one(desk: Desk, station: str, today: list[dict[str, Any]]) -> dict[str, Any] | None:
    """Whom the large button would call as far as is known now."""
    if not desk.claims.shared:
        return queue.next_one(station, today, desk.lists.turns, desk.led)
    if station not in queue.SERVES:
        return None
    wanted = (queue.SERVES[station], queue.IN_HAND[station])
    side, now = desk.claims.desk, desk.clock.ticks()
    shared = side.in_contact(now) and not side.learning
    for one, told in people(desk, station, today):
        lane = lane_of(str(one["ticket"]))
        if (
            told["ours"]
            and one["state"] in wanted
            and (not shared or lane in (side.lane, *side.lanes) or queue.ours(one, desk.led) or _in_hand(one))
        ):
            return one
    return None


def _in_hand(one: dict[str, Any]) -> bool:
    return one["state"] in queue.IN_HAND.values()
