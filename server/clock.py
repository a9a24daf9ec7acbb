"""The one place that reads the machine's clocks. Everything else takes the time as an argument."""

import secrets
import time


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
