"""Runs one schedule from beginning to end on one thread: rounds of people, faults, kiosks, wires; then all heals and settles."""

import heapq
import logging
import random
from collections import Counter

from kiosk.desk import acts, reading
from kiosk.outcome import Fact, Outcome
from protocol import topics
from tests.simulation import lines, neighbours, papers, places
from tests.simulation.clocks import DAY_MS
from tests.simulation.history import History
from tests.simulation.kiosk import SimKiosk
from tests.simulation.people import Person
from tests.simulation.schedule import FAULTS
from tests.simulation.wires import Broker

SETTLE_ROUNDS = 240
PEOPLE = 9
# Copies of a card share one connection to the broker, a moment each.
SETTLE_ROUNDS_OF_COPIES = 2_000
# Minutes in which what is past is sealed and the file written anew.
STEAL_ROUNDS = 20
LANES = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


class Listener(logging.Handler):
    """Every line the kiosks' programs log, into the history."""

    def __init__(self, world):
        super().__init__(logging.INFO)
        self.world = world

    def emit(self, record):
        self.world.history.add("logged", self.world.now, text=record.getMessage())


class World:
    """True time, and everybody in it. `kiosk_class` and `centre_class` may be classes with a planted bug."""

    def __init__(self, schedule, *, centre_class, kiosk_class=SimKiosk):
        self.schedule = schedule
        self.real = schedule.real
        self.now = 1_000
        self.records = 0
        self.faults = Counter()
        self.history = History()
        self.history.secrets = [
            one[member] for one in map(places.person, range(PEOPLE)) for member in ("name", "doc_no", "phone")
        ]
        self.dice = random.Random(f"{schedule.seed}:{schedule.number}:world")
        self.centre_up = True
        self.burnt = False
        self._pending = []
        self._count = 0
        self._kiosk_class = kiosk_class
        self.centre = centre_class(self)
        self.kiosks = []
        self.broker = Broker(self, random.Random(f"{schedule.seed}:{schedule.number}:wire"))
        self.images = {}
        self.keys = () if schedule.number % neighbours.ALONE_EVERY == 0 else neighbours.writers(schedule.kiosks)
        for number in range(schedule.kiosks):
            k = f"kiosk-{number + 1}"
            self.centre.enrol(k)
            self._add(k)

    def run(self):
        """The history of the whole schedule."""
        logger, listener = logging.getLogger("kiosk"), Listener(self)
        before = (logger.level, logger.propagate)
        logger.addHandler(listener)
        logger.setLevel(logging.INFO)
        logger.propagate = False
        try:
            rounds = {}
            for step in self.schedule.steps:
                rounds.setdefault(step.at, []).append(step)
            for at, wait in enumerate(self.schedule.waits):
                self.round(wait, rounds.get(at, ()))
                if at == len(self.schedule.waits) // 3:
                    self.images = {kiosk.device: kiosk.disk.snapshot() for kiosk in self.kiosks}
            self._heal()
            self._settle()
            self._finish()
        finally:
            logger.removeHandler(listener)
            logger.setLevel(before[0])
            logger.propagate = before[1]
            for kiosk in self.kiosks:
                kiosk.disk.close()
            self.centre.close()
        return self.history

    def until(self, wait, work):
        """Do something later, whatever else happens."""
        self._count += 1
        heapq.heappush(self._pending, (self.now + wait, self._count, work))

    # ---- devices and cards ----

    def _add(self, k):
        device = f"device-{len(self.history.devices) + 1}"
        lane = LANES[len(self.history.devices)]
        kiosk = self._kiosk_class(device=device, k=k, lane=lane, world=self)
        self.history.devices[device] = k
        self.kiosks.append(kiosk)
        kiosk.start()
        return kiosk

    def put_back(self, kiosk):
        """Fault: the card's older image."""
        image = self.images.get(kiosk.device)
        if image is None:
            return
        self._excuse(kiosk)
        kiosk.power_cut()
        kiosk.disk.restore(image)
        self.history.restored.add(kiosk.device)
        self.until(1_000, kiosk.start)

    def clone(self, kiosk):
        """Fault: a copy of the card in a second machine."""
        if len(self.kiosks) >= 6:
            return
        image = kiosk.disk.snapshot()
        device = f"device-{len(self.history.devices) + 1}"
        other = self._kiosk_class(device=device, k=kiosk.k, lane=kiosk.lane, world=self)
        other.disk.restore(image)
        self.history.devices[device] = kiosk.k
        self.history.restored.add(device)
        self.kiosks.append(other)
        other.start()

    def replace(self, kiosk):
        """Fault: the card dies; a new one, newly enrolled, under the same name."""
        if len(self.kiosks) < 6:
            self._destroy(kiosk)
            self._add(kiosk.k)

    def burn(self, k):
        """Fault: every card of this name is gone, copies too; a new one is enrolled under it."""
        for kiosk in [one for one in self.kiosks if one.k == k]:
            self._destroy(kiosk)
        self._add(k)

    def _destroy(self, kiosk):
        self._excuse(kiosk)
        kiosk.kill()
        kiosk.retired = True
        self.history.gone.add(kiosk.device)
        kiosk.disk.close()
        self.kiosks.remove(kiosk)

    def _excuse(self, kiosk):
        """What only this card holds, its own or a copy, goes with it; of doses the citizens' slips are left (`papers`)."""
        elsewhere = self._digests(but=kiosk)
        store = kiosk.store_class(kiosk.disk)
        names = [(kiosk.k, *row) for row in store.all_records()] + store.all_copies()
        for *name, digest in names:
            if digest not in elsewhere and not self.centre.holds(tuple(name), digest):
                self.history.excused.add(digest)

    def _digests(self, *, but=None):
        """Every record on any card, its kiosk's own or a neighbour's copy."""
        held = set()
        for kiosk in self.kiosks:
            if kiosk is not but:
                store = kiosk.store_class(kiosk.disk)
                copies = [] if kiosk.k in self.history.revoked else store.all_copies()
                held |= {row[-1] for row in (*store.all_records(), *copies)}
        return held

    def destroy(self, kiosk):
        """Fault: a kiosk burns with what it never sent. Its neighbours, if it has any, know it from copies."""
        if len(self.kiosks) > 1 and kiosk in self.kiosks:
            self._destroy(kiosk)

    def on_no_card(self, names):
        """Of these `(k, inc, seq, digest)` that the centre lost, those that no kiosk's disk holds are gone: excused."""
        held = self._digests()
        self.history.excused |= {name[3] for name in names if name[3] not in held}

    # ---- people ----

    def people(self, kiosk, work, *, number=None, double=False):
        """Let hands work at a kiosk, if it runs."""
        if kiosk.running and self.now >= kiosk.paused_until:
            self._count += 1
            kiosk.guarded(lambda: work(Person(kiosk, f"f{self._count}" if number is None else number, double=double)))

    def act_stale(self, kiosk, name, token):
        """Touch a button of a page that was shown with `token`."""
        self._count += 1
        kiosk.act = f"stale{self._count}"
        acts.act(kiosk.desk, name, {}, token)

    def _act(self, step, kiosk):
        pick = step.pick
        if step.what == "correct":
            if self.centre_up:
                self.centre.correct(pick)
            return
        work = {
            "check_in": lambda who: who.check_in(pick % 9),
            "screen": Person.screen,
            "inject": lambda who: who.inject(lot=pick % 2, undo=False),
            "inject_undo": lambda who: who.inject(lot=pick % 2, undo=True),
            "release": lambda who: who.release(pick, early=False, reprint=pick % 4 == 0),
            "release_early": lambda who: who.release(pick, early=True, reprint=False),
            "react": lambda who: who.react(pick),
            "miss": Person.miss,
            "screen_out": lambda who: who.screen_out(pick),
            "end_vial": lambda who: who.end_vial(pick),
            "open_day": lambda who: who.open_day(pick),
            "close_day": Person.close_day,
            "late_dose": lambda who: who.late_dose(pick),
            "alarm_seen": Person.alarm_seen,
            "receive_stock": lambda _who: self._receive(kiosk, step),
            "look": lambda _who: kiosk.show(),
        }[step.what]
        self.people(kiosk, work, number=f"s{step.index}", double=step.double)

    def _receive(self, kiosk, step):
        lot = places.LOTS[step.pick % 2]
        body = {
            "receipt": f"r-{step.index}-{kiosk.device}", "vaccine": "AZ", "lot": lot, "expiry": "2031-12-31", "place": places.SITE,
            "vials": 1 + step.pick % 9, "doses_per_vial": 10, "document": "PX",
        }  # fmt: skip
        kiosk.act = f"s{step.index}.1"
        kiosk.desk.take(Outcome(facts=(Fact("stock.received", body),)), who={"id": "keeper", "by": "pin"})

    # ---- time ----

    def round(self, wait, steps=()):
        """Time passes, steps happen, every kiosk and the wires have their turn."""
        self.now += wait
        while self._pending and self._pending[0][0] <= self.now:
            heapq.heappop(self._pending)[2]()
        for step in steps:
            kiosk = self.kiosks[step.kiosk % len(self.kiosks)]
            if step.is_fault():
                self.faults[step.what] += 1
                FAULTS[step.what][2](self, kiosk, step.pick)
            else:
                self._act(step, kiosk)
        for kiosk in list(self.kiosks):
            self._connect(kiosk)
            kiosk.step()
            if kiosk.running and self.now >= kiosk.paused_until:
                kiosk.guarded(kiosk.print_step)
        self.broker.deliver()

    def _connect(self, kiosk):
        stands = self.broker.connects(kiosk)
        if kiosk.connected and not stands:
            kiosk.wire_down()
        elif kiosk.running and not kiosk.connected and stands and self.now >= kiosk.paused_until:
            # One client id, one session: a clone that connects throws the other out.
            copies = [one for one in self.kiosks if one.k == kiosk.k and one is not kiosk]
            others = [one for one in copies if one.connected]
            # Each waits longer after each loss: a connection outlives an answer's way, however many copies there are.
            if others and self.dice.random() > 0.2 / len(copies):
                return
            for other in others:
                other.wire_down()
            kiosk.wire_up()

    def _heal(self):
        while self._pending:
            heapq.heappop(self._pending)[2]()
        self.broker.heal()
        self.centre_up = True
        self.centre.crash = ""
        self.centre.run()
        for kiosk in self.kiosks:
            kiosk.disk.full, kiosk.disk.errors, kiosk.disk.cut = False, 0, ""
            kiosk.paused_until, kiosk.printer, kiosk.print_results = 0, "ready", []
            if not kiosk.running:
                kiosk.start()
        papers.bring_those_of_the_lost(self)

    def _settle(self):
        self._quiet()
        lines.compare(self)
        if self.faults["night"] and self.history.drained:
            self._steal()
            # Copies of a card that wrote the same till now part here: each notes that it sealed.
            self._quiet()

    def _quiet(self):
        """Rounds without people and faults, until nothing waits anywhere."""
        for count in range(SETTLE_ROUNDS_OF_COPIES if self.history.restored else SETTLE_ROUNDS):
            self.round(61_000 if count % 12 == 11 else 400)
            if count % 4 == 3 and not self.broker.flying and self._drained():
                break
        self.history.drained = self._drained()

    def _steal(self):
        """Days after the last act: what does a thief's copy of each card tell? Copies of cards have no peace to seal in."""
        self.now += 3 * DAY_MS
        for _ in range(STEAL_ROUNDS):
            self.round(61_000)
        for kiosk in self.kiosks:
            quiet = kiosk.device not in self.history.restored and kiosk.clock.sure != "unknown"
            # Of others' records nobody tells a revoked kiosk that they are safe.
            quiet = quiet and not (kiosk.k in self.history.revoked and kiosk.store.all_copies())
            if quiet and sum(one.k == kiosk.k for one in self.kiosks) == 1:
                image = kiosk.disk.snapshot()
                found = [n for n in range(places.PEOPLE) if any(text in image for text in places.secrets(n))]
                self.history.add("stolen", self.now, dev=kiosk.device, found=tuple(found))

    def _drained(self):
        for kiosk in self.kiosks:
            alone = sum(one.k == kiosk.k for one in self.kiosks) == 1 and kiosk.device not in self.history.restored
            if kiosk.desk.store.prints("waiting") or (alone and kiosk.outbox.backlog()):
                return False
            if alone and self._damaged(kiosk):
                return False
            if not kiosk.old.settled() or self.centre.forked(kiosk.k, kiosk.outbox.inc):
                return False
            for inc, seq, digest in kiosk.desk.store.all_records():
                if not self.centre.holds((kiosk.k, inc, seq), digest):
                    return False
            # What a revoked kiosk carries is put aside: it may be a thief's.
            for *name, digest in [] if kiosk.k in self.history.revoked else kiosk.desk.store.all_copies():
                if not self.centre.holds(tuple(name), digest):
                    return False
        return True

    def _damaged(self, kiosk):
        """Does a damaged copy of what the kiosk still has stand open at the centre?"""
        if kiosk.k in self.history.revoked:
            return False
        inc, last = kiosk.outbox.inc, kiosk.outbox.last
        gone = kiosk.store.kept.gone(inc)
        return any(gone < seq <= last for seq in self.centre.damaged(kiosk.k, inc))

    def _finish(self):
        for kiosk in self.kiosks:
            kiosk.guarded(kiosk.show)
            live = kiosk.store.states()
            read = {visit: one["state"] for visit, one in reading.rebuilt(kiosk.store).items()}
            self.history.add("reading", self.now, dev=kiosk.device, live=live, read=read)
        self.centre.finish(self.history)
        self.history.add("topic", self.now, text=topics.every(topics.UP))
