"""A QR reader on a serial line (USB-CDC or UART) through pyserial; never a keyboard wedge, which mangles Vietnamese.

Opens by a stable path, reopens by itself with a growing wait. It must not log what was scanned.
"""

import contextlib
import logging
import termios
from collections.abc import Callable

import serial

from kiosk.hardware.qr_reader import MALFORMED_IN_A_ROW, Framer, QRReader, is_text, scan_of
from kiosk.hardware.scan import Scan

logger = logging.getLogger(__name__)

_READ_TIMEOUT_S = 0.05
_MOST_AT_ONCE = 4096
_FIRST_WAIT_MS = 250
_LONGEST_WAIT_MS = 5_000


class SerialQRReader(QRReader):
    """The reader at `path` (on a kiosk a `/dev/serial/by-id/...` name, so that another device is never taken for it).

    `setup`: bytes sent at each opening, the model's expected settings (F17). `now_ms()`: monotonic milliseconds.
    """

    def __init__(self, *, path: str, now_ms: Callable[[], int], baud: int = 115_200, setup: bytes = b"") -> None:
        self._path = path
        self._now_ms = now_ms
        self._baud = baud
        self._setup = setup
        self._framer = Framer()
        self._port: serial.Serial | None = None
        self._malformed = 0
        self._wait_ms = _FIRST_WAIT_MS
        self._next_open_ms: int | None = None

    def poll(self) -> list[Scan]:
        """Return the scans that are complete; open the port first when it is not."""
        if self._port is None and not self._open():
            return []
        data = self._read()
        frames = self._framer.feed(data, self._now_ms())
        for frame in frames:
            self._malformed = 0 if is_text(frame) else self._malformed + 1
        return [scan_of(frame) for frame in frames]

    def status(self) -> str:
        """Return "ready", "disconnected" or "check_settings"."""
        if self._port is None:
            return "disconnected"
        return "check_settings" if self._malformed >= MALFORMED_IN_A_ROW else "ready"

    def close(self) -> None:
        """Close the port."""
        port, self._port = self._port, None
        if port is not None:
            with contextlib.suppress(OSError, termios.error):  # the cable is out already
                port.close()

    def _open(self) -> bool:
        now_ms = self._now_ms()
        if self._next_open_ms is not None and now_ms < self._next_open_ms:
            return False
        try:
            # exclusive: a second program (a modem daemon) reading along would steal half of each frame
            self._port = serial.Serial(
                self._path, self._baud, timeout=_READ_TIMEOUT_S, write_timeout=1.0, exclusive=True
            )
            if self._setup:
                self._port.write(self._setup)
        except (OSError, ValueError, termios.error) as error:  # SerialException is an OSError, termios.error is not
            logger.debug("QR reader does not open: %s", error)
            self._drop(now_ms)
            return False
        self._framer.reset()
        self._malformed = 0
        self._wait_ms, self._next_open_ms = _FIRST_WAIT_MS, None
        return True

    def _read(self) -> bytes:
        assert self._port is not None  # noqa: S101 - poll() opened it
        try:
            first: bytes = self._port.read(1)
            if not first:
                return b""
            return first + bytes(self._port.read(min(self._port.in_waiting, _MOST_AT_ONCE)))
        except (OSError, TypeError, termios.error) as error:  # TypeError: pyserial 3.5 on a port closed under its read
            logger.warning("QR reader lost: %s", error)
            self._drop(self._now_ms())
            return b""

    def _drop(self, now_ms: int) -> None:
        self.close()
        self._next_open_ms = now_ms + self._wait_ms
        self._wait_ms = min(self._wait_ms * 2, _LONGEST_WAIT_MS)
