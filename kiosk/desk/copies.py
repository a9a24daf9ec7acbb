"""Neighbours' records come to the desk and go: durable first, then the site's visits are read anew. Decides nothing."""

from __future__ import annotations

import logging
from contextlib import suppress

from kiosk import lanes, parsed
from kiosk.desk import reading, site_day
from kiosk.desk.loop import Desk
from kiosk.errors import NotWritten
from kiosk.neighbours import Copy, Name, Shut
from kiosk.retention import SCRUB
from kiosk.store import Batch
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
            desk.log.meet(parsed.record(one.line).t, moment)
    log.info("copies_kept count=%d", len(fresh))
    if any(one.kind == lanes.KIND for one in fresh.values()):
        desk.lead()
        desk.front.changed()
    if any(one.kind in site_day.KINDS for one in fresh.values()):
        site_day.read(desk)
    if visits:
        desk.front.changed()
    return True


def spend(desk: Desk, names: list[Name], shut: dict[Name, Shut]) -> list[Name]:
    """Forget copies of a day gone by that are safe at the centre, and seal others; those that stay open are left out of the answer.

    A visit of which we have records of our own keeps its neighbours': it would be read wrong without them.
    """
    going: dict[str, list[Name]] = {}
    for name in (*names, *shut):
        going.setdefault(desk.store.copies.visit_of(name) or "", []).append(name)
    gone = going.pop("", [])
    over = []
    for visit, found in going.items():
        if len(found) == len(desk.store.copies.of_visit(visit)) and not desk.store.lines_of(visit):
            gone += found
            over.append(visit)
    boxes = tuple(shut[name] for name in gone if name in shut)
    spent = tuple(name for name in gone if name not in shut)
    try:
        desk.store.commit(Batch(shut=boxes, spent=spent, over=tuple(over), meta=(SCRUB,) if gone else ()))
    except NotWritten:
        log.exception("copies_not_spent")
        return []
    if gone:
        log.info("copies_spent count=%d sealed=%d", len(spent), len(boxes))
    return gone
