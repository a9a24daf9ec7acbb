"""The cover is open, before the job and during it."""

import threading

import pytest

pytestmark = pytest.mark.integration  # the real driver, over real sockets and terminals


def test_cover_open(virtual_printer, make_driver, slip):
    driver = make_driver(virtual_printer)
    virtual_printer.open_cover()
    assert driver.status() == "cover_open"
    assert driver.print_picture(slip) == "cover_open"
    virtual_printer.close_cover()
    assert driver.print_picture(slip) == "printed"
    assert len(virtual_printer.slips()) == 1


def test_cover_opened_during_the_job(virtual_printer, make_driver, slip):
    driver = make_driver(virtual_printer)
    virtual_printer.go_slow(8_000)
    opening = threading.Timer(0.4, virtual_printer.open_cover)
    opening.start()
    assert driver.print_picture(slip) == "cover_open"
    opening.join()
    virtual_printer.behave()
    virtual_printer.close_cover()
    assert driver.print_picture(slip) == "printed"


def test_an_open_cover_hides_the_paper(virtual_printer, make_driver):
    """The sensor sees no paper either; the sentence for the person must be the one about the cover."""
    virtual_printer.take_paper()
    virtual_printer.open_cover()
    assert make_driver(virtual_printer).status() == "cover_open"
