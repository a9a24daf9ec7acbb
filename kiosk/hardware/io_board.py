"""The contract of an I/O board (lamp, buzzer, button, slip sensor, cold-box thermometer), and the step that hands on
what it says. It must not know what a signal or a temperature means.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass

logger = logging.getLogger(__name__)

# "silent": the port is open and no frame of a board comes. "wrong_key": its readings are signed with another key than
# this kiosk was given; they are left out, the rest works.
IO_BOARD_STATUSES = ("ready", "disconnected", "silent", "wrong_key")


@dataclass(frozen=True)
class Signal:
    """What lamp and buzzer say. `lamp`, `sound`: words of `boardlink`; `blink`: half a period in tenths of a second,
    0 is steady; `lasts`: tenths of a second, 0 until the next signal.
    """

    lamp: str = "off"
    blink: int = 0
    sound: str = "none"
    lasts: int = 0


@dataclass(frozen=True)
class Pressed:
    """The button was pressed once."""


@dataclass(frozen=True)
class Slip:
    """Paper hangs in the printer's mouth, or was taken. Said on change."""

    present: bool


@dataclass(frozen=True)
class Reading:
    """The thermometer of `box` said something. `tenths_c`: None with a `fault` (`boardlink.FAULTS`).

    `boot`, `n`, `up_s`, `mac` (hex) are the board's proof (`boardlink.signed_part`); it was checked.
    """

    box: str
    tenths_c: int | None
    fault: str
    boot: int
    n: int
    up_s: int
    mac: str


Event = Pressed | Slip | Reading


class IOBoard:
    """Contract. Drivers must override all; trouble is a status, never an exception."""

    def poll(self) -> list[Event]:
        """Wait a short while (at most 0.1 s) and return what the board said, mostly nothing. Sends what waits."""
        raise NotImplementedError

    def show(self, signal: Signal) -> None:
        """Say this from the next poll on, once the board is there. From any thread; the last one counts."""
        raise NotImplementedError

    def status(self) -> str:
        """Return one of IO_BOARD_STATUSES."""
        raise NotImplementedError

    def close(self) -> None:
        """Let go of the device."""
        raise NotImplementedError


class IOBoardFeed:
    """The step of the board's worker: `on_event(event)` for each, `on_status(status)` on change only."""

    def __init__(self, board: IOBoard, on_event: Callable[[Event], object], on_status: Callable[[str], object]) -> None:
        self._board = board
        self._on_event = on_event
        self._on_status = on_status
        self._status: str | None = None

    def step(self) -> None:
        """Poll once."""
        events = self._board.poll()
        status = self._board.status()
        if status != self._status:
            logger.info("I/O board status: %s -> %s", self._status, status)
            self._status = status
            self._on_status(status)
        for event in events:
            self._on_event(event)

    def close(self) -> None:
        """Close the board."""
        self._board.close()
