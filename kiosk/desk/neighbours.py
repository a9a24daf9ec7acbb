"""The site lead's word on a neighbour: "that kiosk is dead, send its records", and what the screen shows of neighbours."""

from __future__ import annotations

import logging
from typing import Any

from kiosk.desk.loop import Desk
from kiosk.errors import NotWritten
from kiosk.outcome import Notice, Outcome, say
from kiosk.store import Batch

log = logging.getLogger(__name__)


def shown(desk: Desk) -> list[dict[str, Any]]:
    """Each neighbour: `k`, `unsafe`, `carried`, `silent_min`, and whether the lead has called it dead."""
    return [{**row, "ordered": row["k"] in desk.carried} for row in desk.neighbours]


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


def _lead(desk: Desk) -> bool:
    return desk.front.staff is not None and desk.front.staff["role"] == "lead"
