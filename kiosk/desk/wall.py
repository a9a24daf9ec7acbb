"""What the wall display may know: ticket numbers, where to go, how long it takes. Nothing of any person; reads only."""

from __future__ import annotations

from typing import Any

from kiosk import queue, turns
from kiosk.desk.loop import Desk
from protocol import visit

View = dict[str, Any]
# A hall reads no more at a glance; what does not fit is called out by voice anyway.
CALLED, NEXT = 12, 24
# Whoever did not come within a quarter of an hour is looked for, not announced.
SHOWN_MS = 15 * turns.MINUTE_MS
# A call this young is marked.
FRESH_MS = 60_000


def shown(desk: Desk) -> View:
    """`called`: `ticket`, `desk`, `station`, `fresh`, newest first; `next` tickets; `waiting`; `minutes` or None.

    All from the records on the disk, ours and the neighbours': a restart shows the same. A call is as old as this
    kiosk's own clock says, so one from a kiosk with a wrong clock may stand in the wrong place, never under a wrong desk.
    """
    moment = desk.moment()
    today = desk.visits_today()
    called = [
        one
        for one in today
        if one["state"] in queue.IN_HAND.values() and moment.wall - int(one["called"]["wall"]) < SHOWN_MS
    ]
    called.sort(key=lambda one: -int(one["called"]["wall"]))
    waiting = turns.order([one for one in today if one["state"] == visit.WAITING], desk.lists.turns)
    shared = bool(desk.claims.shared)
    return {
        "site": desk.lists.site["name"],
        "demo": desk.demo,
        "version": desk.version,
        "time": moment.time(desk.lists.offset_min),
        "sure": moment.sure != "unknown",
        "called": [
            {
                "ticket": one["ticket"],
                "desk": one["called"]["desk"],
                "station": one["called"]["station"],
                "fresh": moment.wall - int(one["called"]["wall"]) < FRESH_MS,
            }
            for one in called[:CALLED]
        ],
        "next": [one["ticket"] for one in waiting[:NEXT]],
        "waiting": len(waiting),
        # Where each kiosk serves its own people there is no one line to speak of.
        "minutes": turns.minutes(today, before=len(waiting), now_wall=moment.wall, shared=shared)
        if waiting and (shared or not any("home" in one for one in waiting))
        else None,
    }
