"""A thermal printer without a printer: ESC/POS bytes in over TCP or a serial line, pictures of slips out.

The real driver talks to it. It has the levers of a real one (paper, cover, cable) and refuses what a real one refuses.
Ships with the product, used only when the settings name it, and the screen then says DEMO.
"""

import threading
from pathlib import Path
from random import Random
from typing import Self

from PIL import Image

from kiosk.hardware.escpos_paper import EscposPaper
from kiosk.hardware.printer_profile import Profile
from kiosk.hardware.printer_wire import PrinterWire
from kiosk.hardware.worker import Worker

_TICK_S = 0.004
_NOTHING_TO_DO_S = 0.02
_CLEAR = bytes((0x10, 0x14, 0x08, 0x01, 0x03, 0x14, 0x01, 0x06, 0x02, 0x08))
_LONGEST_REALTIME = len(_CLEAR)
_PLAIN, _OFFLINE, _COVER, _STOPPED, _PAPER_END = 0x12, 0x08, 0x04, 0x20, 0x60


class VirtualPrinter:
    """Starts plugged in, with paper. `address` is "127.0.0.1:port" for kind "network", or a path when `serial` is true.

    `buffer_bytes`: what it holds before it stops reading. `folder`: each finished slip is saved there as slip-0001.png,
    and so on, after those already there. `profile`: the make it plays; None can everything.
    `seed`: of the garbage it can be told to answer. Levers may be pulled from any thread.
    """

    def __init__(
        self,
        *,
        width_dots: int = 576,
        folder: Path | None = None,
        serial: bool = False,
        buffer_bytes: int = 65_536,
        seed: int = 0,
        profile: Profile | None = None,
    ) -> None:
        self.width_dots = width_dots
        self._lock = threading.RLock()
        plain = profile is not None and not (profile.centres and profile.doubles)
        self._clears = profile is None or profile.clears
        has_knife = profile is None or profile.knife != "none"
        self._paper = EscposPaper(width_dots=width_dots, plain=plain, has_knife=has_knife)
        self._wire = PrinterWire(serial=serial)
        self._folder = folder
        self._saved = 0
        # Paper that lies there from before a restart stays: numbers go on.
        self._number = max((int(path.stem[5:]) for path in folder.glob("slip-*.png")), default=0) if folder else 0
        self._buffer = bytearray()
        self._buffer_bytes = buffer_bytes
        self._tail = b""
        self._random = Random(seed)  # noqa: S311 - test data, no secret
        self._has_paper, self._is_covered = True, True
        self._paper_left: int | None = None
        self._bytes_per_tick: int | None = None
        self._gives_garbage = self._swallows = False
        self.drawer_kicks = 0
        self._worker = Worker("virtual-printer", self._tick, interval_s=_TICK_S)
        self._worker.start()

    @property
    def kind(self) -> str:
        """The driver's `kind` for this printer: "serial" or "network"."""
        return self._wire.kind

    @property
    def address(self) -> str:
        """The driver's `address` for this printer."""
        return self._wire.address

    @property
    def rejected(self) -> bytes:
        """The bytes so far that this printer did not understand."""
        with self._lock:
            return bytes(self._paper.rejected)

    @property
    def state(self) -> str:
        """What one sees when looking at it: "ready", "no_paper", "cover_open" or "disconnected"."""
        with self._lock:
            if not self._wire.is_plugged:
                return "disconnected"
            if not self._is_covered:
                return "cover_open"
            return "ready" if self._has_paper else "no_paper"

    def slips(self) -> list[Image.Image]:
        """The finished slips as 1-bit pictures, oldest first; each was cut off."""
        with self._lock:
            return list(self._paper.slips)

    def pieces(self) -> list[Image.Image]:
        """The torn pieces of slips that were never finished."""
        with self._lock:
            return list(self._paper.pieces)

    def take_paper(self) -> None:
        """Take the roll out."""
        with self._lock:
            self._has_paper = False

    def load_paper(self) -> None:
        """Tear off what hangs out and put a new roll in."""
        with self._lock:
            self._paper.tear_off()
            self._has_paper, self._paper_left = True, None

    def paper_ends_after(self, n_bytes: int) -> None:
        """Let the roll end when so many more bytes have been printed."""
        with self._lock:
            self._paper_left = n_bytes

    def open_cover(self) -> None:
        """Open the cover."""
        with self._lock:
            self._is_covered = False

    def close_cover(self) -> None:
        """Close the cover."""
        with self._lock:
            self._is_covered = True

    def unplug(self) -> None:
        """Pull the cable and the power: what is in the buffer is lost."""
        with self._lock:
            self._wire.unplug()
            self._forget()

    def plug(self) -> None:
        """Plug in again, under the same address; what hung out has been torn off."""
        with self._lock:
            self._paper.tear_off()
            self._wire.plug()

    def go_slow(self, bytes_per_s: int) -> None:
        """Print no faster than this; 0 stands still."""
        with self._lock:
            self._bytes_per_tick = -(-int(bytes_per_s * _TICK_S * 1000) // 1000)

    def answer_garbage(self) -> None:
        """Answer each status question with a few random bytes, or none."""
        with self._lock:
            self._gives_garbage = True

    def swallow(self) -> None:
        """Take all bytes, print nothing, answer nothing: a printer switched off behind its serial adapter."""
        with self._lock:
            self._swallows = True

    def behave(self) -> None:
        """Undo `go_slow`, `answer_garbage` and `swallow`."""
        with self._lock:
            self._bytes_per_tick = None
            self._gives_garbage = self._swallows = False

    def close(self) -> None:
        """Throw the device away."""
        self._worker.stop()
        self._wire.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    def _tick(self) -> None:
        if not self._buffer:
            self._wire.wait(_NOTHING_TO_DO_S)
        with self._lock:
            if len(self._buffer) < self._buffer_bytes:
                self._receive(self._wire.read(self._buffer_bytes))
            self._print()

    def _receive(self, data: bytes) -> None:
        """Obey the real-time commands at once, wherever they stand (even in a picture), and queue all bytes."""
        if self._swallows or not data:
            return
        # A command may be cut between two reads: look at the tail of the last read too, but answer only what ends anew.
        window, old = self._tail + data, len(self._tail)
        start = 0
        while (place := window.find(b"\x10", start)) >= 0:
            start = place + 1
            if window[place : place + 2] == b"\x10\x04" and place + 3 > old and place + 3 <= len(window):
                self._answer(window[place + 2])
            elif (
                window[place : place + 2] == b"\x10\x14"
                and place + 3 > old
                and window[place + 2 : place + 3] in (b"\x01", b"\x02")
            ):
                self.drawer_kicks += 1
            elif self._clears and window.startswith(_CLEAR, place) and place + len(_CLEAR) > old:
                self._forget()
                data = window[place + len(_CLEAR) :]
        self._tail = window[-(_LONGEST_REALTIME - 1) :]
        self._buffer += data

    def _answer(self, question: int) -> None:
        if self._gives_garbage:
            self._wire.write(self._random.randbytes(self._random.randrange(5)))
            return
        is_offline = not (self._has_paper and self._is_covered)
        if question == 1:
            answer = _OFFLINE if is_offline else 0
        elif question == 2:
            answer = (0 if self._is_covered else _COVER) | (0 if self._has_paper else _STOPPED)
        elif question == 4:
            answer = 0 if self._has_paper else _PAPER_END
        else:
            answer = 0
        self._wire.write(bytes((_PLAIN | answer,)))

    def _print(self) -> None:
        if not (self._has_paper and self._is_covered and self._buffer):
            return
        count = len(self._buffer)
        if self._bytes_per_tick is not None:
            count = min(count, self._bytes_per_tick)
        if self._paper_left is not None:
            count = min(count, self._paper_left)
            self._paper_left -= count
        self._paper.take(bytes(self._buffer[:count]))
        self._buffer[:] = self._buffer[count:]
        self._save()
        if self._paper_left == 0:
            self._has_paper = False
            return
        for _ in range(self._paper.questions):
            self._wire.write(self._random.randbytes(1) if self._gives_garbage else b"\0")
        self._paper.questions = 0

    def _forget(self) -> None:
        self._buffer.clear()
        self._tail = b""
        self._paper.clear()

    def _save(self) -> None:
        if self._folder is None:
            return
        for slip in self._paper.slips[self._saved :]:
            self._saved += 1
            self._number += 1
            path = self._folder / f"slip-{self._number:04d}.png"
            slip.save(path.with_suffix(".part"), format="PNG")
            path.with_suffix(".part").rename(path)  # whoever looks into the folder sees whole slips only
