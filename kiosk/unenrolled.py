"""A kiosk that is nobody yet: camera, hand scanner and one page that asks for the enrolment QR. Composes; stops in reverse.

Ends when the kit stands; then `app.Kiosk` takes over the same port.
"""

from __future__ import annotations

import logging
import queue
import threading
from contextlib import ExitStack
from dataclasses import replace
from types import TracebackType
from typing import Any, Self

from kiosk import enrolment
from kiosk.box import hardware_id
from kiosk.clock import SystemClock
from kiosk.config import APP, Config
from kiosk.errors import EnrolmentRefused, NotEnrolled
from kiosk.feeds import start_camera, start_reader
from kiosk.hardware.bench import VirtualBench
from kiosk.screens.enrolment import create_enrolment
from kiosk.screens.serving import serve
from kiosk.supervisor import Supervisor

log = logging.getLogger(__name__)
# The watchdog asks every 30 seconds; a question to the door takes 6 at most, twice.
LOOK_S = 0.5
# How long the page says who the kiosk is now, before it becomes that.
SHOWN_S = 2.0


def is_blank(config: Config) -> bool:
    """Was this kiosk never enrolled? A kit that is there and not whole is damage, and says so elsewhere."""
    return not config.path("kit").exists()


class Unenrolled:
    """The state and its parts: a context manager. `url` is the page's address."""

    def __init__(self, config: Config) -> None:
        self._config = config
        self._read: queue.Queue[bytes] = queue.Queue()
        self._stack = ExitStack()
        self._view: dict[str, Any] = {
            "version": 1, "word": "", "k": "", "hardware": hardware_id(), "demo": config.demo,
            "devices": {"camera": "absent", "reader": "disconnected"},
        }  # fmt: skip
        self.bench: VirtualBench | None = None
        self.url = ""

    def __enter__(self) -> Self:
        with ExitStack() as stack:
            config, clock = self._config, SystemClock()
            camera = start_camera(stack, config, self, clock)
            reader = start_reader(stack, config, self, clock)
            if config.demo:
                cards = config.path("demo_cards") if config.text("demo_cards") else None
                self.bench = VirtualBench(
                    camera=camera, reader=reader, printer=None, cables=(), slips=config.path("folder"), cards=cards,
                    skip=None,
                )  # fmt: skip
                stack.callback(self.bench.close)
            app = create_enrolment(state=self, bench=self.bench)
            port, stop = serve(app, config.number("screen_port"))
            stack.callback(stop)
            self.url = f"http://127.0.0.1:{port}/"
            # The page's browser stays where it is.
            self._config = replace(config, values={**config.values, "screen_port": port})
            self._stack = stack.pop_all()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stack.close()

    def wait(self, stop: threading.Event) -> Config | None:
        """Until the kit stands: the settings to go on with; None when `stop` came first."""
        supervisor = Supervisor()
        supervisor.ready()
        while not stop.is_set():
            supervisor.alive()
            try:
                data = self._read.get(timeout=LOOK_S)
            except queue.Empty:
                continue
            if self._enrol(data):
                stop.wait(SHOWN_S)
                return self._config
        return None

    def view(self) -> dict[str, Any]:
        """What the page shows: `version`, `word` (of the last try), `k` once enrolled, `hardware`, `devices`, `demo`."""
        return self._view

    # What camera and hand scanner tell (`feeds.Reads`), on their threads.

    @property
    def camera_rests(self) -> bool:
        """Never: nobody else uses power here."""
        return False

    def scan(self, data: bytes, _source: str) -> None:
        """A code was read."""
        self._read.put(data)

    def device(self, name: str, status: str) -> None:
        """`camera` or `reader` has this status now."""
        if self._view["devices"].get(name) != status:
            self._show(devices={**self._view["devices"], name: status})

    def _enrol(self, data: bytes) -> bool:
        try:
            text = data.decode("ascii")
        except UnicodeDecodeError:
            text = ""
        self._show(word="asking")
        try:
            k = enrolment.enrol(self._config.path("kit"), text, hardware=self._view["hardware"], app=APP)
        except EnrolmentRefused as refused:
            log.warning("enrolment_refused word=%s", refused.word)
            self._show(word=refused.word)
            return False
        except (OSError, NotEnrolled):
            log.exception("enrolment_not_written")
            self._show(word="not_written")
            return False
        self._show(word="enrolled", k=k)
        return True

    def _show(self, **changes: Any) -> None:
        # Replaced whole: a page's thread reads the one or the other.
        self._view = {**self._view, **changes, "version": self._view["version"] + 1}
