"""Fixtures of the kiosk's tests."""

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.kiosk.made import Made
from tests.kiosk.site import Site
from tests.kiosk.whole import Whole


@pytest.fixture
def quick_folder() -> Iterator[Path]:
    """A folder in memory where the machine has one: `synchronous=FULL` on a busy disk would take most of the time."""
    memory = Path("/dev/shm")
    folder = Path(tempfile.mkdtemp(prefix="tram-test-", dir=memory if memory.is_dir() else None))
    yield folder
    shutil.rmtree(folder)


@pytest.fixture
def made(quick_folder: Path) -> Iterator[Made]:
    """A running desk."""
    kiosk = Made(quick_folder)
    yield kiosk
    kiosk.close()


@pytest.fixture
def site(quick_folder: Path) -> Iterator[Site]:
    """Two kiosks that know each other's keys."""
    kiosks = Site(quick_folder)
    yield kiosks
    kiosks.close()


@pytest.fixture
def whole(quick_folder: Path) -> Iterator[Whole]:
    """A whole kiosk with fake devices, not yet started."""
    kiosk = Whole(quick_folder)
    yield kiosk
    kiosk.stop()
