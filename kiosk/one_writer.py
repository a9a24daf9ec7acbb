"""Sees that one program at a time writes the store, and which journal SQLite may use then (fault F34). Contains no SQL.

SQLite before 3.51.3 can lose a committed transaction when two connections write or checkpoint a WAL at the same instant.
The kiosk has one writing connection; its readers are opened read-only and never checkpoint. With the lock held that is
true of the whole machine; where no lock can be had, an old SQLite gets the rollback journal.
"""

from __future__ import annotations

import fcntl
import os
import sqlite3
from pathlib import Path
from types import TracebackType
from typing import Self

from kiosk.errors import NotWritten, StoreInUse
from kiosk.folders import make_folder

REPAIRED = (3, 51, 3)


def journal_mode(version: tuple[int, ...], *, alone: bool) -> str:
    """`wal` where it is safe, else `delete`. `version`: SQLite's; `alone`: is ours surely the only writing connection?"""
    return "wal" if alone or version >= REPAIRED else "delete"


class OneWriter:
    """The right to write, held until `close()` or the end of the process. `StoreInUse` when another program has it."""

    def __init__(self, folder: Path) -> None:
        """`folder`: the store's; made when it is missing. `NotWritten` when that cannot be."""
        self.alone = False
        try:
            make_folder(folder)
            # A file of its own: closing any descriptor of the database would drop SQLite's own locks.
            self._descriptor = os.open(folder / "writer.lock", os.O_RDWR | os.O_CREAT, 0o600)
        except OSError as error:
            message = f"store: {error}"
            raise NotWritten(message) from error
        try:
            fcntl.flock(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            self.alone = True
        except BlockingIOError as error:
            self.close()
            message = f"{folder}: another program writes here"
            raise StoreInUse(message) from error
        except OSError:
            # A file system without locks (some network ones): nobody can be sure.
            self.alone = False

    @property
    def journal(self) -> str:
        """The journal for this machine's SQLite."""
        return journal_mode(sqlite3.sqlite_version_info, alone=self.alone)

    def close(self) -> None:
        """Let another program write."""
        os.close(self._descriptor)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
