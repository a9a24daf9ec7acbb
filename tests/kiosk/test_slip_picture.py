"""Slips as pictures: equal to the golden ones dot for dot, readable codes, nothing cut, nothing smuggled (F15, F16)."""

import unicodedata
from dataclasses import replace
from pathlib import Path

import pytest
import segno
import zxingcpp
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageChops

from kiosk.line_breaks import balance, printable, wrap
from kiosk.slip_picture import (
    BASELINE,
    LEAST_MODULE_DOTS,
    LINE_HEIGHT,
    WIDTH_58_MM,
    WIDTH_80_MM,
    QRDoesNotFit,
    load_font,
    render_dose_slip,
    render_ticket,
)
from tests.kiosk import golden_slips
from tests.kiosk.hardware.vietnamese import LETTERS

WIDTHS = (WIDTH_80_MM, WIDTH_58_MM)


@pytest.fixture(scope="module")
def drawn() -> dict[str, Image.Image]:
    return golden_slips.draw()


def test_pictures_equal_the_golden_ones(drawn, artefacts: Path):
    """Anew after a wanted change: python -m tests.kiosk.golden_slips"""
    different = []
    for name, picture in drawn.items():
        golden = Image.open(golden_slips.GOLDEN / name)
        if golden.size != picture.size or ImageChops.difference(golden.convert("L"), picture.convert("L")).getbbox():
            picture.save(artefacts / f"actual_{name}")
            different.append(name)
    assert not different, f"differ from golden/, see artefacts/actual_*: {different}"
    assert {path.name for path in golden_slips.GOLDEN.glob("*.png")} == set(drawn)


def test_pictures_suit_the_printer(drawn):
    for name, picture in drawn.items():
        assert picture.mode == "1"
        assert picture.width == (576 if "80" in name else 384)
        assert picture.width % 8 == 0


def test_code_on_each_dose_slip_reads_back_exactly(drawn):
    for name, picture in drawn.items():
        if name.startswith("dose"):
            [code] = zxingcpp.read_barcodes(picture.convert("L"), formats=zxingcpp.BarcodeFormat.QRCode)
            assert code.bytes == golden_slips.QR_TEXT.encode(), name


@pytest.mark.parametrize("width", WIDTHS)
def test_modules_are_half_a_millimetre_or_more(width):
    """look.md: at least 0.5 mm a module, which is 4 dots at 203 dpi."""
    for length in (20, 190, 480):
        slip = render_dose_slip(replace(golden_slips.DOSE, qr_text="A1" * (length // 2)), width_dots=width)
        [code] = zxingcpp.read_barcodes(slip.convert("L"), formats=zxingcpp.BarcodeFormat.QRCode)
        modules = segno.make(code.text, error="m", boost_error=False, micro=False).symbol_size(border=0)[0]
        assert (code.position.top_right.x - code.position.top_left.x) / modules >= LEAST_MODULE_DOTS - 0.1


def test_a_code_too_dense_for_the_paper_is_refused():
    with pytest.raises(QRDoesNotFit):
        render_dose_slip(replace(golden_slips.DOSE, qr_text="A" * 2000), width_dots=WIDTH_58_MM)


@pytest.mark.parametrize("width", WIDTHS)
def test_nothing_touches_the_paper_edge(width):
    """An endless name wraps, inside a word where it must."""
    words = replace(golden_slips.TICKET, name="Ngưỡng" * 40, number="A-01234567890123", hotline="0" * 80)
    for picture in (
        render_ticket(words, width_dots=width),
        render_dose_slip(replace(golden_slips.LONG, name="Ưỡng" * 60, lot="Ẵ" * 70), width_dots=width),
    ):
        left, _, right, _ = ImageChops.invert(picture.convert("L")).getbbox()
        assert left >= 2
        assert right <= width - 2


def test_every_vietnamese_letter_is_in_the_font():
    """A letter that is missing is drawn as the same empty box as a private-use sign."""
    for weight in ("Regular", "SemiBold", "Bold"):
        font = load_font(weight, 40)
        box = bytes(font.getmask("\ue123"))
        for letter in LETTERS:
            assert bytes(font.getmask(letter)) != box, letter


@pytest.mark.parametrize("weight", ["Regular", "SemiBold", "Bold"])
def test_lines_leave_room_for_stacked_diacritics(weight):
    """The deepest letter of one line and the tallest of the next do not overlap, in every size used."""
    for size in range(18, 48):
        boxes = [load_font(weight, size).getbbox(letter, anchor="ls") for letter in LETTERS]
        tallest, deepest = max(-box[1] for box in boxes), max(box[3] for box in boxes)
        assert tallest + deepest <= round(size * LINE_HEIGHT) + 1, size
        assert tallest <= round(size * BASELINE) + 2, size  # two dots of grid fitting, into the line above's air
    assert LINE_HEIGHT >= 1.4


@pytest.mark.parametrize(
    ("given_name", "drawn_name"),
    [
        ("Nguyễn\x1b@\x1dV\x00An", "Nguyễn @ V An"),
        ("An\u202eNAV\u200b NĂ", "An NAV NĂ"),
        ("Nguye\u0302\u0303n", "Nguyễn"),
        ("  Lê\r\n\tGiang  ", "Lê Giang"),
        ("\x10\x14\x01\x00\x01", ""),
    ],
)
def test_printable(given_name, drawn_name):
    """F15, F16: printer commands, bidi overrides and zero-width signs are blanks; NFD becomes NFC."""
    assert printable(given_name) == drawn_name


@given(st.text(max_size=120), st.integers(min_value=60, max_value=560))
def test_wrap_keeps_every_sign_within_the_width(text, width):
    font = load_font("Regular", 24)
    lines = wrap(text, font, width)
    assert "".join(lines).replace(" ", "") == printable(text).replace(" ", "")
    for line in lines:
        clusters = sum(1 for sign in line if not unicodedata.combining(sign))
        assert font.getlength(line) <= width or clusters <= 1
    for line in lines[1:]:
        assert not unicodedata.combining(line[0]) or printable(text).startswith(line[0])


@given(st.lists(st.sampled_from(["Mời", "quý", "vị", "ngồi", "chờ,", "chúng", "tôi", "sẽ", "gọi", "số."]), max_size=20))
def test_balance_needs_no_more_lines(words):
    font = load_font("Regular", 24)
    text = " ".join(words)
    assert len(balance(text, font, 400)) == len(wrap(text, font, 400))
    assert " ".join(balance(text, font, 400)) == text


@settings(max_examples=25)
@given(st.text(max_size=60))
def test_no_name_breaks_the_picture(name):
    """F14, F15: any text gives a slip."""
    picture = render_ticket(replace(golden_slips.TICKET, name=name, site_name=name), width_dots=384)
    assert picture.width == 384
