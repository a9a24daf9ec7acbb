"""Whom to call at a unit for what: telephone numbers of offices and of people on duty, kept by administrators."""

from sqlalchemy import Column, Connection, String, Table, delete, insert, select

from server.db import METADATA

# What a contact is for. `aefi`: severe reactions at the sites of the unit; `audit`: keeps the day's head of the audit.
DUTIES = ("aefi", "audit")

CONTACT = Table(
    "contact",
    METADATA,
    Column("unit", String(64), primary_key=True),
    Column("duty", String(16), primary_key=True),
    Column("phone", String(20), nullable=False),
)


def put(conn: Connection, *, unit: str, duty: str, phone: str) -> None:
    """Name the contact of a unit for a duty, in place of the one before. Raises `ValueError` for an unknown duty."""
    if duty not in DUTIES:
        raise ValueError(f"no such duty: {duty}; duties are {', '.join(DUTIES)}")
    conn.execute(delete(CONTACT).where(CONTACT.c.unit == unit, CONTACT.c.duty == duty))
    conn.execute(insert(CONTACT).values(unit=unit, duty=duty, phone=phone))


def along(conn: Connection, units: list[str], duty: str) -> list[str]:
    """The numbers of these units for a duty, in their order; units without one are passed over."""
    query = select(CONTACT.c.unit, CONTACT.c.phone).where(CONTACT.c.unit.in_(units), CONTACT.c.duty == duty)
    held = {row.unit: row.phone for row in conn.execute(query)}
    return [held[unit] for unit in units if unit in held]


def of_duty(conn: Connection, duty: str) -> list[tuple[str, str]]:
    """Every unit with a number for this duty, and the number."""
    rows = conn.execute(select(CONTACT.c.unit, CONTACT.c.phone).where(CONTACT.c.duty == duty).order_by(CONTACT.c.unit))
    return [(row.unit, row.phone) for row in rows]
