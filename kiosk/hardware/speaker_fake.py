"""A speaker that writes down what it would have said. Levers: `unplug`, `plug`; says no more than a real one could."""

from collections import deque

from kiosk.hardware.speaker import MOST_WAITING, Speaker


class FakeSpeaker(Speaker):
    """`said`: `(text, lang)` of every sentence, oldest first; one a step."""

    def __init__(self) -> None:
        self.said: list[tuple[str, str]] = []
        self._waiting: deque[tuple[str, str]] = deque(maxlen=MOST_WAITING)
        self._status = "ready"
        self._plugged = True

    def unplug(self) -> None:
        """As if espeak-ng were not installed."""
        self._plugged = False

    def plug(self) -> None:
        """And there again."""
        self._plugged = True

    def say(self, text: str, lang: str) -> None:
        """Put it behind what waits."""
        self._waiting.append((text, lang))

    def step(self) -> str:
        """Say the next one."""
        if not self._waiting:
            self._status = "absent" if self._status == "absent" else "ready"
        elif not self._plugged:
            self._waiting.clear()
            self._status = "absent"
        else:
            self.said.append(self._waiting.popleft())
            self._status = "speaking"
        return self._status

    def close(self) -> None:
        """Be silent."""
        self._waiting.clear()
