"""The store's records that speak of vials, read forward from where somebody stopped: SQL only."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator

KINDS = ("vial.opened", "vial.closed", "dose.given", "dose.undone")
_IN = ", ".join(f"'{kind}'" for kind in KINDS)


class VialLines:
    """Reads one database. Used by the desk's thread."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        """`connection`: of the store's file."""
        self._run = connection.execute

    def ours(self, after: int) -> Iterator[tuple[int, bytes]]:
        """`(rowid, line)` of our own records behind rowid `after`."""
        query = f"SELECT rowid, line FROM record WHERE rowid > ? AND kind IN ({_IN}) ORDER BY rowid"  # noqa: S608 - names
        for row in self._run(query, (after,)):
            yield int(row[0]), bytes(row[1])

    def theirs(self, after: int) -> Iterator[tuple[int, bytes, str, str, int]]:
        """`(rowid, line, k, boot, mono)` of neighbours' records behind rowid `after`."""
        query = f"SELECT rowid, line, k, boot, mono FROM neighbour_record WHERE rowid > ? AND kind IN ({_IN}) ORDER BY rowid"  # noqa: S608 - names
        for row in self._run(query, (after,)):
            yield int(row[0]), bytes(row[1]), str(row[2]), str(row[3]), int(row[4])

    def last(self) -> tuple[int, int]:
        """The highest rowid of either table; 0 for an empty one."""
        ours, theirs = (
            self._run(f"SELECT coalesce(max(rowid), 0) FROM {table}").fetchone()[0]  # noqa: S608 - names
            for table in ("record", "neighbour_record")
        )
        return int(ours), int(theirs)
