"""Turns worded slips into 1-bit pictures for the thermal printer: the queue ticket and the dose slip.

Pure: words in, picture out. It decides nothing about people or doses and knows no device. Everything is drawn, not
sent as text, because printers' code pages cannot write Vietnamese and drawn text can carry no printer commands.
"""

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import segno
from PIL import Image, ImageDraw, ImageFont

from kiosk.line_breaks import balance, printable, unbroken, wrap

Line = tuple[str, str]  # the same sentence in Vietnamese and in English; an empty English one is left out

WIDTH_80_MM = 576
WIDTH_58_MM = 384

# At 203 dpi 4 dots are 0.5 mm: smaller modules are not read from worn thermal paper by cheap phones.
LEAST_MODULE_DOTS = 4
# 1 mm is read by every phone; larger costs only paper.
MOST_MODULE_DOTS = 8
QUIET_MODULES = 4

FONT_FOLDER = Path(__file__).with_name("fonts")

# Stacked diacritics need air: in this font Ẳ rises 1.22 em over the baseline and ỵ falls 0.25 em below it.
LINE_HEIGHT = 1.52
BASELINE = 1.22
_WHITE, _BLACK = 255, 0
# Anti-aliased strokes thinner than a dot vanish at 128; at 160 they stay, and counters of "ê" stay open.
_INK_LEVEL = 160


class QRDoesNotFit(ValueError):
    """The code would need modules under 0.5 mm on this paper."""

    def __init__(self, modules: int, width_dots: int) -> None:
        super().__init__(f"QR of {modules} modules on {width_dots} dots")
        self.modules = modules
        self.width_dots = width_dots


@dataclass(frozen=True, slots=True, kw_only=True)
class TicketWords:
    """Everything that stands on a queue ticket, already worded. `copy` counts from 1."""

    site_name: str
    title_vi: str
    title_en: str
    number: str
    name: str
    masked_id: str
    when: str
    lines: tuple[Line, ...]
    foot: tuple[Line, ...]
    hotline: str
    copy: int = 1
    demo: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class DoseSlipWords:
    """Everything that stands on a dose slip, already worded. `qr_text` is the signed copy (ASCII); `copy` counts from 1."""

    site_name: str
    slip_number: str
    when: str
    name: str
    birth_year: str
    masked_id: str
    vaccine: str
    lot: str
    dose_number: str
    injector: str
    observe_until: str
    qr_text: str
    foot: tuple[Line, ...]
    hotline: str
    next_due: str | None = None
    title_vi: str = "Phiếu kết quả tiêm"
    title_en: str = "Vaccination result slip"
    copy: int = 1
    demo: bool = False


@dataclass(frozen=True, slots=True)
class _Sizes:
    margin: int
    second_column: int  # where a row's second field begins; 0: each field has its own row
    site: int
    title: int
    value: int
    line: int
    small: int
    number: int
    until: int


_WIDE = _Sizes(margin=14, second_column=300, site=28, title=44, value=31, line=27, small=21, number=150, until=84)
_NARROW = _Sizes(margin=8, second_column=0, site=25, title=35, value=29, line=25, small=20, number=108, until=72)


@lru_cache(maxsize=64)
def load_font(weight: str, size: int) -> ImageFont.FreeTypeFont:
    """Return Be Vietnam Pro, `weight` "Regular", "SemiBold" or "Bold", in `size` px.

    Basic layout: NFC Vietnamese needs no shaping, and the picture is then the same with and without libraqm.
    """
    path = FONT_FOLDER / f"BeVietnamPro-{weight}.ttf"
    return ImageFont.truetype(str(path), size, layout_engine=ImageFont.Layout.BASIC)


class Sheet:
    """A roll of paper that is drawn from top to bottom; `y` is the next free row."""

    def __init__(self, width_dots: int) -> None:
        self.sizes = _WIDE if width_dots >= WIDTH_80_MM else _NARROW
        self.width = width_dots
        self.left, self.right = self.sizes.margin, width_dots - self.sizes.margin
        self.y = 0
        self._image = Image.new("L", (width_dots, 1024), _WHITE)
        self._draw = ImageDraw.Draw(self._image)

    def need(self, rows: int) -> None:
        """Lengthen the paper so that `rows` more fit."""
        if self.y + rows <= self._image.height:
            return
        longer = Image.new("L", (self.width, (self.y + rows) * 2), _WHITE)
        longer.paste(self._image, (0, 0))
        self._image, self._draw = longer, ImageDraw.Draw(longer)

    def gap(self, rows: int) -> None:
        """Leave rows white."""
        self.y += rows

    def text(
        self,
        text: str,
        weight: str,
        size: int,
        *,
        centre: bool = False,
        span: tuple[int, int] | None = None,
        ink: int = _BLACK,
    ) -> None:
        """Lines of text, within `span` or the whole width."""
        left, right = span or (self.left, self.right)
        font = load_font(weight, size)
        for line in (balance if centre else wrap)(text, font, right - left):
            step = round(size * LINE_HEIGHT)
            self.need(step)
            x = left + (right - left - font.getlength(line)) / 2 if centre else left
            self._draw.text((round(x), self.y + round(size * BASELINE)), line, font=font, fill=ink, anchor="ls")
            self.y += step

    def pair(self, line: Line, weight: str, size: int, *, centre: bool = False) -> None:
        """Vietnamese large, English small below it."""
        vi, en = line
        self.text(vi, weight, size, centre=centre)
        self.gap(-2)
        self.text(en, "Regular", max(self.sizes.small, round(size * 0.78)), centre=centre)

    def figures(self, text: str, size: int) -> None:
        """One huge centred line of figures, set tight and shrunk when it is too wide."""
        font = load_font("Bold", size)
        while size > self.sizes.title and font.getlength(text) > self.right - self.left - 2 * self.sizes.margin:
            size -= 4
            font = load_font("Bold", size)
        left, top, right, bottom = font.getbbox(text)
        self.need(int(bottom - top))
        self._draw.text(((self.width - (right - left)) / 2 - left, self.y - top), text, font=font, fill=_BLACK)
        self.y += int(bottom - top)

    def rule(self, thick: int = 4) -> None:
        """A line across."""
        self.gap(10)
        self.need(thick + 10)
        self._draw.rectangle((self.left, self.y, self.right - 1, self.y + thick - 1), fill=_BLACK)
        self.gap(thick + 8)

    def fields(self, *pairs: tuple[Line, str]) -> None:
        """One or two labels in both languages, each with its value below it; on narrow paper each on its own row."""
        second = self.sizes.second_column
        columns = (second - 10 - self.left, self.right - second)
        font = load_font("SemiBold", self.sizes.value)
        # A value that would be broken in half a row gets a whole one.
        shared = (
            second
            and len(pairs) == len(columns)
            and all(
                font.getlength(printable(value)) <= room for (_label, value), room in zip(pairs, columns, strict=True)
            )
        )
        top = end = self.y
        for number, (label, value) in enumerate(pairs):
            span = (self.left, self.right)
            if shared:
                span = (self.left, second - 10) if number == 0 else (second, self.right)
                self.y = top
            self.text(" / ".join(label), "Regular", self.sizes.small, span=span)
            self.gap(-5)
            self.text(value, "SemiBold", self.sizes.value, span=span)
            end = max(end, self.y)
            self.gap(4)
        self.y = end + 4

    def facts(self, parts: tuple[str, ...], weight: str, size: int) -> None:
        """Short facts on one centred line with dots between, or each on its own line where that is too long."""
        parts = tuple(unbroken(part) for part in parts)
        line = " · ".join(parts)
        fits = load_font(weight, size).getlength(line) <= self.right - self.left
        for text in (line,) if fits else parts:
            self.text(text, weight, size, centre=True)

    def banner(self, text: str, size: int) -> None:
        """White on black across the paper: for what nobody may overlook."""
        lines = len(balance(text, load_font("Bold", size), self.right - self.left))
        rows = lines * round(size * LINE_HEIGHT) + 6
        self.need(rows)
        self._draw.rectangle((self.left, self.y, self.right - 1, self.y + rows - 1), fill=_BLACK)
        self.gap(1)
        self.text(text, "Bold", size, centre=True, ink=_WHITE)
        self.gap(11)

    def framed(self, label: Line, value: str) -> None:
        """A sentence and a large value between two heavy rules: the one thing to remember.

        No box around it: its sides would be the widest bands of the slip, and cost a second on a serial line.
        """
        self.rule(6)
        self.pair(label, "SemiBold", self.sizes.line, centre=True)
        self.gap(8)
        self.figures(value, self.sizes.until)
        self.gap(8)
        self.rule(6)

    def code(self, text: str) -> None:
        """A centred QR code with its quiet zone, modules of an even number of dots.

        Even, and on an even column: a printer that doubles dots is then sent a quarter of the bytes.
        """
        code = segno.make(text, error="m", boost_error=False, micro=False)
        rows = tuple(tuple(row) for row in code.matrix_iter(border=QUIET_MODULES))
        dots = min(self.width // len(rows), MOST_MODULE_DOTS) // 2 * 2
        if dots < LEAST_MODULE_DOTS:
            raise QRDoesNotFit(len(rows), self.width)
        picture = Image.new("L", (len(rows), len(rows)))
        picture.putdata([_BLACK if dark else _WHITE for row in rows for dark in row])
        side = len(rows) * dots
        self.need(side)
        # On the white paper the quiet zone may overlap the text's air above, never its ink: rows are not shared.
        place = ((self.width - side) // 4 * 2, self.y)
        self._image.paste(picture.resize((side, side), Image.Resampling.NEAREST), place)
        self.gap(side)

    def finish(self) -> Image.Image:
        """Cut the paper after the last row and make it black and white."""
        used = self._image.crop((0, 0, self.width, self.y + 6))
        return used.point(lambda value: _WHITE if value >= _INK_LEVEL else _BLACK).convert(
            "1", dither=Image.Dither.NONE
        )


def head(sheet: Sheet, site_name: str, *, copy: int, demo: bool) -> None:
    """The site's name; a copy says so, and so does a demonstration."""
    sheet.gap(4)
    if demo:
        sheet.banner("DEMO · KHÔNG CÓ GIÁ TRỊ · NOT VALID", sheet.sizes.small)
    sheet.text(site_name, "SemiBold", sheet.sizes.site, centre=True)
    sheet.rule()
    if copy > 1:
        sheet.banner(f"BẢN {copy} / COPY {copy}", sheet.sizes.line)


def _foot(sheet: Sheet, foot: tuple[Line, ...], hotline: str) -> None:
    for line in foot:
        sheet.pair(line, "Regular", sheet.sizes.small, centre=True)
        sheet.gap(4)
    if hotline:
        sheet.facts(("Đường dây nóng / Hotline", hotline), "Bold", sheet.sizes.small + 2)


def render_ticket(words: TicketWords, *, width_dots: int) -> Image.Image:
    """Return the queue ticket as a 1-bit picture `width_dots` wide (576: 80 mm paper, 384: 58 mm)."""
    sheet = Sheet(width_dots)
    sizes = sheet.sizes
    head(sheet, words.site_name, copy=words.copy, demo=words.demo)
    sheet.pair((words.title_vi, words.title_en), "SemiBold", sizes.value, centre=True)
    sheet.gap(18)
    sheet.figures(printable(words.number), sizes.number)
    sheet.gap(24)
    sheet.text(words.name, "Bold", sizes.value, centre=True)
    sheet.facts((words.masked_id, words.when), "Regular", sizes.small + 2)
    sheet.rule()
    for line in words.lines:
        sheet.pair(line, "SemiBold", sizes.line, centre=True)
        sheet.gap(6)
    if words.foot or words.hotline:
        sheet.rule(2)
    _foot(sheet, words.foot, words.hotline)
    return sheet.finish()


def render_dose_slip(words: DoseSlipWords, *, width_dots: int) -> Image.Image:
    """Return the dose slip as a 1-bit picture `width_dots` wide; raise QRDoesNotFit when the code is too dense for it."""
    sheet = Sheet(width_dots)
    sizes = sheet.sizes
    head(sheet, words.site_name, copy=words.copy, demo=words.demo)
    sheet.text(words.title_vi, "Bold", sizes.title, centre=True)
    sheet.gap(-4)
    sheet.text(words.title_en, "Regular", sizes.line, centre=True)
    sheet.facts((f"Số / No. {words.slip_number}", words.when), "SemiBold", sizes.small + 1)
    sheet.rule()
    sheet.fields((("Họ và tên", "Name"), words.name))
    sheet.fields((("Năm sinh", "Born"), words.birth_year), (("Số giấy tờ", "ID"), words.masked_id))
    sheet.rule(2)
    sheet.fields((("Vắc xin", "Vaccine"), words.vaccine), (("Mũi thứ", "Dose"), words.dose_number))
    sheet.fields((("Số lô", "Lot"), words.lot), (("Người tiêm", "Injected by"), words.injector))
    if words.next_due:
        sheet.fields((("Hẹn mũi sau", "Next due"), words.next_due))
    sheet.framed(("Mời ngồi theo dõi đến", "Please stay until"), printable(words.observe_until))
    if words.qr_text:
        # Without one when the dose was given at another kiosk: only that one can sign its copy.
        sheet.code(words.qr_text)
    _foot(sheet, words.foot, words.hotline)
    return sheet.finish()
