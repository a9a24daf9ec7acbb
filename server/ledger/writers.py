"""Whoever was enrolled to write, by name. Enrols and revokes nobody."""

from collections.abc import Collection, Mapping
from typing import Any

from sqlalchemy import Connection, select

from server.db import plain
from server.ledger.intake import WriterRow
from server.ledger.tables import WRITER
from server.statements import one_of

_WRITERS = select(WRITER).where(one_of(WRITER.c.k, "ks"))


def find_writers(conn: Connection, ks: Collection[str]) -> dict[str, WriterRow]:
    """The row of each of these writers, None for one that was never enrolled."""
    return dict.fromkeys(ks) | {row.k: plain(row) for row in conn.execute(_WRITERS, {"ks": ks})}


def find_writer(conn: Connection, k: str) -> WriterRow:
    """A writer's row, or None when it was never enrolled."""
    return find_writers(conn, [k])[k]


def writer(conn: Connection, k: str) -> Mapping[str, Any]:
    """The row of a writer that is known to be enrolled. Raises `LookupError` otherwise."""
    row = find_writer(conn, k)
    if row is None:
        raise LookupError(k)
    return row
