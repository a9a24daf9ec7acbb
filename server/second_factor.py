"""The second factor: who must have one; codes of an app (TOTP, RFC 6238) and ten codes on paper for the day it is lost.

The secret lies sealed with the server's key, so that a stolen copy of the database gives no codes; a code opens once.
"""

import base64
import hashlib
import hmac
import secrets

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor.totp import TOTP
from sqlalchemy import Column, Connection, ForeignKey, Integer, String, Table, delete, func, insert, select, update

from server.accounts import ACCOUNT, APPOINTS, Account
from server.db import METADATA

SECRET_BYTES = 20
DIGITS = 6
STEP_S = 30
# A phone's clock may be a step behind or ahead.
STEPS = (0, -1, 1)
PAPER_CODES = 10
# 120 bits, so that a quick hash is enough (ASVS 6.5.2), and 24 letters of base 32 without a remainder.
PAPER_BYTES = 15
_NONCE_BYTES = 12

RECOVERY_CODE = Table(
    "recovery_code",
    METADATA,
    Column("account", Integer, ForeignKey("account.id"), primary_key=True),
    Column("digest", String(64), primary_key=True),
)


def required(role: str, *, of: str) -> bool:
    """Must an account of this role have one? `of`: the setting's roles; who gives accounts to others must in any case."""
    return role in APPOINTS or role in of.split()


def new_secret() -> bytes:
    """A secret for an app."""
    return secrets.token_bytes(SECRET_BYTES)


def seal(secret: bytes, *, key: bytes) -> str:
    """`secret` as it may lie in the database."""
    nonce = secrets.token_bytes(_NONCE_BYTES)
    return base64.b64encode(nonce + AESGCM(_sealing(key)).encrypt(nonce, secret, None)).decode("ascii")


def unseal(sealed: str, *, key: bytes) -> bytes | None:
    """The secret, or None when it was sealed with another key (session.key was lost): it has to be set up anew."""
    raw = base64.b64decode(sealed)
    try:
        return AESGCM(_sealing(key)).decrypt(raw[:_NONCE_BYTES], raw[_NONCE_BYTES:], None)
    except InvalidTag:
        return None


def address(secret: bytes, *, login: str) -> str:
    """The `otpauth://` address that an app reads from a QR code."""
    # The rule is the apps': all of them know SHA-1, and HMAC does not need a hash without collisions.
    return TOTP(secret, DIGITS, SHA1(), STEP_S).get_provisioning_uri(login, "Tram")  # noqa: S303 - see above


def typed_secret(secret: bytes) -> str:
    """The secret in groups of four letters, for who cannot scan."""
    text = base64.b32encode(secret).decode("ascii").rstrip("=")
    return " ".join(text[at : at + 4] for at in range(0, len(text), 4))


def code_at(secret: bytes, *, now: int) -> str:
    """The code of the moment `now` (UTC ms)."""
    return TOTP(secret, DIGITS, SHA1(), STEP_S).generate(now // 1000).decode("ascii")  # noqa: S303 - see `address`


def step_of(secret: bytes, code: str, *, now: int, after: int = 0) -> int | None:
    """The time step whose code this is, near `now` (UTC ms) and later than the step `after`; None for a wrong code."""
    for off in STEPS:
        step = now // 1000 // STEP_S + off
        right = code_at(secret, now=max(step, 0) * STEP_S * 1000)
        if step > after and hmac.compare_digest(right.encode(), code.encode()):
            return step
    return None


def enable(conn: Connection, *, who: Account, sealed: str, step: int) -> list[str]:
    """Give the account this secret, whose code of `step` was right; returns the paper codes, which are shown once."""
    conn.execute(update(ACCOUNT).where(ACCOUNT.c.id == who.id).values(totp=sealed, totp_used=step))
    conn.execute(delete(RECOVERY_CODE).where(RECOVERY_CODE.c.account == who.id))
    codes = [base64.b32encode(secrets.token_bytes(PAPER_BYTES)).decode("ascii").lower() for _ in range(PAPER_CODES)]
    conn.execute(insert(RECOVERY_CODE), [{"account": who.id, "digest": _digest(code)} for code in codes])
    return ["-".join(code[at : at + 4] for at in range(0, len(code), 4)) for code in codes]


def take(conn: Connection, *, who: Account, code: str, key: bytes, now: int) -> bool:
    """Is this the app's code of this moment, or a paper code? Either is used up by it."""
    typed = "".join(code.split()).replace("-", "").lower()
    row = conn.execute(select(ACCOUNT.c.totp, ACCOUNT.c.totp_used).where(ACCOUNT.c.id == who.id)).one()
    secret = unseal(row.totp, key=key) if row.totp else None
    step = step_of(secret, typed, now=now, after=row.totp_used) if secret is not None else None
    if step is not None:
        # Again conditional: of two browsers with the same code only one gets in.
        newer = (ACCOUNT.c.id == who.id) & (ACCOUNT.c.totp_used < step)
        return conn.execute(update(ACCOUNT).where(newer).values(totp_used=step)).rowcount == 1
    paper = (RECOVERY_CODE.c.account == who.id) & (RECOVERY_CODE.c.digest == _digest(typed))
    return conn.execute(delete(RECOVERY_CODE).where(paper)).rowcount == 1


def left(conn: Connection, *, who: Account) -> int:
    """How many paper codes are left."""
    query = select(func.count()).select_from(RECOVERY_CODE).where(RECOVERY_CODE.c.account == who.id)
    return int(conn.execute(query).scalar_one())


def forget(conn: Connection, *, account_id: int) -> None:
    """Take the second factor away, so that it is set up anew at the next sign-in."""
    conn.execute(update(ACCOUNT).where(ACCOUNT.c.id == account_id).values(totp="", totp_used=0))
    conn.execute(delete(RECOVERY_CODE).where(RECOVERY_CODE.c.account == account_id))


def _sealing(key: bytes) -> bytes:
    return hmac.new(key, b"tram second factor", hashlib.sha256).digest()


def _digest(code: str) -> str:
    return hashlib.sha256(code.encode()).hexdigest()
