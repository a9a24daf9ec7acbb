"""Doses whose hand wants a look: recorded by an account after it was revoked (F94), or by one at two kiosks at once (F95).

A list derived from doses and staff lists, never a refusal: a kiosk that was offline did right to record. Shown to officers.
"""

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, and_, distinct, false, func, select

from protocol import shared_login
from server import reference
from server.db import rows_of
from server.facts import fold_name
from server.vaccinations import VACCINATION

REVOKED, SHARED = "revoked", "shared"
WHATS = (REVOKED, SHARED)
UNSURE = "unknown"
Row = dict[str, Any]
# Staff lists by site, each by staff id.
Lists = Mapping[str, Mapping[str, Mapping[str, Any]]]


def found(conn: Connection, *, sites: Collection[str], first: str, last: str) -> list[Row]:
    """What wants a look at these sites on the days `first` to `last`, the latest first.

    `{"what", "who", "name", "day", "sites", "kiosks", "first_at", "last_at", "doses", "since"}`; times UTC ms; `doses`: of
    a revoked account those after it, of a shared one those that day; `since`: when it was revoked, else None.
    """
    lists = _lists(conn, sites)
    days = and_(VACCINATION.c.given_on >= first, VACCINATION.c.given_on <= last, VACCINATION.c.late == false())
    ours = and_(days, VACCINATION.c.site.in_(sorted(sites)))
    names = ("injector", "site", "kiosk", "given_on", "given_at", "given_sure")
    doses = select(*(VACCINATION.c[name] for name in names)).where(ours)
    rows = []
    gone = {ident for held in lists.values() for ident, one in held.items() if _since(one) is not None}
    if gone:
        rows += after(rows_of(conn, doses.where(VACCINATION.c.injector.in_(sorted(gone)))), lists)
    # Many sites number their staff alike: whoever stands on one list alone can only be at two kiosks of that site.
    days_of = (VACCINATION.c.injector, VACCINATION.c.site, VACCINATION.c.given_on)
    moved = select(VACCINATION.c.injector).where(ours).group_by(*days_of)
    moved = moved.having(func.count(distinct(VACCINATION.c.kiosk)) > 1)
    both = _at_several(lists) | {one.injector for one in conn.execute(moved)}
    if both:
        rows += at_two(rows_of(conn, doses.where(VACCINATION.c.injector.in_(sorted(both)))), lists)
    return sorted(rows, key=lambda row: (-row["last_at"], row["what"], row["who"], row["sites"]))


def after(doses: Iterable[Mapping[str, Any]], lists: Lists) -> list[Row]:
    """The doses given after their hand's account was revoked at that site, one row per account, site and day. Pure."""
    held: dict[tuple[str, str, str], list[Mapping[str, Any]]] = {}
    for dose in doses:
        since = _since(lists.get(dose["site"], {}).get(dose["injector"], {}))
        if since is not None and dose["given_at"] is not None and dose["given_at"] > since:
            held.setdefault((dose["injector"], dose["site"], dose["given_on"]), []).append(dose)
    return [
        _row(REVOKED, mine, lists, doses=len(mine), since=_since(lists[site][who]))
        for (who, site, _), mine in held.items()
    ]


def at_two(doses: Iterable[Mapping[str, Any]], lists: Lists) -> list[Row]:
    """The accounts whose doses cannot well be one person's (`protocol.shared_login`), one row per account and day. Pure."""
    held: dict[tuple[str, str, str], list[Mapping[str, Any]]] = {}
    for dose in doses:
        # Before its record is derived again a dose of an earlier release does not say its kiosk.
        if dose["kiosk"] and dose["given_at"] is not None and dose["given_sure"] != UNSURE:
            name = fold_name(str(lists.get(dose["site"], {}).get(dose["injector"], {}).get("name", "")))
            # Two sites may give one number to two people: only the same name is the same person.
            held.setdefault((dose["injector"], name or dose["site"], dose["given_on"]), []).append(dose)
    rows = []
    for mine in held.values():
        pairs = shared_login.clashes([(dose["given_at"], dose["site"], dose["kiosk"]) for dose in mine])
        if pairs:
            met = {act for pair in pairs for act in pair}
            between = [dose for dose in mine if (dose["given_at"], dose["site"], dose["kiosk"]) in met]
            rows.append(_row(SHARED, between, lists, doses=len(mine), since=None))
    return rows


def _lists(conn: Connection, sites: Collection[str]) -> dict[str, dict[str, dict[str, Any]]]:
    found: dict[str, dict[str, dict[str, Any]]] = {site: {} for site in sites}
    held = reference.REF_ITEM.c
    query = select(held.site, held.value).where(held.list == reference.STAFF, held.site.in_(sorted(sites)))
    for site, value in conn.execute(query):
        one = json.loads(value)
        found[site][one["id"]] = one
    return found


def _at_several(lists: Lists) -> set[str]:
    """The staff ids that stand under one name on the lists of two sites or more."""
    met: dict[tuple[str, str], int] = {}
    for held in lists.values():
        for ident, one in held.items():
            key = (ident, fold_name(str(one.get("name", ""))))
            met[key] = met.get(key, 0) + 1
    return {ident for (ident, name), count in met.items() if name and count > 1}


def _row(what: str, of: Sequence[Mapping[str, Any]], lists: Lists, *, doses: int, since: int | None) -> Row:
    one = of[0]
    times = [dose["given_at"] for dose in of]
    return {
        "what": what,
        "who": one["injector"],
        "name": str(lists.get(one["site"], {}).get(one["injector"], {}).get("name", "")),
        "day": one["given_on"],
        "sites": sorted({dose["site"] for dose in of}),
        "kiosks": sorted({dose["kiosk"] for dose in of if dose["kiosk"]}),
        "first_at": min(times),
        "last_at": max(times),
        "doses": doses,
        "since": since,
    }


def _since(staff: Mapping[str, Any]) -> int | None:
    """Since when an item of the staff list is revoked; None where it is not, or nobody noted it (an earlier release)."""
    since = staff.get("revoked_at")
    return since if staff.get("revoked") and isinstance(since, int) else None
