"""The tables of drivers: every name loads, an unknown one is refused, and nothing is replaced in silence."""

import subprocess
import sys

import pytest

from kiosk.hardware import CAMERAS, DECODERS, IO_BOARDS, MACHINES, PRINTERS, QR_READERS, SPEAKERS, UnknownDriver, load

TABLES = (CAMERAS, QR_READERS, PRINTERS, IO_BOARDS, MACHINES, DECODERS, SPEAKERS)


@pytest.mark.parametrize(("table", "name"), [(table, name) for table in TABLES for name in table])
def test_every_driver_loads(table, name):
    assert load(table, name).__name__ == table[name].partition(":")[2]


def test_an_unknown_driver_is_refused_with_the_known_ones():
    with pytest.raises(UnknownDriver, match="known: fake, folder, pi"):
        load(CAMERAS, "webcam")


def test_the_package_imports_no_device_library():
    """A laptop without camera, scanner and printer libraries imports cleanly; escpos is loaded at the first print."""
    code = (
        "import sys, kiosk.hardware, kiosk.hardware.camera_pi, kiosk.hardware.printer_escpos, kiosk.hardware.printer_fake;"
        "print([name for name in ('picamera2', 'escpos', 'usb', 'pyzbar', 'zxingcpp') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
