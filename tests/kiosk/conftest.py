"""Fixtures of the kiosk's tests."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.kiosk.made import Made


@pytest.fixture
def made(tmp_path: Path) -> Iterator[Made]:
    """A running desk."""
    kiosk = Made(tmp_path)
    yield kiosk
    kiosk.close()
