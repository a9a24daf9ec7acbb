"""Whom a desk may call when the site shares its queue: the site's order, its own lane alone. Pure decisions; asks nobody."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from protocol.claims import lane_of

Visit = dict[str, Any]


def site_order(waiting: list[Visit]) -> list[Visit]:
    """The lanes of a site as one line: tickets of a lane in their order, lanes merged by the time of check-in.

    A kiosk whose clock is wrong so moves its whole lane, never two of its tickets against each other.
    """
    lanes: dict[str, list[Visit]] = {}
    for one in sorted(waiting, key=lambda each: str(each["ticket"])):
        lanes.setdefault(lane_of(str(one["ticket"])), []).append(one)
    found = []
    while lanes:
        lane = min(lanes, key=lambda name: (int(lanes[name][0]["checked_in"]["wall"]), name))
        found.append(lanes[lane].pop(0))
        if not lanes[lane]:
            del lanes[lane]
    return found


def first(waiting: list[Visit], *, may: Callable[[str, str], bool]) -> Visit | None:
    """The first in the site's order whom this desk may have: `may(visit, lane)`."""
    return next((one for one in site_order(waiting) if may(one["visit"], lane_of(str(one["ticket"])))), None)


def in_hand(visits_today: list[Visit], states: tuple[str, ...]) -> list[Visit]:
    """Whom this kiosk has called last and has not finished with; a stamp with a writer is a neighbour's act."""
    return [one for one in visits_today if one["state"] in states and "called" in one and "k" not in one["called"]]
