"""A QR reader without a reader: a pseudo-terminal on which the real serial driver reads what the levers write.

Ships with the product, used only when the settings name it, and the screen then says DEMO.
"""

import os
import pty
import tempfile
import termios
import time
import tty
from itertools import pairwise
from pathlib import Path
from typing import Self

_TERMINATOR = b"\r\n"
_PIECE = 512


class FakeQRReader:
    """The device's end of the wire. `path` is what the kiosk opens: it stays the same over unplug and plug, as a
    by-id name does. Levers belong to one thread.
    """

    def __init__(self) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="tram-qr-")
        self._link = Path(self._folder.name) / "reader"
        self._device_end: int | None = None
        self._kiosk_end: int | None = None
        self.plug()

    @property
    def path(self) -> str:
        """The name of the serial port."""
        return str(self._link)

    def scan(self, data: bytes, terminator: bytes = _TERMINATOR) -> None:
        """Scan a code: its bytes and the terminator go down the wire at once."""
        self._write(data + terminator)

    def scan_in_pieces(
        self, data: bytes, cuts: list[int], *, pause_s: float = 0.0, terminator: bytes = _TERMINATOR
    ) -> None:
        """Scan a code whose bytes arrive in pieces, cut at the given places."""
        whole = data + terminator
        places = [0, *sorted(cuts), len(whole)]
        for start, end in pairwise(places):
            self._write(whole[start:end])
            time.sleep(pause_s)

    def unplug(self) -> None:
        """Pull the plug: the port hangs up and its name disappears."""
        self._link.unlink(missing_ok=True)
        for end in (self._device_end, self._kiosk_end):
            if end is not None:
                os.close(end)
        self._device_end = self._kiosk_end = None

    def plug(self) -> None:
        """Plug in: the same name, a new port behind it."""
        self.unplug()
        self._device_end, self._kiosk_end = pty.openpty()
        # Raw before anyone opens it: a terminal would turn CR into LF and echo.
        tty.setraw(self._kiosk_end, termios.TCSANOW)
        os.set_blocking(self._device_end, False)
        self._link.symlink_to(os.ttyname(self._kiosk_end))

    def close(self) -> None:
        """Throw the device away."""
        self.unplug()
        self._folder.cleanup()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    def _write(self, data: bytes) -> None:
        """Write all, waiting where the kiosk reads slowly; what an unplugged reader sends is lost."""
        rest, until = memoryview(data), time.monotonic() + 5.0
        while rest and self._device_end is not None:
            try:
                rest = rest[os.write(self._device_end, rest[:_PIECE]) :]
            except BlockingIOError:
                if time.monotonic() > until:  # nobody reads the port: a real reader drops what it cannot send
                    return
                time.sleep(0.002)
