"""The virtual printer's socket: a TCP port or a pseudo-terminal that keeps its name over unplug and plug.

It moves bytes and must not know ESC/POS.
"""

import os
import pty
import select
import socket
import tempfile
import termios
import tty
from pathlib import Path


class PrinterWire:
    """Starts plugged. Used under the virtual printer's lock. `address`: "127.0.0.1:port" or a path."""

    def __init__(self, *, serial: bool) -> None:
        self.kind = "serial" if serial else "network"
        self.address = ""
        self._folder = tempfile.TemporaryDirectory(prefix="tram-printer-") if serial else None
        self._place = _reserved() if not serial else None
        self._listener: socket.socket | None = None
        self._callers: list[socket.socket] = []
        self._speaker: socket.socket | None = None
        self._terminal: tuple[int, int] | None = None
        self.plug()

    @property
    def is_plugged(self) -> bool:
        """Whether the cable is in."""
        return self._listener is not None or self._terminal is not None

    def plug(self) -> None:
        """Be reachable under `address`."""
        if self.is_plugged:
            return
        if self._folder is not None:
            device_end, kiosk_end = pty.openpty()
            tty.setraw(kiosk_end, termios.TCSANOW)
            os.set_blocking(device_end, False)
            self._terminal = (device_end, kiosk_end)
            link = Path(self._folder.name) / "printer"
            link.symlink_to(os.ttyname(kiosk_end))
            self.address = str(link)
            return
        listener = socket.socket()
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        assert self._place is not None  # noqa: S101 - not serial
        place = self._place.getsockname()
        listener.bind(place)
        listener.listen(4)
        listener.setblocking(False)
        self._listener = listener
        self.address = f"127.0.0.1:{place[1]}"

    def unplug(self) -> None:
        """Hang up on everybody and be gone."""
        for caller in self._callers:
            caller.close()
        self._callers.clear()
        self._speaker = None
        if self._listener is not None:
            # Else whoever waits on it (`wait`) would keep the address taken for as long.
            self._listener.shutdown(socket.SHUT_RDWR)
            self._listener.close()
            self._listener = None
        if self._terminal is not None:
            Path(self.address).unlink(missing_ok=True)
            for end in self._terminal:
                os.close(end)
            self._terminal = None

    def close(self) -> None:
        """Throw the wire away."""
        self.unplug()
        if self._place is not None:
            self._place.close()
        if self._folder is not None:
            self._folder.cleanup()

    def wait(self, timeout_s: float) -> None:
        """Return when something may have come in, or after `timeout_s`. Needs no lock: a cable pulled meanwhile ends it."""
        ends: list[int | socket.socket] = [*self._callers]
        if self._listener is not None:
            ends.append(self._listener)
        if self._terminal is not None:
            ends.append(self._terminal[0])
        try:
            select.select(ends, [], [], timeout_s)
        except (OSError, ValueError):  # closed under our hands
            return

    def read(self, most: int) -> bytes:
        """Return what has come in, without waiting; b"" when nothing has."""
        if self._terminal is not None:
            return self._read_terminal(most)
        if self._listener is None:
            return b""
        ready, _, _ = select.select([self._listener, *self._callers], [], [], 0)
        data = b""
        for end in ready:
            if end is self._listener:
                caller, _ = self._listener.accept()
                caller.setblocking(False)
                self._callers.append(caller)
            else:
                data += self._read_caller(end, most)
        return data

    def write(self, data: bytes) -> None:
        """Answer the one who spoke last; an answer that nobody takes is lost."""
        try:
            if self._terminal is not None:
                os.write(self._terminal[0], data)
            elif self._speaker is not None:
                self._speaker.send(data)
        except OSError:
            self._speaker = None

    def _read_terminal(self, most: int) -> bytes:
        assert self._terminal is not None  # noqa: S101 - read() looked
        try:
            return os.read(self._terminal[0], most)
        except OSError:  # nothing there, or nobody has the port open
            return b""

    def _read_caller(self, caller: socket.socket, most: int) -> bytes:
        try:
            data = caller.recv(most)
        except BlockingIOError:
            return b""
        except OSError:
            data = b""
        if data:
            self._speaker = caller
        else:
            self._callers.remove(caller)
            if self._speaker is caller:
                self._speaker = None
            caller.close()
        return data


def _reserved() -> socket.socket:
    """A socket that holds a free port and never listens: while the cable is out, nobody else is given the port."""
    place = socket.socket()
    place.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    place.bind(("127.0.0.1", 0))
    return place
