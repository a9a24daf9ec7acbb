"""The store's copies of neighbours' records: SQL only, in tables of their own. Never our own records, never changed but sealed.

Who may be believed, what is safe and what may go is decided elsewhere. Not the desk's thread: reads on its own connection.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from protocol.envelope import Record

Name = tuple[str, str, int, str]
_COLUMNS = "k, inc, seq, digest, prev, kind, visit, session, line, signature, boot, mono, late"


# Of one log, open and sealed alike. What is sealed tells neither kind nor visit.
_EVERY = (
    "(SELECT k, inc, seq, digest, prev, session, boot, mono - late AS mono, 0 AS shut FROM neighbour_record"
    " UNION ALL SELECT k, inc, seq, digest, prev, session, '', 0, 1 FROM neighbour_box)"
)


@dataclass(frozen=True)
class Dawn:
    """The first day that is not past, and its beginning in ms: by wall clock, and by this boot's monotonic one (below 0: before it)."""

    day: str
    wall: int
    boot: str
    mono: int


@dataclass(frozen=True)
class Shut:
    """One copy, sealed to the centre's key: its name's line and its box's line, as they are sent if the centre lacks it."""

    name: Name
    line: bytes
    box: bytes


@dataclass(frozen=True)
class Copy:
    """One neighbour's record as it came, with its writer's own signature line.

    `boot`, `mono`: when it came here; what an observation may count from, for a stranger's boot tells this clock nothing.
    `late`: ms that it had been written before, as far as known; only for the day on which it belongs.
    """

    k: str
    inc: str
    seq: int
    digest: str
    prev: str
    kind: str
    visit: str | None
    session: str
    line: bytes
    signature: bytes
    boot: str
    mono: int
    late: int = 0

    @property
    def name(self) -> Name:
        """`(k, inc, seq, digest)`: both branches of a cloned card are kept."""
        return (self.k, self.inc, self.seq, self.digest)


def copy_of(record: Record, signature: bytes, *, boot: str, mono: int, late: int = 0) -> Copy:
    """The copy of a verified record that came at `(boot, mono)`, `late` ms after it was written."""
    visit = record.body.get("visit")
    return Copy(
        k=record.k, inc=record.inc, seq=record.seq, digest=record.digest, prev=record.prev, kind=record.kind,
        visit=visit if isinstance(visit, str) else None, session=record.session, line=record.line, signature=signature,
        boot=boot, mono=mono, late=late,
    )  # fmt: skip


class Copies:
    """The copies in one database. Writing belongs to the store's own transaction."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        """`connection`: of the store's file."""
        self._run = connection.execute

    def write(self, copies: Iterable[Copy]) -> None:
        """Keep copies, each once. Inside a transaction of the caller."""
        for one in copies:
            self._run(
                f"INSERT OR IGNORE INTO neighbour_record ({_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",  # noqa: S608 - names
                (
                    *(one.k, one.inc, one.seq, one.digest, one.prev, one.kind, one.visit, one.session),
                    *(one.line, one.signature, one.boot, one.mono, one.late),
                ),
            )

    def shut(self, boxes: Iterable[Shut]) -> None:
        """Keep the box of a copy instead of the copy. Inside a transaction of the caller."""
        where = "k = ? AND inc = ? AND seq = ? AND digest = ?"
        for one in boxes:
            self._run(
                "INSERT OR IGNORE INTO neighbour_box (k, inc, seq, digest, prev, session, name, box)"  # noqa: S608 - names
                f" SELECT k, inc, seq, digest, prev, session, ?, ? FROM neighbour_record WHERE {where}",
                (one.line, one.box, *one.name),
            )
            self._run(f"DELETE FROM neighbour_record WHERE {where}", one.name)  # noqa: S608 - names

    def holds(self, name: Name) -> bool:
        """Is this very record here already, open or sealed?"""
        query = f"SELECT 1 FROM {_EVERY} WHERE k = ? AND inc = ? AND seq = ? AND digest = ?"  # noqa: S608 - names
        return self._run(query, name).fetchone() is not None

    def logs(self) -> list[tuple[str, str]]:
        """The logs `(k, inc)` of which copies are here."""
        return [(str(row[0]), str(row[1])) for row in self._run(f"SELECT DISTINCT k, inc FROM {_EVERY}")]  # noqa: S608 - names

    def rows(self, k: str, inc: str) -> list[tuple[int, str, str]]:
        """`(seq, digest, prev)` of a log's copies, by rising number."""
        query = f"SELECT seq, digest, prev FROM {_EVERY} WHERE k = ? AND inc = ? ORDER BY seq, digest"  # noqa: S608 - names
        return [(int(row[0]), str(row[1]), str(row[2])) for row in self._run(query, (k, inc))]

    def pairs(self, k: str, inc: str, digests: Collection[str]) -> list[tuple[bytes, bytes]]:
        """`(line, signature line)` of these copies as far as they lie open, exactly as their writer made them."""
        query = "SELECT digest, line, signature FROM neighbour_record WHERE k = ? AND inc = ? ORDER BY seq, digest"
        rows = self._run(query, (k, inc))
        return [(bytes(row[1]), bytes(row[2])) for row in rows if row[0] in digests]

    def boxes(self, k: str, inc: str, digests: Collection[str]) -> list[tuple[bytes, bytes]]:
        """`(name's line, box's line)` of these copies as far as they are sealed."""
        query = "SELECT digest, name, box FROM neighbour_box WHERE k = ? AND inc = ? ORDER BY seq, digest"
        rows = self._run(query, (k, inc))
        return [(bytes(row[1]), bytes(row[2])) for row in rows if row[0] in digests]

    def before(self, k: str, inc: str, dawn: Dawn, upto: int, *, archived: int) -> dict[Name, bool]:
        """The copies of a log that came here before `dawn`, or of another day up to a number; the value says whether one lies open.

        When it came says this boot's monotonic clock: the writer's own may believe it is 1970. Of what came in an earlier boot,
        where this one began after dawn, that boot's says it, and only if nobody vouched for the time then the session is asked.
        Of what is sealed, which was past already, only numbers up to `archived`: the rest has nothing more to wait for.
        """
        query = (
            f"SELECT seq, digest, shut FROM {_EVERY} LEFT JOIN boot USING (boot) WHERE k = ? AND inc = ?"  # noqa: S608 - names
            " AND CASE WHEN shut THEN seq <= ? WHEN seq <= ? AND session <> ? THEN 1"
            " WHEN boot = ? THEN mono < ? WHEN ? > 0 THEN 1"
            " WHEN started_at > 0 THEN started_at + mono < ? ELSE session < ? END"
        )
        rows = self._run(
            query, (k, inc, archived, upto, dawn.day, dawn.boot, dawn.mono, dawn.mono, dawn.wall, dawn.day)
        )
        return {(k, inc, int(row[0]), str(row[1])): not row[2] for row in rows}

    def whole(self, names: Collection[Name], most: int) -> list[Name]:
        """Of these copies some `most`, by whole visits in which no open record of ours has a part; of what is sealed each alone."""
        ours = {row[0] for row in self._run("SELECT DISTINCT visit FROM record WHERE visit IS NOT NULL")}
        visits: dict[str | None, list[Name]] = {}
        lie_open = set()
        for row in self._run("SELECT k, inc, seq, digest, visit FROM neighbour_record"):
            name = (str(row[0]), str(row[1]), int(row[2]), str(row[3]))
            lie_open.add(name)
            visits.setdefault(row[4], []).append(name)
        wanted = set(names)
        found = [name for name in names if name not in lie_open][:most]
        for visit, members in visits.items():
            if len(found) >= most:
                break
            if visit is None:
                found += [name for name in members if name in wanted][: most - len(found)]
            elif visit not in ours and wanted.issuperset(members):
                found += members
        return found

    def pair(self, name: Name) -> tuple[bytes, bytes] | None:
        """`(line, signature line)` of one copy that lies open."""
        query = "SELECT line, signature FROM neighbour_record WHERE k = ? AND inc = ? AND seq = ? AND digest = ?"
        row = self._run(query, name).fetchone()
        return (bytes(row[0]), bytes(row[1])) if row else None

    def visit_of(self, name: Name) -> str | None:
        """The visit that a copy speaks of."""
        query = "SELECT visit FROM neighbour_record WHERE k = ? AND inc = ? AND seq = ? AND digest = ?"
        row = self._run(query, name).fetchone()
        return row[0] if row else None

    def remove(self, names: Iterable[Name]) -> None:
        """Forget copies, open or sealed. Inside a transaction of the caller."""
        for name in names:
            self._run("DELETE FROM neighbour_record WHERE k = ? AND inc = ? AND seq = ? AND digest = ?", name)
            self._run("DELETE FROM neighbour_box WHERE k = ? AND inc = ? AND seq = ? AND digest = ?", name)

    def of_visit(self, visit: str) -> list[Copy]:
        """What neighbours recorded of one visit."""
        query = f"SELECT {_COLUMNS} FROM neighbour_record WHERE visit = ?"  # noqa: S608 - names
        return [_copy(row) for row in self._run(query, (visit,))]

    def by(self, who: str, session: str) -> list[Copy]:
        """What this member of staff did at other kiosks in a session. Read off the bytes: whoever parses them makes sure."""
        query = f"SELECT {_COLUMNS} FROM neighbour_record WHERE session = ? AND instr(line, ?) > 0"  # noqa: S608 - names
        return [_copy(row) for row in self._run(query, (session, f'"id":"{who}"'.encode()))]

    def every(self) -> Iterator[Copy]:
        """All copies that lie open, log by log."""
        for row in self._run(f"SELECT {_COLUMNS} FROM neighbour_record ORDER BY k, inc, seq, digest"):  # noqa: S608 - names
            yield _copy(row)


def _copy(row: tuple[Any, ...]) -> Copy:
    k, inc, seq, digest, prev, kind, visit, session, line, signature, boot, mono, late = row
    return Copy(
        k=k, inc=inc, seq=seq, digest=digest, prev=prev, kind=kind, visit=visit, session=session,
        line=bytes(line), signature=bytes(signature), boot=boot, mono=mono, late=late,
    )  # fmt: skip
