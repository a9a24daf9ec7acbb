"""Cuts a picture into what is worth sending: bands as narrow as their ink, feeds for blank rows, big dots sent once.

Pure: picture in, steps out; it knows no connection. What the steps draw is the picture, dot for dot.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

from PIL import Image, ImageChops

LEFT, CENTRE = "left", "centre"

# Inside a run of ink, rows are looked at four at a time: fine enough for a line of text, coarse enough for a Pi.
_BLOCK = 4
# Fewer blank rows between two lines of ink (a dot and its letter) are not worth a feed.
_LEAST_FEED = 2
# Rows of data per GS v 0: small bands let a printer with a 4 kB buffer start at once, and bound what one write waits for.
_BAND_ROWS = 64
# What a further band costs besides its dots: eight bytes of GS v 0, three of ESC a, three of ESC J.
_BAND_BYTES = 14
_MOST_FEED = 255
_DLE, _DLE_WITH_A_DOT = 0x10, 0x18
_REALTIME_SECONDS = (b"\x04", b"\x05", b"\x14")


@dataclass(frozen=True, slots=True)
class Step:
    """Feed `feed` dot rows, or print `image`: at the left edge or centred, each dot `scale` dots wide and high."""

    feed: int = 0
    image: Image.Image | None = None
    align: str = LEFT
    scale: int = 1


@dataclass(frozen=True, slots=True)
class _Cut:
    """One band in bytes of the paper's width: the first one sent, and how many."""

    cost: int
    first: int
    width: int
    align: str
    scale: int


def steps(image: Image.Image, *, centres: bool, doubles: bool) -> list[Step]:
    """Return the steps that draw `image` (1-bit, as wide as the paper, in eights) in the fewest bytes.

    `centres`: the printer centres pictures (ESC a); `doubles`: it can print each dot twice as wide and high (GS v 0,
    m 3). A printer that can do neither gets the same dots in more bytes.
    """
    rows = _Rows(image, centres=centres, doubles=doubles)
    found: list[Step] = []
    at = 0
    for start, end in rows.runs():
        while at < start:
            found.append(Step(feed=min(start - at, _MOST_FEED)))
            at += found[-1].feed
        found += rows.bands(start, end)
        at = end
    while at < image.height:
        found.append(Step(feed=min(image.height - at, _MOST_FEED)))
        at += found[-1].feed
    return found


class _Rows:
    """The picture's rows as packed bytes, 1 for ink."""

    def __init__(self, image: Image.Image, *, centres: bool, doubles: bool) -> None:
        self._image = image
        self._centres = centres
        self._bytes = image.width // 8
        self._doubles = doubles and self._bytes % 2 == 0
        ink = ImageChops.invert(image.convert("L")).convert("1").tobytes()
        self._rows = [ink[at : at + self._bytes] for at in range(0, len(ink), self._bytes)]
        # By row: the first byte with ink, and the first after the ink; 0 for a blank row.
        self._firsts = [self._bytes - len(row.lstrip(b"\0")) for row in self._rows]
        self._lasts = [len(row.rstrip(b"\0")) for row in self._rows]
        self._pairs = int.from_bytes(b"\x55" * self._bytes, "big")

    def runs(self) -> list[tuple[int, int]]:
        """First row and row behind of each run of ink, top down."""
        found: list[tuple[int, int]] = []
        for number, last in enumerate(self._lasts):
            if not last:
                continue
            if found and number - found[-1][1] < _LEAST_FEED:
                found[-1] = (found[-1][0], number + 1)
            else:
                found.append((number, number + 1))
        return found

    def _is_double(self, top: int, end: int) -> bool:
        """Whether these rows are made of dots twice as wide and high."""
        if not self._doubles or (end - top) % 2:
            return False
        rows = self._rows[top:end]
        if rows[::2] != rows[1::2]:
            return False
        return not any((dots ^ dots >> 1) & self._pairs for dots in (int.from_bytes(row, "big") for row in rows[::2]))

    def bands(self, start: int, end: int) -> list[Step]:
        """The cheapest bands for the rows `start` to `end`, found from the top down over all places to cut."""
        edges = [*range(start, end, _BLOCK), end]
        blocks = [
            (
                min(self._firsts[top:below]),
                max(self._lasts[top:below]),
                self._is_double(top, below),
            )
            for top, below in pairwise(edges)
        ]
        best: list[tuple[int, int, _Cut | None]] = [(0, 0, None)]
        for until in range(1, len(edges)):
            choices = []
            first, last, is_double = self._bytes, 0, True
            for number in range(until - 1, -1, -1):
                block = blocks[number]
                first, last, is_double = min(first, block[0]), max(last, block[1]), is_double and block[2]
                rows = edges[until] - edges[number]
                if rows > (2 * _BAND_ROWS if is_double else _BAND_ROWS):
                    break
                cut = self._cut(first, last, rows, is_double=is_double)
                choices.append((best[number][0] + cut.cost, number, cut))
            best.append(min(choices, key=lambda choice: choice[0]))
        found = []
        until = len(blocks)
        while until:
            _cost, number, chosen = best[until]
            if chosen is not None:
                found.append(self._step(edges[number], edges[until], chosen))
            until = number
        return found[::-1]

    def _cut(self, first: int, last: int, rows: int, *, is_double: bool) -> _Cut:
        unit = 2 if is_double else 1
        # A double dot's byte covers two of the paper's: edges stand on even ones.
        first, last = first // unit * unit, -(-last // unit) * unit
        side = min(first, self._bytes - last)
        first, width, align = 0, last, LEFT
        if self._centres and self._bytes - 2 * side < last:
            first, width, align = side, self._bytes - 2 * side, CENTRE
        return _Cut(_BAND_BYTES + width // unit * (rows // unit), first, width, align, unit)

    def _step(self, top: int, end: int, cut: _Cut) -> Step:
        left, width = cut.first * 8, cut.width * 8
        band = self._image.crop((left, top, left + width, end))
        if cut.scale > 1:
            band = band.resize((width // 2, band.height // 2), Image.Resampling.NEAREST)
        return Step(image=defused(band), align=cut.align, scale=cut.scale)


def weight(found: list[Step]) -> int:
    """How many bytes the steps are on the wire."""
    total, align = 0, LEFT
    for step in found:
        if step.image is None:
            total += 3
            continue
        total += 8 + step.image.width // 8 * step.image.height + (3 if step.align != align else 0)
        align = step.align
    return total


def trimmed(image: Image.Image) -> Image.Image:
    """Cut the blank rows off the bottom: they cost paper and seconds."""
    box = ImageChops.invert(image.convert("L")).getbbox()
    return image.crop((0, 0, image.width, box[3] if box else min(8, image.height)))


def defused(image: Image.Image) -> Image.Image:
    """Return the picture with no real-time command hidden in its dots.

    A printer obeys DLE EOT, DLE ENQ and DLE DC4 (the drawer kick, power off) wherever the bytes stand, even inside a
    picture. One more black dot in the first byte breaks them; on paper it cannot be seen.
    """
    ink = bytearray(ImageChops.invert(image.convert("L")).convert("1").tobytes())
    place = ink.find(_DLE)
    while place >= 0:
        if ink[place + 1 : place + 2] in _REALTIME_SECONDS:
            ink[place] = _DLE_WITH_A_DOT
        place = ink.find(_DLE, place + 1)
    inked = Image.frombytes("1", image.size, bytes(ink))
    return ImageChops.invert(inked.convert("L")).convert("1")
