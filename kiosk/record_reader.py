"""What the wire's thread reads of the store, on a connection of its own: bytes to send and what is known of them. Writes nothing."""

from __future__ import annotations

from pathlib import Path

from kiosk.neighbours import Copies
from kiosk.retention import Kept
from kiosk.store import connect


class RecordReader:
    """The sync thread's own read-only connection: the bytes to send, nothing else."""

    def __init__(self, path: Path) -> None:
        """`path`: the store's file, already opened by a `Store`."""
        self.db = connect(path, read_only=True)

    @property
    def copies(self) -> Copies:
        """Neighbours' records."""
        return Copies(self.db.conn)

    @property
    def kept(self) -> Kept:
        """What is kept of past days."""
        return Kept(self.db.conn)

    def pairs(self, inc: str, first: int, last: int) -> list[tuple[bytes, bytes]]:
        """`(line, signature line)` of records `first`…`last`."""
        rows = self.db.conn.execute(
            "SELECT line, signature FROM record WHERE inc = ? AND seq BETWEEN ? AND ? ORDER BY seq", (inc, first, last)
        )
        return [(bytes(row[0]), bytes(row[1])) for row in rows]

    def digest(self, inc: str, seq: int) -> str:
        """The digest of one record; empty when there is none."""
        row = self.db.conn.execute("SELECT digest FROM entry WHERE inc = ? AND seq = ?", (inc, seq)).fetchone()
        return str(row[0]) if row else ""

    def first_since(self, inc: str, wall: int, day: str) -> int:
        """The first record made since `wall`, or of a campaign day since `day` (its clock was wrong); else one behind the last."""
        query = "SELECT coalesce(min(CASE WHEN wall >= ? OR session >= ? THEN seq END), max(seq) + 1, 1) FROM record WHERE inc = ?"
        return int(self.db.conn.execute(query, (wall, day, inc)).fetchone()[0])

    def numbers(self, inc: str) -> list[int]:
        """The numbers of the records that lie open, rising."""
        rows = self.db.conn.execute("SELECT seq FROM record WHERE inc = ? ORDER BY seq", (inc,))
        return [int(row[0]) for row in rows]

    def forked(self, inc: str) -> bool:
        """Has the centre told of other records than ours under our name?"""
        query = "SELECT count(*) FROM quarantined WHERE inc = ? AND word = 'fork'"
        return bool(self.db.conn.execute(query, (inc,)).fetchone()[0])

    def head(self, inc: str) -> tuple[int, str]:
        """`(last seq, its digest)`."""
        row = self.db.conn.execute(
            "SELECT seq, digest FROM entry WHERE inc = ? ORDER BY seq DESC LIMIT 1", (inc,)
        ).fetchone()
        return (int(row[0]), str(row[1])) if row else (0, "0" * 64)

    def old_logs(self) -> dict[str, bool]:
        """The logs this kiosk writes in no more; true when the centre has said that it holds all of one."""
        rows = self.db.conn.execute("SELECT substr(key, 5), value FROM meta WHERE key LIKE 'old:%'")
        return {str(row[0]): row[1] == "held" for row in rows}

    def close(self) -> None:
        """Close the connection."""
        self.db.conn.close()
