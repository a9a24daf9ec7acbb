"""A speaker by espeak-ng, a program of Debian's that speaks Vietnamese and English offline. One child a sentence."""

import logging
import subprocess
import time
from collections import deque
from collections.abc import Callable

from kiosk.hardware.speaker import MOST_WAITING, Speaker

logger = logging.getLogger(__name__)
# A little slower than its own 175 words a minute: a hall is loud.
WORDS_A_MIN = 140
# The longest sentence takes some six seconds; a child that hangs on a sound card is ended.
LONGEST_S = 20.0


class EspeakSpeaker(Speaker):
    """Used by one thread. `program`: its name or path; `now_s`: seconds that only go forward."""

    def __init__(self, *, program: str = "espeak-ng", now_s: Callable[[], float] = time.monotonic) -> None:
        self._program = program
        self._now_s = now_s
        self._waiting: deque[tuple[str, str]] = deque(maxlen=MOST_WAITING)
        self._child: subprocess.Popen[bytes] | None = None
        self._since = 0.0
        self._status = "ready"

    def say(self, text: str, lang: str) -> None:
        """Put it behind what waits."""
        self._waiting.append((text, lang))

    def step(self) -> str:
        """Begin the next sentence when the last one is over."""
        status = self._stepped()
        if status != self._status and "absent" in (status, self._status):
            logger.warning("speaker %s: %s", self._program, status)
        self._status = status
        return status

    def _stepped(self) -> str:
        if self._child is not None:
            over = self._child.poll()
            if over is None and self._now_s() - self._since <= LONGEST_S:
                return "speaking"
            self._end()
            if over != 0:
                return "failed"
        if not self._waiting:
            return self._status if self._status in ("absent", "failed") else "ready"
        text, lang = self._waiting.popleft()
        return self._begin(text, lang)

    def _begin(self, text: str, lang: str) -> str:
        command = [self._program, "-v", lang, "-s", str(WORDS_A_MIN), "--stdin"]
        try:
            self._child = subprocess.Popen(  # noqa: S603 - our own words, no shell
                command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
            )
        except OSError:
            # Not installed: what waits is dropped, and the next sentence tries again.
            self._waiting.clear()
            return "absent"
        self._since = self._now_s()
        assert self._child.stdin is not None  # noqa: S101 - for the type checker: PIPE was asked for
        try:
            # Less than a pipe holds, so nobody waits.
            self._child.stdin.write(text.encode())
            self._child.stdin.close()
        except OSError:
            self._end()
            return "failed"
        return "speaking"

    def _end(self) -> None:
        child, self._child = self._child, None
        if child is not None:
            child.kill()
            child.wait()
            if child.stdin is not None and not child.stdin.closed:
                child.stdin.close()

    def close(self) -> None:
        """Be silent."""
        self._waiting.clear()
        self._end()
