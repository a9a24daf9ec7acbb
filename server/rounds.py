"""A thread that goes its rounds: one step again and again until it is told to stop. It knows nothing of what a step does."""

import logging
import threading
from collections.abc import Callable

logger = logging.getLogger(__name__)
STOP_S = 30.0
# A mistake of ours would fail again at once; a database that is away comes back.
LONGEST_WAIT_S = 30.0


class Rounds:
    """Call `step()` in the thread `tram-<name>`: again at once while it says that there is more, else after `every_s`.

    A step that raises is logged and tried again after a wait that doubles up to 30 s.
    """

    def __init__(self, name: str, step: Callable[[], object], *, every_s: float) -> None:
        self.name = name
        self._step = step
        self._every_s = every_s
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._work, name=f"tram-{name}", daemon=True)

    def start(self) -> None:
        """Go on until `stop`."""
        self._thread.start()

    def stop(self) -> None:
        """End after the step under way."""
        self._stopping.set()
        if self._thread.ident is not None:
            self._thread.join(STOP_S)
            if self._thread.is_alive():
                logger.error("%s_thread_left_running", self.name)

    def alive(self) -> bool:
        """Does the thread still go?"""
        return self._thread.is_alive()

    def _work(self) -> None:
        wait = 0.0
        while not self._stopping.wait(wait):
            try:
                wait = 0.0 if self._step() else self._every_s
            except Exception:  # loop edge: what one step could not do must not end all that come after it
                logger.exception("%s_step_failed", self.name)
                wait = min(max(wait, self._every_s) * 2, LONGEST_WAIT_S)
