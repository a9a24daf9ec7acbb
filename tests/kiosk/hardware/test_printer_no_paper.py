"""F1, F2: no paper before the job, and paper that ends at any byte of it."""

import pytest
from PIL import Image

from kiosk.hardware.escpos_raster import steps, trimmed, weight
from kiosk.hardware.printer_fake import VirtualPrinter

pytestmark = pytest.mark.integration  # the real driver, over real sockets and terminals


def test_no_paper_before_the_job(virtual_printer, make_driver, slip):
    """F1: nothing is sent; after the refill it prints once."""
    driver = make_driver(virtual_printer)
    virtual_printer.take_paper()
    assert driver.status() == "no_paper"
    assert driver.print_picture(slip) == "no_paper"
    virtual_printer.load_paper()
    assert driver.status() == "ready"
    assert driver.print_picture(slip) == "printed"
    assert len(virtual_printer.slips()) == 1
    assert virtual_printer.pieces() == []


def job_bytes(picture: Image.Image) -> int:
    """The whole job: ESC @, GS a, the picture, feed, cut, question."""
    return 2 + 3 + weight(steps(trimmed(picture), centres=True, doubles=True)) + 3 + 3 + 3


@pytest.mark.parametrize("share", [0.0, 0.0001, 0.002, 0.1, 0.35, 0.7, 0.97])
def test_paper_ends_mid_slip(virtual_printer, make_driver, slip, share):
    """F2: never "printed"; the rest of the broken job does not run on under the next slip."""
    driver = make_driver(virtual_printer)
    virtual_printer.paper_ends_after(1 + int(share * job_bytes(slip)))
    assert driver.print_picture(slip) == "no_paper"
    assert driver.status() == "no_paper"
    virtual_printer.load_paper()
    assert driver.print_picture(slip) == "printed"
    [whole] = virtual_printer.slips()
    assert whole.height == 559 + 6 * 30
    assert virtual_printer.rejected == b""


def test_paper_ends_at_every_place(make_driver, slip):
    """F2 over the whole job: the last bytes, where all but the answer is through, are tried one by one."""
    with VirtualPrinter() as virtual:
        driver = make_driver(virtual)
        assert driver.print_picture(slip) == "printed"
        size = job_bytes(slip)
        for number, n_bytes in enumerate([*range(1, size - 40, size // 15), *range(size - 12, size + 1)], 1):
            virtual.paper_ends_after(n_bytes)
            assert driver.print_picture(slip) == "no_paper", n_bytes
            virtual.load_paper()
            before = len(virtual.slips())
            assert driver.print_picture(slip) == "printed", n_bytes
            assert len(virtual.slips()) == before + 1, (number, n_bytes)


def test_a_long_slip_stops_before_the_buffer_is_full(make_driver, slip):
    """The driver looks at the printer now and then while it sends, so that it names the cause and not "disconnected"."""
    tall = slip.resize((576, 4_200))
    with VirtualPrinter(buffer_bytes=65_536) as virtual:
        driver = make_driver(virtual)
        virtual.paper_ends_after(3_000)
        assert driver.print_picture(tall) == "no_paper"
