"""The paper list of the day on A4 pages, as one PDF of 1-bit pictures. Pure: list in, bytes out.

Drawn like the slips, not set as text: a PDF without our typeface would lose Vietnamese letters on somebody's old printer.
"""

from __future__ import annotations

import io

from PIL import Image, ImageDraw, ImageFont

from kiosk.day_list import COLUMNS, TITLE, DayList, Row
from kiosk.line_breaks import printable, wrap
from kiosk.slip_picture import BASELINE, load_font

# A4 at 150 dots an inch: a letter of 19 dots is 9 point.
DPI = 150
WIDTH, HEIGHT = 1240, 1754
MARGIN = 50
LINE = 32
SIZE = 19
# Where each column begins; the last one ends at the margin.
STARTS = (0, 76, 424, 484, 554, 702)
INK = 160


def pages(one: DayList) -> list[Image.Image]:
    """Return the pages as 1-bit pictures; every one says site, day, cut-off and its number."""
    room = (HEIGHT - 2 * MARGIN - 200) // LINE
    parts = [one.rows[start : start + room] for start in range(0, len(one.rows), room)] or [()]
    return [_page(one, rows, number, len(parts)) for number, rows in enumerate(parts, 1)]


def pdf(one: DayList) -> bytes:
    """Return the list as one PDF."""
    first, *rest = pages(one)
    out = io.BytesIO()
    first.save(out, "PDF", save_all=True, append_images=rest, resolution=float(DPI), title=f"{one.day} {one.cutoff}")
    return out.getvalue()


def _page(one: DayList, rows: tuple[Row, ...], number: int, count: int) -> Image.Image:
    image = Image.new("L", (WIDTH, HEIGHT), 255)
    draw = ImageDraw.Draw(image)
    y = MARGIN
    demo = "DEMO · " if one.demo else ""
    sums = " / ".join(one.sums)
    _text(draw, f"{demo}{one.site}", (MARGIN, y), font=load_font("SemiBold", 26))
    _text(draw, f"{number}/{count}", (WIDTH - MARGIN - 80, y), font=load_font("SemiBold", 26))
    _text(draw, " / ".join(TITLE), (MARGIN, y + 42), font=load_font("Bold", 30))
    _text(draw, f"{one.heading} · {sums}", (MARGIN, y + 92), font=load_font("SemiBold", SIZE + 2))
    y += 140
    for start, name in zip(STARTS, COLUMNS, strict=True):
        for line, said in enumerate(name.split(" / ")):
            _text(draw, said, (MARGIN + start, y + 18 * line), font=load_font("SemiBold", SIZE - 4))
    y += 46
    draw.rectangle((MARGIN, y, WIDTH - MARGIN, y + 2), fill=0)
    for row in rows:
        for cell, start, end in zip(row.cells, STARTS, (*STARTS[1:], WIDTH - 2 * MARGIN), strict=True):
            font = load_font("Regular", SIZE)
            _text(draw, cell, (MARGIN + start, y + 4), font=font, width=end - start - 10)
        y += LINE
        draw.line((MARGIN, y + 1, WIDTH - MARGIN, y + 1), fill=0)
    return image.point(lambda value: 255 if value >= INK else 0).convert("1", dither=Image.Dither.NONE)


def _text(
    draw: ImageDraw.ImageDraw, text: str, place: tuple[int, int], *, font: ImageFont.FreeTypeFont, width: int = 0
) -> None:
    kept = printable(text)
    if width and font.getlength(kept) > width:
        # One line a person; what is cut is told by the dots.
        kept = wrap(kept, font, width - int(font.getlength("…")))[0] + "…"
    draw.text((place[0], place[1] + round(font.size * BASELINE)), kept, font=font, fill=0, anchor="ls")
