"""What a program's write was answered, kept under the key that it chose: the same write again gets the same answer.

Keeps nothing that failed: such a write may be tried again under its key. Knows nothing of HTTP.
"""

import hashlib

from sqlalchemy import Column, Connection, Integer, PrimaryKeyConstraint, String, Table, Text, delete, select

from server.db import BIG, METADATA, row_of, upsert

# A program that was away for a weekend may still ask what became of its write.
KEPT_MS = 7 * 86_400_000

# `client`: a program's name; `digest`: of what was asked, so that a key used twice for two things is found out.
ANSWERED = Table(
    "answered",
    METADATA,
    Column("client", Text, nullable=False),
    Column("key", String(64), nullable=False),
    Column("digest", String(64), nullable=False),
    Column("status", Integer, nullable=False),
    Column("answer", Text, nullable=False),
    Column("at", BIG, nullable=False, index=True),
    PrimaryKeyConstraint("client", "key"),
)


def digest_of(method: str, path: str, body: bytes) -> str:
    """What a request asks for, in 64 digits."""
    return hashlib.sha256(f"{method} {path}\n".encode() + body).hexdigest()


def answered(conn: Connection, *, client: str, key: str, now: int) -> dict[str, object] | None:
    """The row of an answer that is still kept, or None."""
    held = select(ANSWERED).where(ANSWERED.c.client == client, ANSWERED.c.key == key)
    return row_of(conn, held.where(ANSWERED.c.at > now - KEPT_MS))


def keep(conn: Connection, *, client: str, key: str, digest: str, status: int, answer: str, now: int) -> None:
    """Keep an answer, in the transaction of the write itself. Answers past their time are deleted."""
    conn.execute(delete(ANSWERED).where(ANSWERED.c.at <= now - KEPT_MS))
    row = {"client": client, "key": key, "digest": digest, "status": status, "answer": answer, "at": now}
    upsert(conn, ANSWERED, [row])
