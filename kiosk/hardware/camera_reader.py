"""Turns a camera's frames into scans: one scan for one card held up, however long it is held.

It owns the wait between two scans of the same code and the camera's reported status. It must not interpret a payload.
"""

import logging
from collections.abc import Callable

from PIL import Image

from kiosk.hardware.camera import Camera, FrameWatch
from kiosk.hardware.decoder import Decoder
from kiosk.hardware.paper_photo import paper_photo
from kiosk.hardware.scan import Scan

logger = logging.getLogger(__name__)

# A code counts as taken away when no frame has shown it for this long; a hand's tremble blurs a frame or three.
OUT_OF_VIEW_MS = 1_500
REOPEN_MS = 2_000


class CameraReader:
    """The step of the camera's worker: a frame, decoded, handed on.

    `on_scan(scan)`: once per distinct payload until it was out of view for 1.5 s. `on_status(status)`: on change only,
    the first time included. `now_ms()`: monotonic milliseconds. All run in the worker's thread.
    """

    def __init__(
        self,
        camera: Camera,
        decoder: Decoder,
        on_scan: Callable[[Scan], object],
        on_status: Callable[[str], object],
        *,
        now_ms: Callable[[], int],
    ) -> None:
        self._camera = camera
        self._decoder = decoder
        self._on_scan = on_scan
        self._on_status = on_status
        self._now_ms = now_ms
        self._watch = FrameWatch()
        self._seen_ms: dict[bytes, int] = {}
        self._status: str | None = None
        self._next_open_ms = 0
        self._seen: Image.Image | None = None

    def photograph(self) -> bytes:
        """What the camera saw last as a paper's photo; nothing when it sees nothing. Any thread may ask."""
        frame = self._seen
        return paper_photo(frame) if frame is not None else b""

    def step(self) -> None:
        """Look once."""
        now_ms = self._now_ms()
        if self._camera.status() == "absent" and now_ms >= self._next_open_ms:
            self._next_open_ms = now_ms + REOPEN_MS
            self._camera.open()
        frame = self._camera.frame() if self._camera.status() != "absent" else None
        self._seen = frame
        if frame is None:
            self._no_frame()
        else:
            self._report(self._watch.look(frame, now_ms))
            # Decoding is nearly all that an idle kiosk computes.
            if not self._watch.blank:
                self._read(frame, now_ms)
        self._forget(now_ms)

    def rest(self) -> None:
        """Let go of the camera; the next step takes it again."""
        if self._status != "resting":
            self._camera.close()
            self._seen = None
            self._watch.forget()
            self._decoder.forget()
            self._next_open_ms = 0
            self._report("resting")

    def close(self) -> None:
        """Close camera and decoder."""
        self._camera.close()
        self._decoder.close()

    def _no_frame(self) -> None:
        status = self._camera.status()
        if status == "absent":
            self._watch.forget()
            self._decoder.forget()
        self._report(status)

    def _read(self, frame: Image.Image, now_ms: int) -> None:
        for code in self._decoder.decode(frame):
            is_new = code.data not in self._seen_ms
            self._seen_ms[code.data] = now_ms
            if is_new:
                self._on_scan(Scan(code.data, code.symbology, "camera"))

    def _forget(self, now_ms: int) -> None:
        for data in [data for data, seen_ms in self._seen_ms.items() if now_ms - seen_ms >= OUT_OF_VIEW_MS]:
            del self._seen_ms[data]

    def _report(self, status: str) -> None:
        if status != self._status:
            logger.info("camera status: %s -> %s", self._status, status)
            self._status = status
            self._on_status(status)
