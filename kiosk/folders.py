"""Folders made durably. Contains no business logic."""

from __future__ import annotations

import os
from pathlib import Path


def make_folder(place: Path) -> None:
    """Make a folder and those above it that are missing, each name on the disk before anything is put into it.

    SQLite makes durable what stands in the database's folder, never that folder's own name: `make powercut` found a
    first start whose confirmed records went with their folder.
    """
    missing = [folder for folder in (place, *place.parents) if not folder.exists()]
    for folder in reversed(missing):
        folder.mkdir(exist_ok=True)
        descriptor = os.open(folder.parent, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
