"""Who the kiosks of a site are told to expect: the planned sessions of today and the next days as items of `appointments`."""

from typing import Any

from sqlalchemy import Connection

from protocol import canon
from protocol.clocktext import civil, day_number
from server.sessions import tables

# A kiosk that loses its line in the evening can still expect people two mornings on; a stolen one tells no more than that.
AHEAD_DAYS = 2


def items(conn: Connection, site: str, today: str) -> list[dict[str, Any]]:
    """One item per person, of their earliest appointment from `today` on; `history` is the reference list's affair."""
    first = day_number(today)
    days = [_day(first + ahead) for ahead in range(AHEAD_DAYS + 1)]
    found: dict[str, dict[str, Any]] = {}
    for row in tables.coming(conn, site=site, days=days):
        item = {name: row[name] for name in ("person", "name", "dob", "sex", "phone", "at", "vaccine")}
        found.setdefault(row["person"], {**item, "code": code_of(row["session"], row["person"]), "history": []})
    return list(found.values())


def code_of(session: str, person: str) -> str:
    """What the QR of an appointment says behind `TRAM-REG:`; nobody can compute it from a number alone."""
    return "DK-" + canon.digest(f"{session} {person}".encode())[:12].upper()


def _day(number: int) -> str:
    year, month, day = civil(number)
    return f"{year:04d}-{month:02d}-{day:02d}"
