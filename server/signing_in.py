"""A password is tried, or changed: what a login gets for it. Argon2 takes its 0.16 s outside any write.

On SQLite a write is everybody's: fifty people who sign in at eight must not keep ingest waiting, nor each other.
"""

import gzip
import unicodedata
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Connection, RowMapping, delete, select, update

from server.accounts import (
    ACCOUNT,
    MAX_PASSWORD,
    MIN_PASSWORD,
    WEB_SESSION,
    Account,
    Passwords,
    account_of,
    clear_misses,
    count_miss,
)
from server.errors import Refused

# Sentences for `WeakPassword`, by what is wrong.
WEAK = {
    "short": "The password is too short: at least 10 characters.",
    "long": "The password is too long: at most 200 characters.",
    "login": "The password may not contain your login.",
    "same": "The new password must differ from the old one.",
    "words": "The password is made of words that everybody here would try: add some of your own.",
    "stolen": "This password stands in a list of stolen passwords: choose another one.",
}
# What a guesser who knows this work tries first, without marks and blanks; longer words stand before those within them.
WORDS = (
    "tiemchungcovid", "congtiemchung", "tiemchung", "botiem", "vacxin", "vaccine", "vaccin", "covid19", "covid", "sotiemchung",
    "boyte", "tramyte", "tram", "yte", "vietnam", "matkhau", "password", "tiem", "admin", "quantri",
)  # fmt: skip
# So many other letters and digits a password has beside them.
MIN_OTHERS = 6
# A hundred thousand stolen passwords of ten signs and more, in small letters, each between line feeds
# (provisioning/stolen_passwords.py). Read when somebody chooses one, 15 ms beside argon2's 160, and kept nowhere.
STOLEN = Path(__file__).with_name("data") / "stolen_passwords.txt.gz"


class WeakPassword(Refused):
    """A password nobody may choose; `why` is a key of WEAK."""

    def __init__(self, why: str) -> None:
        super().__init__(f"password_{why}", WEAK[why], field="new")
        self.why = why


@dataclass(frozen=True, kw_only=True)
class Proof:
    """A password was tried: against which seal (empty for none), and did it open it?"""

    sealed: str
    good: bool


@dataclass(frozen=True, kw_only=True)
class SignIn:
    """What came of a try to sign in: the account, or none and until when (UTC ms) this login must wait.

    `missed`: the login of the account whose password was not this one; empty where there is none of that login.
    `late`: the right first password, after its time.
    """

    account: Account | None
    locked_until: int = 0
    missed: str = ""
    late: bool = False


def prove(conn: Connection, *, passwords: Passwords, login: str, password: str, now: int) -> Proof:
    """Hold a password against its seal. Takes a tenth of a second: never inside a write, which is everybody's."""
    found = _of_login(conn, login)
    if found is not None and found["locked_until"] > now:
        return Proof(sealed="", good=False)
    sealed = found["password"] if found is not None and found["disabled_at"] is None else None
    return Proof(sealed=sealed or "", good=passwords.opens(sealed, password))


def sign_in(conn: Connection, *, login: str, proof: Proof, now: int) -> SignIn:
    """What a login with this proof gets. Five misses lock it for 30 s, each further one twice as long, one hour at most.

    A miss is counted in the caller's transaction, so commit it whatever the outcome.
    """
    found = _of_login(conn, login)
    if found is None:
        return SignIn(account=None)
    # Others may have guessed at this login meanwhile, or its owner may have changed the password.
    if found["locked_until"] > now:
        return SignIn(account=None, locked_until=found["locked_until"])
    if proof.good and found["password"] == proof.sealed and found["disabled_at"] is None:
        if found["must_change"] and 0 < found["first_until"] <= now:
            return SignIn(account=None, missed=str(found["login"]), late=True)
        # With a second factor the count goes on until its code was right too: else half a sign-in would free the guesser.
        if not found["totp"]:
            clear_misses(conn, account_id=found["id"])
        return SignIn(account=account_of(found))
    return SignIn(
        account=None, locked_until=count_miss(conn, account_id=found["id"], now=now), missed=str(found["login"])
    )


def _of_login(conn: Connection, login: str) -> RowMapping | None:
    return conn.execute(select(ACCOUNT).where(ACCOUNT.c.login == login.strip().lower())).mappings().first()


def choose_password(
    conn: Connection, *, passwords: Passwords, who: Account, current: str, new: str
) -> tuple[str, str] | None:
    """The old seal and the new one, or None when `current` is wrong. Slow, as `prove`. Raises `WeakPassword`."""
    sealed = conn.execute(select(ACCOUNT.c.password).where(ACCOUNT.c.id == who.id)).scalar_one()
    if not passwords.opens(sealed, current):
        return None
    if len(new) < MIN_PASSWORD:
        raise WeakPassword("short")
    if len(new) > MAX_PASSWORD:
        raise WeakPassword("long")
    if who.login in new.lower():
        raise WeakPassword("login")
    if new == current:
        raise WeakPassword("same")
    if len(_beside_words(new)) < MIN_OTHERS:
        raise WeakPassword("words")
    if is_stolen(new):
        raise WeakPassword("stolen")
    return sealed, passwords.seal(new)


def is_stolen(password: str) -> bool:
    """Does this password, in small or great letters, stand in the list of stolen ones?"""
    word = password.strip().lower().encode("utf-8")
    return b"\n" not in word and b"\n" + word + b"\n" in gzip.decompress(STOLEN.read_bytes())


def _beside_words(new: str) -> str:
    spread = unicodedata.normalize("NFD", new.casefold().replace("đ", "d"))
    left = "".join(char for char in spread if char.isalnum())
    for word in WORDS:
        left = left.replace(word, "")
    return left


def change_password(conn: Connection, *, who: Account, chosen: tuple[str, str]) -> bool:
    """Write what `choose_password` gave and end all sessions; False when the password has changed since."""
    old, new = chosen
    changed = {"password": new, "must_change": False, "failed": 0, "locked_until": 0}
    held = (ACCOUNT.c.id == who.id) & (ACCOUNT.c.password == old)
    if not conn.execute(update(ACCOUNT).where(held).values(**changed)).rowcount:
        return False
    conn.execute(delete(WEB_SESSION).where(WEB_SESSION.c.account == who.id))
    return True
