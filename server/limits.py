"""How often something may be tried: counts per key in windows of time, kept in the database for all processes.

Keys are digests: neither an address nor a phone number stands in the table.
"""

import hashlib
from dataclasses import dataclass

from sqlalchemy import Column, Connection, Integer, String, Table, delete, select

from server.db import BIG, METADATA, upsert

RATE = Table(
    "rate",
    METADATA,
    Column("key", String(64), primary_key=True),
    Column("window", BIG, primary_key=True),
    Column("ends_at", BIG, nullable=False, index=True),
    Column("n", Integer, nullable=False),
)


@dataclass(frozen=True, kw_only=True)
class Limit:
    """At most `most` tries of `name` in a window of `window_ms`."""

    name: str
    most: int
    window_ms: int


def take(conn: Connection, limit: Limit, *, who: str, now: int) -> bool:
    """Count one try of `who` (an address, a phone number) and say whether it is still within the limit."""
    key, window = _key(limit, who), now // limit.window_ms
    conn.execute(delete(RATE).where(RATE.c.ends_at <= now))
    row = {"key": key, "window": window, "ends_at": (window + 1) * limit.window_ms, "n": 1}
    upsert(conn, RATE, [row], add=("n",))
    return _used(conn, key, window) <= limit.most


def spent(conn: Connection, limit: Limit, *, who: str, now: int) -> bool:
    """Has `who` used up the limit? Counts nothing and writes nothing."""
    return _used(conn, _key(limit, who), now // limit.window_ms) >= limit.most


def wait_ms(limit: Limit, *, now: int) -> int:
    """How long until the window ends and tries are counted from none again."""
    return limit.window_ms - now % limit.window_ms


def _key(limit: Limit, who: str) -> str:
    return hashlib.sha256(f"{limit.name}\n{who}".encode()).hexdigest()


def _used(conn: Connection, key: str, window: int) -> int:
    return conn.execute(select(RATE.c.n).where((RATE.c.key == key) & (RATE.c.window == window))).scalar() or 0
