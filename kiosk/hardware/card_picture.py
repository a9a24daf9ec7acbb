"""Draws a chip ID card as a camera sees it: for the virtual bench, the tests and the scripted day.

It marks every card MẪU / SPECIMEN and draws no portrait: it must not make anything that passes for a card.
"""

from functools import lru_cache

import segno
from PIL import Image, ImageDraw, ImageFilter

from kiosk.slip_picture import load_font

# ISO/IEC 7810 ID-1 is 85.6 x 54 mm; the code on the front of the 2021 card is about 20 mm wide.
_CARD_RATIO = 54 / 85.6
_CODE_SHARE = 0.25
_PAPER, _INK, _DESK = 236, 28, 120


def code_image(payload: bytes, *, module_px: int = 1, quiet: int = 4, mask: int | None = None) -> Image.Image:
    """Return the payload as a grey QR picture: byte mode, no ECI, level M, as on the card (a card is version 7).

    `mask`: the pattern 0 to 7 of ISO/IEC 18004; by default the one that its rules like best, which costs the most time.
    """
    code = segno.make(payload, mode="byte", error="m", boost_error=False, micro=False, mask=mask)
    rows = tuple(tuple(row) for row in code.matrix_iter(border=quiet))
    image = Image.new("L", (len(rows[0]), len(rows)))
    image.putdata([0 if dark else 255 for row in rows for dark in row])
    return image.resize((image.width * module_px, image.height * module_px), Image.Resampling.NEAREST)


@lru_cache(maxsize=16)
def _blank_card(width_px: int) -> Image.Image:
    height_px = round(width_px * _CARD_RATIO)
    card = Image.new("L", (width_px, height_px), _PAPER)
    draw = ImageDraw.Draw(card)
    draw.rectangle((0, 0, width_px - 1, height_px - 1), outline=160, width=3)
    unit = width_px // 40
    draw.text((13 * unit, unit), "CĂN CƯỚC CÔNG DÂN", font=load_font("Bold", unit + unit // 3), fill=70)
    draw.rectangle((unit, 9 * unit, 10 * unit, 22 * unit), outline=150, width=2)
    draw.text((unit * 3, 13 * unit), "MẪU", font=load_font("Bold", unit * 2), fill=110)
    draw.text((unit * 12, 19 * unit), "MẪU / SPECIMEN", font=load_font("Bold", unit * 2), fill=90)
    for line in range(4):
        y = (9 + 2 * line) * unit
        draw.rectangle((12 * unit, y, (22 + 3 * (line % 3)) * unit, y + unit // 2), fill=190)
    return card


def card_picture(
    payload: bytes,
    *,
    tilt_deg: float = 0.0,
    blur_px: float = 0.0,
    light: float = 1.0,
    card_width_px: int = 1040,
    frame_px: tuple[int, int] = (1280, 720),
    mask: int | None = None,
) -> Image.Image:
    """Return a grey camera frame with one card in its middle, its QR holding `payload`.

    `tilt_deg`: rotation of the card; `blur_px`: radius of the lens's blur; `light`: 1.0 normal, 0.3 dusk;
    `card_width_px`: how near the card is held (1040 is about 12 cm before the kiosk's camera);
    `mask`: as in code_image.
    """
    card = _blank_card(card_width_px).copy()
    side = round(card_width_px * _CODE_SHARE)
    code = code_image(payload, mask=mask).point(lambda value: _INK if value == 0 else _PAPER)
    code = code.resize((side, side), Image.Resampling.NEAREST if side % code.width == 0 else Image.Resampling.HAMMING)
    card.paste(code, (card.width - side - card.width // 40, card.width // 20))
    if tilt_deg:
        card = card.rotate(tilt_deg, Image.Resampling.BILINEAR, expand=True, fillcolor=_DESK)
    frame = Image.new("L", frame_px, _DESK)
    frame.paste(card, ((frame.width - card.width) // 2, (frame.height - card.height) // 2))
    if blur_px:
        frame = frame.filter(ImageFilter.GaussianBlur(blur_px))
    if light != 1.0:
        frame = frame.point(lambda value: min(255, int(value * light)))
    return frame
