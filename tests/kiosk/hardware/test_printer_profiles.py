"""Every make of PRINTERS.toml, over a serial line: slips dot for dot, and no paper at any byte is never "printed"."""

import pytest
from PIL import Image, ImageChops

from kiosk.hardware.escpos_raster import trimmed
from kiosk.hardware.printer_escpos import EscposPrinter
from kiosk.hardware.printer_fake import VirtualPrinter
from kiosk.hardware.printer_profile import UnknownProfile, profile, profiles
from kiosk.slip_picture import render_dose_slip, render_ticket
from tests.kiosk import golden_slips

MAKES = [(name, mm) for name, row in profiles().items() for mm in row.dots]


@pytest.fixture(params=MAKES, ids=lambda make: f"{make[0]}-{make[1]}")
def made(request, capabilities_dir):
    make, width = profile(request.param[0], paper_mm=request.param[1])
    with VirtualPrinter(serial=True, width_dots=width, profile=make) as virtual:
        driver = EscposPrinter(
            kind="serial",
            address=virtual.address,
            width_dots=width,
            baud=make.baud,
            profile=make,
            capabilities_dir=capabilities_dir,
            answer_s=5.0,
            write_s=1.0,
            job_s=20.0,
        )
        yield make, virtual, driver
        driver.close()


@pytest.mark.integration
def test_slips_come_out_dot_for_dot(made):
    _make, virtual, driver = made
    for picture in (
        render_ticket(golden_slips.TICKET, width_dots=virtual.width_dots),
        render_dose_slip(golden_slips.DOSE, width_dots=virtual.width_dots),
    ):
        assert driver.print_picture(picture) == "printed"
        short = trimmed(picture)
        printed = virtual.slips()[-1].crop((0, 0, short.width, short.height))
        difference = ImageChops.difference(printed.convert("L"), short.convert("L"))
        assert sum(difference.histogram()[128:]) <= 4
    assert len(virtual.slips()) == 2
    assert virtual.rejected == b""


@pytest.mark.integration
def test_paper_that_ends_is_never_printed(made):
    """F2, at six places of a small job. Who cannot forget the rest of a job never calls the slip failed: a person looks."""
    make, virtual, driver = made
    picture = Image.new("1", (virtual.width_dots, 24), 0)
    # The nine bytes of the questions before a job count too: sooner, and no job begins.
    for n_bytes in (10, 13, 18, 40, 60, 90):
        virtual.paper_ends_after(n_bytes)
        assert driver.print_picture(picture) == ("no_paper" if make.clears else "unknown")
        virtual.load_paper()
        # Off and on: what a make that cannot clear still holds is gone, as when a person restarts it.
        driver.close()
        virtual.unplug()
        virtual.plug()
    assert virtual.slips() == []
    assert driver.print_picture(picture) == "printed"


def test_unknown_makes_and_papers_are_named():
    with pytest.raises(UnknownProfile, match="known: custom, epson-tm-t20"):
        profile("epson", paper_mm=80)
    with pytest.raises(UnknownProfile, match="takes no paper of 80 mm"):
        profile("xprinter-58", paper_mm=80)


def test_rows_are_whole():
    for row in profiles().values():
        assert row.knife in ("part", "full", "none")
        assert row.baud in (9_600, 19_200, 38_400, 57_600, 115_200)
        assert all(352 <= dots <= 640 for dots in row.dots.values())
