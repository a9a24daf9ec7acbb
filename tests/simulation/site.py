"""A site whose kiosks share one queue: real desks, keeper and claims, over simulated disks, clocks and a broker that lies.

Neighbours' records travel on the same broker as claims do. There is no centre here. Planted bugs override class attributes.
"""

import heapq
import logging
import random
from collections import Counter

from kiosk.desk import acts, calling, copies, scans
from kiosk.desk.claims import Claims
from kiosk.desk.log import Log
from kiosk.desk.loop import Desk
from kiosk.errors import NotWritten
from kiosk.neighbours import copy_of
from kiosk.store import Batch
from protocol import envelope
from protocol.claims import lane_of
from tests.simulation import places
from tests.simulation.clocks import SimClock
from tests.simulation.disk import Disk, PowerCut, SimStore
from tests.simulation.faults_of_sites import FAULTS
from tests.simulation.history import History
from tests.simulation.signing import signer

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
STEPS_PER_ROUND = 8
STEP_MS = 200
ACTS = {
    "check_in": 8, "call": 10, "call_both": 8, "finish": 10, "miss": 2, "pick": 3, "walk_up": 2, "inject": 6, "leave": 1,
}  # fmt: skip


class Ring:
    """Everybody's keys, in the simulation's signatures."""

    def good(self, k, line, signature):
        return signer(k, real=False).good(line, signature)


class SiteDesk(Desk):
    """The real desk; whom it calls and finishes is noted."""

    kiosk = None

    def take(self, outcome, *, who=None):
        side, ticks = self.claims.desk, self.clock.ticks()
        term = (side.epoch, side.keeper) if side.in_contact(ticks) and not side.learning else None
        done = super().take(outcome, who=who)
        for fact in outcome.facts if done else ():
            visit = fact.body.get("visit")
            if fact.kind == "visit.called":
                one = self.store.visit(visit)
                self.kiosk.note(
                    "called", visit=visit, station=fact.body["station"], lane=lane_of(one["ticket"]), own=self.lane,
                    term=term, present=self.kiosk.present,
                )  # fmt: skip
            elif fact.kind in ("visit.screened", "visit.ended", "dose.given"):
                self.kiosk.note("finished", visit=visit)
        return done


class SiteKiosk:
    """One kiosk of the site."""

    def __init__(self, site, number):
        self.site = site
        self.k = f"kiosk-{number + 1}"
        self.lane = "ABCDEF"[number]
        self.clock = SimClock(lambda: site.now, device=self.k)
        self.disk = Disk()
        self.dice = random.Random(f"{site.schedule.seed}:{site.schedule.number}:{self.k}")
        self.running = False
        self.cut = False
        self.loss, self.late, self.twice = 0.0, 0, 0
        self.paused_until = 0
        self.present = False
        self.told = ((), None)
        self.kept = None
        self.start()

    def note(self, event, **members):
        self.site.history.add(event, self.site.now, dev=self.k, **members)

    def start(self):
        """Programs begin from what the disk holds."""
        if self.running:
            return
        # What begins anew stands still no longer, whatever came over the programs before.
        self.running, self.paused_until = True, 0
        self.note("began")
        self.guarded(self._open)

    def _open(self):
        store = SimStore(self.disk)
        inc = store.meta("inc")
        fresh = not inc
        if fresh:
            inc = f"{self.dice.getrandbits(64):016x}"
            store.commit(Batch(meta=(("inc", inc),)))
        seq, head = store.head(inc)
        hlc = tuple(envelope.parse(store.pairs(inc, seq, seq)[0][0]).t["hlc"]) if seq else (0, 0)
        log = Log(k=self.k, site=places.SITE, inc=inc, seq=seq, head=head, hlc=hlc, signer=signer(self.k, real=False))
        self.store = store
        self.desk = self.site.desk_class(
            store=store, clock=self.clock, record_log=log, lane=self.lane, name=self.lane, demo=False, mint=self._mint,
            keeper="kiosk-1",
        )  # fmt: skip
        self.desk.kiosk = self
        self.desk.claims = self.site.claims_class(store=store, record_log=log, lane=self.lane, name=self.lane)
        self.desk.claims.kiosk = self
        self.desk.claims._keys = Ring()
        self.desk.on_tick.append(lambda _moment: calling.tick(self.desk))
        if fresh:
            self.desk.lists_arrived(places.list_rows())

    def _mint(self, count):
        return "".join(self.dice.choice(ALPHABET) for _ in range(count))

    def kill(self):
        self.running = False

    def power_cut(self):
        self.kill()
        self.disk.power_cut()
        self.clock.boot_up(self.clock.offset)

    def guarded(self, work):
        if not self.running or self.site.now < self.paused_until:
            return
        try:
            work()
        except PowerCut:
            self.power_cut()
        except NotWritten:
            if not hasattr(self, "desk"):
                self.running = False

    def step(self):
        self.guarded(self.desk._tick)
        self.speak()
        self.tell()

    def speak(self):
        """What the wire's thread would publish."""
        outgoing = self.desk.claims.outgoing
        while self.running and not outgoing.empty():
            payload = outgoing.get_nowait()
            self.site.captured = [*self.site.captured[-30:], payload]
            for other in self.site.kiosks:
                if other is not self and not self.cut:
                    self.site.fly(other, "claims", payload)

    def tell(self):
        """Whom it believes to hold, and under which keeper it stands: what checkers read."""
        told = ((), None)
        if self.running and self.site.now >= self.paused_until:
            side, ticks = self.desk.claims.desk, self.clock.ticks()
            held = tuple(
                sorted((visit, self.site.now + left - ticks) for visit, left in side._mine.items() if left > ticks)
            )
            told = (held, (side.epoch, side.keeper, side._to[0]) if side.in_contact(ticks) else None)
        if told != self.told:
            self.told = told
            self.note("holds", visits=dict(told[0]), term=told[1])
        claims = self.desk.claims
        if self.running and claims.keeper_here and not claims._unsaved:
            keeper = claims._keeper
            kept = ((keeper.epoch, keeper.k, keeper.inc), tuple((visit, k) for visit, k, _ in keeper.held()))
            if kept != self.kept:
                self.kept = kept
                self.note("keeps", term=kept[0], claims=kept[1])

    def records_after(self, name, already):
        """Records another kiosk has not yet, as copies."""
        found = []
        for line, signature in self.store.pairs(self.desk.log.inc, already + 1, self.desk.log.seq):
            record = envelope.parse(line)
            moment = name.clock.now()
            found.append(copy_of(record, signature, boot=moment.boot, mono=moment.mono))
        return tuple(found)


class Site:
    """True time, the broker and everybody at the site. `desk_class`, `claims_class`: where bugs are planted."""

    desk_class = SiteDesk
    claims_class = Claims

    def __init__(self, schedule):
        self.schedule = schedule
        self.now = 1_000
        self.records = 0
        self.faults = Counter()
        self.history = History()
        self.dice = random.Random(f"{schedule.seed}:{schedule.number}:broker")
        self.flying = []
        self.captured = []
        self.down = False
        self._pending = []
        self._count = 0
        self.given = {}
        self.kiosks = []
        self.kiosks.extend(SiteKiosk(self, number) for number in range(schedule.kiosks))

    def run(self):
        """The history of the whole schedule."""
        logger = logging.getLogger("kiosk")
        before, logger.disabled = logger.disabled, True
        level = logger.level
        logger.setLevel(logging.CRITICAL + 1)
        rounds = {}
        for step in self.schedule.steps:
            rounds.setdefault(step.at, []).append(step)
        try:
            self._pass(12_000)
            for at, wait in enumerate(self.schedule.waits):
                self._pass(wait)
                for step in rounds.get(at, ()):
                    self._do(step)
            self._pass(5_000)
            self.records = sum(len(SimStore(one.disk).all_records()) for one in self.kiosks)
        finally:
            logger.setLevel(level)
            logger.disabled = before
            for one in self.kiosks:
                one.disk.close()
        return self.history

    def until(self, wait, work):
        self._count += 1
        heapq.heappush(self._pending, (self.now + wait, self._count, work))

    def fly(self, to, what, payload):
        """A message to one kiosk: lost, late and doubled as its line is."""
        if self.down or self.dice.random() < to.loss:
            return
        for _ in range(1 + (self.dice.random() < to.twice)):
            late = self.dice.randint(10, 60) + (self.dice.randrange(to.late) if to.late else 0)
            self._count += 1
            heapq.heappush(self.flying, (self.now + late, self._count, to, what, payload))

    # ---- hands ----

    def tap(self, kiosk, name, **form):
        taken = []
        kiosk.present = False
        kiosk.guarded(lambda: taken.append(acts.act(kiosk.desk, name, dict(form), kiosk.desk.front.token)))
        kiosk.speak()
        kiosk.tell()
        return bool(taken and taken[0])

    def staff(self, kiosk, role, station):
        front = kiosk.desk.front
        front.wait_until = 0
        if front.staff and front.staff["role"] == role and front.station == station:
            if front.screen != "queue":
                self.tap(kiosk, "next" if front.screen == "dosed" else "back")
            if front.screen == "queue":
                return
        if front.staff is not None:
            self.tap(kiosk, "sign_out")
        for _ in range(3):
            if front.screen != "welcome":
                self.tap(kiosk, {"ticket": "done", "confirm": "no", "trouble": "retry"}.get(front.screen, "back"))
        if front.screen != "welcome":
            front.leave()
        self.sign_in(kiosk, role)
        if front.screen == "station":
            self.tap(kiosk, "station", station=station)

    def sign_in(self, kiosk, role):
        self.tap(kiosk, "staff")
        self.tap(kiosk, "sign_in", code=places.staff_code(role), pin=places.PIN)

    def _do(self, step):
        kiosk = self.kiosks[step.kiosk % len(self.kiosks)]
        if step.is_fault():
            self.faults[step.what] += 1
            FAULTS[step.what][2](self, kiosk, step.pick)
        elif kiosk.running and self.now >= kiosk.paused_until:
            getattr(self, "_" + step.what)(kiosk, step.pick)
            self._pass(40)

    def _check_in(self, kiosk, pick):
        front = kiosk.desk.front
        if front.staff is not None:
            self.tap(kiosk, "sign_out")
        for _ in range(3):
            if front.screen != "welcome":
                self.tap(kiosk, {"ticket": "done", "confirm": "no", "trouble": "retry"}.get(front.screen, "back"))
        kiosk.guarded(lambda: scans.scan(kiosk.desk, places.person(pick % 40)["card"].encode()))
        self.tap(kiosk, "yes")
        self.tap(kiosk, "done")

    def _call(self, kiosk, pick):
        self.staff(kiosk, "screener", "screening")
        self.tap(kiosk, "call_next")

    def _call_both(self, kiosk, pick):
        """At the next desk somebody touches the button in the same moment."""
        both = [kiosk, self.kiosks[(self.kiosks.index(kiosk) + 1) % len(self.kiosks)]]
        both = [one for one in both if one.running and self.now >= one.paused_until]
        for one in both:
            self.staff(one, "screener", "screening")
        for one in both:
            self.tap(one, "call_next")

    def _pick(self, kiosk, pick):
        self.staff(kiosk, "screener", "screening")
        waiting = kiosk.desk.visits_today()
        if waiting:
            self.tap(kiosk, "call", visit=waiting[pick % len(waiting)]["visit"])

    def _walk_up(self, kiosk, pick):
        self.staff(kiosk, "screener", "screening")
        # Until the next touch: the keeper's answer may come later, the person stands there all the same.
        kiosk.present = True
        kiosk.guarded(lambda: scans.scan(kiosk.desk, places.person(pick % 40)["card"].encode()))
        kiosk.speak()

    def _finish(self, kiosk, pick):
        self.tap(kiosk, "judge", **{"answer.ACUTE_ILLNESS": "no", "consent": "yes"})
        self.tap(kiosk, "conclude", conclusion="eligible", reason="")

    def _miss(self, kiosk, pick):
        if kiosk.desk.front.screen == "screening":
            self.tap(kiosk, "absent", visit=kiosk.desk.front.pending.get("visit", ""))

    def _leave(self, kiosk, pick):
        if kiosk.desk.front.staff is not None:
            self.tap(kiosk, "sign_out")

    def _inject(self, kiosk, pick):
        self.staff(kiosk, "injector", "injection")
        self.tap(kiosk, "call_next")
        self._pass(400)
        desk = kiosk.desk
        if not kiosk.running or desk.front.screen != "dosing":
            return
        if pick % 3 == 0:
            kiosk.cut = True
            self._pass(pick % 400_000)
            kiosk.cut = False
            if kiosk.running and desk.front.staff is None:
                # The screen has locked meanwhile: whoever comes back finds the page again.
                self.sign_in(kiosk, "injector")
        self.tap(kiosk, "lot", lot=places.LOTS[0])
        if not kiosk.running or desk.front.screen != "read_back" or kiosk.disk.full or self.now < kiosk.paused_until:
            return
        self.tap(kiosk, "confirm_dose", reason="Bác sĩ đồng ý")
        kiosk.note("dose", saved=desk.front.screen == "dosed")

    # ---- time ----

    def _pass(self, wait):
        chunk = max(STEP_MS, wait // STEPS_PER_ROUND)
        end = self.now + wait
        while self.now < end:
            self.now = min(self.now + chunk, end)
            while self._pending and self._pending[0][0] <= self.now:
                heapq.heappop(self._pending)[2]()
            for kiosk in self.kiosks:
                if kiosk.running and self.now >= kiosk.paused_until:
                    kiosk.step()
                else:
                    kiosk.tell()
            self._share()
            self._deliver()

    def _deliver(self):
        for _ in range(3):
            due = []
            while self.flying and self.flying[0][0] <= self.now + 60:
                due.append(heapq.heappop(self.flying))
            for _, _, to, _what, payload in due:
                if to.running and not to.cut and self.now >= to.paused_until:
                    to.guarded(lambda to=to, payload=payload: calling.receive(to.desk, payload))
                    to.speak()
                    to.tell()

    def _share(self):
        """Neighbours' records, as soon as both are on the broker."""
        for teller in self.kiosks:
            for listener in self.kiosks:
                ready = teller.running and listener.running and not (teller.cut or listener.cut or self.down)
                if teller is listener or not ready or self.now < max(teller.paused_until, listener.paused_until):
                    continue
                name = (teller.k, listener.k)
                if teller.desk.log.seq > self.given.get(name, 0):
                    found = teller.records_after(listener, self.given.get(name, 0))
                    kept = []
                    listener.guarded(
                        lambda on=listener, some=found, said=kept: said.append(copies.arrived(on.desk, some))
                    )
                    if kept and kept[0]:
                        self.given[name] = teller.desk.log.seq
