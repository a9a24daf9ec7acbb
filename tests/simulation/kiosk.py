"""One simulated kiosk: the real desk, log, print jobs and outbox over a simulated disk, clock and wire.

Only the shell is written anew (`kiosk/app.py` and `kiosk/sync.py` have threads and sockets); it does what they do.
Planted bugs override single methods of these classes.
"""

import json
import random
from types import MappingProxyType

from kiosk.desk import drill, prints, views
from kiosk.desk.log import Log
from kiosk.desk.loop import MACHINE, Desk
from kiosk.desk.retention import Retention
from kiosk.errors import NotWritten
from kiosk.outcome import Fact, Outcome
from kiosk.store import Batch
from protocol import envelope, inbox, topics
from protocol.errors import ProtocolError
from protocol.outbox import Outbox, make_hello
from tests.simulation import papers, places
from tests.simulation.clocks import SimClock
from tests.simulation.disk import Disk, PowerCut, SimStore
from tests.simulation.neighbours import SimNeighbourhood
from tests.simulation.oldlogs import OldLogs
from tests.simulation.signing import sealer, signer

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
PER_MESSAGE = 16


class SimDesk(Desk):
    """The real desk; what it writes and shows is noted in the history."""

    kiosk = None

    def write(self, outcome, *, who, jobs=()):
        kiosk, before, writes = self.kiosk, self.log.seq, self.kiosk.disk.writes
        try:
            super().write(outcome, who=who, jobs=jobs)
        finally:
            if kiosk.disk.writes != writes:
                kiosk.note_written(before)

    def take(self, outcome, *, who=None):
        before = self.log.seq
        done = super().take(outcome, who=who)
        if done and outcome.facts:
            self.kiosk.note_told(before)
        return done

    def safe(self, committed, statuses):
        super().safe(committed, statuses)
        self.kiosk.note("claimed", inc=self.log.inc, mark=committed)

    def set_beside(self, mark):
        super().set_beside(mark)
        names = [(seq, digest) for seq, digest, _ in self.store.records(self.log.inc) if seq <= mark]
        self.kiosk.note("beside", k=self.kiosk.k, inc=self.log.inc, mark=mark, committed=self.committed, names=names)


class SimKiosk:
    """A device with a card in it. `parts` are the classes it is made of; `world` gives time, history and the wire."""

    store_class = SimStore
    log_class = Log
    desk_class = SimDesk
    outbox_class = Outbox
    old_logs_class = OldLogs
    retention_class = Retention
    sealing_key = "centre"
    hood_class = SimNeighbourhood
    disk_options = MappingProxyType({})

    def __init__(self, *, device, k, lane, world):
        self.device = device
        self.k = k
        self.world = world
        self.lane = lane
        self.signer = signer(k, real=world.real)
        self.centre_signer = signer("server", real=world.real)
        self.sealer = sealer(self.sealing_key)
        self.clock = SimClock(lambda: world.now, device=device)
        self.disk = Disk(**self.disk_options)
        self.dice = random.Random(f"{world.schedule.seed}:{world.schedule.number}:{device}")
        self.running = False
        self.retired = False
        self.connected = False
        self.paused_until = 0
        self.act = ""
        self.printer = "ready"
        self.print_results = []
        self.paper = 0

    # ---- life ----

    def start(self):
        """Programs begin: everything is read from the disk."""
        if self.running or self.retired:
            return
        self.running, self.connected = True, False
        try:
            self._open()
        except NotWritten:
            self.running = False
        except PowerCut:
            self.power_cut()

    def _open(self):
        store = self.store_class(self.disk)
        inc = store.meta("inc")
        fresh = not inc
        if fresh:
            inc = self.mint_inc()
            store.commit(Batch(meta=(("inc", inc),)))
        seq, head = store.head(inc)
        hlc, told = (0, 0), ("", "")
        if seq:
            t = envelope.parse(store.pairs(inc, seq, seq)[0][0]).t
            hlc, told = tuple(t["hlc"]), (t["boot"], t["sure"])
        log = self.log_class(
            k=self.k, site=places.SITE, inc=inc, seq=seq, head=head, hlc=hlc, signer=self.signer, told=told
        )
        self.store = store
        self.desk = self.desk_class(
            store=store, clock=self.clock, record_log=log, lane=self.lane, name=self.lane, demo=False, mint=self.mint
        )
        self.desk.kiosk = self
        self.act = "start"
        if fresh:
            self.desk.lists_arrived(places.list_rows(self.world.keys))
        if not seq:
            self.desk.write(Outcome(facts=(Fact("log.opened", {"app": "sim", "why": "enrolled"}),)), who=MACHINE)
        prints.recover(self.desk)
        self.outbox = self.outbox_class(
            self.k, inc, last=self.desk.log.seq, committed=self.desk.committed, forked=store.forked(inc)
        )
        self.outbox.dropped(store.kept.gone(inc))
        store.on_away = self.note_away
        self.retention = self.retention_class(self.desk, self.sealer)
        self.old = self.old_logs_class(self)
        self.hood = self.hood_class(self)
        view = views.view(self.desk)
        self.note(
            "restarted", inc=inc, seq=self.desk.log.seq, waiting=view["sync"]["waiting"], visits=store.states(),
            shared=store.shared(),
        )  # fmt: skip

    def mint(self, count):
        return "".join(self.dice.choice(ALPHABET) for _ in range(count))

    def mint_inc(self):
        return f"{self.dice.getrandbits(64):016x}"

    def kill(self):
        """SIGKILL of all programs; the machine and its boot stay."""
        self.running = self.connected = False

    def power_cut(self, *, offset=None, sure=None):
        """The plug: unsynced writes are gone, a new boot begins, the clock may wake wrong."""
        self.kill()
        self.disk.power_cut()
        self.clock.boot_up(self.clock.offset if offset is None else offset, sure or self.clock.sure)

    def guarded(self, work):
        """Run something on the desk; a power cut inside it ends the programs, a bug in a decision ends nothing else."""
        if not self.running:
            return
        try:
            work()
        except PowerCut:
            self.power_cut()
        except NotWritten:
            self.note("logged", text="desk_work_failed")

    # ---- what is noted ----

    def note(self, event, **members):
        self.world.history.add(event, self.world.now, dev=self.device, **members)

    def note_written(self, before):
        """Whatever the disk took, also when the power went right after."""
        self.note_written_in(self.desk.log.inc, before)

    def note_written_in(self, inc, before):
        for seq, digest, line in self.store.records(inc, before):
            told = json.loads(line)
            self.note(
                "wrote", k=self.k, inc=inc, seq=seq, digest=digest, prev=told["prev"], kind=told["kind"], act=self.act,
                body=told["body"], t=told["t"],
            )  # fmt: skip
            self.world.records += 1

    def note_told(self, before):
        """The screen has changed: from now on the record is a promise."""
        inc = self.desk.log.inc
        names = [(self.k, inc, seq, digest) for seq, digest, _ in self.store.records(inc, before)]
        self.note("told", names=names, act=self.act)

    def show(self):
        """Read the header of the screen, as a page does: one whose visit has moved on meanwhile gives way to the queue."""
        view = views.shown(self.desk)
        self.note(
            "shown",
            inc=self.desk.log.inc,
            last=self.desk.log.seq,
            waiting=view["sync"]["waiting"],
            owed=self.desk.owed[0],
        )

    def note_away(self, event, **members):
        if event == "deleted":
            members["names"] = [(self.k, *row) for row in members["names"]]
        self.note(event, **members)

    # ---- the wire ----

    def wire_up(self):
        self.connected = True
        self.outbox.connected(self.clock.ticks())
        self.old.connected(self.clock.ticks())
        self.hood.connected(self.clock.ticks())
        self.desk.set_online(True)

    def wire_down(self):
        if self.connected:
            self.connected = False
            if self.running:
                self.outbox.disconnected()
                self.desk.set_online(False)

    def step(self):
        """One round of the desk's tick and of the sync thread."""
        if not self.running or self.world.now < self.paused_until:
            return
        self.guarded(self.desk._tick)
        self.guarded(self._drill)
        self.guarded(lambda: self.retention.step(self.clock.now()))
        if self.running:
            self.old.follow(self.clock.ticks())
        if self.running and self.connected:
            self.outbox.appended(self.desk.log.seq)
            for what, first, last in self.outbox.poll(self.clock.ticks(), self.dice.random()):
                if what == "hello":
                    self.hello(self.outbox.inc, self.outbox.committed + 1)
                else:
                    self.send(first, last)
            for inc, what, first, last in self.old.poll(self.clock.ticks()):
                if what == "hello":
                    self.hello(inc, 1)
                else:
                    self.send_old(inc, first, last)
            self.guarded(self._serve_neighbours)

    def _drill(self):
        self.act = f"drill:{self.desk.draft.drill.token}"
        drill.tick(self.desk)

    def _serve_neighbours(self):
        for leaf, payload in self.hood.step(self.clock.ticks(), self.outbox):
            if leaf == topics.UP:
                self.publish(payload)
            else:
                self.world.broker.beside(self, leaf, payload)

    def hear(self, k, leaf, payload):
        """A message on a neighbour's topic."""
        if self.running and self.connected and self.world.now >= self.paused_until:
            self.guarded(lambda: self.hood.message(k, leaf, payload, self.clock.now(), self.clock.ticks()))

    def hello(self, inc, first):
        moment = self.clock.now()
        last, head = self.store.head(inc)
        line = make_hello(
            k=self.k, inc=inc, first=first, last=last, head=head or envelope.GENESIS,
            boot=moment.boot, wall=moment.wall, sure=moment.sure, app="sim", gone=self.dropped(inc), mono=moment.mono,
        )  # fmt: skip
        self.publish(envelope.pack([(line, self.signer.line(line))]))

    def dropped(self, inc):
        gone = self.store.kept.gone(inc)
        if inc == self.outbox.inc:
            self.outbox.dropped(gone)
        return gone

    def send(self, first, last):
        log = self.desk.log
        # What is deleted here was safe, whatever an old answer says.
        mark = max(self.outbox.committed, self.outbox.gone)
        self.note("published", inc=log.inc, first=first, last=last, committed=mark, forked=self.outbox.forked)
        for start in range(first, last + 1, PER_MESSAGE):
            span = (log.inc, start, min(start + PER_MESSAGE - 1, last))
            for pairs in (self.store.kept.pairs(*span), self.pairs(*span)):
                if pairs:
                    self.publish(envelope.pack(pairs))
                    self.published(start, min(start + PER_MESSAGE - 1, last))

    def send_old(self, inc, first, last):
        """A window of a log that is written in no more."""
        for start in range(first, last + 1, PER_MESSAGE):
            span = (inc, start, min(start + PER_MESSAGE - 1, last))
            for pairs in (self.store.kept.pairs(*span), self.store.pairs(*span)):
                if pairs:
                    self.publish(envelope.pack(pairs))

    def pairs(self, inc, first, last):
        return self.store.pairs(inc, first, last)

    def publish(self, payload):
        self.world.broker.up(self, payload)

    def published(self, first, last):
        """The broker's PUBACK: news, never a receipt."""

    def receive(self, payload):
        """A message on our `down` topic."""
        if self.running and self.connected and self.world.now >= self.paused_until:
            self.guarded(lambda: self._take(payload))

    def _take(self, payload):
        try:
            pairs = envelope.unpack(payload)
            for line, signature in pairs:
                if not self.trusts(line, signature):
                    continue
                self.take_ack(inbox.read_ack(line))
        except ProtocolError:
            self.note("logged", text="message_refused")

    def trusts(self, line, signature):
        return self.centre_signer.good(line, signature)

    def take_ack(self, ack):
        self.hood.acknowledged(ack, self.clock.ticks())
        if ack["k"] != self.k:
            return
        if self.old.takes(ack, self.clock.ticks()):
            return
        held = self.store.digest(self.outbox.inc, ack["committed"])
        if ack["inc"] == self.outbox.inc and ack["committed"] > self.outbox.last:
            self.old.why = "restored"
        moved = self.outbox.acked(ack, self.clock.ticks(), held)
        statuses = [(int(seq), word, reason) for seq, word, reason in ack["status"] if seq.isdigit()]
        if (ack["k"], ack["inc"]) == (self.k, self.outbox.inc):
            self.heard(ack, min(ack["archived"], self.outbox.committed))
        if moved:
            self.note("taken", inc=self.desk.log.inc, mark=self.outbox.committed)
        if ack["k"] == self.k and ack["inc"] == self.desk.log.inc and (moved or statuses):
            self.desk.safe(self.outbox.committed, statuses)

    def heard(self, ack, archived):
        """What the centre says of its backups, and when."""
        self.retention.heard(ack["inc"], archived, ack["now"])

    # ---- the printer ----

    def print_step(self):
        """One job to the printer, as its thread does it."""
        self.desk.device("printer", self.printer)
        if self.printer != "ready":
            return
        taken = prints.take(self.desk)
        if taken is None:
            return
        job, _words = taken
        if "slip" not in job:
            # The drill's sheet: nobody's slip. It comes out and is read, or the screen goes on without.
            drill.printed(self.desk, "printed")
            drill.seen(self.desk, self.desk.draft.drill.code, "reader")
            return
        result = self.print_results.pop(0) if self.print_results else "printed"
        self.move_paper(job, result)
        if result != "power_cut":
            self.act = f"print:{job['slip']}:{job['copy']}"
            prints.done(self.desk, job, result)
        else:
            raise PowerCut

    def move_paper(self, job, result):
        """Paper with ink on it; of a job whose answer is lost nobody knows, so it counts as moved."""
        if result in ("printed", "unknown", "power_cut"):
            if job["what"] == "dose" and result == "printed":
                papers.keep(self, job["slip"])
            self.note(
                "printed", slip=job["slip"], copy=job["copy"], what=job["what"], visit=job["visit"], result=result
            )
