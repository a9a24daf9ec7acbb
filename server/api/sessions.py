"""The API's routes of planned sessions: which are to come, how many people fit which hour. No person is named."""

from typing import Any

import msgspec
from flask import Blueprint
from sqlalchemy import Connection

from protocol import clocktext
from server import scope
from server.accounts import CLIENT
from server.api.access import care, endpoint, parts
from server.api.figures import LIMIT, MOST, OFFSET, PLACE, count_of, place_asked
from server.api.shapes import Sessions
from server.sessions import spread, tables

blueprint = Blueprint("sessions_api", __name__, url_prefix="/api/v1")


@endpoint(blueprint, "/sessions", roles=(CLIENT,), answer=Sessions, parameters=(PLACE, LIMIT, OFFSET))
def list_sessions() -> Sessions:
    """Planned sessions from today on, the cancelled among them."""
    now = parts().clock.wall_ms()
    limit, offset = count_of("limit", 50, low=1, high=MOST), count_of("offset", 0, low=0, high=10**9)
    with parts().db.read() as conn:
        sites = scope.narrowed(care(conn), place_asked())
        today = str(clocktext.day_of(now, parts().day_offset_min))
        rows = tables.listed(conn, sites=sites, today=today, limit=limit, offset=offset)
        found = {"now": now, "rows": [shown(conn, row) for row in rows]}
    return msgspec.convert(found, Sessions)


def shown(conn: Connection, row: dict[str, Any]) -> dict[str, Any]:
    """A session as the API says it. `row`: as `tables` reads it."""
    offset_ms = parts().day_offset_min * 60_000
    standing = [each for each in tables.appointments(conn, row["session"]) if each["state"] == tables.STANDS]
    load = spread.load({each["person"]: (each["at"] + offset_ms) % clocktext.DAY_MS // 60_000 for each in standing})
    said = {name: str(row[name]) for name in ("session", "site", "day", "vaccine", "state")}
    hours = [{"hour": hour, "room": room, "people": load.get(hour, 0)} for hour, room in row["hours"]]
    return {
        **said, "version": row["version"], "people": len(standing), "hours": hours, "team": len(row["team"]),
        "invited_at": row["invited_at"],
    }  # fmt: skip
