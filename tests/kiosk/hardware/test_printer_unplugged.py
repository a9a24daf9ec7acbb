"""F4: the cable is out, before the job and at many moments of it; the driver comes back by itself."""

import threading
import time

import pytest

from kiosk.hardware.printer_wire import PrinterWire

pytestmark = pytest.mark.integration  # the real driver, over real sockets and terminals


def test_unplugged(virtual_printer, make_driver, slip):
    driver = make_driver(virtual_printer)
    assert driver.status() == "ready"
    virtual_printer.unplug()
    assert driver.status() == "disconnected"
    assert driver.print_picture(slip) == "disconnected"
    virtual_printer.plug()
    assert driver.status() == "ready"
    assert driver.print_picture(slip) == "printed"
    assert len(virtual_printer.slips()) == 1


def test_never_there(make_driver, virtual_printer):
    virtual_printer.unplug()
    assert make_driver(virtual_printer).status() == "disconnected"


@pytest.mark.parametrize("delay_s", [0.05, 0.2, 0.4, 0.7])
def test_unplugged_during_the_job(virtual_printer, make_driver, slip, delay_s):
    """Never "printed"; the next slip after plugging in is whole."""
    driver = make_driver(virtual_printer)
    virtual_printer.go_slow(10_000)
    pulling = threading.Timer(delay_s, virtual_printer.unplug)
    pulling.start()
    assert driver.print_picture(slip) == "disconnected"
    pulling.join()
    virtual_printer.behave()
    virtual_printer.plug()
    assert driver.print_picture(slip) == "printed"
    assert len(virtual_printer.slips()) == 1
    assert virtual_printer.rejected == b""


def test_the_virtual_cable_can_be_plugged_in_again_while_somebody_waits_on_it():
    """Found by true processes (seed 8703): whoever waited held the address, and the lever answered with an error."""
    wire = PrinterWire(serial=False)
    waits = threading.Event()

    def wait() -> None:
        waits.set()
        wire.wait(0.5)

    for _ in range(5):
        waits.clear()
        waiting = threading.Thread(target=wait)
        waiting.start()
        waits.wait()
        time.sleep(0.05)
        wire.unplug()
        wire.plug()
        waiting.join()
    wire.close()
