"""PINs for staff at kiosks: for who has none, or new ones for who lost theirs. A PIN is told once, and only its seal is kept.

Sealing takes a tenth of a second each: `make` needs no database, so that no write waits for it.
"""

import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection

from server import reference
from server.imports.staff import Staff

# As kiosks draw a PIN's keys: six digits.
DIGITS = 6
Held = dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class Given:
    """A PIN for one entry of a site's staff list; `place`: the site's name. `pin` is readable here and nowhere else."""

    site: str
    place: str
    item: Held
    pin: str
    sealed: str

    @property
    def whom(self) -> str:
        """What names the entry among those of all sites."""
        return f"{self.site}/{self.item['id']}"


def without(conn: Connection, staff: Staff) -> list[tuple[str, Held]]:
    """Site and entry of everybody at work here who has no PIN yet, by site and code."""
    return [(site, item) for site, item in _at_work(conn, staff) if not item.get("pin")]


def wanted(
    conn: Connection, staff: Staff, *, whom: Sequence[str] = (), code: str = "", site: str = ""
) -> list[tuple[str, Held]]:
    """Those at work here that `whom` names (`Given.whom`), or who have this code (at `site`); with a PIN or without."""
    return [
        (place, item)
        for place, item in _at_work(conn, staff)
        if f"{place}/{item['id']}" in whom or (code and item["code"] == code and site in ("", place))
    ]


def make(staff: Staff, found: Iterable[tuple[str, Held]]) -> list[Given]:
    """A PIN for each of these entries; somebody who works at several sites under one code has one for all."""
    known: dict[tuple[str, str], tuple[str, str]] = {}
    made = []
    for site, item in found:
        who = (str(item["code"]), str(item["name"]))
        if who not in known:
            pin = f"{secrets.randbelow(10**DIGITS):0{DIGITS}d}"
            known[who] = (pin, reference.hash_pin(pin))
        pin, sealed = known[who]
        made.append(Given(site=site, place=staff.places[site], item=item, pin=pin, sealed=sealed))
    return made


def give(conn: Connection, staff: Staff, made: Iterable[Given]) -> list[Given]:
    """Write them to the sites' lists; those whose PIN changed since they were made keep what they have and are left out."""
    now = {f"{site}/{item['id']}": item for site, item in _at_work(conn, staff)}
    given = []
    for one in made:
        item = now.get(one.whom)
        if item is not None and item.get("pin") == one.item.get("pin"):
            value = {**item, "pin": one.sealed}
            reference.put_item(conn, site=one.site, list_name=reference.STAFF, key=item["id"], value=value)
            given.append(one)
    return given


def _at_work(conn: Connection, staff: Staff) -> list[tuple[str, Held]]:
    return [(site, item) for (site, _), item in sorted(staff.held(conn).items()) if not item.get("revoked")]
