"""An I/O board without a board: the real firmware's rules on pins that are levers, behind a pseudo-terminal.

Ships with the product, used only when the settings name it, and the screen then says DEMO.
"""

import os
import pty
import tempfile
import termios
import threading
import time
import tty
from pathlib import Path
from typing import Self

from kiosk.hardware.firmware.board import Board
from kiosk.hardware.firmware.levers import LeverPins

# The demonstration's key; a real board's is made when it is flashed.
FAKE_KEY = bytes(range(32))
FAKE_NAME = "box-demo"
_TURN_S = 0.01
# Its sensor answers faster than a real one, so that a demonstration need not wait.
READING_MS = 1000
_MOST_AT_ONCE = 4096
_LONGEST_PRESS_MS = 5000


class PtyLine:
    """A serial line whose other end the kiosk opens at `path`, a name that stays over unplug and plug."""

    def __init__(self) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="tram-board-")
        self._link = Path(self._folder.name) / "board"
        self._device_end: int | None = None
        self._kiosk_end: int | None = None
        self._guard = threading.Lock()
        self.plug()

    @property
    def path(self) -> str:
        """The name of the serial port."""
        return str(self._link)

    def unplug(self) -> None:
        """Pull the plug: the port hangs up and its name disappears."""
        with self._guard:
            self._link.unlink(missing_ok=True)
            for end in (self._device_end, self._kiosk_end):
                if end is not None:
                    os.close(end)
            self._device_end = self._kiosk_end = None

    def plug(self) -> None:
        """Plug in: the same name, a new port behind it."""
        self.unplug()
        with self._guard:
            self._device_end, self._kiosk_end = pty.openpty()
            # Raw before anyone opens it: a terminal would turn CR into LF and echo.
            tty.setraw(self._kiosk_end, termios.TCSANOW)
            os.set_blocking(self._device_end, False)
            self._link.symlink_to(os.ttyname(self._kiosk_end))

    def read(self) -> bytes:
        """What the kiosk has sent; does not wait."""
        with self._guard:
            if self._device_end is None:
                return b""
            try:
                return os.read(self._device_end, _MOST_AT_ONCE)
            except OSError:  # nothing there, or nobody has it open
                return b""

    def write(self, data: bytes) -> None:
        """Send; what nobody reads is lost, as on a board whose host sleeps."""
        with self._guard:
            if data and self._device_end is not None:
                try:
                    os.write(self._device_end, data)
                except OSError:
                    return

    def close(self) -> None:
        """Throw the line away."""
        self.unplug()
        self._folder.cleanup()


class FakeIOBoard:
    """The device's end of the wire, with levers. `path` is what the kiosk opens."""

    key = FAKE_KEY

    def __init__(self) -> None:
        self.pins = LeverPins()
        self.line = PtyLine()
        self._boot = 0
        self._board: Board
        self._guard = threading.Lock()
        self._stop = threading.Event()
        self.restart()
        self._thread = threading.Thread(target=self._run, name="tram-fake-board")
        self._thread.start()

    @property
    def path(self) -> str:
        """The name of the serial port."""
        return self.line.path

    @property
    def lamp(self) -> str:
        """The colour that is lit now."""
        return self.pins.lamp

    @property
    def lamps(self) -> list[str]:
        """The lamp's last colours, in order; "off" among them."""
        return list(self.pins.lamps)

    @property
    def sounds(self) -> list[int]:
        """The buzzer's last tones in hertz, in order; 0 is silence."""
        return list(self.pins.sounds)

    def press(self) -> None:
        """Press the button and let go."""
        for down in (True, False):
            self.pins.pressed = down
            # A busy machine turns the board rarely: the hand stays until the board has felt it.
            until = _monotonic_ms() + _LONGEST_PRESS_MS
            while self._board.is_pressed != down and _monotonic_ms() < until:
                self._stop.wait(_TURN_S)

    def put_slip(self) -> None:
        """A slip hangs in the printer's mouth."""
        self.pins.slip = True

    def take_slip(self) -> None:
        """Somebody takes it."""
        self.pins.slip = False

    def set_temperature(self, tenths_c: int) -> None:
        """The cold box has this temperature; the sensor answers."""
        self.pins.tenths_c, self.pins.fault = tenths_c, ""

    def break_sensor(self, fault: str = "absent") -> None:
        """The sensor's wire breaks, or it says nonsense (`garbage`)."""
        self.pins.fault = fault

    def noise(self, data: bytes) -> None:
        """Bytes on the wire that no board sent."""
        self.line.write(data)

    def restart(self) -> None:
        """Power off and on."""
        with self._guard:
            self._boot += 1
            self._board = Board(
                name=FAKE_NAME,
                key=self.key,
                boot=self._boot,
                pins=self.pins,
                now_ms=_monotonic_ms(),
                every_ms=READING_MS,
            )

    def unplug(self) -> None:
        """Pull its plug: it has no power either."""
        self.line.unplug()

    def plug(self) -> None:
        """Plug it in; it starts anew."""
        self.line.plug()
        self.restart()

    def close(self) -> None:
        """Throw the device away."""
        self._stop.set()
        self._thread.join(5.0)
        self.line.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    def _run(self) -> None:
        while not self._stop.wait(_TURN_S):
            with self._guard:
                self.line.write(self._board.step(_monotonic_ms(), self.line.read()))


def _monotonic_ms() -> int:
    return time.monotonic_ns() // 1_000_000
