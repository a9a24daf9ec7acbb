"""One thread that repeats one step: the only kind of thread the devices use.

It owns the stop event, the thread's name and the wait after trouble. It must not know what a step does.
"""

import logging
import threading
from collections.abc import Callable

logger = logging.getLogger(__name__)

LONGEST_WAIT_S = 30.0


class ZombieThread(RuntimeError):
    """A worker did not end in the time it was given; its device may still be held."""

    def __init__(self, name: str, timeout_s: float) -> None:
        super().__init__(f"thread {name} still runs {timeout_s:g} s after stop")
        self.name = name
        self.timeout_s = timeout_s


class Worker:
    """Call `step()` every `interval_s` seconds in a thread named `tram-<name>` until stopped.

    A step that raises is logged and tried again after a wait that doubles from `interval_s` (at least
    0.1 s) to 30 s; the first good step brings the wait back.
    """

    def __init__(self, name: str, step: Callable[[], object], *, interval_s: float) -> None:
        self.name = f"tram-{name}"
        self._step = step
        self._interval_s = interval_s
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None

    @property
    def is_running(self) -> bool:
        """Whether the thread lives."""
        return self._thread is not None and self._thread.is_alive()

    def start(self) -> None:
        """Start the thread; a second start of a running worker is an error of the caller."""
        if self.is_running:
            raise RuntimeError(f"{self.name} already runs")
        self._stop.clear()
        self._thread = threading.Thread(target=self._run, name=self.name, daemon=True)
        self._thread.start()

    def stop(self, timeout_s: float = 5.0) -> None:
        """Ask the thread to end and wait; raise ZombieThread when it does not."""
        self._stop.set()
        if self._thread is None:
            return
        self._thread.join(timeout_s)
        if self._thread.is_alive():
            raise ZombieThread(self.name, timeout_s)
        self._thread = None

    def _run(self) -> None:
        wait_s = self._interval_s
        while not self._stop.is_set():
            try:
                self._step()
                wait_s = self._interval_s
            except Exception:  # loop edge
                logger.exception("%s: step failed", self.name)
                wait_s = min(max(wait_s * 2, 0.1), LONGEST_WAIT_S)
            self._stop.wait(wait_s)
