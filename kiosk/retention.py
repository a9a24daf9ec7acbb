"""What the kiosk keeps of past days: SQL over the store's file. Sealed records, `archived` marks, what is gone.

A record is plain while it is of today or unsent, then sealed to the centre's key, then, a month after it is known to be
in an off-host backup, deleted. Which, and when, is decided by the desk; bytes are sealed there too.
"""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass

Name = tuple[str, int]
# Remembered until the file has been written anew: something of a past day was deleted.
SCRUB = ("scrub", "due")
SCRUBBED = ("scrub", "")


@dataclass(frozen=True)
class Box:
    """One record of ours, sealed: its name's line and its box's line, as they will be sent when they are asked for."""

    inc: str
    seq: int
    digest: str
    wall: int
    name: bytes
    box: bytes


@dataclass(frozen=True)
class Plain:
    """One record that still lies open. `day`: of its session, by the wall clock when an earlier release wrote it."""

    inc: str
    seq: int
    visit: str | None
    day: str


@dataclass(frozen=True)
class Mark:
    """The centre said at `centre_at`, by its clock and signed, that records up to `upto` are archived; `own_at` by ours."""

    inc: str
    upto: int
    centre_at: int
    own_at: int


@dataclass(frozen=True)
class Away:
    """What leaves the open tables, or the disk, in one transaction.

    `visits`: whose readings and print jobs go; `slips`: whose codes; `forget`: `(inc, upto)` of sealed
    records; `marks` replace all marks of their logs.
    """

    boxes: tuple[Box, ...] = ()
    visits: tuple[str, ...] = ()
    slips: tuple[str, ...] = ()
    forget: tuple[Name, ...] = ()
    marks: tuple[tuple[str, tuple[Mark, ...]], ...] = ()


class Kept:
    """The past of one database. Writing belongs to the store's own transaction."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        """`connection`: of the store's file."""
        self._run = connection.execute

    def write(self, away: Away) -> None:
        """Make it so. Inside a transaction of the caller."""
        run = self._run
        for one in away.boxes:
            run(
                "INSERT INTO sealed_record (inc, seq, digest, wall, name, box) VALUES (?, ?, ?, ?, ?, ?)",
                (one.inc, one.seq, one.digest, one.wall, one.name, one.box),
            )
            run("DELETE FROM record WHERE inc = ? AND seq = ?", (one.inc, one.seq))
        for visit in away.visits:
            run("DELETE FROM visit WHERE visit = ?", (visit,))
            run("DELETE FROM print_job WHERE visit = ?", (visit,))
        for slip in away.slips:
            run("DELETE FROM slip_code WHERE slip = ?", (slip,))
        for inc, upto in away.forget:
            run("DELETE FROM sealed_record WHERE inc = ? AND seq <= ?", (inc, upto))
            if not self.first(inc):
                run("DELETE FROM meta WHERE key = ?", ("old:" + inc,))
        for inc, marks in away.marks:
            run("DELETE FROM archive_mark WHERE inc = ?", (inc,))
            for mark in marks:
                run(
                    "INSERT INTO archive_mark (inc, upto, centre_at, own_at) VALUES (?, ?, ?, ?)",
                    (inc, mark.upto, mark.centre_at, mark.own_at),
                )

    def scrub_due(self) -> bool:
        """Was something of a past day deleted since the file was written anew?"""
        row = self._run("SELECT value FROM meta WHERE key = ?", (SCRUB[0],)).fetchone()
        return bool(row and row[0])

    def scrub(self) -> bool:
        """Write the file anew, so that nothing of what was deleted is left in it or in the WAL. False: the WAL is in use.

        `secure_delete` leaves copies of cells that once moved between pages; VACUUM alone leaves the WAL.
        `sqlite3.Error` when the disk refuses. Not in a transaction.
        """
        self._run("VACUUM")
        return not self._run("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]

    def plain(self, offset_min: int) -> list[Plain]:
        """Every record that lies open, log by log. `offset_min`: minutes the site's day is ahead of UTC."""
        query = (
            "SELECT inc, seq, visit, coalesce(session, date((wall + ? * 60000) / 1000, 'unixepoch')) FROM record"
            " ORDER BY inc, seq"
        )
        return [Plain(*row) for row in self._run(query, (offset_min,))]

    def line(self, inc: str, seq: int) -> tuple[bytes, bytes, str, int]:
        """`(line, signature line, digest, wall)` of an open record."""
        query = "SELECT line, signature, digest, wall FROM record WHERE inc = ? AND seq = ?"
        row = self._run(query, (inc, seq)).fetchone()
        return bytes(row[0]), bytes(row[1]), str(row[2]), int(row[3])

    def kind(self, inc: str, seq: int) -> str:
        """The kind of an open record, empty when there is none."""
        row = self._run("SELECT kind FROM record WHERE inc = ? AND seq = ?", (inc, seq)).fetchone()
        return str(row[0]) if row else ""

    def pairs(self, inc: str, first: int, last: int) -> list[tuple[bytes, bytes]]:
        """`(name's line, box's line)` of the sealed records among `first`…`last`."""
        query = "SELECT name, box FROM sealed_record WHERE inc = ? AND seq BETWEEN ? AND ? ORDER BY seq"
        return [(bytes(row[0]), bytes(row[1])) for row in self._run(query, (inc, first, last))]

    def first(self, inc: str) -> int:
        """The lowest number still here, open or sealed; 0 when there is none."""
        return int(self._run("SELECT min(seq) FROM entry WHERE inc = ?", (inc,)).fetchone()[0] or 0)

    def gone(self, inc: str) -> int:
        """Numbers up to this one are deleted here."""
        return max(self.first(inc) - 1, 0)

    def first_plain(self, inc: str) -> int:
        """The lowest number that lies open; 0 when there is none."""
        return int(self._run("SELECT min(seq) FROM record WHERE inc = ?", (inc,)).fetchone()[0] or 0)

    def marks(self, inc: str) -> tuple[Mark, ...]:
        """What is known to be archived of a log, lowest first."""
        query = "SELECT inc, upto, centre_at, own_at FROM archive_mark WHERE inc = ? ORDER BY upto"
        return tuple(Mark(*row) for row in self._run(query, (inc,)))

    def visits(self) -> set[str]:
        """Every visit of which there is a reading."""
        return {str(row[0]) for row in self._run("SELECT visit FROM visit")}

    def held_logs(self) -> list[str]:
        """The logs this kiosk writes in no more, of which the centre has said that it holds all."""
        rows = self._run("SELECT substr(key, 5) FROM meta WHERE key LIKE 'old:%' AND value = 'held'")
        return [str(row[0]) for row in rows]

    def logs(self) -> list[str]:
        """Every log of which something is sealed."""
        return [str(row[0]) for row in self._run("SELECT DISTINCT inc FROM sealed_record")]

    def counts(self) -> tuple[int, int]:
        """How many records are sealed, and the bytes they take."""
        row = self._run("SELECT count(*), coalesce(sum(length(name) + length(box)), 0) FROM sealed_record").fetchone()
        return int(row[0]), int(row[1])
