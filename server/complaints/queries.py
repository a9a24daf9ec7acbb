"""Reading complaints: the officers' queue, one complaint with its evidence, the overdue ones (invariant I22)."""

import json
from typing import Any

from sqlalchemy import Connection, Select, func, select, true
from sqlalchemy.sql.elements import ColumnElement

from server import links
from server.complaints.tables import BEARING, COMPLAINT, NEW, REJECTED, unknown_to
from server.db import row_of, rows_of
from server.ledger.tables import RECORD, TOUCH

_JSON = ("identity", "wants", "photos")
# The columns that the queue may be sorted by.
ORDERS = ("due_at", "filed_at", "complaint", "category")


def get(conn: Connection, complaint: str) -> dict[str, Any] | None:
    """One complaint as its row (what `decide` takes), or None."""
    return row_of(conn, select(COMPLAINT).where(COMPLAINT.c.complaint == complaint))


def read(row: dict[str, Any]) -> dict[str, Any]:
    """A row with `identity`, `wants` and `photos` as objects, for showing."""
    return {**row, **{name: json.loads(row[name]) for name in _JSON}}


def queue(
    conn: Connection,
    *,
    state: str = NEW,
    category: str = "",
    overdue_at: int | None = None,
    limit: int = 50,
    offset: int = 0,
    within: ColumnElement[bool] | None = None,
    order: str = "due_at",
    down: bool = False,
) -> list[dict[str, Any]]:
    """Complaints in `state` (empty: all), the soonest due first. `overdue_at`: only those due before this time (UTC ms).

    `within`: the condition of somebody's scope. `order`: one of ORDERS; `down`: the other way round.
    """
    column = COMPLAINT.c[order if order in ORDERS else "due_at"]
    query = _where(select(COMPLAINT), state, category, overdue_at, within)
    query = query.order_by(column.desc() if down else column, COMPLAINT.c.complaint).limit(limit).offset(offset)
    return [read(row) for row in rows_of(conn, query)]


def count(
    conn: Connection,
    *,
    state: str = NEW,
    category: str = "",
    overdue_at: int | None = None,
    within: ColumnElement[bool] | None = None,
) -> int:
    """How many complaints `queue` would list."""
    query = _where(select(func.count()).select_from(COMPLAINT), state, category, overdue_at, within)
    return int(conn.execute(query).scalar_one())


def of_person(conn: Connection, person: str) -> list[dict[str, Any]]:
    """A person's complaints, newest first."""
    query = select(COMPLAINT).where(links.same(COMPLAINT.c.person, person))
    return [read(row) for row in rows_of(conn, query.order_by(COMPLAINT.c.filed_at.desc(), COMPLAINT.c.complaint))]


def bearing(conn: Connection, complaint: str) -> list[dict[str, Any]]:
    """The doses on record that bear on a complaint about a missing one, oldest first; `arrived_at` (UTC ms) each."""
    query = select(BEARING).where(BEARING.c.complaint == complaint).order_by(BEARING.c.given_on, BEARING.c.dose)
    rows = rows_of(conn, query)
    arrived = {row["entity_id"]: row["at"] for row in rows_of(conn, _arrivals([row["dose"] for row in rows]))}
    return [{**row, "arrived_at": arrived.get(row["dose"])} for row in rows]


def to_reopen(conn: Connection, *, limit: int = 50) -> list[dict[str, Any]]:
    """Rows of `bearing` with a dose that the rejection of their complaint did not know; one per complaint."""
    # Most rejections never meet such a dose: the join leaves those that did, and the few are looked into here.
    joined = BEARING.join(COMPLAINT, COMPLAINT.c.complaint == BEARING.c.complaint)
    query = select(BEARING, COMPLAINT.c.state, COMPLAINT.c.known).select_from(joined)
    query = query.where(COMPLAINT.c.state == REJECTED, COMPLAINT.c.known.is_not(None))
    found: dict[str, dict[str, Any]] = {}
    for row in rows_of(conn, query.order_by(BEARING.c.complaint, BEARING.c.given_on, BEARING.c.dose)):
        if row["complaint"] not in found and unknown_to(row, row["dose"]):
            found[row["complaint"]] = row
            if len(found) == limit:
                break
    return list(found.values())


def with_photo(conn: Connection, digest: str) -> list[str]:
    """The numbers of the complaints that hold this photo (SHA-256): who may see a complaint may see its photos."""
    query = select(COMPLAINT.c.complaint).where(COMPLAINT.c.photos.contains(digest, autoescape=True))
    return list(conn.execute(query.order_by(COMPLAINT.c.complaint)).scalars())


def _where(
    query: Select[Any], state: str, category: str, overdue_at: int | None, within: ColumnElement[bool] | None
) -> Select[Any]:
    query = query.where(true() if within is None else within)
    if state:
        query = query.where(COMPLAINT.c.state == state)
    if category:
        query = query.where(COMPLAINT.c.category == category)
    if overdue_at is not None:
        query = query.where(COMPLAINT.c.state == NEW, COMPLAINT.c.due_at < overdue_at)
    return query


def _arrivals(doses: list[str]) -> Select[Any]:
    """When the record that made each dose came in: for showing, never for deriving."""
    joined = TOUCH.join(RECORD, RECORD.c.id == TOUCH.c.record_id)
    query = select(TOUCH.c.entity_id, func.min(RECORD.c.received_at).label("at")).select_from(joined)
    query = query.where(TOUCH.c.entity == "dose", TOUCH.c.entity_id.in_(doses))
    query = query.where(RECORD.c.kind.in_(("dose.given", "dose.entered_late")))
    return query.group_by(TOUCH.c.entity_id)
