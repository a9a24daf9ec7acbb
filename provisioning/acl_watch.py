"""Makes a broker read its ACL file when the server has written it anew, as systemd's path unit does on a real machine.

For demo, scripted day and tests: enrolment and revocation from the console then hold at once.
"""

import logging
import threading
from types import TracebackType
from typing import Self

from provisioning.broker import Broker
from provisioning.stage import StageError

logger = logging.getLogger(__name__)
LOOK_S = 0.1
STOP_S = 5.0


class AclWatch:
    """One thread that looks at one file; a context manager."""

    def __init__(self, broker: Broker) -> None:
        self._broker = broker
        self._path = broker.place / "acl"
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="tram-acl-watch", daemon=True)

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def start(self) -> None:
        """Begin to look."""
        self._thread.start()

    def stop(self) -> None:
        """End."""
        self._stop.set()
        if self._thread.ident is not None:
            self._thread.join(STOP_S)

    def _run(self) -> None:
        seen = self._mark()
        while not self._stop.wait(LOOK_S):
            now = self._mark()
            if now != seen:
                seen = now
                self._reload()

    def _reload(self) -> None:
        # Said until it is heard: the broker forgets a signal that comes while it still reads because of the one before.
        try:
            self._broker.reload_read()
        except StageError:
            logger.warning("acl_not_read")

    def _mark(self) -> tuple[int, int]:
        try:
            found = self._path.stat()
        except OSError:
            return (0, 0)
        return (found.st_ino, found.st_mtime_ns)
