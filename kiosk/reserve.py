"""A file that keeps room on the memory card for the doses of a day whose card has filled (fault F29). Decides nothing."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path


class Reserve:
    """`path`: where it lies, on the store's own file system; `size`: bytes, 0 for none."""

    def __init__(self, path: Path, size: int) -> None:
        self._path = path
        self._size = size

    @property
    def held(self) -> bool:
        """Is the room kept back now?"""
        with suppress(OSError):
            return self._size > 0 and self._path.stat().st_size >= self._size
        return False

    def make(self) -> bool:
        """Keep the room back. False: there is none to keep, and nothing is left behind."""
        if not self._size or self.held:
            return self.held
        try:
            descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT, 0o600)
            try:
                # Blocks of its own, not a hole: a hole would need room on the very day there is none.
                os.posix_fallocate(descriptor, 0, self._size)
            finally:
                os.close(descriptor)
        except OSError:
            self.give_up()
            return False
        return True

    def give_up(self) -> bool:
        """Give the room to whoever writes next. True when there was some."""
        try:
            there = self._path.stat().st_size > 0
            self._path.unlink()
        except OSError:
            return False
        return there
