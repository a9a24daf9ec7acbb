"""Visits: one row per visit, its state folded from its records by `protocol.visit`. Decides nothing."""

from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import Boolean, Column, Connection, Integer, String, Table, select

from protocol import visit as states
from protocol.clocktext import day_of
from protocol.envelope import Record
from protocol.records import KINDS
from server import links
from server.db import BIG, METADATA, row_of, rows_of
from server.facts import certainty
from server.features import Count, Derived, Feature, entity_column

# Columns that are null: the visit has not come that far, or the record that says so has not arrived.
VISIT = Table(
    "visit",
    METADATA,
    Column("visit", String(64), primary_key=True),
    entity_column(),
    Column("person", String(64), nullable=False, index=True),
    Column("site", String(64), nullable=False),
    Column("day", String(12), nullable=False),
    Column("k", String(64), nullable=False),
    Column("ticket", String(64), nullable=False),
    Column("how", String(16), nullable=False),
    Column("state", String(20), nullable=False),
    Column("irregular", Boolean, nullable=False),
    Column("checked_in_at", BIG),
    Column("screened_at", BIG),
    Column("screened_day", String(12)),
    Column("form", String(40)),
    Column("conclusion", String(20)),
    Column("derived", String(20)),
    Column("left_at", BIG),
    Column("left_day", String(12)),
    Column("outcome", String(16)),
    Column("observed_s", Integer),
    # The least certain of the times above, and the widest bound in ms.
    Column("sure", String(8), nullable=False, server_default="synced"),
    Column("err", BIG, nullable=False, server_default="0"),
)


def feature() -> Feature:
    """Visits' share in the ledger: people checked in, how far they came, screened (by conclusion), left (by outcome), per site and day."""
    return Feature("visits", (VISIT,), {"visit": derive}, counts)


def derive(visit: str, records: list[Record]) -> list[Derived]:
    """The row of a visit. What the table of states does not allow is folded all the same and marked irregular."""
    state, regular = states.NEW, True
    row: dict[str, Any] = dict.fromkeys(column.name for column in VISIT.columns)
    row.update(visit=visit, person="", ticket="", how="")
    for record in (records[position] for position in states.course(records)):
        state, known = states.fold(state, states.event_of(record.kind, record.body))
        regular = regular and known
        if not row["person"] and record.kind in _NAMES_PERSON:
            row["person"] = record.body["person"]
        reading = _READINGS.get(record.kind)
        if reading is not None:
            row.update(reading(record))
    first = next((record for record in records if record.kind == "visit.checked_in"), records[0])
    row.update(site=first.site, day=day_of(first.at), k=first.k, state=state, irregular=not regular)
    row["sure"], row["err"] = certainty([record for record in records if record is first or record.kind in _READINGS])
    return [(VISIT, row)]


def counts(_table: Table, row: Mapping[str, Any]) -> Iterable[Count]:
    """What a visit adds to its site's day."""
    if row["checked_in_at"] is not None:
        yield ("checked_in", row["site"], row["day"], "", 1)
        # How far each of them came: the day's report counts its outcomes apart, and they add up (domain.md 2.6).
        yield ("reached", row["site"], row["day"], row["state"], 1)
    if row["conclusion"] is not None:
        yield ("screened", row["site"], row["screened_day"], row["conclusion"], 1)
    if row["outcome"] is not None:
        yield ("left", row["site"], row["left_day"], row["outcome"], 1)


def by_id(conn: Connection, visit: str) -> dict[str, Any] | None:
    """One visit, or None."""
    return row_of(conn, select(VISIT).where(VISIT.c.visit == visit))


def of_person(conn: Connection, person: str, *, limit: int = 100, offset: int = 0) -> list[dict[str, Any]]:
    """A person's visits, newest first."""
    query = select(VISIT).where(links.same(VISIT.c.person, person)).order_by(VISIT.c.day.desc(), VISIT.c.visit)
    return rows_of(conn, query.limit(limit).offset(offset))


def at_site(conn: Connection, site: str, day: str, *, limit: int = 500, offset: int = 0) -> list[dict[str, Any]]:
    """A site's visits of one day, in the order of check-in."""
    query = select(VISIT).where(VISIT.c.site == site, VISIT.c.day == day)
    return rows_of(conn, query.order_by(VISIT.c.checked_in_at, VISIT.c.visit).limit(limit).offset(offset))


def _checked_in(record: Record) -> dict[str, Any]:
    body = record.body
    return {"ticket": body["ticket"], "how": body["how"], "checked_in_at": record.at}


def _screened(record: Record) -> dict[str, Any]:
    body = record.body
    # Without consent nobody is vaccinated, whatever the answers: the day's report counts it as a refusal (domain.md 2.6).
    conclusion = body["conclusion"] if body["consent"] else "refused"
    at = record.at
    return {
        "screened_at": at,
        "screened_day": day_of(at),
        "form": body["form"],
        "conclusion": conclusion,
        "derived": body["derived"],
    }


def _left(record: Record) -> dict[str, Any]:
    at = record.at
    body = record.body
    return {"left_at": at, "left_day": day_of(at), "outcome": body["outcome"], "observed_s": body["observed_s"]}


# The kinds whose table has the field; in another kind it would be a newer release's and unchecked.
_NAMES_PERSON = frozenset(kind for kind, rows in KINDS.items() if any(row[0] == "person" and row[2] for row in rows))
_READINGS = {"visit.checked_in": _checked_in, "visit.screened": _screened, "visit.left": _left}
