"""The desk's loop: one thread, one queue, the only writer of the store. Load, decide, write, tell.

Screens, devices and sync hand in work; nothing else touches the store. A decision's facts are committed before
the screen changes, so a power cut between the two shows the truth after the restart (I1, I13).
"""

from __future__ import annotations

import logging
import queue
import threading
from collections.abc import Callable
from concurrent.futures import Future
from concurrent.futures import TimeoutError as FutureTimeout
from typing import Any, TypeVar

from kiosk import lanes, visitbook
from kiosk.clock import Clock, Moment
from kiosk.cold_box import ColdBox
from kiosk.desk import reading
from kiosk.desk.claims import Claims
from kiosk.desk.condition import Condition
from kiosk.desk.draft import Draft
from kiosk.desk.front import IDLE_S, LOCK_ELSE_S, LOCK_S, WELCOME, Front
from kiosk.desk.lists import Lists
from kiosk.desk.log import Log
from kiosk.desk.opened import Vials
from kiosk.desk.safe_mark import SafeMark
from kiosk.errors import DeskBusy, NotWritten
from kiosk.outcome import Fact, Notice, Outcome
from kiosk.store import Batch, Store
from protocol import slip_code
from protocol.besttime import SYNCED
from protocol.clocktext import DAY_MS, day_of
from protocol.errors import ProtocolError

log = logging.getLogger(__name__)
Answer = TypeVar("Answer")
# A touch is answered within 200 ms (I14); ten seconds means the disk hangs, and the page says so.
CALL_TIMEOUT_S = 10.0
TICK_MS = 200
ALIVE_EVERY_MS = 20_000
MINUTE_MS = 60_000
# Our last record tells an uncertain clock the time, unless it runs so far ahead of the centre's last word: it was wrong.
BELIEVED_AHEAD_MS = 60 * DAY_MS
MACHINE = {"id": "machine", "by": "machine"}
CITIZEN = {"id": "citizen", "by": "self"}


class Desk:
    """See the module. Attributes are for the desk's own acts and views, which run on its thread."""

    def __init__(
        self,
        *,
        store: Store,
        clock: Clock,
        record_log: Log,
        lane: str,
        name: str,
        demo: bool,
        mint: Callable[[int], str],
        keeper: str = "",
    ) -> None:
        """`lane`: ticket letter; `name`: desk's number shown to people; `mint(n)`: n fresh random base32 characters.

        `keeper`: the kiosk that keeps the site's queue, when the settings say so; else the site's list says it.
        """
        self.store = store
        self.clock = clock
        self.log = record_log
        self.lane = lane
        self.name = name
        self.demo = demo
        self.mint = mint
        self.keeper = keeper
        self.claims = Claims(store=store, record_log=record_log, lane=lane, name=name)
        self.front = Front()
        self.draft = Draft()
        self.lists = Lists(store)
        self.vials = Vials(store)
        self.devices: dict[str, str] = {"printer": "disconnected", "camera": "absent", "reader": "disconnected"}
        # The site's cold box as this kiosk's I/O board tells it; None without a board.
        self.cold_box: ColdBox | None = None
        # Results of prints that the disk has not taken yet.
        self.printed: list[tuple[dict[str, Any], str]] = []
        self.online = False
        self.condition = Condition()
        self.sealing = False  # is what is past sealed here? Not with a kit of an earlier release
        self.committed = int(store.meta("committed:" + record_log.inc, "0"))
        self.owed = store.owed()  # how many records of old logs the centre may lack, and when the oldest was made
        # How far every record behind `committed` stands on another box of the site too, as that box has signed.
        self.beside = 0
        # What is held here for each neighbour, and whom the site's lead has called dead: their records are sent from here.
        self.neighbours: list[dict[str, Any]] = []
        self.carried = store.carried()
        # Whose lanes this kiosk leads (`lanes.led`), as read on `led_day`.
        self.led_day = ""
        self.led: frozenset[str] = frozenset()
        self.on_record: Callable[[int], None] = lambda _seq: None
        # What the camera sees now, as a JPEG; nothing without one.
        self.photograph: Callable[[], bytes] = lambda: b""
        self.on_tick: list[Callable[[Moment], None]] = []
        self._work: queue.Queue[Callable[[], None]] = queue.Queue()
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="tram-desk")
        # The day the wall clock showed at first: visits of that day may be today's once the clock is right.
        self._began = day_of(self.moment().wall, self.lists.offset_min)
        self.boots = store.boots()
        self.lead()
        self._alive_at = -ALIVE_EVERY_MS
        self._mark = SafeMark(store)
        self._tick_at = 0
        self._minute = 0

    def start(self) -> None:
        """Begin to serve."""
        self._thread.start()

    def stop(self) -> None:
        """Finish the work at hand and end."""
        self._stopping.set()
        self.post(lambda: None)
        self._thread.join(timeout=CALL_TIMEOUT_S)
        if self._thread.is_alive():
            log.error("desk_stop_timeout")

    def call(self, work: Callable[[], Answer]) -> Answer:
        """Run `work` on the desk's thread and give back its answer.

        `DeskBusy` after ten seconds: work not yet begun is then never done.
        """
        future: Future[Answer] = Future()

        def do() -> None:
            # Nobody waits any more: an act that its person was told "not done" of must not be done behind their back.
            if not future.set_running_or_notify_cancel():
                return
            try:
                future.set_result(work())
            except Exception as error:  # loop edge: the caller gets it, the desk lives
                log.exception("desk_call_failed")
                future.set_exception(error)

        self._work.put(do)
        try:
            return future.result(timeout=CALL_TIMEOUT_S)
        except FutureTimeout as error:
            future.cancel()
            raise DeskBusy from error

    def post(self, work: Callable[[], None]) -> None:
        """Run `work` on the desk's thread some time soon; nobody waits."""
        self._work.put(work)

    def lead(self) -> None:
        """Read anew whose lanes this kiosk leads."""
        self.led_day = self.today()
        self.led = lanes.led(reading.told(self.store, lanes.KIND), k=self.log.k, day=self.led_day)

    @property
    def version(self) -> int:
        """Rises with every change of what is to be seen."""
        return self.front.version

    def moment(self) -> Moment:
        """This instant."""
        return self.clock.now()

    def today(self) -> str:
        """The campaign day at the site; never before what is known to have passed already (F35)."""
        return day_of(self.likely_wall(self.moment()), self.lists.offset_min)

    def visits_today(self) -> list[dict[str, Any]]:
        """The visits of the campaign day, in ticket order. Neither midnight nor a clock set right loses anybody from the line."""
        today = self.today()
        return [one for one in self.visits_about(self._began) if one["day"] == today]

    def visits_about(self, day: str) -> list[dict[str, Any]]:
        """The visits of the campaign day, of `day` and all not yet over, dated, in ticket order."""
        found = self.store.visits_about(self.today(), day)
        return sorted(self._all_dated(found), key=lambda one: str(one["ticket"]))

    def visits_of(self, person: str) -> list[dict[str, Any]]:
        """All of a person's visits at this kiosk, oldest first."""
        return self._all_dated(self.store.visits_of(person))

    def _all_dated(self, found: list[dict[str, Any]]) -> list[dict[str, Any]]:
        at, offset = self.moment(), self.lists.offset_min
        wall = self.likely_wall(at)
        return visitbook.dated(found, boot=at.boot, mono=at.mono, wall=wall, offset_min=offset, boots=self.boots)

    def likely_wall(self, moment: Moment) -> int:
        """The wall clock, or the latest time known to have passed when nobody vouches for the clock.

        The centre's signed word counts; so does our own last record, unless it runs far ahead of that word.
        """
        if moment.sure != "unknown":
            return moment.wall
        issued, recorded = self.lists.issued, self.log.hlc[0]
        return max(moment.wall, issued, recorded if recorded < issued + BELIEVED_AHEAD_MS else 0)

    def who(self) -> dict[str, str]:
        """Who acts: the signed-in member of staff, or the citizen."""
        if self.front.staff is None:
            return CITIZEN
        return {"id": self.front.staff["id"], "by": self.front.proof}

    def take(self, outcome: Outcome, *, who: dict[str, str] | None = None) -> bool:
        """Write an outcome, then show it. False when it could not be: nothing was recorded, the screen says so."""
        front = self.front
        try:
            self.write(outcome, who=who or self.who())
        except NotWritten:
            log.exception("store_write_failed")
            # What was typed stays for the next try, once there is room again.
            front.show("trouble", {"what": "disk", "screen": front.screen, "pending": front.pending})
            return False
        except ProtocolError as error:
            # A record that its own table refuses: too long a reason, say. Said in words, never half done.
            log.warning("outcome_refused code=%s field=%s", error.code, error.field)
            front.notice = Notice("not_taken", {"field": error.field}, "warn")
            return False
        if outcome.screen:
            front.show(outcome.screen, outcome.pending)
        elif outcome.pending is not None:
            front.pending = outcome.pending
        front.notice = outcome.notice
        return True

    def write(self, outcome: Outcome, *, who: dict[str, str], jobs: tuple[dict[str, Any], ...] = ()) -> None:
        """Make an outcome's facts and print jobs durable in one transaction. `NotWritten`: none of it happened.

        `jobs`: print jobs whose state changes with it.
        """
        if not outcome.facts and not outcome.prints and not jobs:
            return
        moment, session = self.moment(), self.today()
        sealed = self.log.seal(outcome.facts, moment=moment, who=who, ref=self.lists.versions(), session=session)
        visits: dict[str, dict[str, Any]] = {}
        lines: dict[str, list[bytes]] = {}
        codes = []
        for fact, (record, t) in zip(outcome.facts, sealed, strict=True):
            visit = str(fact.body.get("visit", ""))
            if visit:
                lines.setdefault(visit, []).append(record.line)
                before = visits.get(visit) or self.store.visit(visit)
                after = visitbook.fold(before, kind=fact.kind, body=fact.body, t=t, who=who, session=session)
                if self.store.copies.of_visit(visit):
                    # A neighbour's clock may run before ours: the order of all is read anew.
                    after = reading.of(self.store, visit, ours=lines[visit]) or after
                if after:
                    visits[visit] = after
            if fact.kind == "dose.given":
                codes.append((fact.body["slip"], self._slip_code(fact.body, visits[visit], record.seq, t, who)))
        ordered = tuple(
            {
                "slip": one.slip,
                "copy": one.copy,
                "visit": one.visit,
                "what": one.what,
                "state": "waiting",
                "ordered_at": moment.wall,
            }
            for one in outcome.prints
        )
        batch = Batch(
            records=tuple(record for record, _ in sealed),
            visits=tuple(visits.values()),
            prints=jobs + ordered,
            codes=tuple(codes),
            meta=outcome.meta,
        )
        self.condition.commit(self.store, batch, outcome.facts)
        self.log.take(sealed)
        for record, _ in sealed:
            log.info("record_written kind=%s seq=%d", record.kind, record.seq)
        self.on_record(self.log.seq)

    def safe(self, committed: int, statuses: list[tuple[int, str, str]]) -> None:
        """The centre's acknowledgement: records up to `committed` are durable there."""
        self.committed = committed
        self.front.changed()
        self._mark.take(self.log.inc, committed, statuses)

    def set_beside(self, mark: int) -> None:
        """Neighbours hold our records up to `mark`."""
        self.beside = mark
        self.front.changed()

    def set_neighbours(self, rows: list[dict[str, Any]]) -> None:
        """`k`, `unsafe`, `carried`, `silent_min` of each neighbour."""
        self.neighbours = rows
        self.front.changed()

    def lists_arrived(self, rows: list[dict[str, Any]]) -> None:
        """Reference lists, verified: swap them in and use them from the next touch on."""
        self.store.swap_lists(rows)
        before = self.lists.versions()
        self.lists.reload()
        if self.lists.versions() != before:
            log.info("lists_swapped count=%d", len(rows))
            self.front.changed()

    def device(self, name: str, status: str) -> None:
        """A device's status, told once per change."""
        if self.devices.get(name) != status:
            log.info("device_status device=%s status=%s", name, status)
            self.devices[name] = status
            self.front.changed()

    def set_online(self, online: bool) -> None:  # noqa: FBT001 - a fact, not a mode
        """The wire to the centre came or went."""
        if online != self.online:
            self.online = online
            self.front.changed()

    def set_away(self, why: str) -> None:
        """The centre is not reached: a word of `status.NETWORK`."""
        if self.online or why != self.condition.away_why:
            self.online, self.condition.away_why = False, why
            self.front.changed()

    def say(self, code: str, tone: str = "info", **params: Any) -> None:
        """Put a sentence on the screen."""
        self.front.tell(Notice(code, params, tone), self.clock.ticks())

    def _slip_code(
        self, body: dict[str, Any], visit: dict[str, Any], seq: int, t: dict[str, Any], who: dict[str, str]
    ) -> str:
        signed = slip_code.payload(
            {
                "s": body["slip"],
                "k": self.log.k,
                "i": self.log.inc,
                "q": seq,
                "p": body["person"],
                # 60 letters keep the code within 0.5 mm a module on 58 mm paper; the person is named by "p".
                "n": visit["identity"]["name"][:60],
                "b": visit["identity"]["dob"],
                "v": body["vaccine"],
                "l": body["lot"],
                "d": body["dose_no"],
                "t": t["wall"],
                "w": who["id"],
                "x": self.log.site,
            }
        )
        return slip_code.encode(signed, self.log.sign_slip(signed))

    def _run(self) -> None:
        while not self._stopping.is_set() or not self._work.empty():
            if self.clock.ticks() >= self._tick_at:
                self._tick_at = self.clock.ticks() + TICK_MS
                self._tick()
            try:
                work = self._work.get(timeout=TICK_MS / 1000)
            except queue.Empty:
                continue
            try:
                work()
            except Exception:  # loop edge
                log.exception("desk_work_failed")

    def _tell_synced(self, moment: Moment) -> None:
        """Record that the clock has learnt the time: by this the centre dates what was recorded before in this boot."""
        boot, sure = self.log.told
        if moment.sure == SYNCED and sure != SYNCED and boot == moment.boot:
            self.write(Outcome(facts=(Fact("clock.synced", {"was": sure}),)), who=MACHINE)

    def _tick(self) -> None:
        front, ticks = self.front, self.clock.ticks()
        idle_s = (ticks - front.touched) / 1000
        if front.staff is None and front.screen != WELCOME and idle_s > IDLE_S.get(front.screen, 60):
            front.leave()
            front.touched = ticks
            front.fresh()
        elif front.staff is not None and idle_s > LOCK_S.get(front.screen, LOCK_ELSE_S):
            front.lock()
            front.notice = Notice("locked_screen")
            front.touched = ticks
            front.fresh()
        elif front.is_told(ticks):
            front.notice = None
            front.fresh()
        try:
            moment = self.moment()
            if moment.wall // MINUTE_MS != self._minute:
                # The clock on the screen, waiting times and the board of observation move with the minute.
                self._minute = moment.wall // MINUTE_MS
                front.changed()
            if ticks - self._alive_at > ALIVE_EVERY_MS:
                self._alive_at = ticks
                self._mark.keep()
                self.store.mark_alive(moment.boot, moment.mono, moment.wall if moment.sure != "unknown" else 0)
                self._tell_synced(moment)
            for job in self.on_tick:
                job(moment)
        except Exception:  # loop edge
            log.exception("desk_tick_failed")
