"""The board's main loop: settings, start counter, the USB wire, then `Board.step` for ever under a watchdog.

Holds no rule; what the board does is in board.py, its pins in pins.py. Settings: `board.json` with `name` and `key` (hex).
"""

import json
import select
import sys
import time

import micropython

from kiosk.hardware.firmware.board import Board
from kiosk.hardware.firmware.pins import Pins, Watchdog

TURN_MS = 5
MOST_AT_ONCE = 256


def count_start(path: str) -> int:
    """One more than the file says, written back: readings of an earlier start are known as old."""
    try:
        with open(path) as file:  # noqa: PTH123 - MicroPython has no pathlib
            boot = int(file.read()) + 1
    except (OSError, ValueError):
        boot = 1
    with open(path, "w") as file:  # noqa: PTH123
        file.write(str(boot))
    return boot


def waiting(poller: object) -> bytes:
    """What has come on the wire, at most MOST_AT_ONCE bytes; does not wait."""
    data = bytearray()
    while len(data) < MOST_AT_ONCE and poller.poll(0):
        data.extend(sys.stdin.buffer.read(1))
    return bytes(data)


def run() -> None:
    """Serve for ever; the watchdog starts the board anew when a turn hangs."""
    # A byte 0x03 of a frame must not be taken for Ctrl-C.
    micropython.kbd_intr(-1)
    with open("board.json") as file:  # noqa: PTH123
        settings = json.load(file)
    poller = select.poll()
    poller.register(sys.stdin, select.POLLIN)
    now_ms, last = 0, time.ticks_ms()
    board = Board(
        name=settings["name"],
        key=bytes.fromhex(settings["key"]),
        boot=count_start("boot.count"),
        pins=Pins(),
        now_ms=now_ms,
    )
    watchdog = Watchdog()
    while True:
        watchdog.feed()
        ticks = time.ticks_ms()
        now_ms, last = now_ms + time.ticks_diff(ticks, last), ticks
        out = board.step(now_ms, waiting(poller))
        if out:
            sys.stdout.buffer.write(out)
        time.sleep_ms(TURN_MS)
