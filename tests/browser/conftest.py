"""A small province for the browser tests: real broker, real server, two virtual kiosks; made once for this folder."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from provisioning.small_province import SmallProvince


@pytest.fixture(scope="package")
def province(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SmallProvince]:
    """A running province. It ends with this folder's last test: idle kiosks take a core's time from all that follow."""
    with SmallProvince(tmp_path_factory.mktemp("province")) as running:
        yield running


@pytest.fixture(scope="session")
def road_pictures(artefacts: Path) -> Path:
    """Where the road's screenshots are kept."""
    folder = artefacts / "road"
    folder.mkdir(exist_ok=True)
    return folder
