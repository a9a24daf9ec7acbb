"""Who is at the screen: badge or code, and a PIN (argon2id). Pure but for the hash check of `argon2`.

Wrong PINs make the next try wait longer; nothing is told about which half was wrong.
"""

from __future__ import annotations

import hashlib
from typing import Any

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from protocol import cccd

# Which stations a role may work at; a lead may work anywhere.
STATIONS_OF = {
    "reception": ("reception",),
    "screener": ("screening",),
    "injector": ("injection", "observation"),
    "observer": ("observation",),
    "lead": ("reception", "screening", "injection", "observation"),
}
# Seconds to wait after the n-th wrong PIN in a row.
WAITS_S = (0, 0, 0, 30, 60, 300)
_hasher = PasswordHasher()


def by_badge(staff: list[dict[str, Any]], scan: str) -> dict[str, Any] | None:
    """The member of staff whose badge was scanned (its secret is held as SHA-256 only)."""
    secret = hashlib.sha256(scan[len(cccd.BADGE_PREFIX) :].encode()).hexdigest()
    return next((one for one in staff if one.get("badge") == secret and secret), None)


def by_code(staff: list[dict[str, Any]], code: str) -> dict[str, Any] | None:
    """The member of staff with this code."""
    return next((one for one in staff if one["code"] == code.strip() and code.strip()), None)


def proved(one: dict[str, Any] | None, pin: str) -> bool:
    """Is this the person's PIN? A revoked person has none."""
    if one is None or one.get("revoked"):
        return False
    try:
        return _hasher.verify(one["pin"], pin)
    except (VerificationError, InvalidHashError):
        return False


def wait_s(wrong_in_a_row: int) -> int:
    """How long the next try has to wait."""
    return WAITS_S[min(wrong_in_a_row, len(WAITS_S) - 1)]


def may(role: str, station: str) -> bool:
    """May this role work at this station?"""
    return station in STATIONS_OF.get(role, ())
