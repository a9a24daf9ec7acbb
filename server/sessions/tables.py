"""Tables of planned sessions and their appointments: what people plan, no facts; nothing here is derived from records."""

import json
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Column, Connection, Integer, PrimaryKeyConstraint, String, Table, Text, func, select

from server.db import BIG, METADATA, chunks, row_of, rows_of

PLANNED, INVITED, CANCELLED = "planned", "invited", "cancelled"
# An appointment stands, or was taken back after the person had been told of it.
STANDS, TAKEN_BACK = "stands", "taken_back"

# `hours`, `choice`, `team` are JSON: `[[hour, people], …]`; `{"groups", "communes", "doses", "due_by"}`; staff ids.
# `team_at` is null until the team was brought up to date, `invited_at` until people were invited.
PLANNED_SESSION = Table(
    "planned_session",
    METADATA,
    Column("session", String(64), primary_key=True),
    Column("site", String(32), nullable=False, index=True),
    Column("day", String(10), nullable=False, index=True),
    Column("vaccine", String(64), nullable=False),
    Column("hours", Text, nullable=False),
    Column("choice", Text, nullable=False),
    Column("team", Text, nullable=False),
    Column("team_at", BIG),
    Column("state", String(12), nullable=False),
    Column("reason", Text, nullable=False),
    Column("version", Integer, nullable=False),
    Column("made_by", String(64), nullable=False),
    Column("made_at", BIG, nullable=False),
    Column("changed_by", String(64), nullable=False),
    Column("changed_at", BIG, nullable=False),
    Column("invited_at", BIG),
)
# Who is expected when. Name, birth, sex and phone as they were when the session was planned: its list stays what it was.
# `told_at`: the time the person was last told (as `at`), null while nobody told them of an appointment that stands, or when
# they were told that it was taken back; `told_site`: the place that went with it.
APPOINTMENT = Table(
    "appointment",
    METADATA,
    Column("session", String(64), nullable=False),
    Column("person", String(64), nullable=False, index=True),
    Column("n", Integer, nullable=False),
    Column("at", BIG, nullable=False),
    Column("dose_no", Integer, nullable=False),
    Column("grp", Integer, nullable=False),
    Column("name", String(120), nullable=False),
    Column("dob", String(10), nullable=False),
    Column("sex", String(1), nullable=False),
    Column("phone", String(32), nullable=False),
    Column("state", String(12), nullable=False),
    Column("told_at", BIG),
    Column("told_site", String(32), nullable=False),
    PrimaryKeyConstraint("session", "person", name="pk_appointment"),
)
JSON = ("hours", "choice", "team")


def get(conn: Connection, session: str) -> dict[str, Any] | None:
    """A planned session with its JSON read, or None."""
    row = row_of(conn, select(PLANNED_SESSION).where(PLANNED_SESSION.c.session == session))
    return None if row is None else read(row)


def read(row: dict[str, Any]) -> dict[str, Any]:
    """A row of `planned_session` with its JSON read; hours as pairs."""
    told = {**row, **{name: json.loads(row[name]) for name in JSON}}
    told["hours"] = [(int(hour), int(n)) for hour, n in told["hours"]]
    return told


def written(row: dict[str, Any]) -> dict[str, Any]:
    """The opposite of `read`."""
    return {**row, **{name: json.dumps(row[name], ensure_ascii=False, sort_keys=True) for name in JSON}}


def listed(
    conn: Connection, *, sites: Sequence[str], today: str, past: bool = False, limit: int = 100, offset: int = 0
) -> list[dict[str, Any]]:
    """Sessions of these sites from `today` on, by day; or those that are over, the latest first. `people`: how many are expected."""
    people = select(func.count()).select_from(APPOINTMENT)
    people = people.where(APPOINTMENT.c.session == PLANNED_SESSION.c.session, APPOINTMENT.c.state == STANDS)
    query = select(PLANNED_SESSION, people.scalar_subquery().label("people"))
    query = query.where(PLANNED_SESSION.c.site.in_(list(sites)))
    day = PLANNED_SESSION.c.day
    query = query.where(day < today).order_by(day.desc()) if past else query.where(day >= today).order_by(day)
    query = query.order_by(PLANNED_SESSION.c.site, PLANNED_SESSION.c.session)
    return [read(row) for row in rows_of(conn, query.limit(limit).offset(offset))]


def appointments(conn: Connection, session: str) -> list[dict[str, Any]]:
    """Everybody of a session, those taken back among them, in the order of their numbers."""
    query = select(APPOINTMENT).where(APPOINTMENT.c.session == session)
    return rows_of(conn, query.order_by(APPOINTMENT.c.n, APPOINTMENT.c.person))


def busy(conn: Connection, persons: Sequence[str], *, since: str, apart_from: str) -> set[str]:
    """Who of these has an appointment in another session that is not over yet."""
    found: set[str] = set()
    for part in chunks(list(persons)):
        query = select(APPOINTMENT.c.person).join(PLANNED_SESSION, PLANNED_SESSION.c.session == APPOINTMENT.c.session)
        query = query.where(
            APPOINTMENT.c.person.in_(part), APPOINTMENT.c.state == STANDS, PLANNED_SESSION.c.day >= since,
            PLANNED_SESSION.c.state != CANCELLED, PLANNED_SESSION.c.session != apart_from,
        )  # fmt: skip
        found.update(conn.execute(query).scalars())
    return found


def coming(conn: Connection, *, site: str, days: Sequence[str]) -> list[dict[str, Any]]:
    """Who is expected at a site on these days, the earliest first; with the session's `vaccine`."""
    query = select(APPOINTMENT, PLANNED_SESSION.c.vaccine)
    query = query.join(PLANNED_SESSION, PLANNED_SESSION.c.session == APPOINTMENT.c.session)
    query = query.where(
        PLANNED_SESSION.c.site == site, PLANNED_SESSION.c.day.in_(list(days)), PLANNED_SESSION.c.state != CANCELLED,
        APPOINTMENT.c.state == STANDS,
    )  # fmt: skip
    return rows_of(conn, query.order_by(APPOINTMENT.c.at, APPOINTMENT.c.person))
