"""Reads an ESC/POS byte stream as a printer does, and draws what would stand on the paper.

Written from the command tables, apart from python-escpos, so that the emulator does not repeat the driver's mistakes.
Pure: bytes in; rows, cuts and questions out. It must not know sockets or time.
"""

from PIL import Image

_ESC, _GS, _DLE, _LF = 0x1B, 0x1D, 0x10, 0x0A
_LINE_DOTS = 30  # the default line feed, 1/6 inch at 203 dpi is 34; Epson's default is 30
_LONGEST_KEPT_REJECTS = 4096

# Bytes of the whole command, by its first bytes, where the length is fixed.
_FIXED = {
    b"\x1b@": 2,
    b"\x1bd": 3,
    b"\x1bJ": 3,
    b"\x1ba": 3,
    b"\x1da": 3,
    b"\x1dr": 3,
    b"\x10\x04": 3,
    b"\x10\x05": 3,
    b"\x10\x14": 10,
}
_RASTER = b"\x1dv"
_CUT = b"\x1dV"
_RASTER_HEAD = 8
_CUTS_WITH_FEED = frozenset({65, 66, 97, 98, 103, 104})
_PLAIN_CUTS = frozenset({0, 1, 48, 49})
_SIDES = {0: 0.0, 1: 0.5, 2: 1.0}


class EscposPaper:
    """The print engine: `take(data)` works through bytes; `rows`, `slips`, `questions` and `rejected` are the outcome.

    `rows`: the packed rows (1 = black) since the last cut. `slips`: finished slips. `questions`: how many GS r wait for
    an answer. `rejected`: bytes this device does not understand and would print as rubbish.
    """

    def __init__(self, *, width_dots: int = 576, plain: bool = False, has_knife: bool = True) -> None:
        """`plain`: it neither centres nor doubles. Without a knife a slip ends where the job's question stands."""
        self.width_dots = width_dots
        self._plain = plain
        self._has_knife = has_knife
        self.slips: list[Image.Image] = []
        self.pieces: list[Image.Image] = []
        self.questions = 0
        self.rejected = bytearray()
        self._width_bytes = width_dots // 8
        # Where a narrow picture stands: 0 at the left, 0.5 in the middle, 1 at the right.
        self._side = 0.0
        self._rows = bytearray()
        self._waiting = bytearray()

    @property
    def rows(self) -> int:
        """How many dot rows came out since the last cut."""
        return len(self._rows) // self._width_bytes

    def take(self, data: bytes) -> None:
        """Work through `data`; an unfinished command waits for the rest."""
        self._waiting += data
        at = 0
        while at < len(self._waiting):
            size = self._command_size(at)
            if size is None or at + size > len(self._waiting):
                break
            self._obey(bytes(self._waiting[at : at + size]))
            at += size
        self._waiting[:] = self._waiting[at:]

    def clear(self) -> None:
        """Forget an unfinished command (DLE DC4 fn 8, or power off)."""
        self._waiting.clear()
        self.questions = 0
        self._side = 0.0

    def tear_off(self) -> None:
        """Someone tears off what hangs out: not a slip, a piece."""
        if self._rows:
            self.pieces.append(self._picture())
        self._rows.clear()

    def _command_size(self, at: int) -> int | None:
        """Return the whole length of the command at `at`, or None when more bytes must come to know it."""
        first = self._waiting[at]
        if first not in (_ESC, _GS, _DLE):
            return 1
        head = bytes(self._waiting[at : at + 2])
        if len(head) < 2:
            return None
        if head == _RASTER:
            if len(self._waiting) < at + _RASTER_HEAD:
                return None
            width = int.from_bytes(self._waiting[at + 4 : at + 6], "little")
            height = int.from_bytes(self._waiting[at + 6 : at + 8], "little")
            return _RASTER_HEAD + width * height
        if head == _CUT:
            if len(self._waiting) < at + 3:
                return None
            return 4 if self._waiting[at + 2] in _CUTS_WITH_FEED else 3
        return _FIXED.get(head, 1)

    def _obey(self, command: bytes) -> None:
        head = command[:2]
        if head == _RASTER and len(command) >= _RASTER_HEAD:
            self._raster(command)
        elif head == _CUT and len(command) >= 3:
            self._cut(command)
        elif head == b"\x1bd":
            self._feed(command[2] * _LINE_DOTS)
        elif head == b"\x1bJ":
            self._feed(command[2])
        elif head == b"\x1dr":
            self.questions += 1
            if not self._has_knife:
                self._finish()
        elif head == b"\x1ba" and not self._plain and command[2] % 48 in _SIDES:
            self._side = _SIDES[command[2] % 48]
        elif head == b"\x1b@":
            self._side = 0.0
        elif command == bytes((_LF,)):
            self._feed(_LINE_DOTS)
        elif head not in _FIXED:
            self._reject(command)

    def _raster(self, command: bytes) -> None:
        mode, width = command[3] % 48, int.from_bytes(command[4:6], "little")
        across, down = 1 + mode % 2, 1 + mode // 2
        if command[2] != 0x30 or mode > (0 if self._plain else 3) or not 0 < width * across <= self._width_bytes:
            self._reject(command)
            return
        # A centred picture may begin inside a byte: rows are shifted as whole numbers.
        spare = round((self._width_bytes - width * across) * 8 * (1 - self._side))
        for start in range(_RASTER_HEAD, len(command), width):
            row = command[start : start + width]
            dots = int.from_bytes(row if across == 1 else b"".join(map(_widened, row)), "big")
            self._rows += (dots << spare).to_bytes(self._width_bytes, "big") * down

    def _cut(self, command: bytes) -> None:
        if not self._has_knife:
            self._reject(command)
            return
        if command[2] in _CUTS_WITH_FEED:
            self._feed(command[3])
        elif command[2] not in _PLAIN_CUTS:
            self._reject(command)
            return
        self._finish()

    def _finish(self) -> None:
        if self._rows:
            self.slips.append(self._picture())
        self._rows.clear()

    def _feed(self, dots: int) -> None:
        self._rows += bytes(self._width_bytes * dots)

    def _reject(self, command: bytes) -> None:
        if len(self.rejected) < _LONGEST_KEPT_REJECTS:
            self.rejected += command

    def _picture(self) -> Image.Image:
        inverted = bytes(byte ^ 0xFF for byte in self._rows)
        return Image.frombytes("1", (self.width_dots, self.rows), inverted)


def _widened(byte: int) -> bytes:
    """One byte of dots as two, each dot twice."""
    return int(f"{byte:08b}".replace("0", "00").replace("1", "11"), 2).to_bytes(2, "big")
