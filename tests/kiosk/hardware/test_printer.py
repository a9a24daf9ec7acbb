"""The printer's contract, over every connection of the driver, and a real printer where there is one.

KIOSK_TEST_PRINTER="serial=/dev/ttyUSB0" (or usb=04b8:0e28, network=10.0.0.9:9100) runs it on the real one: it prints.
"""

import os

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageChops

from kiosk.hardware.escpos_paper import EscposPaper
from kiosk.hardware.escpos_raster import defused, trimmed
from kiosk.hardware.printer import PRINT_RESULTS, PRINTER_STATUSES
from kiosk.hardware.printer_escpos import EscposPrinter
from kiosk.hardware.printer_fake import VirtualPrinter
from tests.kiosk import golden_slips
from tests.kiosk.hardware.usb_printer import UsbPrinter


@pytest.fixture(params=["network", "serial", "usb", "real"])
def printer(request, make_driver):
    if request.param != "real":
        with UsbPrinter() if request.param == "usb" else VirtualPrinter(serial=request.param == "serial") as virtual:
            yield make_driver(virtual)
        return
    place = os.environ.get("KIOSK_TEST_PRINTER")
    if not place:
        pytest.skip("no real printer: set KIOSK_TEST_PRINTER")
    kind, _, address = place.partition("=")
    driver = EscposPrinter(kind=kind, address=address)
    yield driver
    driver.close()


def test_statuses_are_words_of_the_contract(printer):
    assert printer.status() == "ready"
    assert "ready" in PRINTER_STATUSES


def test_prints_and_says_so(printer, slip):
    assert printer.print_picture(slip) == "printed"
    assert printer.status() == "ready"


def test_prints_after_close(printer, slip):
    printer.close()
    assert printer.print_picture(slip) == "printed"


@pytest.mark.parametrize("picture", [Image.new("L", (576, 8)), Image.new("1", (584, 8)), Image.new("1", (575, 8))])
def test_refuses_what_is_no_slip(printer, picture):
    with pytest.raises(ValueError, match="picture"):
        printer.print_picture(picture)


def test_contract_words_agree():
    assert set(PRINT_RESULTS) - {"printed"} == set(PRINTER_STATUSES) - {"ready"}


def test_unknown_kind_is_refused():
    with pytest.raises(ValueError, match="known: serial, usb, network"):
        EscposPrinter(kind="bluetooth", address="x")


@pytest.mark.parametrize(
    ("ends", "said"), [((0x81, 0x02), "printed"), ((0x82, 0x03), "printed"), ((0x82, 0x81), "disconnected")]
)
def test_the_makes_own_usb_endpoints_are_found(make_driver, slip, ends, said):
    """A device without a way in is no printer."""
    with UsbPrinter(ends=ends) as virtual:
        assert make_driver(virtual).print_picture(slip) == said
        assert len(virtual.slips()) == (said == "printed")


@pytest.mark.parametrize("width", [576, 384])
def test_golden_slips_come_out_dot_for_dot(make_driver, width, tmp_path):
    """What the emulator drew from the bytes is what was rendered, but for single dots that break hidden commands."""
    with VirtualPrinter(width_dots=width, folder=tmp_path) as virtual:
        driver = make_driver(virtual)
        pictures = [picture for picture in golden_slips.draw().values() if picture.width == width]
        for number, picture in enumerate(pictures, 1):
            assert driver.print_picture(picture) == "printed"
            printed = virtual.slips()[-1]
            assert len(virtual.slips()) == number
            shown = printed.crop((0, 0, width, trimmed(picture).height))
            difference = ImageChops.difference(shown.convert("L"), trimmed(picture).convert("L"))
            assert sum(difference.histogram()[128:]) <= 3
        assert virtual.rejected == b""
    assert len(list(tmp_path.glob("slip-*.png"))) == len(pictures)


def test_slips_of_an_earlier_run_are_kept(make_driver, slip, tmp_path):
    for number in (1, 2):
        with VirtualPrinter(folder=tmp_path) as virtual:
            assert make_driver(virtual).print_picture(slip) == "printed"
        assert sorted(path.name for path in tmp_path.iterdir()) == [f"slip-000{n + 1}.png" for n in range(number)]


def test_without_a_cut_the_paper_stays(make_driver, slip):
    with VirtualPrinter() as virtual:
        assert make_driver(virtual).print_picture(slip, cut=False) == "printed"
        assert virtual.slips() == []


def test_blank_rows_at_the_bottom_cost_no_paper(slip):
    assert trimmed(slip).height == 559
    assert trimmed(Image.new("1", (576, 900), 1)).height == 8


@settings(max_examples=60)
@given(
    st.binary(min_size=144, max_size=144),
    st.sampled_from([b"\x10\x04\x01", b"\x10\x14\x01\x00\x05", b"\x10\x14\x02\x01\x08", b"\x10\x05\x02"]),
    st.integers(0, 130),
)
def test_no_command_hides_in_the_dots(noise, command, place):
    """A printer obeys real-time commands even inside a picture (drawer kick, power off): F15 for dots."""
    ink = bytearray(noise)
    ink[place : place + len(command)] = command
    picture = ImageChops.invert(Image.frombytes("1", (576, 2), bytes(ink)).convert("L")).convert("1")
    safe = ImageChops.invert(defused(picture).convert("L")).convert("1").tobytes()
    for dangerous in (b"\x10\x04", b"\x10\x14", b"\x10\x05"):
        assert dangerous not in safe
    assert all(a & b == b for a, b in zip(safe, ink, strict=True))  # dots are added, none is lost


def test_a_hidden_drawer_kick_would_be_obeyed_without_that(make_driver):
    """The emulator does what the device does; the driver never lets it come to that."""
    ink = b"\x10\x14\x01\x00\x05".ljust(72, b"\0")
    picture = ImageChops.invert(Image.frombytes("1", (576, 1), ink).convert("L")).convert("1")
    with VirtualPrinter() as virtual:
        driver = make_driver(virtual)
        assert driver.print_picture(picture) == "printed"
        assert virtual.drawer_kicks == 0
        driver._line.open()
        driver._line.picture(picture)
        assert driver.status() == "ready"
        assert virtual.drawer_kicks == 1


def test_the_paper_rejects_text_and_unknown_commands():
    paper = EscposPaper(width_dots=576)
    paper.take(b"\x1b@Ti\xc3\xaam\x1b!\x08\x1dV\x00")
    assert b"Ti" in paper.rejected
    assert b"\x1b" in paper.rejected
    assert paper.slips == []


@given(st.binary(max_size=400), st.integers(1, 7))
def test_the_paper_takes_any_bytes_in_any_pieces(data, step):
    """Whole or in pieces, the same paper."""
    whole, pieces = EscposPaper(width_dots=384), EscposPaper(width_dots=384)
    whole.take(data)
    for at in range(0, len(data), step):
        pieces.take(data[at : at + step])
    assert whole.rejected == pieces.rejected
    assert whole.rows == pieces.rows
    assert len(whole.slips) == len(pieces.slips)
