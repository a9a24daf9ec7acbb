"""The API's routes: health, progress, stock, kiosks, complaints, duplicates. All of them only read."""

from typing import Any, TypeVar

import msgspec
from flask import Blueprint, request
from sqlalchemy import select

from protocol import clocktext, fields
from server import duplicates, fleet, inventory, people, reporting, scope
from server.accounts import CLIENT, PUBLIC
from server.api.access import BadParameter, Parameter, care, endpoint, parts
from server.api.shapes import A_TEXT, Complaints, Duplicates, Health, Kiosks, Progress, Stock
from server.complaints import queries
from server.scope import Scope

# From 1850 on, as fields.is_day.
A_DAY = {"type": "string", "format": "date", "pattern": "^(18[5-9]|19|[2-9])"}
DAY = Parameter(name="day", help="Up to this day; today if left out.", schema=A_DAY)
PLACE = Parameter(
    name="place",
    help="Only this injection site.",
    schema={"type": "string", "minLength": 1, "maxLength": 64, "pattern": A_TEXT},
)
STATES = ("new", "corrected", "rejected")
STATE = Parameter(name="state", help="Only complaints in this state.", schema={"type": "string", "enum": list(STATES)})
MOST, FARTHEST = 200, 10**9
LIMIT = Parameter(name="limit", help="Rows at most.", schema={"type": "integer", "minimum": 1, "maximum": MOST})
A_PLACE_IN_ROW = {"type": "integer", "minimum": 0, "maximum": FARTHEST}
OFFSET = Parameter(name="offset", help="Rows to leave out first.", schema=A_PLACE_IN_ROW)
_Shape = TypeVar("_Shape")
blueprint = Blueprint("api", __name__, url_prefix="/api/v1")


@endpoint(blueprint, "/health", roles=(PUBLIC,), answer=Health)
def health() -> Health:
    """Does the server answer, and its database?"""
    with parts().db.read() as conn:
        conn.execute(select(1)).scalar_one()
    return Health(status="ok", now=parts().clock.wall_ms())


@endpoint(blueprint, "/progress", roles=(CLIENT,), answer=Progress, parameters=(DAY, PLACE))
def progress() -> Progress:
    """Doses and people of a day and since the beginning."""
    now = parts().clock.wall_ms()
    day = request.args.get("day") or str(clocktext.day_of(now, parts().day_offset_min))
    if not fields.is_day(day):
        raise BadParameter("day")
    with parts().db.read() as conn:
        figures = reporting.progress(conn, day, places=_places(care(conn)))
    return _shaped({**figures, "now": now}, Progress)


@endpoint(blueprint, "/stock", roles=(CLIENT,), answer=Stock, parameters=(PLACE,))
def stock() -> Stock:
    """Doses on hand per place and lot."""
    with parts().db.read() as conn:
        rows = inventory.on_hand(conn, places=_places(care(conn)))
    return _shaped({"now": parts().clock.wall_ms(), "rows": rows}, Stock)


@endpoint(blueprint, "/kiosks", roles=(CLIENT,), answer=Kiosks, parameters=(PLACE,))
def kiosks() -> Kiosks:
    """Kiosks: when last heard, which numbers they owe and since when, what of theirs stands in quarantine or forked."""
    now = parts().clock.wall_ms()
    with parts().db.read() as conn:
        held = care(conn)
        places = _places(held)
        # The server's own desk is a writer too, but no kiosk: it stands at no site.
        sites = set(held.sites if places is None else places)
        rows = [row for row in fleet.writers(conn) if row["site"] in sites]
        reasons = fleet.reasons(conn, ks=[row["k"] for row in rows], strangers=places is None)
    concerns = fleet.concerns(rows, now=now)
    return _shaped({"now": now, "rows": rows, "concerns": concerns, "quarantine": reasons}, Kiosks)


@endpoint(blueprint, "/complaints", roles=(CLIENT,), answer=Complaints, parameters=(STATE, LIMIT, OFFSET))
def complaints() -> Complaints:
    """The queue of complaints by number, without the citizens' data."""
    now, state = parts().clock.wall_ms(), request.args.get("state", "")
    if state and state not in STATES:
        raise BadParameter("state")
    limit, offset = count_of("limit", 50, low=1, high=MOST), count_of("offset", 0, low=0, high=FARTHEST)
    with parts().db.read() as conn:
        within = scope.complaints(care(conn))
        found: dict[str, Any] = {
            "now": now,
            "open": queries.count(conn, within=within),
            "overdue": queries.count(conn, overdue_at=now, within=within),
            "rows": queries.queue(conn, state=state, limit=limit, offset=offset, within=within),
        }
    return _shaped(found, Complaints)


@endpoint(blueprint, "/duplicates", roles=(CLIENT,), answer=Duplicates, parameters=(LIMIT, OFFSET))
def list_duplicates() -> Duplicates:
    """Pairs of records that may be one person and that nobody has decided: by reference, without anybody's data."""
    limit, offset = count_of("limit", 50, low=1, high=MOST), count_of("offset", 0, low=0, high=10**9)
    with parts().db.read() as conn:
        within = scope.proposals(care(conn))
        rows = duplicates.proposals(conn, limit=limit, offset=offset, within=within)
        refs = people.refs(conn, [row[name] for row in rows for name in ("one", "other")])
        found: dict[str, Any] = {
            "now": parts().clock.wall_ms(),
            "open": duplicates.count(conn, within=within),
            "rows": [{**row, "one": refs[row["one"]], "other": refs[row["other"]]} for row in rows],
        }
    return _shaped(found, Duplicates)


def _shaped(value: dict[str, Any], shape: type[_Shape]) -> _Shape:
    # By way of JSON: a row's names are a kind of text that msgspec does not take for text.
    return msgspec.json.decode(msgspec.json.encode(value), type=shape)


def _places(held: Scope) -> list[str] | None:
    place = request.args.get("place", "")
    # None is more than all sites on the list: figures of places that were never entered count too.
    return None if held.whole and not place else scope.narrowed(held, place)


def place_asked() -> str:
    """The site that the question names; empty for all in care."""
    return request.args.get("place", "")


def count_of(name: str, usual: int, *, low: int, high: int) -> int:
    """A whole number that the question names. Raises `BadParameter`."""
    text = request.args.get(name, str(usual))
    if not fields.digits(text) or len(text) > 10 or not low <= int(text) <= high:
        raise BadParameter(name)
    return int(text)
