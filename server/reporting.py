"""Progress figures: sums over the counters, nothing else, so that a country's day is a question of milliseconds."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Select, func, select

from server.db import rows_of
from server.ledger.tables import COUNTER

# The day's figures of a site, in the order people meet them.
DAY_NAMES = ("checked_in", "screened", "doses", "left", "aefi")
# What a day's progress tells: also whoever had their first dose then, once each, however many numbers they have.
PROGRESS_NAMES = (*DAY_NAMES, "people")
# The columns of the daily report (QĐ 3588, Phụ lục 5) by how far a visit came. Whoever is in none is still on the way.
OUTCOMES = {
    "referred": ("referred",),
    "refused": ("refused",),
    "deferred": ("deferred",),
    "contraindicated": ("contraindicated",),
    "injected": ("observing", "left"),
    "gone": ("gone",),
}
FIRST_DAY, LAST_DAY = "0000-00-00", "9999-12-31"


def total(
    conn: Connection,
    name: str,
    *,
    places: Sequence[str] | None = None,
    first: str = FIRST_DAY,
    last: str = LAST_DAY,
    item: str | None = None,
) -> int:
    """The sum of counter `name` over places, days `first` to `last` (inclusive) and items."""
    query = _within(select(func.coalesce(func.sum(COUNTER.c.n), 0)), (name,), places, first, last)
    if item is not None:
        query = query.where(COUNTER.c.item == item)
    return int(conn.execute(query).scalar_one())


def at_sites(conn: Connection, day: str, *, places: Sequence[str] | None = None) -> list[dict[str, Any]]:
    """One day at the sites: `{"place", "checked_in", "doses", "left", "aefi", "screened": {conclusion: n}}` each."""
    query = _within(select(COUNTER), DAY_NAMES, places, day, day).order_by(COUNTER.c.place)
    found: dict[str, dict[str, Any]] = {}
    for row in rows_of(conn, query):
        blank = {"place": row["place"], "screened": {}, "checked_in": 0, "doses": 0, "left": 0, "aefi": 0}
        site = found.setdefault(row["place"], blank)
        if row["name"] == "screened":
            site["screened"][row["item"]] = row["n"]
        else:
            site[row["name"]] += row["n"]
    return list(found.values())


def outcomes(conn: Connection, day: str, *, places: Sequence[str] | None = None) -> list[dict[str, Any]]:
    """What became of the day's people at each site: `{"place", "targets", *OUTCOMES, "open"}`, by place.

    `targets` are the visits checked in that day; the other figures add up to it. Somebody deferred and screened anew on
    the same number counts once, as what became of them last.
    """
    column_of = {state: name for name, states in OUTCOMES.items() for state in states}
    query = _within(select(COUNTER), ("reached",), places, day, day).order_by(COUNTER.c.place)
    found: dict[str, dict[str, Any]] = {}
    for row in rows_of(conn, query):
        blank = {"place": row["place"], "targets": 0, **dict.fromkeys(OUTCOMES, 0), "open": 0}
        site = found.setdefault(row["place"], blank)
        site["targets"] += row["n"]
        site[column_of.get(row["item"], "open")] += row["n"]
    return list(found.values())


def doses_by_day(
    conn: Connection, *, places: Sequence[str] | None = None, first: str = FIRST_DAY, last: str = LAST_DAY
) -> list[dict[str, Any]]:
    """Doses per day: `{"day", "doses"}`, oldest first; days without doses are left out."""
    query = _within(select(COUNTER.c.day, func.sum(COUNTER.c.n).label("doses")), ("doses",), places, first, last)
    rows = rows_of(conn, query.group_by(COUNTER.c.day).order_by(COUNTER.c.day))
    return [{"day": row["day"], "doses": int(row["doses"])} for row in rows]


def doses_by_item(
    conn: Connection, *, places: Sequence[str] | None = None, first: str = FIRST_DAY, last: str = LAST_DAY
) -> list[dict[str, Any]]:
    """Doses per place, vaccine and dose number: `{"place", "vaccine", "dose_no", "doses"}`."""
    columns = select(COUNTER.c.place, COUNTER.c.item, func.sum(COUNTER.c.n).label("doses"))
    query = _within(columns, ("doses",), places, first, last).group_by(COUNTER.c.place, COUNTER.c.item)
    found = []
    for row in rows_of(conn, query.order_by(COUNTER.c.place, COUNTER.c.item)):
        vaccine, _, number = row["item"].rpartition("/")
        found.append({"place": row["place"], "vaccine": vaccine, "dose_no": int(number), "doses": int(row["doses"])})
    return found


def progress(
    conn: Connection, day: str, *, places: Sequence[str] | None = None, first: str = FIRST_DAY
) -> dict[str, Any]:
    """The figures of `day` and from `first` to it: `{"day", "today": {...}, "so_far": {...}, "by_item", "by_day"}`."""
    return {
        "day": day,
        "today": {name: total(conn, name, places=places, first=day, last=day) for name in PROGRESS_NAMES},
        "so_far": {name: total(conn, name, places=places, first=first, last=day) for name in PROGRESS_NAMES},
        "by_item": doses_by_item(conn, places=places, first=first, last=day),
        "by_day": doses_by_day(conn, places=places, first=first, last=day),
    }


def _within(
    query: Select[Any], names: Sequence[str], places: Sequence[str] | None, first: str, last: str
) -> Select[Any]:
    query = query.where(COUNTER.c.name.in_(names), COUNTER.c.day >= first, COUNTER.c.day <= last)
    return query if places is None else query.where(COUNTER.c.place.in_(places))
