"""The store's copies of neighbours' records: SQL only, in a table of their own. Never our own records, never changed.

Who may be believed, what is safe and what may go is decided elsewhere. Not the desk's thread: reads on its own connection.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from protocol.envelope import Record

Name = tuple[str, str, int, str]
_COLUMNS = "k, inc, seq, digest, prev, kind, visit, session, line, signature, boot, mono"


@dataclass(frozen=True)
class Copy:
    """One neighbour's record as it came, with its writer's own signature line.

    `boot`, `mono`: when it came here; what an observation may count from, for a stranger's boot tells this clock nothing.
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

    @property
    def name(self) -> Name:
        """`(k, inc, seq, digest)`: both branches of a cloned card are kept."""
        return (self.k, self.inc, self.seq, self.digest)


def copy_of(record: Record, signature: bytes, *, boot: str, mono: int) -> Copy:
    """The copy of a verified record that came at `(boot, mono)`."""
    visit = record.body.get("visit")
    return Copy(
        k=record.k, inc=record.inc, seq=record.seq, digest=record.digest, prev=record.prev, kind=record.kind,
        visit=visit if isinstance(visit, str) else None, session=record.session, line=record.line, signature=signature,
        boot=boot, mono=mono,
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
                f"INSERT OR IGNORE INTO neighbour_record ({_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",  # noqa: S608 - names
                (
                    *(one.k, one.inc, one.seq, one.digest, one.prev, one.kind, one.visit, one.session),
                    *(one.line, one.signature, one.boot, one.mono),
                ),
            )

    def holds(self, name: Name) -> bool:
        """Is this very record here already?"""
        query = "SELECT 1 FROM neighbour_record WHERE k = ? AND inc = ? AND seq = ? AND digest = ?"
        return self._run(query, name).fetchone() is not None

    def logs(self) -> list[tuple[str, str]]:
        """The logs `(k, inc)` of which copies are here."""
        return [(str(row[0]), str(row[1])) for row in self._run("SELECT DISTINCT k, inc FROM neighbour_record")]

    def rows(self, k: str, inc: str) -> list[tuple[int, str, str]]:
        """`(seq, digest, prev)` of a log's copies, by rising number."""
        query = "SELECT seq, digest, prev FROM neighbour_record WHERE k = ? AND inc = ? ORDER BY seq, digest"
        return [(int(row[0]), str(row[1]), str(row[2])) for row in self._run(query, (k, inc))]

    def pairs(self, k: str, inc: str, digests: Collection[str]) -> list[tuple[bytes, bytes]]:
        """`(line, signature line)` of these copies, exactly as their writer made them."""
        query = "SELECT digest, line, signature FROM neighbour_record WHERE k = ? AND inc = ? ORDER BY seq, digest"
        rows = self._run(query, (k, inc))
        return [(bytes(row[1]), bytes(row[2])) for row in rows if row[0] in digests]

    def before(self, k: str, inc: str, session: str, upto: int) -> list[Name]:
        """The copies of a log that are older than a session, and those up to a number."""
        query = "SELECT seq, digest FROM neighbour_record WHERE k = ? AND inc = ? AND (session < ? OR seq <= ?)"
        return [(k, inc, int(row[0]), str(row[1])) for row in self._run(query, (k, inc, session, upto))]

    def between(self, k: str, inc: str, first: str, day: str, above: int) -> set[Name]:
        """The copies of a log of the sessions from `first` on and before `day` whose number is above `above`."""
        query = "SELECT seq, digest FROM neighbour_record WHERE k = ? AND inc = ? AND session >= ? AND session < ? AND seq > ?"
        return {(k, inc, int(row[0]), str(row[1])) for row in self._run(query, (k, inc, first, day, above))}

    def visit_of(self, name: Name) -> str | None:
        """The visit that a copy speaks of."""
        query = "SELECT visit FROM neighbour_record WHERE k = ? AND inc = ? AND seq = ? AND digest = ?"
        row = self._run(query, name).fetchone()
        return row[0] if row else None

    def remove(self, names: Iterable[Name]) -> None:
        """Forget copies. Inside a transaction of the caller."""
        for name in names:
            self._run("DELETE FROM neighbour_record WHERE k = ? AND inc = ? AND seq = ? AND digest = ?", name)

    def of_visit(self, visit: str) -> list[Copy]:
        """What neighbours recorded of one visit."""
        query = f"SELECT {_COLUMNS} FROM neighbour_record WHERE visit = ?"  # noqa: S608 - names
        return [_copy(row) for row in self._run(query, (visit,))]

    def by(self, who: str, session: str) -> list[Copy]:
        """What this member of staff did at other kiosks in a session. Read off the bytes: whoever parses them makes sure."""
        query = f"SELECT {_COLUMNS} FROM neighbour_record WHERE session = ? AND instr(line, ?) > 0"  # noqa: S608 - names
        return [_copy(row) for row in self._run(query, (session, f'"id":"{who}"'.encode()))]

    def every(self) -> Iterator[Copy]:
        """All copies, log by log."""
        for row in self._run(f"SELECT {_COLUMNS} FROM neighbour_record ORDER BY k, inc, seq, digest"):  # noqa: S608 - names
            yield _copy(row)


def _copy(row: tuple[Any, ...]) -> Copy:
    k, inc, seq, digest, prev, kind, visit, session, line, signature, boot, mono = row
    return Copy(
        k=k, inc=inc, seq=seq, digest=digest, prev=prev, kind=kind, visit=visit, session=session,
        line=bytes(line), signature=bytes(signature), boot=boot, mono=mono,
    )  # fmt: skip
