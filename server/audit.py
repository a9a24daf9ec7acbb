"""Who looked at or changed what, in a chain: a row taken out or altered later shows.

Rows stand in the database only. A person is named by the records' own key, never by name.
"""

import hashlib
from dataclasses import dataclass

from sqlalchemy import Column, Connection, Integer, String, Table, insert, select

from server.db import BIG, METADATA, lock_names

GENESIS = "0" * 64

# `prev` is unique: two rows after the same one would be two histories.
AUDIT = Table(
    "audit",
    METADATA,
    Column("id", Integer, primary_key=True),
    Column("at", BIG, nullable=False),
    Column("account", String(64), nullable=False),
    Column("act", String(32), nullable=False),
    Column("object", String(200), nullable=False, index=True),
    Column("prev", String(64), nullable=False, unique=True),
    Column("digest", String(64), nullable=False),
)


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One row: at (UTC ms) `account` did `act` to `object`."""

    at: int
    account: str
    act: str
    object: str


def note(conn: Connection, *, at: int, account: str, act: str, object: str) -> None:  # noqa: A002 - the column's name
    """Write down that `account` (a login, or `citizen`) did `act` to `object`, in the caller's transaction."""
    lock_names(conn, ["audit"])
    last = conn.execute(select(AUDIT.c.digest).order_by(AUDIT.c.id.desc()).limit(1)).scalar()
    prev = last or GENESIS
    entry = Entry(at=at, account=account, act=act, object=object)
    row = {"at": at, "account": account, "act": act, "object": object, "prev": prev, "digest": _digest(prev, entry)}
    conn.execute(insert(AUDIT).values(**row))


def entries(conn: Connection, *, about: str = "", limit: int = 200) -> list[Entry]:
    """The latest rows first; only those of one object where `about` names it."""
    wanted = select(AUDIT).order_by(AUDIT.c.id.desc()).limit(limit)
    if about:
        wanted = wanted.where(AUDIT.c.object == about)
    return [Entry(at=r.at, account=r.account, act=r.act, object=r.object) for r in conn.execute(wanted)]


def broken_at(conn: Connection) -> int | None:
    """The id of the first row that does not follow from the one before it; None when the chain is whole."""
    prev = GENESIS
    for row in conn.execute(select(AUDIT).order_by(AUDIT.c.id)):
        entry = Entry(at=row.at, account=row.account, act=row.act, object=row.object)
        if row.prev != prev or row.digest != _digest(prev, entry):
            return int(row.id)
        prev = row.digest
    return None


def _digest(prev: str, entry: Entry) -> str:
    # A line feed cannot stand in any of the parts (logins, words, keys), so no two rows write the same text.
    text = f"{prev}\n{entry.at}\n{entry.account}\n{entry.act}\n{entry.object}"
    return hashlib.sha256(text.encode()).hexdigest()
