"""The Raspberry Pi's camera through picamera2, which comes with the Pi's own system packages (not from a wheel).

Only this file imports picamera2, and only when the camera is opened. Not run on a Pi here: see QUALITY.toml.
"""

import logging
from typing import Any

from PIL import Image

from kiosk.hardware.camera import Camera

logger = logging.getLogger(__name__)


class PiCamera(Camera):
    """Camera number `number` with frames of `frame_px`; the width must be a multiple of 64 (rows are padded to that)."""

    def __init__(self, *, number: int = 0, frame_px: tuple[int, int] = (1280, 720)) -> None:
        if frame_px[0] % 64:
            raise ValueError("the frame's width must be a multiple of 64")
        self._number = number
        self._frame_px = frame_px
        self._device: Any = None

    def open(self) -> None:
        """Start the camera if one is connected; raise ImportError when picamera2 is not installed."""
        from picamera2 import Picamera2  # noqa: PLC0415 - absent everywhere but on a Pi

        self.close()
        if self._number >= len(Picamera2.global_camera_info()):
            return
        try:
            device = Picamera2(self._number)
            device.configure(device.create_video_configuration(main={"size": self._frame_px, "format": "YUV420"}))
            device.start()
        except (RuntimeError, OSError) as error:  # held by another program, or the ribbon cable is loose
            logger.warning("camera %d does not start: %s", self._number, error)
            return
        self._device = device

    def frame(self) -> Image.Image | None:
        """Return the brightness plane of the next frame."""
        if self._device is None:
            return None
        width, height = self._frame_px
        try:
            planes = self._device.capture_array("main")
        except (RuntimeError, OSError, TimeoutError) as error:
            logger.warning("camera %d gives no frame: %s", self._number, error)
            self.close()
            return None
        # YUV420: the first `height` rows are brightness, the rest is colour, which no code needs.
        return Image.frombytes("L", (width, height), planes[:height, :width].tobytes())

    def status(self) -> str:
        """Return "ready" or "absent"."""
        return "absent" if self._device is None else "ready"

    def close(self) -> None:
        """Stop the camera."""
        device, self._device = self._device, None
        if device is not None:
            device.stop()
            device.close()
