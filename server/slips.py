"""Printed slips and tickets: what a slip's number leads to, and how often it was printed (invariant I12)."""

from typing import Any

from sqlalchemy import Column, Connection, Integer, String, Table, select

from protocol import slip_code
from protocol.envelope import Record
from server import links
from server.db import BIG, METADATA, row_of, rows_of
from server.features import Derived, Feature, entity_column

# `dose` is empty for a ticket. `issued_at` is when the record behind the slip was made, UTC ms.
SLIP = Table(
    "slip",
    METADATA,
    Column("slip", String(64), primary_key=True),
    entity_column(),
    Column("what", String(8), nullable=False),
    Column("person", String(64), nullable=False, index=True),
    Column("visit", String(64), nullable=False, index=True),
    Column("dose", String(64), nullable=False, index=True),
    Column("site", String(64), nullable=False),
    Column("issued_at", BIG, nullable=False),
    Column("printed", Integer, nullable=False),
    Column("failed", Integer, nullable=False),
    Column("result", String(16), nullable=False),
)
_BEHIND = {"dose.given": "dose", "dose.entered_late": "dose", "visit.checked_in": "ticket"}


def feature() -> Feature:
    """Slips' share in the ledger."""
    return Feature("slips", (SLIP,), {"slip": derive})


def derive(slip: str, records: list[Record]) -> list[Derived]:
    """The row of a slip; none before the record it was made for has arrived: a slip exists only for a record."""
    base = next((record for record in records if record.kind in _BEHIND), None)
    copy = next((record for record in records if record.kind == "dose.recovered"), None)
    if base is not None:
        told = _made_for(base)
    elif copy is not None:
        told = _told_by(slip_code.decode(copy.body["code"])[0])
    else:
        return []
    prints = [record.body["result"] for record in records if record.kind == "slip.printed"]
    row = {
        "slip": slip,
        **told,
        "printed": sum(result == "printed" for result in prints),
        "failed": sum(result != "printed" for result in prints),
        "result": prints[-1] if prints else "",
    }
    return [(SLIP, row)]


def _made_for(base: Record) -> dict[str, Any]:
    return {
        "what": _BEHIND[base.kind],
        "person": base.body["person"],
        "visit": base.body["visit"] if base.kind != "dose.entered_late" else "",
        "dose": base.body["dose"] if base.kind != "visit.checked_in" else "",
        "site": base.site,
        "issued_at": base.at,
    }


def _told_by(value: dict[str, Any]) -> dict[str, Any]:
    dose = slip_code.dose_of(value)
    return {
        "what": "dose",
        "person": value["p"],
        "visit": "",
        "dose": dose,
        "site": value["x"],
        "issued_at": value["t"],
    }


def by_number(conn: Connection, slip: str) -> dict[str, Any] | None:
    """The slip with this number, or None."""
    return row_of(conn, select(SLIP).where(SLIP.c.slip == slip))


def of_person(conn: Connection, person: str) -> list[dict[str, Any]]:
    """A person's slips, newest first."""
    return rows_of(
        conn, select(SLIP).where(links.same(SLIP.c.person, person)).order_by(SLIP.c.issued_at.desc(), SLIP.c.slip)
    )
