"""The one kiosk that every failure is tried on, made once for this folder."""

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.browser.failures.ward import Ward


@pytest.fixture(scope="package")
def one_ward(chromium: Browser, artefacts: Path) -> Iterator[Ward]:
    """Its folder in memory where the machine has one."""
    memory = Path("/dev/shm")
    folder = Path(tempfile.mkdtemp(prefix="tram-ward-", dir=memory if memory.is_dir() else None))
    pictures = artefacts / "failures"
    pictures.mkdir(exist_ok=True)
    made = Ward(folder, chromium=chromium, pictures=pictures)
    yield made
    made.close()
    shutil.rmtree(folder)


@pytest.fixture
def ward(one_ward: Ward) -> Ward:
    """At its welcome."""
    one_ward.home()
    return one_ward
