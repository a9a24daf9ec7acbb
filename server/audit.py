"""Who looked at or changed what, in a chain: a row taken out or altered later shows.

Rows stand in the database only. A person is named by the records' own key, never by name.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Column, Connection, Integer, String, Table, func, insert, select, true
from sqlalchemy.sql.elements import ColumnElement

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


def entries(
    conn: Connection, *, about: str = "", act: str = "", limit: int = 200, offset: int = 0,
    within: ColumnElement[bool] | None = None,
) -> list[Entry]:  # fmt: skip
    """The latest rows first; only those of one object, or of one `act`. `within`: the condition of somebody's scope."""
    wanted = select(AUDIT).where(true() if within is None else within).order_by(AUDIT.c.id.desc())
    if about:
        wanted = wanted.where(AUDIT.c.object == about)
    if act:
        wanted = wanted.where(AUDIT.c.act == act)
    rows = conn.execute(wanted.limit(limit).offset(offset))
    return [Entry(at=r.at, account=r.account, act=r.act, object=r.object) for r in rows]


def entries_about(
    conn: Connection, objects: Sequence[str], *, limit: int, within: ColumnElement[bool] | None = None
) -> list[Entry]:
    """As `entries`, about any of these objects: the several keys of one person."""
    wanted = select(AUDIT).where(AUDIT.c.object.in_(list(objects)), true() if within is None else within)
    rows = conn.execute(wanted.order_by(AUDIT.c.id.desc()).limit(limit))
    return [Entry(at=r.at, account=r.account, act=r.act, object=r.object) for r in rows]


def count(conn: Connection, *, act: str = "", within: ColumnElement[bool] | None = None) -> int:
    """How many rows `entries` has to list."""
    query = select(func.count()).select_from(AUDIT).where(true() if within is None else within)
    if act:
        query = query.where(AUDIT.c.act == act)
    return int(conn.execute(query).scalar_one())


def broken_at(conn: Connection, *, last: int | None = None) -> int | None:
    """The id of the first row that does not follow from the one before it; None when the chain is whole.

    `last`: look at so many of the latest rows only, as a page can afford; the command looks at all.
    """
    first = 0
    if last is not None:
        ids = select(AUDIT.c.id).order_by(AUDIT.c.id.desc()).limit(last + 1)
        first = min(conn.execute(ids).scalars().all()[last:], default=0)
    prev = conn.execute(select(AUDIT.c.digest).where(AUDIT.c.id == first)).scalar() or GENESIS
    for row in conn.execute(select(AUDIT).where(AUDIT.c.id > first).order_by(AUDIT.c.id)):
        entry = Entry(at=row.at, account=row.account, act=row.act, object=row.object)
        if row.prev != prev or row.digest != _digest(prev, entry):
            return int(row.id)
        prev = row.digest
    return None


def head(conn: Connection) -> str:
    """The digest of the latest row: written down elsewhere, it shows later that nothing was cut off the end."""
    return conn.execute(select(AUDIT.c.digest).order_by(AUDIT.c.id.desc()).limit(1)).scalar() or GENESIS


def holds(conn: Connection, digest: str) -> bool:
    """Does a row with this digest stand (or is it the beginning)?"""
    return digest == GENESIS or conn.execute(select(AUDIT.c.id).where(AUDIT.c.digest == digest)).first() is not None


def _digest(prev: str, entry: Entry) -> str:
    # A line feed cannot stand in any of the parts (logins, words, keys), so no two rows write the same text.
    text = f"{prev}\n{entry.at}\n{entry.account}\n{entry.act}\n{entry.object}"
    return hashlib.sha256(text.encode()).hexdigest()
