"""Whom a desk may call when the site shares its queue: the site's order, its own lane alone. Pure decisions; asks nobody."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from kiosk import turns
from protocol.claims import lane_of

Visit = dict[str, Any]


def first(waiting: list[Visit], *, may: Callable[[str, str], bool], rule: dict[str, Any] | None = None) -> Visit | None:
    """The first in the site's order (`turns.order` with its `rule`) whom this desk may have: `may(visit, lane)`."""
    line = turns.order(waiting, rule)
    return next((one for one in line if may(one["visit"], lane_of(str(one["ticket"])))), None)


def in_hand(visits_today: list[Visit], states: tuple[str, ...]) -> list[Visit]:
    """Whom this kiosk has called last and has not finished with; a stamp with a writer is a neighbour's act."""
    return [one for one in visits_today if one["state"] in states and "called" in one and "k" not in one["called"]]
