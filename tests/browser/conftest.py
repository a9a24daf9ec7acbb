"""A small province for the browser tests: real broker, real server, two virtual kiosks; made once for this folder."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from provisioning.small_province import SmallProvince


@pytest.fixture(scope="package")
def province(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SmallProvince]:
    """A running province. It ends with this folder's last test: idle kiosks take a core's time from all that follow."""
    folder = tmp_path_factory.mktemp("province")
    if "PYTEST_XDIST_WORKER" in os.environ:
        # One for all workers of this run: what tests/conftest.py spreads is easily spread wrongly without a word.
        assert list(folder.parent.parent.glob("popen-*/province0")) == [folder]
    # Early: observation is skipped over, and the half hour before midnight would make yesterday of a dose.
    with SmallProvince(folder, early=True) as running:
        yield running


@pytest.fixture(scope="session")
def road_pictures(artefacts: Path) -> Path:
    """Where the road's screenshots are kept."""
    folder = artefacts / "road"
    folder.mkdir(exist_ok=True)
    return folder
