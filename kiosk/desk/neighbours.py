"""The site lead's word on a neighbour: "that kiosk is dead, send its records", "this one takes its place"; what the screen shows."""

from __future__ import annotations

import logging
from typing import Any

from kiosk import lanes
from kiosk.desk.loop import Desk
from kiosk.errors import NotWritten
from kiosk.outcome import Fact, Notice, Outcome, say
from kiosk.store import Batch

log = logging.getLogger(__name__)


def shown(desk: Desk) -> list[dict[str, Any]]:
    """Each neighbour: `k`, `unsafe`, `carried`, `missing`, `silent_min`; `ordered`: has the lead called it dead?

    `led`: are its people served here? `own`: this kiosk itself, whose lane another one has taken.
    """
    rows = [
        {**row, "ordered": row["k"] in desk.carried, "led": row["k"] in desk.led, "own": False}
        for row in desk.neighbours
    ]
    if lanes.OWN not in desk.led:
        still = {"unsafe": 0, "carried": 0, "missing": 0, "silent_min": 0, "ordered": False, "led": False}
        rows.insert(0, {"k": desk.log.k, **still, "own": True})
    return rows


def open_board(desk: Desk) -> Outcome:
    """The lead looks at the neighbours."""
    return Outcome(screen="neighbours") if _lead(desk) else say("not_allowed", "warn")


def order(desk: Desk, k: str, *, dead: bool) -> Outcome:
    """A neighbour is dead (or alive again); durable, so that a restart goes on sending."""
    if not _lead(desk) or k not in {row["k"] for row in desk.neighbours}:
        return say("not_allowed", "warn")
    try:
        desk.store.commit(Batch(meta=(("carry:" + k, "1" if dead else "0"),)))
    except NotWritten:
        log.exception("neighbour_order_not_written")
        return say("disk_trouble", "error")
    desk.carried = desk.store.carried()
    log.warning("neighbour_ordered k=%s dead=%s", k, dead)
    return Outcome(notice=Notice("carrying" if dead else "carrying_ended", {"kiosk": k}))


def take_lane(desk: Desk, k: str) -> Outcome:
    """This kiosk stands in for `k` (or for itself again): its people are served here, its records fetched and sent."""
    if not _lead(desk) or k not in {row["k"] for row in shown(desk)}:
        return say("not_allowed", "warn")
    own = k == desk.log.k
    outcome = Outcome(
        facts=(Fact(lanes.KIND, {"of": k}),),
        notice=Notice("lane_back") if own else Notice("lane_taken", {"kiosk": k}),
        meta=() if own else (("carry:" + k, "1"),),
    )
    if not desk.take(outcome):
        return Outcome()
    desk.carried = desk.store.carried()
    desk.lead()
    log.warning("lane_taken of=%s", k)
    return Outcome(notice=outcome.notice)


def _lead(desk: Desk) -> bool:
    return desk.front.staff is not None and desk.front.staff["role"] == "lead"
