"""Devices for the tests: clocks that are moved by hand, virtual printers and readers that are thrown away after."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PIL import Image, ImageDraw

from kiosk.hardware.printer_escpos import EscposPrinter
from kiosk.hardware.printer_fake import VirtualPrinter
from kiosk.hardware.qr_reader_fake import FakeQRReader
from tests.kiosk.hardware.usb_printer import UsbPrinter

# A busy machine is slow, not silent; where silence itself is tested it is not waited for that long.
PATIENT_S, SHORT_S = 5.0, 0.4


class HandClock:
    """Milliseconds that pass only when told."""

    def __init__(self) -> None:
        self.ms = 1_000_000

    def __call__(self) -> int:
        return self.ms

    def pass_ms(self, ms: int) -> None:
        self.ms += ms


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


@pytest.fixture
def fake_reader() -> Iterator[FakeQRReader]:
    with FakeQRReader() as reader:
        yield reader


@pytest.fixture(params=["network", "serial", "usb"])
def virtual_printer(request) -> Iterator[VirtualPrinter]:
    with UsbPrinter() if request.param == "usb" else VirtualPrinter(serial=request.param == "serial") as printer:
        yield printer


@pytest.fixture(scope="session")
def capabilities_dir(tmp_path_factory) -> str:
    return str(tmp_path_factory.mktemp("escpos"))


@pytest.fixture
def make_driver(capabilities_dir) -> Iterator[Callable[..., EscposPrinter]]:
    """The real driver on a virtual printer, with short waits for all but an answer."""
    drivers = []

    def make(virtual: VirtualPrinter, **options: float) -> EscposPrinter:
        given = {"answer_s": PATIENT_S, "write_s": 1.0, "job_s": 15.0, **options}
        driver = EscposPrinter(
            kind=virtual.kind,
            address=virtual.address,
            width_dots=virtual.width_dots,
            capabilities_dir=capabilities_dir,
            usb_backend=getattr(virtual, "usb_backend", None),
            **given,
        )
        drivers.append(driver)
        return driver

    yield make
    for driver in drivers:
        driver.close()


def wait_for_answers(driver: EscposPrinter, seconds: float) -> None:
    """How long a driver under test waits for an answer from now on."""
    driver._answer_s = seconds


@pytest.fixture
def slip() -> Image.Image:
    """A picture to print: 40 kB, with something in every row and a long blank end."""
    image = Image.new("1", (576, 700), 1)
    draw = ImageDraw.Draw(image)
    for y in range(0, 560, 2):
        draw.line((y % 500, y, y % 500 + 70, y), fill=0)
    return image


@pytest.fixture
def picture_folder(tmp_path: Path) -> Path:
    folder = tmp_path / "pictures"
    folder.mkdir()
    return folder
