"""Who makes and changes whose accounts: downward only, inside the own subtree, never a right above the own.

Every change is written to the audit in the caller's transaction. Knows nothing of pages.
"""

import secrets
from typing import Any

from sqlalchemy import Connection, and_, select, update

from server import accounts, audit, scope, second_factor
from server.accounts import ACCOUNT, ADMIN, AUDITOR, MANAGER, OFFICER, SUPPORT, Account, Passwords
from server.db import row_of, rows_of
from server.errors import Refused
from server.scope import Scope
from server.units import UNIT, Unit

# Who appoints which roles. An administrator reads everything that these read (a test holds it), and decides nothing
# itself: who hands out accounts does not use them. Another administrator only for a unit below the own.
GRANTS: dict[str, tuple[str, ...]] = {ADMIN: (OFFICER, MANAGER, AUDITOR, ADMIN)}
FIRST_PASSWORD_BYTES = 9
_SHOWN = (
    "id",
    "login",
    "name",
    "email",
    "phone",
    "role",
    "post",
    "unit",
    "unit_from",
    "must_change",
    "disabled_at",
    "first_until",
)


class NotYours(Refused):
    """This account, unit or role is not this person's to give."""

    code = "not_yours"
    sentence = "You cannot give this role in this unit."


def may_give(conn: Connection, held: Scope, who: Account, *, role: str, unit: Unit | None) -> bool:
    """May `who`, with the scope `held`, have an account of this role in this unit?"""
    if role not in GRANTS.get(who.role, ()) or unit is None or not scope.covers(conn, held, unit):
        return False
    return role not in accounts.APPOINTS or held.unit != unit


def listed(conn: Connection, held: Scope) -> list[dict[str, Any]]:
    """The accounts in care, by unit and login, with the unit's name and whether a second factor is set."""
    columns = [ACCOUNT.c[name] for name in _SHOWN]
    unit = and_(UNIT.c.code == ACCOUNT.c.unit, UNIT.c.valid_from == ACCOUNT.c.unit_from)
    query = select(*columns, (ACCOUNT.c.totp != "").label("second_factor"), UNIT.c.name.label("unit_name"))
    query = query.join_from(ACCOUNT, UNIT, unit, isouter=True).where(scope.accounts(held))
    return rows_of(conn, query.order_by(ACCOUNT.c.unit, ACCOUNT.c.login))


def find(conn: Connection, held: Scope, who: Account, account_id: int) -> dict[str, Any] | None:
    """The account that `who` may change, or None: not in care, the own, or of a role that is not theirs to give."""
    columns = [ACCOUNT.c[name] for name in _SHOWN]
    query = select(*columns, (ACCOUNT.c.totp != "").label("second_factor"))
    row = row_of(conn, query.where(ACCOUNT.c.id == account_id, scope.accounts(held)))
    if row is None or row["id"] == who.id or row["role"] not in GRANTS.get(who.role, ()):
        return None
    same = (row["unit"], row["unit_from"]) == (who.unit, who.unit_from)
    return None if same and row["role"] in accounts.APPOINTS else row


def units_for(conn: Connection, held: Scope, *, most: int) -> list[Unit]:
    """The first units in care in the order of levels, for a list to choose from."""
    if held.unit is None:
        return []
    codes = scope.unit_codes(held)
    rows = conn.execute(select(UNIT).where(codes).order_by(UNIT.c.code).limit(most)).mappings()
    return [Unit(**row) for row in rows]


def make(
    conn: Connection, held: Scope, *, who: Account, passwords: Passwords, unit: Unit | None, role: str, now: int,
    **person: Any,
) -> tuple[int, str]:  # fmt: skip
    """A new account and its first password. Raises `NotYours`, `accounts.LoginTaken`. `person`: login, name, email, phone, post."""
    if unit is None or not may_give(conn, held, who, role=role, unit=unit):
        raise NotYours(field="role")
    first = secrets.token_urlsafe(FIRST_PASSWORD_BYTES)
    made = accounts.create(
        conn, passwords=passwords, role=role, unit=unit.code, unit_from=unit.valid_from, password=first, now=now, **person,
    )  # fmt: skip
    audit.note(conn, at=now, account=who.login, act="account_made", object=person["login"].strip().lower())
    return made, first


def move(
    conn: Connection, held: Scope, *, who: Account, row: dict[str, Any], unit: Unit | None, role: str, now: int
) -> None:
    """Give an account another role or unit; its sessions end. Raises `NotYours`."""
    if unit is None or not may_give(conn, held, who, role=role, unit=unit):
        raise NotYours(field="role")
    changed = {"role": role, "unit": unit.code, "unit_from": unit.valid_from}
    if any(row[name] != value for name, value in changed.items()):
        _change(conn, who.login, row, "account_moved", now, **changed)
        accounts.end_sessions(conn, account_id=row["id"])


def describe(conn: Connection, *, who: Account, row: dict[str, Any], now: int, **person: str) -> None:
    """Write name, email, phone and post of an account."""
    if any(row[name] != value for name, value in person.items()):
        _change(conn, who.login, row, "account_changed", now, **person)


def disable(conn: Connection, *, who: Account, row: dict[str, Any], now: int) -> None:
    """Let the account sign in no more; its sessions end at once. What it did stays under its name."""
    _change(conn, who.login, row, "account_disabled", now, disabled_at=now)
    accounts.end_sessions(conn, account_id=row["id"])


def enable(conn: Connection, *, who: Account, row: dict[str, Any], now: int) -> None:
    """Let a disabled account sign in again."""
    _change(conn, who.login, row, "account_enabled", now, disabled_at=None)


def reset(conn: Connection, *, by: str, passwords: Passwords, row: dict[str, Any], now: int) -> str:
    """A new first password, which has to be changed, and no second factor until it is set up again; sessions end.

    `by`: who did it, for the audit.
    """
    first = secrets.token_urlsafe(FIRST_PASSWORD_BYTES)
    until = now + accounts.FIRST_LASTS_MS
    fresh = {
        "password": passwords.seal(first),
        "must_change": True,
        "first_until": until,
        "failed": 0,
        "locked_until": 0,
    }
    _change(conn, by, row, "account_reset", now, **fresh)
    second_factor.forget(conn, account_id=row["id"])
    accounts.end_sessions(conn, account_id=row["id"])
    return first


def end_sessions(conn: Connection, *, who: Account, row: dict[str, Any], now: int) -> None:
    """Sign the account out everywhere."""
    accounts.end_sessions(conn, account_id=row["id"])
    audit.note(conn, at=now, account=who.login, act="sessions_ended", object=row["login"])


def team(conn: Connection, unit: Unit, over: list[Unit]) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """The people of a unit, and the technical support of it and of the units over it, nearest first."""
    own = [row for row in _people(conn, unit) if row["post"] != SUPPORT]
    help_ = [
        row | {"unit_name": at.name} for at in (unit, *over) for row in _people(conn, at) if row["post"] == SUPPORT
    ]
    return sorted(own, key=lambda row: (accounts.POSTS.index(row["post"]), row["name"])), help_


def _people(conn: Connection, unit: Unit) -> list[dict[str, Any]]:
    columns = [ACCOUNT.c[name] for name in ("name", "email", "phone", "role", "post")]
    here = (ACCOUNT.c.unit == unit.code) & (ACCOUNT.c.unit_from == unit.valid_from) & ACCOUNT.c.disabled_at.is_(None)
    return rows_of(conn, select(*columns).where(here).order_by(ACCOUNT.c.name))


def _change(conn: Connection, by: str, row: dict[str, Any], act: str, now: int, **values: Any) -> None:
    conn.execute(update(ACCOUNT).where(ACCOUNT.c.id == row["id"]).values(**values))
    audit.note(conn, at=now, account=by, act=act, object=row["login"])
