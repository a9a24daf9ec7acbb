"""The small province with everything that can be done to its processes. Starts and ends them; judges nothing."""

import signal
import threading
from contextlib import suppress

from provisioning.hands import Hands, KioskAway
from provisioning.small_province import SmallProvince
from provisioning.stage import url_answers
from server.pki import read_writers

READY_S = 60.0
# No longer than a hand waits for an answer (`provisioning.hands`).
HAND_S = 20.0


class FragileProvince(SmallProvince):
    """`planted`: the bug that kiosks and server are started with, for the rig's own proof; empty for the true programs."""

    def __init__(self, folder, *, speed, planted=""):
        super().__init__(folder, kiosks=2, speed=speed)
        self._planted = planted
        self.killed = 0
        # What a bench answered that was no page: a finding.
        self.refused = []
        self._pulling = []

    def start_server(self, *, wait=True):
        """Start the server; with `wait`, until it answers."""
        self._server = self._stage.start(
            "server", self._command("server", "--config", str(self.server_settings), "run")
        )
        if wait:
            self._server.await_ready(lambda: url_answers(self.server_url), timeout_s=READY_S)

    def start_kiosk(self, station, *, wait=True):
        """Start one kiosk; with `wait`, until its screen answers."""
        words = self._command("kiosk", "run", "--config", str(station.settings))
        station.program = self._stage.start(station.name, words)
        if wait:
            self._await(station)

    def do(self, step):
        """Do one step of a schedule. Starting does not wait: the next misfortune may meet a half-started program."""
        if step.act.startswith("pull:"):
            # A hand on a lever must not hold up the other misfortunes: a frozen kiosk answers late.
            lever = (self._station_of(step.target), step.act.removeprefix("pull:"), step.value)
            hand = threading.Thread(target=self._pull, args=lever, daemon=True)
            hand.start()
            self._pulling.append(hand)
        elif step.target == "broker":
            self._do_broker(step.act)
        elif step.act == "start":
            self._begin(step.target)
        else:
            self._do_program(step.target, step.act)

    def mend(self):
        """Everything runs, every cable is plugged, every printer has paper; back when all of it answers."""
        self._broker.thaw()
        self._do_broker("start")
        self._do_broker("hear")
        for target in ("server", *(station.name for station in self.stations)):
            program = self._program(target)
            if program is not None:
                program.signal(signal.SIGCONT)
            if program is None or not program.running():
                self._forget(target)
                self._begin(target)
        self._server.await_ready(lambda: url_answers(self.server_url), timeout_s=READY_S)
        for station in self.stations:
            self._await(station)
        # A hand that waited for a frozen kiosk must not pull the cable out again behind us.
        while self._pulling:
            self._pulling.pop().join(HAND_S)
        for station in self.stations:
            for lever, value in (
                ("network", "plugged"),
                ("paper", "loaded"),
                ("cover", "closed"),
                ("printer", "plugged"),
                ("camera", "plugged"),
                ("camera", "uncovered"),
            ):
                Hands(station.url).pull(lever, value)

    def logs(self):
        """Every log file of the province's programs."""
        return sorted(self.folder.glob("**/*.log"))

    def _command(self, house, *words):
        if self._planted:
            return ("python", "-m", "tests.processes.planted", self._planted, house, *words)
        return ("python", "-m", house, *words)

    def _station_of(self, name):
        return next(station for station in self.stations if station.name == name)

    def _program(self, target):
        return self._server if target == "server" else self._station_of(target).program

    def _forget(self, target):
        program = self._program(target)
        if program is not None:
            self._stage.forget(program)
        if target == "server":
            self._server = None
        else:
            self._station_of(target).program = None

    def _begin(self, target):
        if target == "server":
            self.start_server(wait=False)
        else:
            self.start_kiosk(self._station_of(target), wait=False)

    def _do_program(self, target, act):
        program = self._program(target)
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
                broker.start()
        elif act == "deaf":
            # F63: an ACL that allows nobody anything.
            broker.reload_acl([])
        elif act == "hear":
            broker.reload_acl(read_writers(self.keys))
        else:
            {"freeze": broker.freeze, "thaw": broker.thaw}[act]()

    def _pull(self, station, lever, value):
        # Killed meanwhile: its cable and its printer are new ones after the restart.
        try:
            with suppress(KioskAway):
                Hands(station.url).pull(lever, value)
        except RuntimeError as error:
            self.refused.append(f"{station.name}, {lever} {value}: {error}")
