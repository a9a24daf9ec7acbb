"""Who may sign in, with which role, for which unit; the sessions that follow; tokens of programs that use the API.

Every function works inside the caller's transaction and is told the time. Knows nothing of pages or cookies.
"""

import hashlib
import json
import secrets
from dataclasses import dataclass
from typing import Any

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerifyMismatchError
from sqlalchemy import (
    Boolean,
    Column,
    Connection,
    ForeignKey,
    Integer,
    String,
    Table,
    Text,
    delete,
    false,
    insert,
    select,
    update,
)

from server.db import BIG, METADATA, rows_of
from server.errors import Refused

OFFICER = "officer"
MANAGER = "manager"
AUDITOR = "auditor"
ADMIN = "admin"
ROLES = (OFFICER, MANAGER, AUDITOR, ADMIN)
# Not roles of an account but of a route: anybody; a program with a token.
PUBLIC = "public"
CLIENT = "client"
# What a program's token may write, beside reading.
SESSIONS = "sessions"
WRITES = (SESSIONS,)

# Who makes and changes accounts, and so needs a second factor.
APPOINTS = (ADMIN,)
LEADER, DEPUTY, MEMBER, SUPPORT = "leader", "deputy", "member", "support"
POSTS = (LEADER, DEPUTY, MEMBER, SUPPORT)

MIN_PASSWORD = 10
MAX_PASSWORD = 200  # argon2 would chew on a megabyte for as long as it is sent
LOCK_AFTER = 5
LOCK_FIRST_MS = 30_000
LOCK_MOST_MS = 3_600_000
# A session that nobody used for so long is over, whatever its hours.
IDLE_MS = 3_600_000
# A first password is for the next days: one that nobody used by then opens nothing.
FIRST_LASTS_MS = 7 * 86_400_000
# So many sessions of one account at once; one more ends the one that was not used for longest.
MOST_SESSIONS = 10

ACCOUNT = Table(
    "account",
    METADATA,
    Column("id", Integer, primary_key=True),
    Column("login", String(64), nullable=False, unique=True),
    Column("name", Text, nullable=False),
    Column("email", Text, nullable=False),
    Column("role", String(16), nullable=False),
    Column("unit", String(64), nullable=False),
    # With `unit` it names the unit: a code alone can come to mean another one (units.py).
    Column("unit_from", String(10), nullable=False, server_default=""),
    Column("password", Text, nullable=False),
    Column("must_change", Boolean, nullable=False),
    Column("failed", Integer, nullable=False, default=0),
    Column("locked_until", BIG, nullable=False, default=0),
    Column("created_at", BIG, nullable=False),
    # Null while the account may be used.
    Column("disabled_at", BIG, nullable=True),
    # What the person is in the unit's team (POSTS), and where colleagues reach them.
    Column("post", String(16), nullable=False, server_default=MEMBER),
    Column("phone", String(20), nullable=False, server_default=""),
    # The secret of the second factor, sealed; empty while there is none. `totp_used`: the last time step that was taken.
    Column("totp", Text, nullable=False, server_default=""),
    Column("totp_used", BIG, nullable=False, server_default="0"),
    # While `must_change`: until when the first password may be used; 0 without end (accounts of earlier releases).
    Column("first_until", BIG, nullable=False, server_default="0"),
)
# `id` is the digest of the secret in the cookie: a stolen copy of the database opens no session.
# `account` is null for a citizen on the portal, whose half-filled form lies in `data`.
WEB_SESSION = Table(
    "web_session",
    METADATA,
    Column("id", String(64), primary_key=True),
    Column("account", Integer, ForeignKey("account.id"), nullable=True, index=True),
    Column("data", Text, nullable=False),
    # Whether the password alone has opened it and the code of the second factor is still asked for.
    Column("half", Boolean, nullable=False, server_default=false()),
    # What the browser calls itself, so that its owner knows it again.
    Column("agent", String(200), nullable=False, server_default=""),
    Column("seen_at", BIG, nullable=False, server_default="0"),
    Column("created_at", BIG, nullable=False),
    Column("expires_at", BIG, nullable=False),
)
CLIENT_TOKEN = Table(
    "client_token",
    METADATA,
    Column("digest", String(64), primary_key=True),
    Column("name", Text, nullable=False),
    # What the program may read: this unit and what is below it. Empty for everything (tokens of earlier releases).
    Column("unit", String(64), nullable=False, server_default=""),
    Column("unit_from", String(10), nullable=False, server_default=""),
    Column("created_at", BIG, nullable=False),
    # Null while the token is good.
    Column("revoked_at", BIG, nullable=True),
    # What it may write besides, words with blanks between.
    Column("may", String(64), nullable=False, server_default=""),
)


class LoginTaken(Refused):
    """An account of this login exists already."""

    code = "login_taken"
    sentence = "An account of this login exists already."


@dataclass(frozen=True, kw_only=True)
class Account:
    """A person who signs in, without the password."""

    id: int
    login: str
    name: str
    email: str
    role: str
    unit: str
    unit_from: str
    must_change: bool
    second_factor: bool


@dataclass(frozen=True, kw_only=True)
class Client:
    """A program with a token: what it may read, and write (`may`). An empty `unit` is everything."""

    name: str
    unit: str
    unit_from: str
    may: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Session:
    """One browser's session: whose (none for a citizen) and what it remembers (a JSON object).

    `half`: the password was right and the second factor is still asked for; such a session opens nothing else.
    """

    id: str
    account: Account | None
    data: dict[str, Any]
    half: bool = False
    seen_at: int = 0


class Passwords:
    """Argon2id with the library's current parameters; tests pass cheaper ones."""

    def __init__(self, hasher: PasswordHasher | None = None) -> None:
        self._hasher = hasher or PasswordHasher()
        # Checked when the login is unknown, so that the answer takes as long as for a known one.
        self._nobody = self._hasher.hash(secrets.token_hex(16))

    def seal(self, password: str) -> str:
        """What to store for `password`."""
        return self._hasher.hash(password)

    def opens(self, sealed: str | None, password: str) -> bool:
        """Is `password` the one that was sealed? None is a login that does not exist."""
        if len(password) > MAX_PASSWORD:
            return False
        try:
            return self._hasher.verify(sealed or self._nobody, password) and sealed is not None
        except (VerifyMismatchError, InvalidHashError):
            return False


def create(
    conn: Connection,
    *,
    passwords: Passwords,
    login: str,
    name: str,
    email: str,
    role: str,
    unit: str,
    password: str,
    now: int,
    unit_from: str = "",
    must_change: bool = True,
    post: str = MEMBER,
    phone: str = "",
) -> int:
    """Make an account; its first password has to be changed before anything else (C6). Raises `LoginTaken`."""
    login = login.strip().lower()
    if role not in ROLES:
        raise ValueError(f"no such role: {role}; roles are {', '.join(ROLES)}")
    if not login or len(login) > 64:
        raise ValueError("a login has 1 to 64 characters")
    if conn.execute(select(ACCOUNT.c.id).where(ACCOUNT.c.login == login)).first() is not None:
        raise LoginTaken
    row = {
        "login": login, "name": name, "email": email, "role": role, "unit": unit, "unit_from": unit_from,
        "must_change": must_change, "password": passwords.seal(password), "failed": 0, "locked_until": 0, "created_at": now,
        "post": post, "phone": phone, "first_until": now + FIRST_LASTS_MS,
    }  # fmt: skip
    made = conn.execute(insert(ACCOUNT).values(**row).returning(ACCOUNT.c.id)).scalar_one()
    return int(made)


def count_miss(conn: Connection, *, account_id: int, now: int) -> int:
    """Count a wrong password or code; until when (UTC ms) the login must wait, 0 when it need not."""
    failed = conn.execute(select(ACCOUNT.c.failed).where(ACCOUNT.c.id == account_id)).scalar_one() + 1
    until = 0
    if failed >= LOCK_AFTER:
        # The exponent is capped too: a login under attack for a week must not make an integer of a thousand digits.
        until = now + min(LOCK_FIRST_MS * 2 ** min(failed - LOCK_AFTER, 20), LOCK_MOST_MS)
    conn.execute(update(ACCOUNT).where(ACCOUNT.c.id == account_id).values(failed=failed, locked_until=until))
    return until


def locked_until(conn: Connection, *, account_id: int) -> int:
    """Until when (UTC ms) the login must wait; in the past or 0 when it need not."""
    return int(conn.execute(select(ACCOUNT.c.locked_until).where(ACCOUNT.c.id == account_id)).scalar_one())


def clear_misses(conn: Connection, *, account_id: int) -> None:
    """Forget the wrong tries after a right one."""
    conn.execute(update(ACCOUNT).where(ACCOUNT.c.id == account_id).values(failed=0, locked_until=0))


def open_session(
    conn: Connection, *, account_id: int | None, data: dict[str, Any], now: int, lasts_ms: int, half: bool = False,
    agent: str = "",
) -> str:  # fmt: skip
    """Begin a session and return the secret for its cookie. Sessions past their time are swept out on the way."""
    conn.execute(delete(WEB_SESSION).where(WEB_SESSION.c.expires_at <= now))
    if account_id is not None:
        # Half ones apart: who has the password alone must not end the sessions of who has the code as well.
        own = (WEB_SESSION.c.account == account_id) & (WEB_SESSION.c.half == half)
        latest = select(WEB_SESSION.c.id).where(own).order_by(WEB_SESSION.c.seen_at.desc(), WEB_SESSION.c.id)
        kept = conn.execute(latest.limit(MOST_SESSIONS - 1)).scalars().all()
        conn.execute(delete(WEB_SESSION).where(own, WEB_SESSION.c.id.not_in(kept)))
    secret = secrets.token_urlsafe(32)
    row = {
        "id": _digest(secret), "account": account_id, "data": json.dumps(data), "half": half, "agent": agent[:200],
        "created_at": now, "seen_at": now, "expires_at": now + lasts_ms,
    }  # fmt: skip
    conn.execute(insert(WEB_SESSION).values(**row))
    return secret


def read_session(conn: Connection, *, secret: str, now: int) -> Session | None:
    """The session of a cookie, or None when there is none, it is over or revoked, or its account is disabled."""
    good = (WEB_SESSION.c.id == _digest(secret)) & (WEB_SESSION.c.expires_at > now)
    row = conn.execute(select(WEB_SESSION).where(good)).mappings().first()
    if row is None:
        return None
    owner = None
    if row["account"] is not None:
        held = conn.execute(select(ACCOUNT).where(ACCOUNT.c.id == row["account"])).mappings().one()
        if held["disabled_at"] is not None or now - row["seen_at"] > IDLE_MS:
            return None
        owner = account_of(held)
    return Session(id=row["id"], account=owner, data=json.loads(row["data"]), half=row["half"], seen_at=row["seen_at"])


def saw(conn: Connection, *, session: Session, now: int) -> None:
    """Note that the session is in use."""
    conn.execute(update(WEB_SESSION).where(WEB_SESSION.c.id == session.id).values(seen_at=now))


def sessions_of(conn: Connection, *, account_id: int, now: int) -> list[dict[str, Any]]:
    """The open sessions of an account, latest first: `{"id", "agent", "created_at", "seen_at"}`."""
    columns = (WEB_SESSION.c.id, WEB_SESSION.c.agent, WEB_SESSION.c.created_at, WEB_SESSION.c.seen_at)
    query = select(*columns).where(WEB_SESSION.c.account == account_id, WEB_SESSION.c.expires_at > now)
    return rows_of(conn, query.order_by(WEB_SESSION.c.seen_at.desc(), WEB_SESSION.c.id))


def end_sessions(conn: Connection, *, account_id: int, only: str = "") -> int:
    """End every session of an account, or the one of id `only` (a digest, no secret); how many ended."""
    held = WEB_SESSION.c.account == account_id
    return conn.execute(delete(WEB_SESSION).where(held & (WEB_SESSION.c.id == only) if only else held)).rowcount


def remember(conn: Connection, *, session: Session, data: dict[str, Any], expires_at: int | None = None) -> None:
    """Replace what a session remembers, and put off its end where `expires_at` is given."""
    changed: dict[str, Any] = {"data": json.dumps(data)}
    if expires_at is not None:
        changed["expires_at"] = expires_at
    conn.execute(update(WEB_SESSION).where(WEB_SESSION.c.id == session.id).values(**changed))


def close_session(conn: Connection, *, session: Session) -> None:
    """End a session; its cookie opens nothing any more."""
    conn.execute(delete(WEB_SESSION).where(WEB_SESSION.c.id == session.id))


def issue_token(
    conn: Connection, *, name: str, now: int, unit: str = "", unit_from: str = "", may: tuple[str, ...] = ()
) -> str:
    """A new token for the program `name`, which reads a unit and what is below it; shown once, only its digest is kept.

    `may`: what it may write (WRITES).
    """
    token = "tram_" + secrets.token_urlsafe(32)
    row = {"digest": _digest(token), "name": name, "unit": unit, "unit_from": unit_from, "may": " ".join(may)}
    conn.execute(insert(CLIENT_TOKEN).values(**row, created_at=now, revoked_at=None))
    return token


def client_of(conn: Connection, *, token: str) -> Client | None:
    """The program that holds `token`, or None."""
    good = (CLIENT_TOKEN.c.digest == _digest(token)) & CLIENT_TOKEN.c.revoked_at.is_(None)
    row = conn.execute(select(CLIENT_TOKEN).where(good)).first()
    if row is None:
        return None
    return Client(name=row.name, unit=row.unit, unit_from=row.unit_from, may=tuple(row.may.split()))


def revoke_token(conn: Connection, *, name: str, now: int) -> int:
    """Make every token of the program `name` worthless; how many there were."""
    held = (CLIENT_TOKEN.c.name == name) & CLIENT_TOKEN.c.revoked_at.is_(None)
    return conn.execute(update(CLIENT_TOKEN).where(held).values(revoked_at=now)).rowcount


def account_of(row: Any) -> Account:
    """An account from its row."""
    return Account(
        id=row["id"], login=row["login"], name=row["name"], email=row["email"], role=row["role"], unit=row["unit"],
        unit_from=row["unit_from"], must_change=row["must_change"],
        second_factor=bool(row["totp"]),
    )  # fmt: skip


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
