"""One-time codes that prove a phone is in somebody's hand: seven digits, five minutes, five tries, one use.

A code is no fact of the campaign, so it never enters the ledger. Its digest waits here for the answer, its text
waits in `one_time_text` until the worker has sent it and is then erased.
"""

import hashlib
import hmac
import secrets
from collections.abc import Callable

from sqlalchemy import Column, Connection, Integer, String, Table, Text, delete, insert, select, update

from server.db import BIG, METADATA

LASTS_MS = 300_000
TRIES = 5
# Ten million codes: 23 bits, of which five tries find one in two million (ASVS 6.5.4 asks for 20 bits).
DIGITS = 7

ONE_TIME = Table(
    "one_time",
    METADATA,
    Column("id", Integer, primary_key=True),
    Column("session", String(64), nullable=False, index=True),
    Column("phone", String(20), nullable=False),
    Column("digest", String(64), nullable=False),
    Column("tries", Integer, nullable=False),
    Column("expires_at", BIG, nullable=False),
)
ONE_TIME_TEXT = Table(
    "one_time_text",
    METADATA,
    Column("id", Integer, primary_key=True),
    Column("to", String(20), nullable=False),
    Column("text", Text, nullable=False),
    Column("expires_at", BIG, nullable=False),
)


def issue(conn: Connection, *, key: bytes, session: str, phone: str, send: bool, now: int) -> str:
    """Make a code for a phone, bound to one browser's session, and lay its text out for sending when `send`.

    A phone nobody registered gets a row as well (`send` False): the citizen's page is the same for both.
    Returns the code, for tests and the demo; nothing else may keep it.
    """
    conn.execute(delete(ONE_TIME).where((ONE_TIME.c.session == session) | (ONE_TIME.c.expires_at <= now)))
    code = f"{secrets.randbelow(10**DIGITS):0{DIGITS}d}"
    row = {
        "session": session, "phone": phone, "digest": _digest(key, session, code),
        "tries": 0, "expires_at": now + LASTS_MS,
    }  # fmt: skip
    conn.execute(insert(ONE_TIME).values(**row))
    if send:
        # domain.md 8: without accents, one SMS of the GSM alphabet.
        text = f"TIEMCHUNG: Ma OTP cua ban la {code}, hieu luc 5 phut. Khong cung cap ma nay cho bat ky ai."
        conn.execute(insert(ONE_TIME_TEXT).values(to=phone, text=text, expires_at=now + LASTS_MS))
    return code


def answer(conn: Connection, *, key: bytes, session: str, code: str, now: int) -> str | None:
    """The phone that `code` proves, or None. A right code is used up; the fifth wrong one spoils it."""
    row = conn.execute(select(ONE_TIME).where(ONE_TIME.c.session == session)).first()
    if row is None or row.expires_at <= now or row.tries >= TRIES:
        return None
    if not hmac.compare_digest(row.digest, _digest(key, session, code)):
        conn.execute(update(ONE_TIME).where(ONE_TIME.c.id == row.id).values(tries=row.tries + 1))
        return None
    conn.execute(delete(ONE_TIME).where(ONE_TIME.c.id == row.id))
    return str(row.phone)


def deliver(conn: Connection, *, send: Callable[[str, str], object], now: int) -> int:
    """Send the waiting texts by `send(to, text)` and erase them; texts past their time are erased unsent."""
    sent = 0
    # What another worker is sending at this moment is left to it.
    waiting = select(ONE_TIME_TEXT).order_by(ONE_TIME_TEXT.c.id).with_for_update(skip_locked=True)
    for row in conn.execute(waiting).all():
        if row.expires_at > now:
            send(row.to, row.text)
            sent += 1
        conn.execute(delete(ONE_TIME_TEXT).where(ONE_TIME_TEXT.c.id == row.id))
    return sent


def _digest(key: bytes, session: str, code: str) -> str:
    # Keyed: ten million codes are hashed in seconds, so a plain digest would hide nothing.
    return hmac.new(key, f"{session}\n{code}".encode(), hashlib.sha256).hexdigest()
