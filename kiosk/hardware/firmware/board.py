"""What the I/O board does: lamp, buzzer, button, slip sensor and thermometer on one serial wire. Runs on MicroPython.

Theory of operation: `step(now_ms, bytes that came) -> bytes to send` every few milliseconds; it never waits, reads no
clock and touches no pin but through `pins`. A kiosk that has been silent for five seconds shows nothing any more: a lamp
must not go on saying what a dead kiosk said last.
"""

from protocol import boardlink
from protocol.errors import ProtocolError

# Readings count only once their board is known by name.
HELLO_EVERY_MS = 1500
SLIP_EVERY_MS = 2000
READING_EVERY_MS = 10000
# Contacts bounce for a few milliseconds; a hand presses for longer than thirty.
DEBOUNCE_MS = 30
KIOSK_SILENT_MS = 5000
# (hertz, milliseconds); 0 hertz is a rest. The last one begins again until told otherwise.
TUNES = {
    "none": (),
    "accepted": ((1760, 120),),
    "refused": ((330, 180), (0, 80), (330, 180)),
    "attention": ((880, 100), (0, 80), (880, 100), (0, 80), (880, 100)),
    "alarm": ((1175, 250), (0, 120), (784, 250), (0, 400)),
}


class Contact:
    """A switch without its bounce."""

    def __init__(self) -> None:
        """Open, until it has been closed for DEBOUNCE_MS."""
        self.closed = False
        self._seen = False
        self._since_ms = 0

    def changed(self, closed: bool, now_ms: int) -> bool:  # noqa: FBT001 - what the pin reads
        """Take what the pin reads now; True when the switch has just settled in its other place."""
        if closed != self._seen:
            self._seen = closed
            self._since_ms = now_ms
        if self._seen == self.closed or now_ms - self._since_ms < DEBOUNCE_MS:
            return False
        self.closed = self._seen
        return True


class Board:
    """One board. `pins`: see `levers.LeverPins` for what it must do."""

    def __init__(
        self, *, name: str, key: bytes, boot: int, pins: object, now_ms: int, every_ms: int = READING_EVERY_MS
    ) -> None:
        """`name`: at most 16 signs; `key`: the HMAC key of its readings; `boot`: one higher at each start.

        `every_ms`: time between two readings.
        """
        self._name = name
        self._key = key
        self._boot = boot
        self._pins = pins
        self._link = boardlink.Link()
        self._begun_ms = now_ms
        self._every_ms = every_ms
        self._button = Contact()
        self._slip = Contact()
        self._presses = 0
        self._readings = 0
        self._heard_ms = now_ms
        self._next_ms = {"hello": now_ms, "slip": now_ms, "reading": now_ms + 1000}
        self._lamp = "off"
        self._blink = 0
        self._shown_ms = now_ms
        self._until_ms = 0
        self._sound = "none"
        self._sounded_ms = now_ms
        pins.show_lamp("off")
        pins.tone(0)

    @property
    def is_pressed(self) -> bool:
        """Whether the button is down, its bounce over."""
        return self._button.closed

    def step(self, now_ms: int, data: bytes) -> bytes:
        """One turn. `now_ms`: milliseconds that never go back; `data`: what came on the wire since the last turn."""
        out = bytearray()
        self._hear(now_ms, data, out)
        self._say(now_ms, out)
        self._show(now_ms)
        return bytes(out)

    def _hear(self, now_ms: int, data: bytes, out: bytearray) -> None:
        self._link.feed(data)
        while True:
            try:
                message = self._link.next()
            except ProtocolError:
                continue  # counted in the link, and told in the next "alive"
            if message is None:
                return
            self._heard_ms = now_ms
            if message.kind == "ping":
                out.extend(self._link.send("alive", echo=message.seq, bad=self._link.bad % 65536))
            elif message.kind == "show":
                values = message.values
                self._lamp, self._blink, self._shown_ms = values["lamp"], values["blink"] * 100, now_ms
                self._until_ms = now_ms + values["lasts"] * 100 if values["lasts"] else 0
                self._sound, self._sounded_ms = values["sound"], now_ms

    def _say(self, now_ms: int, out: bytearray) -> None:
        if self._due("hello", HELLO_EVERY_MS, now_ms):
            out.extend(self._link.send("hello", version=boardlink.VERSION, boot=self._boot, name=self._name))
        if self._button.changed(self._pins.button_down(), now_ms) and self._button.closed:
            self._presses += 1
            out.extend(self._link.send("button", presses=self._presses))
        moved = self._slip.changed(self._pins.slip_present(), now_ms)
        if self._due("slip", SLIP_EVERY_MS, now_ms) or moved:
            out.extend(self._link.send("slip", present=1 if self._slip.closed else 0))
        if self._due("reading", self._every_ms, now_ms):
            out.extend(self._link.send("reading", **self._reading(now_ms)))

    def _reading(self, now_ms: int) -> dict:
        tenths_c, fault = self._pins.temperature()
        if not fault and (
            tenths_c == boardlink.POWER_ON_TENTHS_C
            or not boardlink.LOWEST_TENTHS_C <= tenths_c <= boardlink.HIGHEST_TENTHS_C
        ):
            fault = "garbage"
        self._readings += 1
        reading = {
            "boot": self._boot,
            "n": self._readings,
            "up_s": (now_ms - self._begun_ms) // 1000,
            "tenths_c": 0 if fault else tenths_c,
            "fault": fault,
        }
        return boardlink.sign(self._name, self._key, reading)

    def _show(self, now_ms: int) -> None:
        if now_ms - self._heard_ms >= KIOSK_SILENT_MS or (self._until_ms and now_ms >= self._until_ms):
            self._lamp, self._sound, self._until_ms = "off", "none", 0
        is_dark = self._blink and (now_ms - self._shown_ms) // self._blink % 2
        self._pins.show_lamp("off" if is_dark else self._lamp)
        self._pins.tone(self._hertz(now_ms))

    def _hertz(self, now_ms: int) -> int:
        at_ms = now_ms - self._sounded_ms
        tune = TUNES[self._sound]
        whole_ms = sum([length_ms for _hertz, length_ms in tune])
        if self._sound == "alarm":
            at_ms %= whole_ms
        for hertz, length_ms in tune:
            if at_ms < length_ms:
                return hertz
            at_ms -= length_ms
        self._sound = "none"
        return 0

    def _due(self, what: str, every_ms: int, now_ms: int) -> bool:
        if now_ms < self._next_ms[what]:
            return False
        self._next_ms[what] = now_ms + every_ms
        return True
