"""F6: answers that no printer gives are "unknown", never "ready" and never "printed"."""

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.hardware.escpos_status import status_of
from kiosk.hardware.printer import PRINTER_STATUSES
from tests.kiosk.hardware.conftest import PATIENT_S, SHORT_S, wait_for_answers


def test_garbage_is_not_ready(virtual_printer, make_driver, slip):
    driver = make_driver(virtual_printer, answer_s=SHORT_S)
    virtual_printer.answer_garbage()
    for _ in range(8):
        assert driver.status() in ("unknown", "disconnected")
    assert driver.print_picture(slip) in ("unknown", "disconnected")
    virtual_printer.behave()
    wait_for_answers(driver, PATIENT_S)
    assert driver.status() in ("ready", "unknown")  # the last stray byte may still be on the wire
    assert driver.status() == "ready"
    assert virtual_printer.slips() == []


def test_garbage_during_the_job_is_not_printed(virtual_printer, make_driver, slip):
    driver = make_driver(virtual_printer)
    assert driver.status() == "ready"
    virtual_printer.go_slow(60_000)
    real_send = driver._send

    def send_then_garbage(image, *, cut):
        virtual_printer.answer_garbage()
        return real_send(image, cut=cut)

    driver._send = send_then_garbage
    assert driver.print_picture(slip) != "printed"


def test_a_hundred_thousand_random_answers_are_hardly_ever_ready():
    """10^5 triples of random bytes: a triple passes as "ready" only if all three are among the few sound answers."""
    random = Random(20211003)
    ready = sum(status_of(*random.randbytes(3)) == "ready" for _ in range(100_000))
    assert ready <= 2


@given(st.binary(min_size=3, max_size=3))
def test_every_answer_has_a_word(answers):
    assert status_of(*answers) in PRINTER_STATUSES


@pytest.mark.parametrize(
    ("answers", "status"),
    [
        (b"\x12\x12\x12", "ready"),
        (b"\x16\x12\x12", "ready"),  # drawer pin high
        (b"\x12\x12\x1e", "ready"),  # near the end of the roll
        (b"\x1a\x32\x72", "no_paper"),
        (b"\x1a\x16\x12", "cover_open"),
        (b"\x1a\x36\x72", "cover_open"),
        (b"\x1a\x12\x12", "unknown"),  # offline, and no cause
        (b"\x12\x16\x12", "unknown"),  # cover open, and yet online
        (b"\x1a\x52\x12", "unknown"),  # cutter jam or overheating
        (b"\x12\x12\x16", "unknown"),  # half a sensor pair
        (b"\x00\x00\x00", "unknown"),
        (b"\xff\xff\xff", "unknown"),
    ],
)
def test_the_table(answers, status):
    assert status_of(*answers) == status
