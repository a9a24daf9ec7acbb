"""The nightly look at our own rows (fault F32): a few at a time while nobody stands at the screen. What rots is said, and
mended where digest, chain and signature prove it. Runs on the desk's thread; never touches what it cannot prove.
"""

from __future__ import annotations

import logging
from collections.abc import Callable

from kiosk import rot
from kiosk.clock import Moment
from kiosk.crypto import Signer, Verifier
from kiosk.desk import reading
from kiosk.desk.front import WELCOME
from kiosk.desk.loop import Desk
from kiosk.errors import NotWritten
from kiosk.rows import Rows
from kiosk.store import Batch

log = logging.getLogger(__name__)
# A signature takes some tenths of a millisecond: a touch does not notice these.
AT_ONCE = 20
# Once a night; a kiosk that is switched off at night looks in its first still minutes.
EVERY_MS = 20 * 3_600_000
STILL_MS = 60_000
LOOKED, COUNT = "rows_looked", "rows_mended"
BEGINNING = ("", 0)


class NightlyLook:
    """One kiosk's look over its records. `step` is called at every tick."""

    def __init__(self, desk: Desk, *, signer: Signer, verifier: Verifier) -> None:
        """`signer`, `verifier`: this kiosk's own key."""
        self._desk = desk
        self._sign: Callable[[bytes], bytes] = signer.line
        self._good = verifier.good
        self._at = BEGINNING
        self._damaged = 0
        self._seen = 0
        # Ticks; None until the wall clock of the last night was asked, once.
        self._due_at: int | None = None
        desk.condition.mended = int(desk.store.meta(COUNT, "0"))

    def step(self, moment: Moment) -> None:
        """Look at the next few rows, if it is time and nobody waits."""
        ticks = self._desk.clock.ticks()
        if self._at == BEGINNING and not self._is_due(moment, ticks):
            return
        front = self._desk.front
        if front.screen != WELCOME and ticks - front.touched <= STILL_MS:
            return
        rows = Rows(self._desk.store.db.conn)
        found = rows.after(self._at, AT_ONCE)
        try:
            for row in found:
                self._look(rows, row)
                self._at = (row.inc, row.seq)
            if len(found) < AT_ONCE:
                self._over(moment, ticks)
        except NotWritten:
            # The next night sees it again.
            log.exception("row_not_mended")
            self._at, self._due_at = BEGINNING, ticks + STILL_MS

    def _is_due(self, moment: Moment, ticks: int) -> bool:
        """By our patience within one run, by the wall clock over runs; a clock that went back makes it due."""
        if self._due_at is None:
            gone = moment.wall - int(self._desk.store.meta(LOOKED, "0"))
            self._due_at = ticks + EVERY_MS - gone if 0 <= gone < EVERY_MS else ticks
        return ticks >= self._due_at

    def _look(self, rows: Rows, row: rot.Row) -> None:
        self._seen += 1
        word, true = rot.judged(
            row, k=self._desk.log.k, named=rows.named(row.inc, row.seq, self._good), good=self._good, sign=self._sign
        )
        if word == rot.DAMAGED:
            self._damaged += 1
            log.error("row_damaged inc=%s seq=%d", row.inc, row.seq)
        elif word == rot.MENDED:
            store = self._desk.store
            count = self._desk.condition.mended + 1
            with store.writing():
                rows.put(true)
                visit = reading.of(store, true.visit) if true.visit else None
                store.commit(Batch(meta=((COUNT, str(count)),), visits=(visit,) if visit else ()))
            self._desk.condition.mended = count
            log.warning("row_mended inc=%s seq=%d", row.inc, row.seq)

    def _over(self, moment: Moment, ticks: int) -> None:
        condition = self._desk.condition
        changed = condition.damaged != self._damaged
        condition.damaged = self._damaged
        self._desk.store.commit(Batch(meta=((LOOKED, str(moment.wall)),)))
        log.info("rows_looked count=%d damaged=%d mended=%d", self._seen, self._damaged, condition.mended)
        self._at, self._seen, self._damaged, self._due_at = BEGINNING, 0, 0, ticks + EVERY_MS
        if changed:
            self._desk.front.changed()
