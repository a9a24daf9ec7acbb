"""The contract of the computer itself: its power, its heat, the room on its memory card; and the step that tells of it.

Trouble is a word or None, never an exception. It must not know what a kiosk does about it.
"""

import logging
from collections.abc import Callable

from kiosk.status import Machine as Reading

logger = logging.getLogger(__name__)

MACHINE_POWERS = ("good", "was_poor", "poor", "unknown")
MACHINE_WEARS = ("fresh", "worn", "spent", "unknown")


class Machine:
    """Contract. Drivers must override both."""

    def read(self) -> Reading:
        """Say how the computer is now; what cannot be read is "unknown" or None. Takes at most 2 s."""
        raise NotImplementedError

    def close(self) -> None:
        """Let go of what is held."""
        raise NotImplementedError


class MachineFeed:
    """The step of the machine's worker. `on_reading(reading)`: on change only, the first time included."""

    def __init__(self, machine: Machine, on_reading: Callable[[Reading], object]) -> None:
        self._machine = machine
        self._on_reading = on_reading
        self._last: Reading | None = None

    def step(self) -> None:
        """Look once."""
        reading = self._machine.read()
        if reading == self._last:
            return
        if self._last is None or self._last.power != reading.power:
            logger.info("machine power: %s", reading.power)
        self._last = reading
        self._on_reading(reading)

    def close(self) -> None:
        """Close the machine's driver."""
        self._machine.close()
