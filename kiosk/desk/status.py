"""How this machine is: gathers what the status page and the terminal tell of, and acts on power and room. Reads the store."""

from __future__ import annotations

import logging
import sqlite3
from typing import Any

from kiosk import status
from kiosk.clock import Moment
from kiosk.config import APP
from kiosk.desk.condition import WEAK_MS
from kiosk.desk.loop import Desk

log = logging.getLogger(__name__)


def facts(desk: Desk, moment: Moment) -> status.Facts:
    """All that the tiles tell of, as it is now."""
    waiting, oldest_min = backlog(desk, moment)
    return status.Facts(
        devices=desk.devices,
        fitted=desk.condition.fitted,
        machine=desk.condition.machine,
        sure=moment.sure,
        err_ms=moment.err,
        network="online" if desk.online else desk.condition.away_why,
        waiting=waiting,
        oldest_min=oldest_min,
        quarantined=desk.store.quarantined(desk.log.inc),
        lists_age_min=desk.lists.ages_min(moment.wall),
        app=APP,
        sqlite=sqlite3.sqlite_version,
        refuses=desk.condition.refuses,
        salvaged=desk.condition.salvaged,
        room_mb=desk.condition.room_mb,
        damaged=len(desk.condition.rotten),
        mended=desk.condition.mended,
    )


def backlog(desk: Desk, moment: Moment) -> tuple[int, int]:
    """How many records the centre is not known to have, and the age of the oldest in minutes."""
    owed, owed_since = desk.owed
    since = [wall for wall in (desk.store.oldest_unsafe(desk.log.inc, desk.committed), owed_since) if wall is not None]
    oldest = min(since, default=moment.wall)
    return desk.log.seq - desk.committed + owed, max((moment.wall - oldest) // 60_000, 0)


def shown(desk: Desk, moment: Moment) -> dict[str, Any]:
    """What the status page and the terminal get: every tile, the gravest first."""
    return told(status.tiles(facts(desk, moment)))


def told(tiles: tuple[status.Tile, ...]) -> dict[str, Any]:
    """Tiles as plain values."""
    rows = [
        {"what": tile.what, "state": tile.state, "level": tile.level, "values": dict(tile.values)} for tile in tiles
    ]
    return {"tiles": rows, "worst": status.worst(tiles)}


def read(desk: Desk, reading: status.Machine) -> None:
    """The computer said how it is."""
    before, shown_before = desk.condition.machine, _states(desk)
    desk.condition.machine = reading
    if before.power == "poor":
        desk.condition.weak_until = desk.clock.ticks() + WEAK_MS
    desk.condition.keep_room()
    if (reading.power, desk.condition.has_room()) != (
        before.power,
        status.has_room(before.free_mb, desk.condition.room_mb),
    ):
        log.warning("machine power=%s free_mb=%s", reading.power, reading.free_mb)
    # A megabyte more or less is no news: a page that reloads is read from its beginning again.
    if _states(desk) != shown_before:
        desk.front.changed()


def _states(desk: Desk) -> list[tuple[str, str]]:
    return [(tile.what, tile.state) for tile in status.tiles(facts(desk, desk.moment()))]
