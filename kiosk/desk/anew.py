"""A new incarnation: this card was cloned or put back, so its log's names are not ours alone any more (I4, F44, F77)."""

from __future__ import annotations

import logging

from kiosk.desk.loop import MACHINE, Desk
from kiosk.errors import NotWritten
from kiosk.outcome import Fact
from kiosk.store import Batch

log = logging.getLogger(__name__)


def begin(desk: Desk, *, forked: str, inc: str, why: str, app: str) -> None:
    """Write in log `inc` from now on, no more in `forked`; durable in one transaction with its first record.

    `why`: `cloned` or `restored`. Done already, or the disk refuses: nothing happens, and sync asks again. Visits,
    tickets and slips go on: they are the store's.
    """
    if desk.log.inc != forked:
        return
    fresh = desk.log.anew(inc)
    fact = Fact("log.opened", {"app": app, "why": why})
    sealed = fresh.seal((fact,), moment=desk.moment(), who=MACHINE, ref=desk.lists.versions(), session=desk.today())
    meta = (("inc", inc), ("old:" + forked, "owed"))
    try:
        desk.store.commit(Batch(records=tuple(record for record, _ in sealed), meta=meta))
    except NotWritten:
        log.exception("log_not_begun")
        return
    fresh.take(sealed)
    desk.log = fresh
    desk.committed = 0
    desk.owed = desk.store.owed()
    log.error("log_begun_anew why=%s", why)
    if why == "restored":
        desk.say("log_restored", "warn")
    else:
        desk.say("log_cloned", "warn")
    desk.front.changed()
    desk.on_record(fresh.seq)


def held(desk: Desk, *, inc: str, whole: bool) -> None:
    """The centre has (or has no longer) every record of the old log `inc`."""
    try:
        desk.store.commit(Batch(meta=(("old:" + inc, "held" if whole else "owed"),)))
    except NotWritten:
        # The next connection asks again.
        log.exception("mark_not_written")
        return
    desk.owed = desk.store.owed()
    desk.front.changed()
