"""Folders and files made durably. Contains no business logic."""

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
        sync_folder(folder.parent)


def sync_folder(place: Path) -> None:
    """Make durable which names stand in a folder."""
    descriptor = os.open(place, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def write_whole(place: Path, content: bytes, *, draft: str = "") -> None:
    """Put a file there whole and durably, for its owner only, or leave what stood there.

    `draft`: the name beside it under which it is written first.
    """
    half = place.with_name(draft or f".{place.name}.new")
    descriptor = os.open(half, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    half.replace(place)
    sync_folder(place.parent)
