"""Text into the lines of a sheet of paper: what of it may be drawn, and where it breaks. Pure: measures by a font, draws nothing."""

import unicodedata
from bisect import bisect_left
from collections.abc import Callable
from functools import cache

from PIL import ImageFont

Measure = Callable[[str], float]  # text → its length in dots, in one font
_NO_BREAK = "\N{NO-BREAK SPACE}"


def printable(text: str) -> str:
    """Return `text` in NFC on one line, with control, format (bidi, zero-width) and private characters as blanks.

    What a hostile name could hide there is not drawn (faults F15, F16); letters stay as they are.
    """
    kept = "".join(
        " " if unicodedata.category(sign)[0] in "CZ" and sign != _NO_BREAK else sign
        for sign in unicodedata.normalize("NFC", text)
    )
    return " ".join(word for word in kept.split(" ") if word)


def unbroken(text: str) -> str:
    """Return `text` so that wrapping keeps it on one line: a date with its time, a telephone number."""
    return printable(text).replace(" ", _NO_BREAK)


def wrap(text: str, font: ImageFont.FreeTypeFont, width: int) -> list[str]:
    """Break `text` into lines of at most `width` dots: between words, or inside a word that alone is too long.

    A base letter and its combining marks are never parted.
    """
    return _wrapped(printable(text), font.getlength, width)


def _wrapped(text: str, length: Measure, width: int) -> list[str]:
    lines: list[str] = []
    line = ""
    for word in text.split(" "):
        longer = f"{line} {word}" if line else word
        if length(longer) <= width:
            line = longer
            continue
        if line:
            lines.append(line)
        *full, line = _pieces(word, length, width)
        lines += full
    return [*lines, line] if line else lines


def balance(text: str, font: ImageFont.FreeTypeFont, width: int) -> list[str]:
    """Wrap like `wrap`, in no more lines, but with lines of like length: no single word left over below."""
    text = printable(text)
    # Each width asks for the same beginnings again, and measuring was nine tenths of a slip's drawing.
    length = cache(font.getlength)
    lines = _wrapped(text, length, width)
    if len(lines) < 2:
        return lines
    # The narrower, the more lines: the narrowest width that still makes as many is found by halving.
    widths = range(width // len(lines), width, 8)
    narrowest = bisect_left(widths, -len(lines), key=lambda narrower: -len(_wrapped(text, length, narrower)))
    return _wrapped(text, length, widths[narrowest]) if narrowest < len(widths) else lines


def _pieces(word: str, length: Measure, width: int) -> list[str]:
    if length(word) <= width:
        return [word]
    pieces = [""]
    for cluster in _clusters(word):
        if pieces[-1] and length(pieces[-1] + cluster) > width:
            pieces.append("")
        pieces[-1] += cluster
    return pieces


def _clusters(word: str) -> list[str]:
    clusters: list[str] = []
    for sign in word:
        if clusters and unicodedata.combining(sign):
            clusters[-1] += sign
        else:
            clusters.append(sign)
    return clusters
