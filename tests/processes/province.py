"""The small province with everything that can be done to its processes. Starts and ends them; judges nothing."""

import json
import logging
import os
import signal
import threading
import time
from contextlib import suppress

from provisioning.hands import Hands, KioskAway
from provisioning.small_province import SmallProvince
from provisioning.stage import StageError, url_answers
from server.pki import kiosk_home, read_writers
from tests.processes import wire
from tests.processes.bad_broker import BadBroker
from tests.processes.hardship import Certificate, ClockFile, Descriptors, Disk, Lock, disks_possible
from tests.processes.schedule import LASTING
from tests.processes.warm import HOUSES, Mother, WarmProgram

logger = logging.getLogger(__name__)
# A machine with much else to do (twenty others in line for a core) needs minutes.
READY_S = 300.0
# No longer than a hand waits for an answer (`provisioning.hands`).
HAND_S = 20.0
WHOLE = (
    ("network", "plugged"),
    ("paper", "loaded"),
    ("cover", "closed"),
    ("printer", "plugged"),
    ("camera", "plugged"),
    ("camera", "uncovered"),
)


class FragileProvince(SmallProvince):
    """`planted`: the bug that kiosks and server are started with, for the rig's own proof; empty for the true programs.

    `watch`: sees what passes the frame proxy. `warm`: programs and commands are forks of a mother (`warm`), but for each
    program's first start; without it every start is a cold one. Every kiosk and the ledger have a small disk of their own if this machine
    allows it, every program a clock and a way to the broker of its own; the second kiosk has no camera.
    """

    def __init__(self, folder, *, speed, watch, planted="", seed=0, warm=True):
        super().__init__(folder, kiosks=2, speed=speed)
        self._warm = warm
        self._mothers = {}
        self._started = set()
        self._planted = planted
        self.killed = 0
        # What a bench answered that was no page: a finding.
        self.refused = []
        self._pulling = []
        self.names = ("server", *(station.name for station in self.stations))
        self.folder.mkdir(parents=True, exist_ok=True)
        self.disks = {}
        if disks_possible(self.folder):
            self.disks = {station.name: Disk(station.folder) for station in self.stations}
            self.disks["server"] = Disk(self.folder / "ledger")
        self.ledger = self.folder / "ledger" / "tram.db"
        self._watch, self._seed = watch, seed
        self.proxy = None
        self._clocks = {}
        # `(target, hardship): what ends it`. Who suffered one may end by itself, as long as it starts again afterwards.
        self._suffering = {}
        self.harmed = set()

    def start(self):
        """As the small province, on disks of its own."""
        (self.folder / "ledger").mkdir(exist_ok=True)
        if self._warm:
            self._mothers = {
                house: Mother(house, log=self._stage.folder / f"mother-{house}.log", planted=bool(self._planted))
                for house in HOUSES
            }
        for disk in self.disks.values():
            disk.mount()
        for station in self.stations:
            # Pictures of slips are the fake printer's paper, not the kiosk's disk.
            paper = self.folder / f"{station.name}-paper"
            paper.mkdir()
            station.folder.mkdir(exist_ok=True)
            (station.folder / "slips").symlink_to(paper)
        super().start()

    def stop(self):
        """Stop everything and give the disks back."""
        try:
            super().stop()
        finally:
            for target, kind in list(self._suffering):
                if kind == "db_locked":
                    self._relieve(target, kind)
            if self.proxy is not None:
                self.proxy.stop()
            for mother in self._mothers.values():
                mother.stop()
            for disk in self.disks.values():
                disk.unmount()

    def start_server(self, *, wait=True):
        """Start the server; with `wait`, until it answers."""
        self._server = self._start("server", "server", "--config", str(self.server_settings), "run")
        if wait:
            self._server.await_ready(lambda: url_answers(self.server_url), timeout_s=READY_S)

    def start_kiosk(self, station, *, wait=True):
        """Start one kiosk; with `wait`, until its screen answers."""
        station.program = self._start(station.name, "kiosk", "run", "--config", str(station.settings))
        if wait:
            self._await(station)

    def possible(self, step):
        """Does this machine allow it?"""
        return step.value != "disk_full" or bool(self.disks)

    def do(self, step):
        """Do one step of a schedule. Starting does not wait: the next misfortune may meet a half-started program."""
        if step.act == "later":
            return
        if step.act.startswith("pull:"):
            # A hand on a lever must not hold up the other misfortunes: a frozen kiosk answers late.
            lever = (self.station(step.target), step.act.removeprefix("pull:"), step.value)
            hand = threading.Thread(target=self._pull, args=lever, daemon=True)
            hand.start()
            self._pulling.append(hand)
        elif step.act.startswith("frames:"):
            self.proxy.mishandle(step.target, step.act.removeprefix("frames:"), step.value)
        elif step.act == "suffer":
            self._suffer(step.target, step.value)
        elif step.act == "relieve":
            self._relieve(step.target, step.value)
        elif step.target == "broker":
            self._do_broker(step.act)
        elif step.act == "start":
            self._begin(step.target)
        else:
            self._do_program(step.target, step.act)

    def clock_ahead(self, station):
        """For `with`: the kiosk's wall clock stands an hour ahead meanwhile."""
        return self._clocks[station.name].ahead()

    def ended_by_themselves(self):
        """Names of programs that ended though nothing was done to them that explains it."""
        return sorted({one.name for one in self.ended()} - self.harmed)

    def mend(self):
        """Everything runs, every cable is plugged, every printer has paper; back when all of it answers.

        What is `LASTING` goes on until `settle`.
        """
        self._relieve_all(but=LASTING)
        self.proxy.mend(but=LASTING)
        self._broker.thaw()
        if self._broker.shape:
            self._broker.begin()
        self._do_broker("start")
        self._do_broker("hear")
        for target in self.names:
            program = self.program(target)
            if program is not None:
                program.signal(signal.SIGCONT)
            if program is None or not program.running():
                self._again(target)
        for target in self.names:
            try:
                self._answering(target)
            except StageError:
                # It died of a hardship that was over a moment later; systemd would start it again.
                if target not in self.harmed:
                    raise
                self._again(target)
                self._answering(target)
        self.harmed.clear()
        # A hand that waited for a frozen kiosk must not pull the cable out again behind us.
        while self._pulling:
            self._pulling.pop().join(HAND_S)
        for station in self.stations:
            for lever, value in WHOLE:
                try:
                    Hands(station.url).pull(lever, value)
                except RuntimeError as error:
                    self._note_refusal(station, lever, value, error)

    def revive(self):
        """A broker that died by itself is started again, as systemd would: mosquitto 2.0.11 does die of a reload now and then."""
        program = self._broker._program
        if program is not None and not program.running() and not self._broker.shape:
            logger.warning("broker_died")
            self._broker.begin()

    def settle(self):
        """The last of it is over: packets pass as they should, clocks are right."""
        self._relieve_all()
        self.proxy.mend()

    def logs(self):
        """Every log file of the province's programs."""
        return sorted(self.folder.glob("**/*.log"))

    def station(self, name):
        """The kiosk of that name."""
        return next(station for station in self.stations if station.name == name)

    def program(self, target):
        """The process of the server or a kiosk; None while it is stopped."""
        return self._server if target == "server" else self.station(target).program

    def _start(self, name, house, *words):
        """Cold the first time, as a technician would; then as a fork of the house's mother."""
        if self._mothers and name in self._started:
            program = self._warm_program(
                name, house, words, log=self._stage.folder / f"{name}.log", planted=self._planted
            )
            self._stage.add(program)
            return program
        self._started.add(name)
        planted = ("tests.processes.planted", self._planted) if self._planted else ()
        return self._stage.start(name, ("python", "-m", *planted, house, *words))

    def _run(self, name, command):
        if not self._mothers:
            return super()._run(name, command)
        _, _, house, *words = command
        log = self._stage.folder / "commands" / f"{name}-{time.monotonic_ns()}.log"
        program = self._warm_program(name, house, words, log=log)
        program.wait(READY_S)
        return program.tail(200)

    def _warm_program(self, name, house, words, *, log, planted=""):
        return WarmProgram(
            name, words, log=log, environment=dict(os.environ), mother=self._mothers[house], planted=planted
        )

    def _answering(self, target):
        url = self.server_url if target == "server" else self.station(target).url
        self.program(target).await_ready(lambda: url_answers(url), timeout_s=READY_S)

    def _again(self, target):
        self._forget(target)
        self._begin(target)

    def _forget(self, target):
        program = self.program(target)
        if program is not None:
            self._stage.forget(program)
        if target == "server":
            self._server = None
        else:
            self.station(target).program = None

    def _begin(self, target):
        if target == "server":
            self.start_server(wait=False)
        else:
            self.start_kiosk(self.station(target), wait=False)

    def _do_program(self, target, act):
        program = self.program(target)
        if act == "kill":
            self.killed += 1
            program.kill()
            self._forget(target)
        elif act == "stop":
            self._forget(target)
        else:
            program.signal({"freeze": signal.SIGSTOP, "thaw": signal.SIGCONT}[act])

    def _do_broker(self, act):
        broker = self._broker
        if act == "kill":
            self.killed += 1
            broker.kill()
        elif act == "stop":
            broker.stop()
        elif act == "start":
            if broker._program is None:
                broker.begin()
        elif act in ("narrow", "poor"):
            # One that dies of its memory at once is away until it is given more.
            with suppress(StageError):
                broker.begin(act)
        elif act == "widen":
            broker.begin()
        elif act == "expire":
            self._suffering["broker", act] = self._renew_broker
            broker.certificate(self.keys).expire()
            for name in self.names:
                self.proxy.pass_raw(name, raw=True)
            broker.begin()
        elif act == "renew":
            self._relieve("broker", "expire")
        elif act == "deaf":
            # F63: an ACL that allows nobody anything.
            broker.reload_acl([])
        elif act == "hear":
            broker.reload_acl(read_writers(self.keys))
        else:
            {"freeze": broker.freeze, "thaw": broker.thaw}[act]()

    def _renew_broker(self):
        self._broker.certificate(self.keys).renew()
        self._broker.begin()
        for name in self.names:
            self.proxy.pass_raw(name, raw=False)

    def _suffer(self, target, kind):
        """Begin a hardship of a machine; `_relieve` ends it."""
        self.harmed.add(target)
        if kind == "disk_full":
            begin, end = self.disks[target].fill, self.disks[target].free
        elif kind == "db_locked":
            lock = Lock(self.ledger if target == "server" else self.station(target).folder / "kiosk.db")
            begin, end = lock.take, lock.release
        elif kind == "no_descriptors":
            program = self.program(target)
            if program is None:
                return
            descriptors = Descriptors(program.pid)
            begin, end = descriptors.take, descriptors.release
        elif kind == "certificate":
            begin, end = self._certificate(target)
        else:
            clock = self._clocks[target]
            begin, end = lambda: clock.jump(kind.removeprefix("clock_")), clock.mend
        self._suffering[target, kind] = end
        begin()

    def _certificate(self, target):
        """End to end, so that it is the true broker who refuses it."""
        writer = next(one for one in read_writers(self.keys) if one.k == target)
        place = kiosk_home(self.keys, target) / "kit"
        certificate = Certificate(self.keys, place=place, stem="client", name=writer.identity)

        def begin():
            certificate.expire()
            self.proxy.pass_raw(target, raw=True)

        def end():
            certificate.renew()
            self.proxy.pass_raw(target, raw=False)

        return begin, end

    def _relieve(self, target, kind):
        end = self._suffering.pop((target, kind), None)
        if end is not None:
            end()

    def _relieve_all(self, *, but=()):
        for target, kind in list(self._suffering):
            if kind not in but:
                self._relieve(target, kind)

    def _pull(self, station, lever, value):
        # Killed meanwhile: its cable and its printer are new ones after the restart.
        bare = (station.name, "no_descriptors")
        was_bare = bare in self._suffering
        try:
            with suppress(KioskAway):
                Hands(station.url).pull(lever, value)
        except RuntimeError as error:
            # A device of ours lives in the kiosk's process: without descriptors it cannot be plugged. All are, when all is mended.
            if not was_bare and bare not in self._suffering:
                self._note_refusal(station, lever, value, error)

    def _note_refusal(self, station, lever, value, error):
        self.refused.append(f"{station.name}, {lever} {value}: {error}")

    # What the small province asks while it starts.

    def _make_broker(self, port):
        made = BadBroker(self.keys, writers=read_writers(self.keys), port=port)
        self.proxy.start()
        return made

    def _wire_port(self, name, broker_port):
        if self.proxy is None:
            self.proxy = wire.FrameProxy(
                target_port=broker_port, broker=self.keys / "broker", watch=self._watch, seed=self._seed
            )
            kits = {name: kiosk_home(self.keys, name) / "kit" for name in self.names}
            self._ports = {
                each: self.proxy.add(each, identity=self.keys / "server" if each == "server" else kits[each])
                for each in self.names
            }
        return self._ports[name]

    def _write_clock(self):
        super()._write_clock()
        base = json.loads(self.clock.read_text("utf-8"))
        self._clocks = {name: ClockFile(self._clock_of(name), base) for name in self.names}

    def _clock_of(self, name):
        return self.folder / f"clock-{name}.json"

    def _camera_of(self, name):
        return "fake" if name == self.stations[0].name else "none"
