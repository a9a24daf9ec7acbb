"""A disk of a few megabytes that can be filled and emptied: a tmpfs, which only root may mount."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest


class SmallDisk:
    """`folder` lies on it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @property
    def _stone(self) -> Path:
        return self.folder / "stone"

    def fill(self, *, leave: int = 0) -> None:
        """Take all the space but `leave` bytes."""
        with self._stone.open("ab") as stone:
            free = shutil.disk_usage(self.folder).free - leave
            while free > 0:
                try:
                    free -= os.write(stone.fileno(), b"\0" * min(free, 65536))
                except OSError:
                    return

    def empty(self) -> None:
        self._stone.unlink(missing_ok=True)


@contextmanager
def small_disk(place: Path, *, size: str = "4m") -> Iterator[SmallDisk]:
    """Mount one at `place`; skip the test where that is not allowed."""
    place.mkdir()
    made = subprocess.run(
        ("mount", "-t", "tmpfs", "-o", f"size={size}", "tram-test", str(place)), capture_output=True, check=False
    )
    if made.returncode:
        pytest.skip("mounting a tmpfs needs root: " + made.stderr.decode().strip())
    try:
        yield SmallDisk(place)
    finally:
        subprocess.run(("umount", "--lazy", str(place)), check=True)
