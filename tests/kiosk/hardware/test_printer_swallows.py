"""F3, F5: bytes that vanish and printers that stand still are never "printed", and nobody waits for ever."""

import time

import pytest

from tests.kiosk.hardware.conftest import PATIENT_S, SHORT_S, wait_for_answers

pytestmark = pytest.mark.integration  # the real driver, over real sockets and terminals


def test_switched_off_behind_its_adapter(virtual_printer, make_driver, slip):
    """F3: writes succeed, nothing answers."""
    driver = make_driver(virtual_printer, answer_s=SHORT_S)
    virtual_printer.swallow()
    assert driver.print_picture(slip) == "disconnected"
    virtual_printer.behave()
    wait_for_answers(driver, PATIENT_S)
    assert driver.print_picture(slip) == "printed"


def test_falls_silent_during_the_job(virtual_printer, make_driver, slip):
    """F3: the status before was good, then all is swallowed: nobody knows what came out."""
    driver = make_driver(virtual_printer)
    real_send = driver._send

    def send_into_silence(image, *, cut):
        virtual_printer.swallow()
        wait_for_answers(driver, SHORT_S)
        return real_send(image, cut=cut)

    driver._send = send_into_silence
    assert driver.print_picture(slip) == "unknown"
    driver._send = real_send
    virtual_printer.behave()
    wait_for_answers(driver, PATIENT_S)
    assert driver.print_picture(slip) == "printed"
    assert len(virtual_printer.slips()) == 1


def test_stands_still(virtual_printer, make_driver, slip):
    """F5: says ready and prints nothing: given up after the job's time, and what is left of it is thrown away."""
    driver = make_driver(virtual_printer, job_s=2.5)
    virtual_printer.go_slow(0)
    begun = time.monotonic()
    assert driver.print_picture(slip) == "unknown"
    assert time.monotonic() - begun < 30
    virtual_printer.behave()
    assert driver.print_picture(slip) == "printed"
    assert len(virtual_printer.slips()) == 1


def test_slow_is_not_broken(virtual_printer, make_driver, slip):
    driver = make_driver(virtual_printer, job_s=20.0)
    virtual_printer.go_slow(40_000)
    assert driver.print_picture(slip) == "printed"
    assert len(virtual_printer.slips()) == 1
