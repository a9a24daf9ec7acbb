"""What the status page says, for a terminal: asks the running program, or looks itself when none runs. Changes nothing."""

from __future__ import annotations

import gettext
import http.client
import json
import sqlite3
from collections.abc import Mapping
from contextlib import closing
from typing import Any

from kiosk import status
from kiosk.clock import Clock
from kiosk.config import APP, Config
from kiosk.desk.status import told
from kiosk.hardware.machine import Machine
from kiosk.screens.status_words import tile_words
from kiosk.store import connect

ASK_S = 3.0
MINUTE_MS = 60_000
# Records not known to be at the centre, of every log of ours, and the wall time of the oldest.
WAITING = (
    "SELECT count(*), min(wall) FROM entry"
    " WHERE seq > coalesce((SELECT CAST(value AS INTEGER) FROM meta WHERE key = 'committed:' || inc), 0)"
    " AND coalesce((SELECT value FROM meta WHERE key = 'old:' || inc), 'owed') = 'owed'"
)
MARKS = {"bad": "✘", "watch": "!", "good": "✔", "none": "·"}
# What a script may act on: 0 all right or worth an eye, 1 needs a hand.
CODES = {"bad": 1, "watch": 0, "good": 0, "none": 0}


def examine(config: Config, *, clock: Clock, machine: Machine) -> dict[str, Any]:
    """`tiles` and `worst`: the running program's own word, else what can be seen without it; `enrolled` False: nobody yet."""
    running = _asked(config.number("screen_port"))
    if running is not None:
        return running
    if not config.path("kit").exists():
        # It has no desk yet, so nothing of it runs or is missing.
        return {"tiles": [], "worst": "bad", "enrolled": False}
    return told(status.tiles(_alone(config, clock, machine)))


def lines(found: Mapping[str, Any], words: gettext.NullTranslations) -> list[str]:
    """One line a tile, the gravest first: mark, what, sentence, what to do."""
    if not found.get("enrolled", True):
        return [f"{MARKS['bad']} {words.gettext('This kiosk is not enrolled yet.')}"]
    said = [(MARKS[tile["level"]], tile_words(tile, words)) for tile in found["tiles"]]
    width = max(len(one["title"]) for _mark, one in said)
    return [
        f"{mark} {one['title']:<{width}}  {one['says']}{'  → ' + one['to_do'] if one['to_do'] else ''}"
        for mark, one in said
    ]


def _asked(port: int) -> dict[str, Any] | None:
    """The running program's tiles; None when none answers on this machine."""
    if not port:
        return None
    link = http.client.HTTPConnection("127.0.0.1", port, timeout=ASK_S)
    try:
        link.request("GET", "/status.json")
        found = json.loads(link.getresponse().read())
    except (OSError, ValueError, http.client.HTTPException):
        return None
    finally:
        link.close()
    return found if isinstance(found, dict) and "tiles" in found else None


def _alone(config: Config, clock: Clock, machine: Machine) -> status.Facts:
    """What the disk and the machine tell while the program does not run. Devices are not touched: they are "unknown"."""
    moment = clock.now()
    waiting, oldest, quarantined = 0, None, 0
    received: dict[str, int] = {}
    refuses = False
    try:
        db = connect(config.path("folder") / "kiosk.db", read_only=True).conn
        with closing(db):
            waiting, oldest = db.execute(WAITING).fetchone()
            quarantined = db.execute("SELECT count(*) FROM quarantined WHERE word <> 'fork'").fetchone()[0]
            received = {row[0]: row[1] for row in db.execute("SELECT name, received_at FROM ref_list")}
    except sqlite3.Error:
        refuses = True
    return status.Facts(
        devices={},
        fitted=frozenset(),
        machine=machine.read(),
        sure=moment.sure,
        err_ms=moment.err,
        network="cut",
        waiting=waiting,
        oldest_min=max((moment.wall - oldest) // MINUTE_MS, 0) if oldest is not None else 0,
        quarantined=quarantined,
        lists_age_min={name: max((moment.wall - at) // MINUTE_MS, 0) for name, at in received.items()},
        app=APP,
        sqlite=sqlite3.sqlite_version,
        refuses=refuses,
        salvaged=any(config.path("folder").glob("kiosk.db.damaged-*")),
        running=False,
        room_mb=config.number("room_mb"),
    )
