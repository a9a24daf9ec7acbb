"""Seals what is of a past day and safe at the centre, and deletes what stood a month in an off-host backup.

Rules:
1. A day is past when both our clock and the centre's last signed word say so; the wall clock alone seals and deletes nothing.
2. A visit is sealed whole, when every record of it is safe; then its reading, print jobs and slip codes go too.
3. The log's last record stays open, so that any release can go on behind it; one that names somebody gets a successor.
4. Deleted is only what is sealed, `archived`, and 30 days older than that word, by the centre's clock and by ours.
"""

from __future__ import annotations

import logging
import sqlite3
from dataclasses import replace

from kiosk.clock import Moment
from kiosk.crypto import Sealer
from kiosk.desk import reading
from kiosk.desk.front import WELCOME
from kiosk.desk.loop import MACHINE, Desk
from kiosk.errors import NotWritten
from kiosk.outcome import Fact, Outcome
from kiosk.retention import SCRUB, SCRUBBED, Away, Box, Mark, Plain
from kiosk.store import Batch
from kiosk.visitbook import NIGHT_MS
from protocol import canon, envelope
from protocol.clocktext import DAY_MS, day_of
from protocol.delivery import KEEP_DAYS

log = logging.getLogger(__name__)
KEEP_MS = KEEP_DAYS * DAY_MS
# Records sealed in one turn of the desk: 12 take about 5 ms and one commit, so a touch does not notice.
AT_ONCE = 12
PLAN_EVERY_MS = 60_000
# The file is written anew when nobody stands before the screen.
STILL_MS = 60_000
# Kinds that name nobody: such a last record may stay open.
NAMELESS = (
    "log.opened",
    "log.sealed",
    "keeper.moved",
    "lane.taken",
    "clock.synced",
    "staff.signed_in",
    "stock.received",
    "cold_box.measured",
    "vial.opened",
    "vial.closed",
)

# A visit, or None, and its records.
Group = tuple[str | None, tuple[tuple[str, int], ...]]


class Retention:
    """One kiosk's past. All methods run on the desk's thread."""

    def __init__(self, desk: Desk, sealer: Sealer | None) -> None:
        """`sealer`: None for a kit of an earlier release; then nothing is sealed and nothing deleted."""
        self._desk = desk
        self.sealer = sealer
        # The latest time the centre has signed since these programs began.
        self.centre_at = 0
        self._groups: list[Group] = []
        self._planned: tuple[object, ...] = ()
        # Per log: the day of the last plan, what was safe then, and what was safe when that day began.
        self._seen: dict[str, tuple[str, int, int]] = {}
        self._plan_at = 0
        self._scrub_at = 0
        desk.sealing = sealer is not None

    def heard(self, inc: str, archived: int, now: int) -> None:
        """A signed acknowledgement for a log that is ours and not forked: its mark `archived`, the centre's time `now`."""
        late = now < self.centre_at
        self.centre_at = max(self.centre_at, now)
        marks = self._desk.store.kept.marks(inc)
        # One that was overtaken by a later one says nothing any more.
        if late or self._desk.moment().sure == "unknown" or (marks[-1].upto if marks else 0) == archived:
            return
        kept = tuple(mark for mark in marks if mark.upto < archived)
        if archived:
            kept = (*kept, Mark(inc, archived, now, self._desk.moment().wall))
        try:
            self._desk.store.commit(Batch(away=Away(marks=((inc, kept),))))
        except NotWritten:
            # The next acknowledgement says it again.
            log.exception("mark_not_written")

    def day(self, moment: Moment) -> str:
        """The first day that is not past; empty while nobody vouches for the time."""
        if moment.sure == "unknown" or not self.centre_at:
            return ""
        # A session that runs past midnight is not sealed under its people's hands.
        known = min(moment.wall, self.centre_at) - NIGHT_MS
        return str(day_of(known, self._desk.lists.offset_min)) if known > 0 else ""

    def step(self, moment: Moment) -> None:
        """One small piece of work, on the desk's tick."""
        day = self.day(moment)
        if self.sealer is None or not day:
            return
        ticks = self._desk.clock.ticks()
        try:
            if not self._groups and ticks >= self._plan_at:
                self._plan_at = ticks + PLAN_EVERY_MS
                self._plan(day)
                self._expire(moment)
            if self._groups:
                self._seal(self.sealer)
            elif ticks >= self._scrub_at and self._nobody(ticks) and self._desk.store.kept.scrub_due():
                self._scrub_at = ticks + PLAN_EVERY_MS
                self._scrub()
        except NotWritten:
            # Half a plan is no harm: each group is whole or not at all, and the next plan sees what is left.
            log.exception("retention_not_written")
            self._groups = []
            self._planned = ()

    def _scrub(self) -> None:
        try:
            done = self._desk.store.kept.scrub()
        except sqlite3.Error:
            # Locked, or no room for a second file: the next minute.
            log.exception("store_not_scrubbed")
            return
        if done:
            self._desk.store.commit(Batch(meta=(SCRUBBED,)))
            log.info("store_scrubbed")

    def _nobody(self, ticks: int) -> bool:
        front = self._desk.front
        return front.screen == WELCOME or ticks - front.touched > STILL_MS

    def _safe(self) -> dict[str, int]:
        """Per log the number up to which the centre surely holds our own bytes."""
        desk = self._desk
        held = {inc: desk.store.head(inc)[0] for inc in desk.store.kept.held_logs()}
        return {**held, desk.log.inc: desk.committed}

    def _plan(self, day: str) -> None:
        desk, safe = self._desk, self._safe()
        planned = (day, tuple(sorted(safe.items())), desk.log.seq)
        if planned == self._planned:
            return
        plain = desk.store.kept.plain(desk.lists.offset_min)
        past = _past(plain, day=day, safe=safe, before=self._before(day, safe))
        head = (desk.log.inc, desk.log.seq)
        groups = self._grouped(plain, past - {head})
        if head in past and desk.store.kept.kind(*head) not in NAMELESS:
            count = sum(len(names) for _, names in self._grouped(plain, past))
            desk.write(Outcome(facts=(Fact("log.sealed", {"upto": head[1], "count": count}),)), who=MACHINE)
            # It must be at the centre before the next plan; what else is past can go now.
            groups = self._grouped(plain, past)
        self._groups = groups
        self._planned = (planned[0], planned[1], desk.log.seq)
        if groups:
            log.info("retention_started groups=%d", len(groups))

    def _before(self, day: str, safe: dict[str, int]) -> dict[str, int]:
        """Per log the number that was safe before `day` began: those records are past, whatever day a wrong clock gave them."""
        for inc, mark in safe.items():
            seen, then, before = self._seen.get(inc, (day, mark, 0))
            self._seen[inc] = (day, mark, before if seen == day else then)
        return {inc: self._seen[inc][2] for inc in safe}

    def _grouped(self, plain: list[Plain], past: set[tuple[str, int]]) -> list[Group]:
        """Visits of which all our records are past and safe, and single records that belong to none."""
        desk = self._desk
        stays = {one["visit"] for one in desk.visits_today()} | {desk.front.pending.get("visit", "")}
        stays |= {job["visit"] for job in desk.store.prints("sending")} | {job["visit"] for job, _ in desk.printed}
        whole: dict[str, list[tuple[str, int]]] = {}
        single: list[Group] = []
        for one in plain:
            name = (one.inc, one.seq)
            if one.visit is None:
                single += [(None, (name,))] if name in past else []
                continue
            whole.setdefault(one.visit, []).append(name)
            if name not in past:
                stays.add(one.visit)
        return [(visit, tuple(names)) for visit, names in whole.items() if visit not in stays] + single

    def _seal(self, sealer: Sealer) -> None:
        """Seal groups until AT_ONCE records are done; a visit is never halved."""
        store = self._desk.store
        boxes: list[Box] = []
        visits: list[str] = []
        slips: set[str] = set()
        while self._groups and len(boxes) < AT_ONCE:
            visit, names = self._groups.pop()
            visits += [visit] if visit is not None else []
            for inc, seq in names:
                line, signature, digest, wall = store.kept.line(inc, seq)
                name, box = sealer.seal(self._desk.log.k, inc, seq, line, signature)
                boxes.append(Box(inc, seq, digest, wall, name, box))
                slips.add(str(canon.read(line, envelope.ORDER).get("body", {}).get("slip", "")))
        # What only neighbours tell of a visit now; it goes with their copies (`copies.spend`).
        theirs = [reading.theirs(store, visit) for visit in visits]
        away = Away(tuple(boxes), tuple(visits), tuple(sorted(slips - {""})))
        store.commit(Batch(away=away, visits=tuple(one for one in theirs if one is not None), meta=(SCRUB,)))
        if not self._groups:
            log.info("retention_finished sealed=%d", store.kept.counts()[0])
            self._desk.front.changed()

    def _expire(self, moment: Moment) -> None:
        """Delete what is sealed, archived and old enough; mend marks whose time lies ahead of now."""
        kept, wall = self._desk.store.kept, moment.wall
        for inc in kept.logs():
            marks = kept.marks(inc)
            # Of a mark from the future nobody knows how old it is: its month begins now.
            mended = tuple(
                mark
                if mark.centre_at <= self.centre_at and mark.own_at <= wall
                else replace(mark, centre_at=self.centre_at, own_at=wall)
                for mark in marks
            )
            if mended != marks:
                self._desk.store.commit(Batch(away=Away(marks=((inc, mended),))))
            old = [m.upto for m in mended if self.centre_at - m.centre_at >= KEEP_MS and wall - m.own_at >= KEEP_MS]
            upto = max(old, default=0)
            # From the beginning on only, so that one number tells what is gone.
            first = kept.first_plain(inc)
            upto = min(upto, first - 1) if first else upto
            if upto >= kept.first(inc):
                self._desk.store.commit(Batch(away=Away(forget=((inc, upto),)), meta=(SCRUB,)))
                log.info("retention_deleted upto=%d", upto)


def _past(plain: list[Plain], *, day: str, safe: dict[str, int], before: dict[str, int]) -> set[tuple[str, int]]:
    """The records that are safe and of a day before `day`, or made before one that is: a clock may have run ahead.

    `before`: per log, the number up to which the centre had them before `day` began.
    """
    border = dict(before)
    for one in plain:
        if one.day < day:
            border[one.inc] = max(border.get(one.inc, 0), one.seq)
    return {(one.inc, one.seq) for one in plain if one.seq <= min(border.get(one.inc, 0), safe.get(one.inc, 0))}
