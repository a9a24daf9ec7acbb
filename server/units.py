"""The tree of units: country, region, province, district, commune, facility, site; each row valid from a day to a day.

A unit is a code and the day its row begins, never a code alone: codes are given again with another meaning (domain.md 6,
from 1 July 2025 code 15 is Lào Cai, before it was Yên Bái). A row's parent is the unit that bore that code on the row's
first day; where that one ends, the branch hangs in the air until a new row says where it belongs.
"""

import csv
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any, TextIO

from sqlalchemy import Column, Connection, Select, String, Table, Text, and_, delete, func, insert, or_, select, update
from sqlalchemy.sql.elements import ColumnElement

from protocol.fields import is_day
from server.db import METADATA, chunks
from server.errors import ServerError

LEVELS = ("country", "region", "province", "district", "commune", "facility", "site")
# Sentences about a file that cannot be loaded name at most so many of its lines.
MOST_FAULTS = 10

UNIT = Table(
    "unit",
    METADATA,
    Column("code", String(64), primary_key=True),
    Column("name", Text, nullable=False),
    Column("level", String(16), nullable=False),
    # Empty for the root.
    Column("parent", String(64), nullable=False, index=True),
    Column("valid_from", String(10), primary_key=True),
    # The first day on which it stands no more; empty while it stands.
    Column("valid_to", String(10), nullable=False),
)


class UnitsFault(ServerError):
    """A file of units that cannot be loaded; the sentence names lines and why."""

    code = "units"

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence=sentence)


@dataclass(frozen=True, kw_only=True)
class Unit:
    """One unit during one period; days are `YYYY-MM-DD`, empty where open, `valid_to` the first day after it."""

    code: str
    name: str
    level: str
    parent: str
    valid_from: str
    valid_to: str


COLUMNS = tuple(field.name for field in fields(Unit))


def put(conn: Connection, row: Unit) -> None:
    """Add a unit or replace the row of the same code and first day; an earlier row that still stood ends on that day."""
    if row.level not in LEVELS:
        raise ValueError(f"no such level: {row.level}; levels are {', '.join(LEVELS)}")
    stood = or_(UNIT.c.valid_to == "", UNIT.c.valid_to > row.valid_from)
    earlier = and_(UNIT.c.code == row.code, UNIT.c.valid_from < row.valid_from, stood)
    conn.execute(update(UNIT).where(earlier).values(valid_to=row.valid_from))
    conn.execute(delete(UNIT).where(UNIT.c.code == row.code, UNIT.c.valid_from == row.valid_from))
    conn.execute(insert(UNIT).values(**vars(row)))


def find(conn: Connection, code: str, *, day: str) -> Unit | None:
    """The unit that bears `code` on `day`, or None."""
    return _one(conn, select(UNIT).where(UNIT.c.code == code, _stands(UNIT, day)))


def named(conn: Connection, codes: Sequence[str], *, day: str) -> list[Unit]:
    """The units that bear these codes on `day`; codes that nobody bears are left out."""
    found = []
    for part in chunks(list(codes)):
        rows = conn.execute(select(UNIT).where(UNIT.c.code.in_(part), _stands(UNIT, day))).mappings()
        found += [Unit(**row) for row in rows]
    return found


def period(conn: Connection, code: str, valid_from: str) -> Unit | None:
    """The unit of `code` whose row begins on `valid_from`, whether it still stands or not."""
    return _one(conn, select(UNIT).where(UNIT.c.code == code, UNIT.c.valid_from == valid_from))


def tree(top: Unit, *, day: str) -> Select[Any]:
    """A query for the codes of `top` and of all below it on `day`: to stand after IN. Empty where `top` does not stand."""
    begin = select(UNIT.c.code, UNIT.c.valid_from).where(
        UNIT.c.code == top.code, UNIT.c.valid_from == top.valid_from, _stands(UNIT, day)
    )
    below = begin.cte("below", recursive=True)
    # UNION, not UNION ALL: a file that makes a circle must not make a query without an end.
    joined = select(UNIT.c.code, UNIT.c.valid_from).join(below, _hangs_under(UNIT, below)).where(_stands(UNIT, day))
    return select(below.union(joined).c.code)


def under(conn: Connection, code: str, *, day: str) -> list[Unit]:
    """The unit that bears `code` on `day` and all below it, highest level first, each level by code. Empty when there is none."""
    top = find(conn, code, day=day)
    if top is None:
        return []
    rows = conn.execute(select(UNIT).where(UNIT.c.code.in_(tree(top, day=day)), _stands(UNIT, day))).mappings()
    return sorted((Unit(**row) for row in rows), key=lambda row: (LEVELS.index(row.level), row.code))


def above(conn: Connection, unit: Unit, *, day: str) -> list[Unit]:
    """The units over `unit` on `day`, the nearest first."""
    found: list[Unit] = []
    while unit.parent and len(found) < len(LEVELS):
        over = find(conn, unit.parent, day=day)
        if over is None or over.valid_from > unit.valid_from:
            break
        found.append(over)
        unit = over
    return found


def sites(conn: Connection, code: str, *, day: str) -> list[Unit]:
    """The injection sites in the care of the unit that bears `code` on `day`."""
    return [row for row in under(conn, code, day=day) if row.level == "site"]


def count(conn: Connection, *, day: str) -> dict[str, int]:
    """How many units of each level stand on `day`."""
    query = select(UNIT.c.level, func.count()).where(_stands(UNIT, day)).group_by(UNIT.c.level)
    found = {str(level): int(n) for level, n in conn.execute(query)}
    return {level: found[level] for level in LEVELS if level in found}


def adrift(conn: Connection, *, day: str) -> list[Unit]:
    """Units that stand on `day` under a parent that does not (or bears another meaning): they need a new row."""
    over = UNIT.alias("over")
    held = select(over.c.code).where(_hangs_under(UNIT, over), _stands(over, day)).exists()
    query = select(UNIT).where(_stands(UNIT, day), UNIT.c.parent != "", ~held).order_by(UNIT.c.code)
    return [Unit(**row) for row in conn.execute(query).mappings()]


def read(source: TextIO) -> list[Unit]:
    """The units of a CSV file with the columns code, name, level, parent, valid_from, valid_to. Raises `UnitsFault`."""
    lines = csv.DictReader(source, strict=True)
    if tuple(lines.fieldnames or ()) != COLUMNS:
        raise UnitsFault(f"the first line must be: {','.join(COLUMNS)}")
    found, faults = [], []
    try:
        for line in lines:
            wrong = _wrong(line)
            if wrong:
                faults.append(f"line {lines.line_num}: {wrong}")
            else:
                found.append(Unit(**line))
    except csv.Error as error:
        raise UnitsFault(f"line {lines.line_num}: {error}") from error
    _refuse(faults)
    return found


def load(conn: Connection, rows: Iterable[Unit]) -> int:
    """Write all rows over those of the same code and first day; returns how many. Raises `UnitsFault`, then roll back.

    Refused: two periods of one code on the same day, and a row whose parent does not stand, higher, on its first day.
    """
    given = {(row.code, row.valid_from): row for row in rows}
    for part in chunks(list(given)):
        same = or_(*(and_(UNIT.c.code == code, UNIT.c.valid_from == begun) for code, begun in part))
        conn.execute(delete(UNIT).where(same))
    for part in chunks([vars(row) for row in given.values()]):
        conn.execute(insert(UNIT), part)
    _refuse([*_overlapping(conn), *_without_parent(conn, given)])
    return len(given)


def _stands(row: Any, day: str) -> ColumnElement[bool]:
    return and_(row.c.valid_from <= day, or_(row.c.valid_to == "", row.c.valid_to > day))


def _hangs_under(row: Any, over: Any) -> ColumnElement[bool]:
    # Both standing on the day asked for, the parent's row must have stood already when this one began.
    return and_(row.c.parent == over.c.code, over.c.valid_from <= row.c.valid_from)


def _one(conn: Connection, query: Select[Any]) -> Unit | None:
    row = conn.execute(query).mappings().first()
    return Unit(**row) if row is not None else None


def _wrong(line: Mapping[str, str]) -> str:
    # The reader's own marks of a line that is too long (key None) or too short (value None).
    if set(line) != set(COLUMNS) or not all(isinstance(value, str) for value in line.values()):
        return "not six columns"
    if not line["code"] or not line["name"]:
        return "code or name is empty"
    if line["level"] not in LEVELS:
        return f"no such level: {line['level']}"
    days = [line["valid_from"], *([line["valid_to"]] if line["valid_to"] else [])]
    if not all(is_day(day) for day in days):
        return "a day is not YYYY-MM-DD"
    return "it ends before it begins" if len(days) == 2 and days[0] >= days[1] else ""


def _overlapping(conn: Connection) -> list[str]:
    later = UNIT.alias("later")
    meets = and_(
        UNIT.c.code == later.c.code,
        UNIT.c.valid_from < later.c.valid_from,
        or_(UNIT.c.valid_to == "", UNIT.c.valid_to > later.c.valid_from),
    )
    query = select(UNIT.c.code, later.c.valid_from).join(later, meets).order_by(UNIT.c.code).limit(MOST_FAULTS + 1)
    return [f"{code}: an earlier row still stands on {day}" for code, day in conn.execute(query)]


def _without_parent(conn: Connection, given: Mapping[tuple[str, str], Unit]) -> list[str]:
    periods: dict[str, list[Unit]] = {}
    for held in conn.execute(select(UNIT)).mappings():
        periods.setdefault(held["code"], []).append(Unit(**held))
    faults = []
    for row in given.values():
        day, rank = row.valid_from, LEVELS.index(row.level)
        over = [u for u in periods.get(row.parent, ()) if u.valid_from <= day and (not u.valid_to or u.valid_to > day)]
        if row.parent and not any(LEVELS.index(one.level) < rank for one in over):
            faults.append(f"{row.code}: its parent {row.parent} does not stand above it on {day}")
    return faults


def _refuse(faults: list[str]) -> None:
    if faults:
        more = f"; and {len(faults) - MOST_FAULTS} more" if len(faults) > MOST_FAULTS else ""
        raise UnitsFault("; ".join(faults[:MOST_FAULTS]) + more)
