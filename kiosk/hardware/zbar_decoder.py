"""The second decoder: zbar through pyzbar, in binary mode, in a child process with limits.

A crash (abort, segmentation fault), a hang or a strange answer is "cannot read": an empty list, and a new child.
"""

import logging
import os
import select
import struct
import subprocess
import sys
import time
from pathlib import Path

from PIL import Image

from kiosk.hardware.decoder import Decoded, Decoder
from kiosk.hardware.scan import clip

logger = logging.getLogger(__name__)

_CHILD = Path(__file__).with_name("zbar_child.py")
# A QR code holds at most 2,953 bytes; an answer beyond these is not one of zbar's.
_MOST_CODES = 64
_MOST_BYTES = 8192


class _ChildFailed(OSError):
    """The child died, hung, or answered nonsense."""


class ZbarDecoder(Decoder):
    """zbar behind a pipe. `timeout_s`: for one picture; `start_timeout_s`: for a new child to report ready.

    Used by one thread.
    """

    name = "zbar"

    def __init__(self, *, timeout_s: float = 1.0, start_timeout_s: float = 5.0) -> None:
        self._timeout_s = timeout_s
        self._start_timeout_s = start_timeout_s
        self._child: subprocess.Popen[bytes] | None = None
        self._is_ready = False
        self._is_closed = False
        self.restarts = 0
        self._spawn()

    @property
    def child_pid(self) -> int | None:
        """The child's process id while there is one (for tests and the status page)."""
        return self._child.pid if self._child else None

    def decode(self, image: Image.Image) -> list[Decoded]:
        """Return the QR codes of a grey picture; a dead child costs this picture and nothing else."""
        if self._is_closed:
            return []
        grey = image if image.mode == "L" else image.convert("L")
        try:
            if not self._is_ready:
                self._receive(self._start_timeout_s)
                self._is_ready = True
            self._send(struct.pack(">II", *grey.size) + grey.tobytes(), self._timeout_s)
            return [Decoded(clip(data), "qr") for data in self._receive(self._timeout_s)]
        except _ChildFailed as error:
            logger.warning("zbar child failed (%s): picture not read, child restarted", error)
            self._kill()
            self.restarts += 1
            self._spawn()
            return []

    def close(self) -> None:
        """End the child."""
        self._is_closed = True
        self._kill()

    def _spawn(self) -> None:
        self._is_ready = False
        self._child = subprocess.Popen(  # noqa: S603 - our own file, no shell
            [sys.executable, "-I", str(_CHILD)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            bufsize=0,
        )
        assert self._child.stdin is not None  # noqa: S101 - for the type checker: PIPE was asked for
        os.set_blocking(self._child.stdin.fileno(), False)

    def _kill(self) -> None:
        child, self._child = self._child, None
        if child is None:
            return
        child.kill()
        child.wait()
        for pipe in (child.stdin, child.stdout):
            if pipe is not None:
                pipe.close()

    def _fd(self, end: str) -> int:
        pipe = getattr(self._child, end, None)
        if pipe is None:
            raise _ChildFailed("no child")
        return int(pipe.fileno())

    def _send(self, data: bytes, timeout_s: float) -> None:
        fd, rest, until = self._fd("stdin"), memoryview(data), time.monotonic() + timeout_s
        while rest:
            if not select.select([], [fd], [], max(0.0, until - time.monotonic()))[1]:
                raise _ChildFailed("does not take the picture")
            try:
                rest = rest[os.write(fd, rest) :]
            except OSError as error:
                raise _ChildFailed("died") from error

    def _receive(self, timeout_s: float) -> list[bytes]:
        until = time.monotonic() + timeout_s
        count = self._number(until, _MOST_CODES)
        return [self._exactly(self._number(until, _MOST_BYTES), until) for _ in range(count)]

    def _number(self, until: float, most: int) -> int:
        number = int(struct.unpack(">I", self._exactly(4, until))[0])
        if number > most:
            raise _ChildFailed("answers nonsense")
        return number

    def _exactly(self, count: int, until: float) -> bytes:
        fd, got = self._fd("stdout"), b""
        while len(got) < count:
            if not select.select([fd], [], [], max(0.0, until - time.monotonic()))[0]:
                raise _ChildFailed("does not answer")
            piece = os.read(fd, count - len(got))
            if not piece:
                raise _ChildFailed("died")
            got += piece
        return got
