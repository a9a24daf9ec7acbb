"""Sheets that belong to no person's slip as 1-bit pictures: the drill's test slip, the paper list of the day on a roll.

And the one door for the printer's thread: any words to their picture. Pure; drawing is `slip_picture`'s.
"""

from __future__ import annotations

from dataclasses import dataclass

from PIL import Image

from kiosk.slip_picture import (
    DoseSlipWords,
    Line,
    Sheet,
    TicketWords,
    head,
    render_dose_slip,
    render_ticket,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class SheetWords:
    """A loose sheet, worded. `rows`: each a large and a small line; `qr_text`: a code below, or empty."""

    site_name: str
    title: Line
    when: str
    lines: tuple[Line, ...] = ()
    rows: tuple[Line, ...] = ()
    qr_text: str = ""
    demo: bool = False


def render_sheet(words: SheetWords, *, width_dots: int) -> Image.Image:
    """Return a loose sheet as a 1-bit picture `width_dots` wide."""
    sheet = Sheet(width_dots)
    sizes = sheet.sizes
    head(sheet, words.site_name, copy=1, demo=words.demo)
    sheet.pair(words.title, "Bold", sizes.title, centre=True)
    sheet.facts((words.when,), "SemiBold", sizes.line)
    sheet.rule()
    for line in words.lines:
        sheet.pair(line, "SemiBold", sizes.line, centre=True)
        sheet.gap(6)
    for large, small in words.rows:
        sheet.text(large, "SemiBold", sizes.small + 2)
        sheet.text(small, "Regular", sizes.small)
        sheet.gap(4)
    if words.qr_text:
        sheet.code(words.qr_text)
    return sheet.finish()


def render(words: TicketWords | DoseSlipWords | SheetWords, *, width_dots: int) -> Image.Image:
    """Return the picture of whatever is to be printed."""
    if isinstance(words, TicketWords):
        return render_ticket(words, width_dots=width_dots)
    if isinstance(words, DoseSlipWords):
        return render_dose_slip(words, width_dots=width_dots)
    return render_sheet(words, width_dots=width_dots)
