"""Doses as they now stand: one row per dose, after corrections and undoing. A dose is never refused here."""

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import Boolean, Column, Connection, Integer, String, Table, Text, select

from protocol import fields
from protocol.clocktext import day_number
from protocol.envelope import Record
from server import links
from server.db import BIG, METADATA, row_of, rows_of
from server.facts import GIVEN, EffectiveDose, effective_dose, recovered_doses
from server.features import Count, Derived, Feature, entity_column

# A dose written on paper gets the day somebody remembers; one day beside it may still be the same needle.
DUPLICATE_DAYS = 1
# `given_at` (the best time, `given_sure`, `given_err` ms) is null for a dose entered late from paper.
# `warnings` is a JSON list of rule names.
VACCINATION = Table(
    "vaccination",
    METADATA,
    Column("dose", String(64), primary_key=True),
    entity_column(),
    Column("person", String(64), nullable=False, index=True),
    Column("visit", String(64), nullable=False, index=True),
    Column("site", String(64), nullable=False),
    Column("place", String(64), nullable=False),
    Column("vaccine", String(64), nullable=False),
    Column("lot", String(32), nullable=False, index=True),
    Column("expiry", String(10), nullable=False),
    Column("dose_no", Integer, nullable=False),
    Column("given_on", String(12), nullable=False, index=True),
    Column("given_at", BIG),
    Column("given_sure", String(8), nullable=False, server_default="synced"),
    Column("given_err", BIG, nullable=False, server_default="0"),
    Column("injector", String(64), nullable=False),
    Column("status", String(8), nullable=False),
    Column("late", Boolean, nullable=False),
    Column("corrections", Integer, nullable=False),
    Column("warnings", Text, nullable=False),
    Column("override", Boolean, nullable=False),
    Column("slip", String(64), nullable=False, index=True),
    Column("record", String(64), nullable=False),
    # At which writer it was recorded.
    Column("kiosk", String(64), nullable=False, server_default=""),
)


def feature() -> Feature:
    """Vaccinations' share in the ledger: counter `doses` per place and day, item `vaccine/dose number`."""
    return Feature("vaccinations", (VACCINATION,), {"dose": derive, "slip": derive_recovered}, counts)


def derive(_dose: str, records: list[Record]) -> list[Derived]:
    """The row of a dose; none before the record that made it has arrived."""
    dose = effective_dose(records)
    return [] if dose is None else [_row(dose)]


def derive_recovered(_slip: str, records: list[Record]) -> list[Derived]:
    """The row of a dose that only its slip tells of; none as soon as the original is here."""
    return [_row(dose) for dose in recovered_doses(records)]


def _row(dose: EffectiveDose) -> Derived:
    row = {column.name: getattr(dose, column.name) for column in VACCINATION.columns if column.name != "entity"}
    return (VACCINATION, {**row, "warnings": json.dumps(dose.warnings)})


def counts(_table: Table, row: Mapping[str, Any]) -> Iterable[Count]:
    """A dose that stands counts once where and when it was given."""
    if row["status"] == GIVEN:
        yield ("doses", row["place"], row["given_on"], f"{row['vaccine']}/{row['dose_no']}", 1)


def by_id(conn: Connection, dose: str) -> dict[str, Any] | None:
    """One dose, or None."""
    return row_of(conn, select(VACCINATION).where(VACCINATION.c.dose == dose))


def of_person(conn: Connection, person: str) -> list[dict[str, Any]]:
    """All doses of a person, undone ones too, in the order they were given."""
    query = select(VACCINATION).where(links.same(VACCINATION.c.person, person))
    return rows_of(conn, query.order_by(VACCINATION.c.given_on, VACCINATION.c.dose_no, VACCINATION.c.dose))


def possible_duplicates(doses: Sequence[Mapping[str, Any]]) -> list[tuple[dict[str, Any], dict[str, Any]]]:
    """Pairs of one person's standing doses a day or less apart: one needle told twice, or two needles (F88, F89).

    Both are kept and counted until an officer decides; which came first enters nowhere. `doses`: rows of `of_person`.
    """
    standing = sorted(
        (dict(dose) for dose in doses if dose["status"] == GIVEN), key=lambda dose: (dose["given_on"], dose["dose"])
    )
    return [
        (one, other)
        for number, one in enumerate(standing)
        for other in standing[number + 1 :]
        if _days_apart(one["given_on"], other["given_on"]) <= DUPLICATE_DAYS
    ]


def _days_apart(one: str, other: str) -> int:
    # A broken clock's year has six digits: such a day is near no other.
    if not (fields.is_day(one) and fields.is_day(other)):
        return DUPLICATE_DAYS + 1
    return abs(int(day_number(one)) - int(day_number(other)))


def of_lot(conn: Connection, lot: str, *, limit: int = 500, offset: int = 0) -> list[dict[str, Any]]:
    """Doses from one lot, newest first: whom to call when a lot is stopped."""
    query = select(VACCINATION).where(VACCINATION.c.lot == lot).order_by(VACCINATION.c.given_on.desc())
    return rows_of(conn, query.order_by(VACCINATION.c.dose).limit(limit).offset(offset))


def at_place(conn: Connection, place: str, day: str, *, limit: int = 500, offset: int = 0) -> list[dict[str, Any]]:
    """The doses given at a place on a day."""
    query = select(VACCINATION).where(VACCINATION.c.place == place, VACCINATION.c.given_on == day)
    return rows_of(conn, query.order_by(VACCINATION.c.given_at, VACCINATION.c.dose).limit(limit).offset(offset))
