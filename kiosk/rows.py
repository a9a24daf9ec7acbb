"""Our own records read row by row for the nightly look, and a mended row put in its place. SQL only; decides nothing."""

from __future__ import annotations

import sqlite3
from contextlib import suppress

from kiosk.rot import Good, Row
from protocol import canon, envelope
from protocol.errors import ProtocolError

_COLUMNS = "inc, seq, digest, kind, wall, visit, session, line, signature"


class Rows:
    """The rows of one database. `put` writes in a transaction of its own caller."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        """`connection`: of the store's file."""
        self._run = connection.execute

    def after(self, name: tuple[str, int], count: int) -> list[Row]:
        """The next `count` open records behind `(inc, seq)`, log by log."""
        query = f"SELECT {_COLUMNS} FROM record WHERE (inc, seq) > (?, ?) ORDER BY inc, seq LIMIT ?"  # noqa: S608 - names
        return [_row(row) for row in self._run(query, (*name, count))]

    def named(self, inc: str, seq: int, good: Good) -> str | None:
        """The digest by which the record after `seq` names it, None when that one is sealed, not `good` or not there."""
        row = self._run("SELECT line, signature FROM record WHERE inc = ? AND seq = ?", (inc, seq + 1)).fetchone()
        if row is None or not good(_bytes(row[0]), _bytes(row[1])):
            return None
        with suppress(ProtocolError, KeyError, TypeError):
            return str(canon.read(_bytes(row[0]), envelope.ORDER)["prev"])
        return None

    def put(self, row: Row) -> None:
        """Put a mended row in the place of the damaged one."""
        self._run("DELETE FROM record WHERE inc = ? AND seq = ?", (row.inc, row.seq))
        self._run(
            f"INSERT INTO record ({_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",  # noqa: S608 - names
            (
                *(row.inc, row.seq, row.digest, row.kind, row.wall, row.visit, row.session),
                *(row.line, row.signature),
            ),
        )


def _bytes(value: object) -> bytes:
    return value.encode() if isinstance(value, str) else bytes(value)  # type: ignore[call-overload] # a BLOB


def _row(row: sqlite3.Row) -> Row:
    inc, seq, digest, kind, wall, visit, session, line, signature = row
    return Row(inc, seq, digest, kind, wall, visit, session, _bytes(line), _bytes(signature))
