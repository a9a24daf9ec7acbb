"""The one place that reads the machine's clocks. Everything else takes the time as an argument."""

import json
import secrets
import time
from datetime import UTC, datetime
from pathlib import Path


class Clock:
    """Wall clock and monotonic clock in milliseconds. `boot` names the span in which `mono_ms` is comparable."""

    def __init__(self) -> None:
        self.boot = secrets.token_hex(8)
        self._begun = time.monotonic()

    def wall_ms(self) -> int:
        """UTC milliseconds since 1970."""
        return time.time_ns() // 1_000_000

    def mono_ms(self) -> int:
        """Milliseconds since this clock was made; never goes back."""
        return int((time.monotonic() - self._begun) * 1000)


class DemoClock(Clock):
    """A demonstration's clock: one small file, shared with the kiosks, says from when and how fast time runs.

    The file: `{"real": ms, "wall": ms, "speed": n}`; `kiosk/clock.py` writes it when somebody skips time.
    """

    def __init__(self, path: Path) -> None:
        super().__init__()
        self._path = path

    def wall_ms(self) -> int:
        """UTC milliseconds of the demonstration's day."""
        base = json.loads(self._path.read_text("utf-8"))
        return int(base["wall"] + (time.time_ns() // 1_000_000 - base["real"]) * base["speed"])


def machine_time() -> datetime:
    """Now in UTC by this machine's own clock: TLS judges certificates by it, whatever day a demonstration plays."""
    return datetime.now(UTC)
