"""The firmware on real MicroPython (under node) behind a pseudo-terminal, with the levers of the fake board."""

import json
import os
import select
import subprocess
import threading
import time
from pathlib import Path

from kiosk.hardware.io_board_fake import PtyLine

REPOSITORY = Path(__file__).resolve().parents[3]
SCRIPT = REPOSITORY / "tests" / "protocol" / "run_firmware.mjs"
START_S = 30.0
PRESS_S = 0.4


class MicroPythonBoard:
    """Levers as `FakeIOBoard`. The bridge between the process's lines and the pty is a thread of this test."""

    key = b"a key of thirty-two bytes or so."
    name = "box-upy"

    def __init__(self) -> None:
        self.line = PtyLine()
        self._boot = 0
        self._guard = threading.Lock()
        self._stop = threading.Event()
        self._start()
        self._thread = threading.Thread(target=self._bridge, name="test-board-bridge")
        self._thread.start()

    @property
    def path(self) -> str:
        return self.line.path

    def press(self) -> None:
        self._set(pressed=True)
        time.sleep(PRESS_S)
        self._set(pressed=False)
        time.sleep(PRESS_S)

    def put_slip(self) -> None:
        self._set(slip=True)

    def take_slip(self) -> None:
        self._set(slip=False)

    def set_temperature(self, tenths_c: int) -> None:
        self._set(tenths_c=tenths_c, fault="")

    def break_sensor(self, fault: str = "absent") -> None:
        self._set(fault=fault)

    def noise(self, data: bytes) -> None:
        self.line.write(data)

    def restart(self) -> None:
        with self._guard:
            self._end()
            self._start()

    def unplug(self) -> None:
        self.line.unplug()

    def plug(self) -> None:
        self.line.plug()
        self.restart()

    def close(self) -> None:
        self._stop.set()
        self._thread.join(5)
        self._end()
        self.line.close()

    def _start(self) -> None:
        self._boot += 1
        self.lamp, self.sounds, self._half = "", [], b""
        self._process = subprocess.Popen(
            ["node", str(SCRIPT), self.name, self.key.hex(), str(self._boot)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            bufsize=0,
        )

    def _end(self) -> None:
        self._process.stdin.close()
        self._process.wait(START_S)
        self._process.stdout.close()

    def _bridge(self) -> None:
        """Between the process's lines and the pty: one thread for the board's whole life, restarts and all."""
        while not self._stop.wait(0.005):
            with self._guard:
                data = self.line.read()
                if data:
                    self._order({"wire": data.hex()})
                if not select.select([self._process.stdout], [], [], 0)[0]:
                    continue
                *lines, self._half = (self._half + os.read(self._process.stdout.fileno(), 65536)).split(b"\n")
                for line in lines:
                    self._said(json.loads(line))

    def _said(self, said: dict[str, object]) -> None:
        if "wire" in said:
            self.line.write(bytes.fromhex(said["wire"]))
        if "pins" in said:
            self.lamp, self.sounds = said["pins"]["lamp"], said["pins"]["sounds"]

    def _set(self, **levers: object) -> None:
        with self._guard:
            self._order({"set": levers})

    def _order(self, order: dict[str, object]) -> None:
        self._process.stdin.write(json.dumps(order).encode() + b"\n")
