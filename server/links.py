"""Which persons are one: tables `alias` and `person_pair`, read from the records of `protocol.links`. Decides nothing.

Below the features: each of them asks here whose rows belong to a person, and none has to know `people`.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import Column, Connection, Select, String, Table, Text, func, or_, select
from sqlalchemy.sql.elements import ColumnElement

from protocol import links
from protocol.envelope import Record
from server.db import BIG, METADATA, chunks, rows_of
from server.features import Derived, Feature, entity_column
from server.statements import one_of

ENTITY = "person"
# What was last said of a pair, as the table has it.
LINKED, UNLINKED, APART = "linked", "unlinked", "apart"
_STATES = {links.LINKED: LINKED, links.UNLINKED: UNLINKED, links.TOLD_APART: APART}

# One row per person who is one with somebody else; whoever stands alone has none. `whole` is the key that was kept.
ALIAS = Table(
    "alias",
    METADATA,
    Column("person", String(64), primary_key=True),
    entity_column(),
    Column("whole", String(64), nullable=False, index=True),
)
# The last word about every pair that was ever decided; `one` is the lower key. `because` is a JSON list of words.
PAIR = Table(
    "person_pair",
    METADATA,
    Column("one", String(64), primary_key=True),
    Column("other", String(64), primary_key=True, index=True),
    entity_column(),
    Column("state", String(8), nullable=False),
    Column("reason", Text, nullable=False),
    Column("because", Text, nullable=False),
    Column("decided_by", String(64), nullable=False),
    Column("decided_at", BIG, nullable=False),
)


def _members() -> Select[Any]:
    mine, every = ALIAS.alias(), ALIAS.alias()
    query = select(mine.c.person.label("of"), every.c.person).join(every, every.c.whole == mine.c.whole)
    return query.where(one_of(mine.c.person, "persons"))


_MEMBERS = _members()


def feature() -> Feature:
    """The links' share in the ledger."""
    return Feature("links", (ALIAS, PAIR), {ENTITY: derive})


def derive(person: str, records: list[Record]) -> list[Derived]:
    """Whom a person is one with, and what was said of the pairs in which theirs is the lower key."""
    rows: list[Derived] = []
    if len(links.together(person, records)) > 1:
        rows.append((ALIAS, {"person": person, "whole": links.kept(person, records)}))
    for (one, other), record in links.last_words(records):
        if one == person:
            rows.append((PAIR, _decided(one, other, record)))
    return rows


def joined(held: Mapping[str, Sequence[Record]]) -> dict[str, list[str]]:
    """Of these persons, each with all records that name it, those that have somebody beside them, and whom."""
    found = {}
    for person, records in held.items():
        beside = links.beside(person, records)
        if beside:
            found[person] = beside
    return found


def groups(beside: Mapping[str, Iterable[str]]) -> list[list[str]]:
    """The persons of `joined` in their wholes, each sorted."""
    left, found = set(beside), []
    while left:
        group, reached = set(), [min(left)]
        while reached:
            person = reached.pop()
            if person not in group:
                group.add(person)
                reached.extend(beside.get(person, ()))
        left -= group
        found.append(sorted(group))
    return found


def same(column: ColumnElement[str], person: str) -> ColumnElement[bool]:
    """The condition for rows of `person` and of everybody who is one with them."""
    mine, every = ALIAS.alias(), ALIAS.alias()
    members = select(every.c.person).join(mine, mine.c.whole == every.c.whole).where(mine.c.person == person)
    return or_(column == person, column.in_(members))


def name_of(column: Column[str]) -> ColumnElement[str]:
    """The key of the whole that the person in `column` belongs to; the person's own where it stands alone."""
    held = ALIAS.alias()
    # Said aloud: two questions deep, the column's table would otherwise be a new one, and any row would do.
    whole = select(held.c.whole).where(held.c.person == column).correlate(column.table).scalar_subquery()
    return func.coalesce(whole, column)


def keys_of(column: Column[str]) -> Select[tuple[str]]:
    """The keys of everybody who is one with the person in `column`; none for who stands alone."""
    mine, every = ALIAS.alias(), ALIAS.alias()
    members = select(every.c.person).join(mine, mine.c.whole == every.c.whole)
    return members.where(mine.c.person == column).correlate(column.table)


def whole_of(conn: Connection, person: str) -> str:
    """The key of the whole that a person belongs to; their own where they stand alone."""
    found = conn.execute(select(ALIAS.c.whole).where(ALIAS.c.person == person)).scalar()
    return person if found is None else str(found)


def members(conn: Connection, person: str) -> list[str]:
    """Everybody who is one with a person, themselves included, sorted."""
    return members_of(conn, [person])[person]


def members_of(conn: Connection, persons: Sequence[str]) -> dict[str, list[str]]:
    """As `members`, for many at once."""
    found = {person: [person] for person in persons}
    for row in conn.execute(_MEMBERS, {"persons": persons}) if found else ():
        if row.person != row.of:
            found[row.of].append(row.person)
    return {person: sorted(each) for person, each in found.items()}


def pairs_of(conn: Connection, persons: Sequence[str]) -> list[dict[str, Any]]:
    """What was last said of every pair with one of these persons in it, the newest first; `because` as a list."""
    found = []
    for part in chunks(list(persons)):
        query = select(PAIR).where(or_(PAIR.c.one.in_(part), PAIR.c.other.in_(part)))
        found += rows_of(conn, query)
    unique = {(row["one"], row["other"]): row for row in found}
    ordered = sorted(unique.values(), key=lambda row: (-row["decided_at"], row["one"], row["other"]))
    return [{**row, "because": json.loads(row["because"])} for row in ordered]


def _decided(one: str, other: str, record: Record) -> dict[str, Any]:
    return {
        "one": one,
        "other": other,
        "state": _STATES[record.kind],
        "reason": record.body["reason"],
        "because": json.dumps(record.body.get("because", [])),
        "decided_by": record.who["id"],
        "decided_at": record.at,
    }
