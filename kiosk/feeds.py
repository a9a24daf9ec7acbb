"""Begins the threads that devices work on, and those two that read codes: camera and hand scanner.

Used by the kiosk and by one that is not enrolled yet. Decides nothing about what is read.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from contextlib import ExitStack
from typing import Protocol

from kiosk.clock import Clock
from kiosk.config import Config
from kiosk.hardware import CAMERAS, load
from kiosk.hardware.camera import Camera
from kiosk.hardware.camera_fake import FakeCamera
from kiosk.hardware.camera_reader import CameraReader
from kiosk.hardware.decoder import DecoderChain
from kiosk.hardware.qr_reader import QRReaderFeed
from kiosk.hardware.qr_reader_fake import FakeQRReader
from kiosk.hardware.qr_reader_serial import SerialQRReader
from kiosk.hardware.scan import Scan
from kiosk.hardware.worker import Worker
from kiosk.hardware.zbar_decoder import ZbarDecoder
from kiosk.hardware.zxing_decoder import ZxingDecoder

log = logging.getLogger(__name__)
# How long a device's thread may take to end.
STOP_S = 5.0
# Seconds between two steps of a device's thread.
PACE_S = {
    "camera": 0.06,
    "reader": 0.02,
    "printer": 0.4,
    "board": 0.02,
    "machine": 2.0,
    "sync": 0.01,
    "voice": 0.2,
    "day_list": 2.0,
}


class Reads(Protocol):
    """Who is told of codes."""

    @property
    def camera_rests(self) -> bool:
        """Is the camera to be switched off to save power?"""

    def scan(self, data: bytes, source: str) -> None:
        """A code was read by `camera` or `reader`."""

    def device(self, name: str, status: str) -> None:
        """`camera` or `reader` has this status now."""


def start_camera(
    stack: ExitStack,
    config: Config,
    sink: Reads,
    clock: Clock,
    *,
    lend: Callable[[Callable[[], bytes]], object] = lambda _photograph: None,
) -> FakeCamera | None:
    """The camera's thread until `stack` closes; the fake, when it is one. `lend`: is given the way to photograph a paper."""
    driver = config.text("camera")
    if driver == "none":
        return None
    made = load(CAMERAS, driver)
    camera: Camera = made(folder=config.path("camera_folder"), now_ms=clock.ticks) if driver == "folder" else made()
    decoder = DecoderChain(ZxingDecoder(), ZbarDecoder())
    reader = CameraReader(
        camera,
        decoder,
        lambda scan: _scanned(sink, scan),
        lambda status: sink.device("camera", status),
        now_ms=clock.ticks,
    )
    lend(reader.photograph)

    def step() -> None:
        if sink.camera_rests:
            reader.rest()
        else:
            reader.step()

    work(stack, "camera", step, decoder.close, reader.close)
    return camera if isinstance(camera, FakeCamera) else None


def start_reader(stack: ExitStack, config: Config, sink: Reads, clock: Clock) -> FakeQRReader | None:
    """The hand scanner's thread until `stack` closes; the fake, when it is one."""
    driver = config.text("reader")
    if driver == "none":
        return None
    fake = stack.enter_context(FakeQRReader()) if driver == "fake" else None
    reader = SerialQRReader(path=fake.path if fake else str(config.path("reader_path")), now_ms=clock.ticks)
    feed = QRReaderFeed(reader, lambda scan: _scanned(sink, scan), lambda status: sink.device("reader", status))
    work(stack, "reader", feed.step, feed.close)
    return fake


def work(
    stack: ExitStack, name: str, step: Callable[[], object], *closes: Callable[[], object], stop_s: float = STOP_S
) -> None:
    """A worker that repeats `step` until `stack` unwinds: it is stopped first, then `closes` are called, the last one first."""
    for close in closes:
        stack.callback(close)
    worker = Worker(name, step, interval_s=PACE_S[name])
    worker.start()
    stack.callback(worker.stop, stop_s)


def _scanned(sink: Reads, scan: Scan) -> None:
    log.info("scan_read source=%s bytes=%d", scan.source, len(scan.data))
    sink.scan(scan.data, scan.source)
