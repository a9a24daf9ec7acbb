"""The tree of units: country, province, district, commune, site; each valid from a day to a day.

Units are data (domain.md 6): their codes are texts, and merge, split and change their meaning over the years.
"""

from dataclasses import dataclass

from sqlalchemy import Column, Connection, String, Table, Text, delete, insert, select

from server.db import METADATA

LEVELS = ("country", "province", "district", "commune", "site")

UNIT = Table(
    "unit",
    METADATA,
    Column("code", String(64), primary_key=True),
    Column("name", Text, nullable=False),
    Column("level", String(16), nullable=False),
    # Empty for the root.
    Column("parent", String(64), nullable=False, index=True),
    Column("valid_from", String(10), nullable=False),
    # Empty while the unit stands.
    Column("valid_to", String(10), nullable=False),
)


@dataclass(frozen=True, kw_only=True)
class Unit:
    """One unit; days are `YYYY-MM-DD`, empty where open."""

    code: str
    name: str
    level: str
    parent: str
    valid_from: str
    valid_to: str


def put(conn: Connection, row: Unit) -> None:
    """Add a unit or replace the one of the same code."""
    if row.level not in LEVELS:
        raise ValueError(f"no such level: {row.level}; levels are {', '.join(LEVELS)}")
    conn.execute(delete(UNIT).where(UNIT.c.code == row.code))
    conn.execute(insert(UNIT).values(**vars(row)))


def find(conn: Connection, code: str) -> Unit | None:
    """The unit of a code, or None."""
    row = conn.execute(select(UNIT).where(UNIT.c.code == code)).mappings().first()
    return Unit(**row) if row is not None else None


def under(conn: Connection, code: str) -> list[Unit]:
    """The unit of `code` and all below it, parents first, each level by code. Empty when there is none."""
    top = find(conn, code)
    if top is None:
        return []
    found, level = [top], [top.code]
    while level:
        rows = conn.execute(select(UNIT).where(UNIT.c.parent.in_(level)).order_by(UNIT.c.code)).mappings()
        below = [Unit(**row) for row in rows if row["code"] != code]
        found += below
        level = [row.code for row in below]
    return found


def sites(conn: Connection, code: str) -> list[Unit]:
    """The injection sites in the care of unit `code`."""
    return [row for row in under(conn, code) if row.level == "site"]
