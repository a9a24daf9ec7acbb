"""The camera of the virtual bench and the tests: a lens before which one holds pictures.

Ships with the product, used only when the settings name it, and the screen then says DEMO.
"""

import threading

from PIL import Image

from kiosk.hardware.camera import Camera

_EMPTY_HALL = 96


def live(picture: Image.Image, tick: int) -> Image.Image:
    """Return the picture with one corner dot that changes from frame to frame, as a sensor's noise does.

    Without it a card held still would look like a frozen camera.
    """
    frame = picture.copy()
    frame.putpixel((0, 0), tick % 251)
    return frame


class FakeCamera(Camera):
    """A camera with levers. Starts plugged, before an empty hall. Levers may be pulled from any thread."""

    def __init__(self, *, frame_px: tuple[int, int] = (1280, 720)) -> None:
        self._lock = threading.Lock()
        self._hall = Image.new("L", frame_px, _EMPTY_HALL)
        self._cap = Image.new("L", frame_px, 0)
        self._held: Image.Image | None = None
        self._is_covered = self._is_frozen = self._is_open = False
        self._is_plugged = True
        self._tick = 0

    def open(self) -> None:
        """Take hold of the device, if it is plugged."""
        with self._lock:
            self._is_open = self._is_plugged

    def frame(self) -> Image.Image | None:
        """Return what stands before the lens."""
        with self._lock:
            if not (self._is_open and self._is_plugged):
                return None
            if not self._is_frozen:
                self._tick += 1
            return live(self._cap if self._is_covered else self._held or self._hall, self._tick)

    def status(self) -> str:
        """Return "ready" or "absent"; an unplugged camera must be opened again."""
        with self._lock:
            return "ready" if self._is_open and self._is_plugged else "absent"

    def close(self) -> None:
        """Let go."""
        with self._lock:
            self._is_open = False

    def hold(self, image: Image.Image) -> None:
        """Hold a picture (any mode) before the lens until `take_away`."""
        with self._lock:
            self._held = image.convert("L")

    def take_away(self) -> None:
        """Take the picture away."""
        with self._lock:
            self._held = None

    def cover(self) -> None:
        """Cover the lens: frames turn black."""
        with self._lock:
            self._is_covered = True

    def uncover(self) -> None:
        """Uncover the lens."""
        with self._lock:
            self._is_covered = False

    def freeze(self) -> None:
        """Let the sensor hang: the same frame again and again."""
        with self._lock:
            self._is_frozen = True

    def thaw(self) -> None:
        """Let the sensor live again."""
        with self._lock:
            self._is_frozen = False

    def unplug(self) -> None:
        """Pull the cable."""
        with self._lock:
            self._is_plugged = self._is_open = False

    def plug(self) -> None:
        """Put the cable back; the kiosk opens the camera again by itself."""
        with self._lock:
            self._is_plugged = True
