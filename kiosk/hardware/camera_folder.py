"""A folder of pictures as a camera: where there is no Pi camera, the same decoder reads the same frames.

A picture put into the folder is shown once, for a while, in the order of the names; a video is its numbered pictures.
It must not change or delete what lies in the folder.
"""

from collections.abc import Callable
from pathlib import Path

from PIL import Image, UnidentifiedImageError

from kiosk.hardware.camera import Camera
from kiosk.hardware.camera_fake import live

_KINDS = frozenset({".png", ".jpg", ".jpeg", ".bmp", ".pgm"})
# A larger picture is scaled down: no camera gives it, and decoding it would take seconds.
_MOST_PX = 1920


class FolderCamera(Camera):
    """Frames from `folder`. Each new file is shown for `show_ms`, then `gap_ms` of empty hall, then the next.

    `now_ms()`: monotonic milliseconds. A file that is not a picture is passed over; a half-written one is tried again
    until its size stands still.
    """

    def __init__(self, *, folder: Path, now_ms: Callable[[], int], show_ms: int = 2_000, gap_ms: int = 1_600) -> None:
        self._folder = folder
        self._now_ms = now_ms
        self._show_ms = show_ms
        self._gap_ms = gap_ms
        self._hall = Image.new("L", (1280, 720), 96)
        self._shown: set[str] = set()
        self._sizes: dict[str, int] = {}
        self._picture: Image.Image | None = None
        self._until_ms = 0
        self._is_open = False
        self._tick = 0

    def open(self) -> None:
        """Open the folder, if it is there."""
        self._is_open = self._folder.is_dir()

    def frame(self) -> Image.Image | None:
        """Return the picture being shown, or the empty hall."""
        if self.status() != "ready":
            return None
        now_ms = self._now_ms()
        if self._picture is not None and now_ms >= self._until_ms:
            self._picture, self._until_ms = None, now_ms + self._gap_ms
        elif self._picture is None and now_ms >= self._until_ms:
            self._picture = self._next()
            self._until_ms = now_ms + (self._show_ms if self._picture else 0)
        self._tick += 1
        return live(self._picture or self._hall, self._tick)

    def status(self) -> str:
        """Return "ready", or "absent" when there is no such folder."""
        if not self._folder.is_dir():
            self._is_open = False
        return "ready" if self._is_open else "absent"

    def close(self) -> None:
        """Let go."""
        self._is_open = False
        self._picture = None

    def _next(self) -> Image.Image | None:
        for path in sorted(self._folder.iterdir()):
            if path.suffix.lower() not in _KINDS or path.name in self._shown:
                continue
            size = path.stat().st_size
            if self._sizes.get(path.name) != size:  # still being copied, perhaps: look again at the next frame
                self._sizes[path.name] = size
                return None
            self._shown.add(path.name)
            picture = _read(path)
            if picture is not None:
                return picture
        return None


def _read(path: Path) -> Image.Image | None:
    try:
        with Image.open(path) as image:
            image.draft("L", (_MOST_PX, _MOST_PX))
            grey = image.convert("L")
    except (OSError, UnidentifiedImageError, Image.DecompressionBombError, ValueError):
        return None
    grey.thumbnail((_MOST_PX, _MOST_PX))
    return grey
