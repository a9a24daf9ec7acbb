"""The I/O board on its USB serial wire, spoken to by `protocol/boardlink.py` through pyserial.

Opens by a stable path, reopens by itself with a growing wait. It keeps no reading and judges no temperature.
"""

import contextlib
import logging
import termios
from collections.abc import Callable

import serial

from kiosk.hardware.io_board import Event, IOBoard, Pressed, Reading, Signal, Slip
from protocol import boardlink
from protocol.errors import ProtocolError

logger = logging.getLogger(__name__)

_READ_TIMEOUT_S = 0.05
_MOST_AT_ONCE = 4096
_FIRST_WAIT_MS = 250
_LONGEST_WAIT_MS = 5_000
_PING_MS = 1_000
# Three pings without an answer.
_SILENT_MS = 3_500


class SerialIOBoard(IOBoard):
    """The board at `path`. `key`: what it signs readings with; `now_ms()`: monotonic milliseconds."""

    def __init__(self, *, path: str, key: bytes, now_ms: Callable[[], int], baud: int = 115_200) -> None:
        self._path = path
        self._key = key
        self._now_ms = now_ms
        self._baud = baud
        self._port: serial.Serial | None = None
        self._wait_ms = _FIRST_WAIT_MS
        self._next_open_ms: int | None = None
        self._signal = Signal()
        self._fresh: Signal | None = None
        self._heard_ms: int | None = None
        self._ping_ms = 0
        self._slip: bool | None = None
        self._forget()

    def poll(self) -> list[Event]:
        """Return what the board said; open the port first when it is not."""
        if self._port is None and not self._open():
            return []
        now_ms = self._now_ms()
        if now_ms >= self._ping_ms:
            self._ping_ms = now_ms + _PING_MS
            self._send("ping")
        self._send_signal()
        self._link.feed(self._read())
        events: list[Event] = []
        while True:
            try:
                message = self._link.next()
            except ProtocolError as error:
                logger.debug("I/O board: a frame is none: %s", error.code)
                continue
            if message is None:
                return events
            self._heard_ms = now_ms
            events += self._taken(message)

    def show(self, signal: Signal) -> None:
        """Keep it for the next poll. One assignment: safe from any thread."""
        self._fresh = signal

    def status(self) -> str:
        """Return "ready", "disconnected", "silent" or "wrong_key"."""
        if self._port is None:
            return "disconnected"
        if self._heard_ms is None or self._now_ms() - self._heard_ms > _SILENT_MS:
            return "silent"
        return "wrong_key" if self._is_forged else "ready"

    def close(self) -> None:
        """Close the port."""
        port, self._port = self._port, None
        if port is not None:
            with contextlib.suppress(OSError, termios.error):  # the cable is out already
                port.close()

    def _forget(self) -> None:
        """Before anything was heard: another board may hang on the cable now."""
        self._link = boardlink.Link()
        self._heard_ms = None
        self._ping_ms = 0
        self._name = ""
        self._boot = -1
        self._presses = 0
        self._slip = None
        self._newest = (-1, -1)
        self._is_forged = False

    def _taken(self, message: boardlink.Message) -> list[Event]:
        values = message.values
        if message.kind == "hello":
            if values["boot"] != self._boot:
                # It has just been switched on: it knows neither what it showed nor how often it was pressed.
                self._name, self._boot, self._presses = values["name"], values["boot"], 0
                self._say(self._signal)
        elif message.kind == "button" and values["presses"] != self._presses:
            self._presses = values["presses"]
            return [Pressed()]
        elif message.kind == "slip" and bool(values["present"]) != self._slip:
            known, self._slip = self._slip, bool(values["present"])
            # What it says first is no change, unless paper hangs there.
            return [Slip(self._slip)] if known is not None or self._slip else []
        elif message.kind == "reading" and self._name:
            return self._read_out(values)
        return []

    def _read_out(self, values: dict[str, int | str | bytes]) -> list[Event]:
        was_forged, self._is_forged = self._is_forged, not boardlink.is_genuine(self._name, self._key, values)
        if self._is_forged:
            if not was_forged:
                logger.warning("I/O board %s signs with another key: its readings are left out", self._name)
            return []
        boot, n, up_s = int(values["boot"]), int(values["n"]), int(values["up_s"])
        if (boot, n) <= self._newest:
            return []
        self._newest = (boot, n)
        fault, mac = str(values["fault"]), values["mac"]
        return [
            Reading(
                box=self._name,
                tenths_c=None if fault else int(values["tenths_c"]),
                fault=fault,
                boot=boot,
                n=n,
                up_s=up_s,
                mac=mac.hex() if isinstance(mac, bytes) else "",
            )
        ]

    def _send_signal(self) -> None:
        fresh, self._fresh = self._fresh, None
        if fresh is None:
            return
        self._say(fresh)
        # Said anew to a board that restarts; a sound that is over is not repeated, nor a signal that had its time.
        sound = fresh.sound if fresh.sound == "alarm" else "none"
        self._signal = Signal() if fresh.lasts else Signal(fresh.lamp, fresh.blink, sound)

    def _say(self, signal: Signal) -> None:
        self._send("show", lamp=signal.lamp, blink=signal.blink, sound=signal.sound, lasts=signal.lasts)

    def _open(self) -> bool:
        now_ms = self._now_ms()
        if self._next_open_ms is not None and now_ms < self._next_open_ms:
            return False
        try:
            self._port = serial.Serial(
                self._path, self._baud, timeout=_READ_TIMEOUT_S, write_timeout=0.5, exclusive=True
            )
        except (OSError, ValueError, termios.error) as error:  # SerialException is an OSError, termios.error is not
            logger.debug("I/O board does not open: %s", error)
            self._drop(now_ms)
            return False
        self._forget()
        self._wait_ms, self._next_open_ms = _FIRST_WAIT_MS, None
        return True

    def _read(self) -> bytes:
        if self._port is None:
            return b""
        try:
            first: bytes = self._port.read(1)
            if not first:
                return b""
            return first + bytes(self._port.read(min(self._port.in_waiting, _MOST_AT_ONCE)))
        except (OSError, TypeError, termios.error) as error:  # TypeError: pyserial 3.5 on a port closed under its read
            logger.warning("I/O board lost: %s", error)
            self._drop(self._now_ms())
            return b""

    def _send(self, kind: str, **values: object) -> None:
        if self._port is None:
            return
        try:
            self._port.write(self._link.send(kind, **values))
        except (OSError, TypeError, termios.error) as error:
            logger.warning("I/O board lost: %s", error)
            self._drop(self._now_ms())

    def _drop(self, now_ms: int) -> None:
        self.close()
        self._next_open_ms = now_ms + self._wait_ms
        self._wait_ms = min(self._wait_ms * 2, _LONGEST_WAIT_MS)
