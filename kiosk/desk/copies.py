"""Neighbours' records come to the desk: durable first, then the site's visits are read anew with them. Decides nothing."""

from __future__ import annotations

import logging
from contextlib import suppress

from kiosk.desk import reading
from kiosk.desk.loop import Desk
from kiosk.errors import NotWritten
from kiosk.neighbours import Copy
from kiosk.store import Batch
from protocol import envelope
from protocol.errors import UnknownKind

log = logging.getLogger(__name__)


def arrived(desk: Desk, copies: tuple[Copy, ...]) -> bool:
    """Keep verified copies and what they say of visits, in one transaction. False: the disk refused, none is kept.

    Whoever tells a neighbour "held" does so after this has returned True.
    """
    fresh = {one.name: one for one in copies if not desk.store.copies.holds(one.name)}
    if not fresh:
        return True
    by_visit: dict[str, list[Copy]] = {}
    for one in fresh.values():
        if one.visit:
            by_visit.setdefault(one.visit, []).append(one)
    found = [reading.of(desk.store, visit, copies=new) for visit, new in by_visit.items()]
    visits = tuple(one for one in found if one is not None)
    try:
        desk.store.commit(Batch(copies=tuple(fresh.values()), visits=visits))
    except NotWritten:
        # Nothing is lost: nobody was told that it is held, so its writer offers it again.
        log.exception("copies_not_written")
        return False
    moment = desk.moment()
    for one in fresh.values():
        # Of a newer release's record the clock is left alone.
        with suppress(UnknownKind):
            desk.log.meet(envelope.parse(one.line).t, moment)
    log.info("copies_kept count=%d", len(fresh))
    if visits:
        desk.front.changed()
    return True
