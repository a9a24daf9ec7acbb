"""How long an import keeps people: what was not taken, what nobody decided about and what could not be read goes after a time.

Only here rows are deleted that somebody might still have wanted: the file they came in is with who sent it.
"""

from typing import Any

import msgspec
from sqlalchemy import Column, ColumnElement, Connection, Select, and_, delete, exists, or_, select, update

from server import audit
from server.db import lock_names, row_of
from server.imports.rows import FAILED
from server.imports.staging import DONE, DROPPED, FAILED_TO_READ, REVIEW
from server.imports.tables import IMPORT, IMPORT_PART, IMPORT_ROW

DAY_MS = 86_400_000
# Who did it, in the audit; the word on an import that nobody decided about in time.
WHO, EXPIRED = "server", "expired"


def kept_until(held: dict[str, Any], *, days: int) -> int:
    """Until when (UTC ms) an import keeps its rows: `days` after anything last happened to it."""
    return int(held["changed_at"]) + max(1, days) * DAY_MS


def expire(conn: Connection, *, now: int, days: int, chunk: int) -> bool:
    """Delete the next rows (`chunk` at most) and files whose time is over; False where there are none.

    How many rows went stands in the figure `expired`. What was changed from what into what stays: it is the list's history.
    """
    lock_names(conn, ["imports"])
    row = row_of(conn, _over(now - max(1, days) * DAY_MS))
    if row is None:
        return False
    name, figures = row["import"], msgspec.json.decode(row["figures"])
    of_it = (IMPORT_ROW.c["import"] == name, *([IMPORT_ROW.c.state.in_(FAILED)] if row["state"] == DONE else []))
    numbers = list(conn.execute(select(IMPORT_ROW.c.n).where(*of_it).order_by(IMPORT_ROW.c.n).limit(chunk)).scalars())
    if numbers:
        conn.execute(delete(IMPORT_ROW).where(*of_it, IMPORT_ROW.c.n <= numbers[-1]))
    figures[EXPIRED] = figures.get(EXPIRED, 0) + len(numbers)
    changed: dict[str, Any] = {"figures": msgspec.json.encode(figures).decode()}
    if len(numbers) < chunk:
        conn.execute(delete(IMPORT_PART).where(IMPORT_PART.c["import"] == name))
        if row["state"] == REVIEW:
            changed |= {"state": DROPPED, "fault": EXPIRED, "changed_at": now}
        audit.note(conn, at=now, account=WHO, act="import_expired", object=f"{name} {figures[EXPIRED]}")
    conn.execute(update(IMPORT).where(IMPORT.c["import"] == name).values(**changed))
    return True


def _over(before: int) -> Select[Any]:
    """The import whose time has been over for the longest, and that still holds something."""
    query = select(IMPORT).where(IMPORT.c.changed_at <= before)
    holds = or_(
        and_(IMPORT.c.state == DONE, _has(IMPORT_ROW.c["import"], IMPORT_ROW.c.state.in_(FAILED))),
        and_(IMPORT.c.state.in_((REVIEW, FAILED_TO_READ)), _has(IMPORT_PART.c["import"])),
        and_(IMPORT.c.state.in_((REVIEW, FAILED_TO_READ)), _has(IMPORT_ROW.c["import"])),
    )
    return query.where(holds).order_by(IMPORT.c.changed_at, IMPORT.c["import"]).limit(1)


def _has(column: Column[str], *more: ColumnElement[bool]) -> ColumnElement[bool]:
    return exists().where(column == IMPORT.c["import"], *more)
