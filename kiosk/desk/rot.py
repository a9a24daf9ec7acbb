"""The nightly look at our own rows (fault F32): a few at a time while nobody stands at the screen. What rots is said, and
mended where digest, chain and signature prove it, else given back by a neighbour. Runs on the desk's thread; never touches
what it cannot prove.
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
LOOKED, COUNT, ROTTEN = "rows_looked", "rows_mended", "rows_rotten"
Good = Callable[[bytes, bytes], bool]
Name = tuple[str, int]
BEGINNING = ("", 0)


class NightlyLook:
    """One kiosk's look over its records. `step` is called at every tick."""

    def __init__(self, desk: Desk, *, signer: Signer, verifier: Verifier) -> None:
        """`signer`, `verifier`: this kiosk's own key."""
        self._desk = desk
        self._sign: Callable[[bytes], bytes] = signer.line
        self._good = verifier.good
        self._at = BEGINNING
        self._damaged: set[Name] = set()
        self._seen = 0
        # Ticks; None until the wall clock of the last night was asked, once.
        self._due_at: int | None = None
        desk.condition.mended = int(desk.store.meta(COUNT, "0"))
        desk.condition.rotten = self._told = _named(desk.store.meta(ROTTEN, ""))

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
            name = (row.inc, row.seq)
            self._damaged.add(name)
            self._desk.condition.rotten |= {name}
            log.error("row_damaged inc=%s seq=%d", row.inc, row.seq)
        elif word == rot.MENDED:
            _put(self._desk, rows, true, self._desk.condition.rotten - {(row.inc, row.seq)})
            log.warning("row_mended inc=%s seq=%d", row.inc, row.seq)

    def _over(self, moment: Moment, ticks: int) -> None:
        condition = self._desk.condition
        # What a neighbour has given back since it was looked at is named no more; nor is a row that is gone.
        found = condition.rotten & self._damaged
        self._desk.store.commit(Batch(meta=((LOOKED, str(moment.wall)), (ROTTEN, _text(found)))))
        condition.rotten = found
        log.info("rows_looked count=%d damaged=%d mended=%d", self._seen, len(found), condition.mended)
        self._at, self._seen, self._due_at = BEGINNING, 0, ticks + EVERY_MS
        self._damaged.clear()
        if found != self._told:
            self._told = found
            self._desk.front.changed()


def given_back(desk: Desk, name: Name, line: bytes, signature: bytes, *, good: Good) -> None:
    """A neighbour's copy of one of our rotten rows takes its place, if it is that very record. `good`: signed by our key?"""
    inc, seq = name
    rows = Rows(desk.store.db.conn)
    found = [row for row in rows.after((inc, seq - 1), 1) if (row.inc, row.seq) == name]
    if name not in desk.condition.rotten or not found:
        return
    true = rot.given_back(found[0], line, signature, k=desk.log.k, named=rows.named(inc, seq, good), good=good)
    if true is None:
        return
    left = desk.condition.rotten - {name}
    try:
        _put(desk, rows, true, left)
    except NotWritten:
        # It is asked for again.
        log.exception("row_not_mended")
        return
    log.warning("row_given_back inc=%s seq=%d", inc, seq)
    desk.front.changed()


def _put(desk: Desk, rows: Rows, true: rot.Row, left: frozenset[Name]) -> None:
    """A sound row in the place of a rotten one, in one transaction with what is read from it. `left`: rotten rows after it."""
    store, count = desk.store, desk.condition.mended + 1
    with store.writing():
        rows.put(true)
        visit = reading.of(store, true.visit) if true.visit else None
        meta = ((COUNT, str(count)), (ROTTEN, _text(left)))
        store.commit(Batch(meta=meta, visits=(visit,) if visit else ()))
    desk.condition.mended, desk.condition.rotten = count, left


def _text(names: frozenset[Name]) -> str:
    return " ".join(f"{inc}:{seq}" for inc, seq in sorted(names))


def _named(text: str) -> frozenset[Name]:
    pairs = (one.partition(":") for one in text.split())
    return frozenset((inc, int(seq)) for inc, _, seq in pairs)
