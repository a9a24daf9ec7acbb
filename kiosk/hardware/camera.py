"""The contract of a camera, and what a run of frames says about its health.

A camera gives grey frames and never raises for trouble: trouble is a status word. It must not decode.
"""

import zlib

from PIL import Image, ImageStat

CAMERA_STATUSES = ("ready", "absent", "frozen", "dark")

FROZEN_AFTER_MS = 5_000
COMPARE_EVERY_MS = 500
# Mean grey below which nothing can be read: a lens cap or a switched-off hall. A dusk hall still gives 25 to 40.
DARK_BELOW = 12
# Grey levels of 255 between the darkest and the lightest patch of 8 by 8 pixels: a code, however pale, has more.
BLANK_BELOW = 6


class Camera:
    """Contract. Drivers must override all four; a driver's own status is "ready" or "absent".

    "frozen" and "dark" are read off the frames by `FrameWatch`, alike for every driver.
    """

    def open(self) -> None:
        """Take hold of the device. A missing device is no error: `status` then says "absent"; may be called again."""
        raise NotImplementedError

    def frame(self) -> Image.Image | None:
        """Return the next frame as a grey ("L") picture, or None when there is none now."""
        raise NotImplementedError

    def status(self) -> str:
        """Return one of CAMERA_STATUSES."""
        raise NotImplementedError

    def close(self) -> None:
        """Let go of the device; `open` may follow."""
        raise NotImplementedError


class FrameWatch:
    """Judges a run of frames: "frozen" when not one bit changed for 5 s, "dark" when there is no light (F20).

    A living sensor has noise, so two equal frames in a row are already rare: it is enough to compare two of them each
    second. Reading every bit of every frame was most of what an idle kiosk computed.
    """

    def __init__(self) -> None:
        self._digest: int | None = None
        self._since_ms = 0
        self._compare_ms = 0
        # The last frame shows one tone only, such as a covered lens or a bare wall: no code can be on it.
        self.blank = False

    def look(self, frame: Image.Image, now_ms: int) -> str:
        """Return "ready", "frozen" or "dark" after this frame, seen at `now_ms` (monotonic milliseconds)."""
        if self._digest is None or now_ms >= self._compare_ms:
            self._compare_ms = now_ms + COMPARE_EVERY_MS
            digest = zlib.crc32(frame.tobytes())
            if digest != self._digest:
                self._digest, self._since_ms = digest, now_ms
        light = ImageStat.Stat(frame.reduce(8))
        darkest, lightest = light.extrema[0]
        self.blank = lightest - darkest < BLANK_BELOW
        if now_ms - self._since_ms >= FROZEN_AFTER_MS:
            return "frozen"
        return "dark" if light.mean[0] < DARK_BELOW else "ready"

    def forget(self) -> None:
        """Start anew, after the camera was away."""
        self._digest = None
