"""The contract of a QR reader on a wire, its framing, and the step that hands its scans on.

The framing is pure: bytes and a time in, frames out. It must not interpret a payload.
"""

import logging
from collections.abc import Callable

from kiosk.hardware.scan import MAX_SCAN_BYTES, TORN, Scan

logger = logging.getLogger(__name__)

# "check_settings": bytes come, but no text: wrong speed or parity, or a prankster's settings code (F10, F17).
QR_READER_STATUSES = ("ready", "disconnected", "check_settings")

GAP_MS = 200
MALFORMED_IN_A_ROW = 2

_SYMBOLOGIES = {b"]Q": "qr", b"]d": "datamatrix"}


class QRReader:
    """Contract. Drivers must override all three; trouble is a status, never an exception."""

    def poll(self) -> list[Scan]:
        """Wait a short while (at most 0.1 s) for bytes and return the scans they completed, mostly none."""
        raise NotImplementedError

    def status(self) -> str:
        """Return one of QR_READER_STATUSES."""
        raise NotImplementedError

    def close(self) -> None:
        """Let go of the device."""
        raise NotImplementedError


class Framer:
    """Cuts a reader's byte stream into frames: they end at CR, at LF, or with 200 ms of silence.

    1. Empty frames (between CR and LF) are left out.
    2. A frame is cut one byte past `max_bytes`; what follows up to its end is dropped as it comes (F13).
    3. Once a terminator was seen, the reader is known to send them: a frame that then ends in silence broke off on the
       way. It comes out as b"", so that half a card is never taken for a card (F8). Silence must have been looked at
       (an empty feed): bytes that merely waited while this thread was late still join their frame.
    """

    def __init__(self, *, max_bytes: int = MAX_SCAN_BYTES, gap_ms: int = GAP_MS) -> None:
        self._keep = max_bytes + 1
        self._gap_ms = gap_ms
        self._frame = bytearray()
        self._last_ms = 0
        self._sends_terminators = False

    @property
    def held_bytes(self) -> int:
        """How many bytes wait for their frame's end; never more than `max_bytes` + 1."""
        return len(self._frame)

    def feed(self, data: bytes, now_ms: int) -> list[bytes]:
        """Take bytes that arrived at `now_ms` (monotonic milliseconds; b"" when none did), return finished frames."""
        frames = []
        is_silent = now_ms - self._last_ms >= self._gap_ms and not (data and self._sends_terminators)
        if self._frame and is_silent:
            is_whole = not self._sends_terminators or len(self._frame) == self._keep
            frames.append(bytes(self._frame) if is_whole else b"")
            self._frame.clear()
        if not data:
            return frames
        self._last_ms = now_ms
        *ended, rest = data.replace(b"\n", b"\r").split(b"\r")
        for piece in ended:
            self._sends_terminators = True
            self._add(piece)
            if self._frame:
                frames.append(bytes(self._frame))
            self._frame.clear()
        self._add(rest)
        return frames

    def reset(self) -> None:
        """Forget what has come: after the reader was unplugged."""
        self._frame.clear()
        self._sends_terminators = False

    def _add(self, piece: bytes) -> None:
        self._frame += piece[: self._keep - len(self._frame)]


def scan_of(frame: bytes) -> Scan:
    """Return the scan in a frame, without its AIM identifier (`]Q1`, `]Q3`, `]d2`, when the reader sends one)."""
    if not frame:
        return Scan(b"", TORN, "reader")
    symbology = _SYMBOLOGIES.get(frame[:2])
    if symbology is not None and frame[2:3].isalnum():
        return Scan(frame[3:], symbology, "reader")
    return Scan(frame, "unknown", "reader")


def is_text(frame: bytes) -> bool:
    """Whether the frame is UTF-8; a cut one may end inside a letter."""
    try:
        frame.decode("utf-8")
    except UnicodeDecodeError as error:
        return len(frame) > MAX_SCAN_BYTES and error.start > MAX_SCAN_BYTES - 4
    return True


class QRReaderFeed:
    """The step of the reader's worker: `on_scan(scan)` for each scan, `on_status(status)` on change only."""

    def __init__(self, reader: QRReader, on_scan: Callable[[Scan], object], on_status: Callable[[str], object]) -> None:
        self._reader = reader
        self._on_scan = on_scan
        self._on_status = on_status
        self._status: str | None = None

    def step(self) -> None:
        """Poll once."""
        scans = self._reader.poll()
        status = self._reader.status()
        if status != self._status:
            logger.info("QR reader status: %s -> %s", self._status, status)
            self._status = status
            self._on_status(status)
        for scan in scans:
            self._on_scan(scan)

    def close(self) -> None:
        """Close the reader."""
        self._reader.close()
