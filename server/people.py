"""Who people are: one row per person key, read from check-ins, late entries and officers' corrections.

Of persons who are one (`server.links`) each keeps its own row; the one that was kept speaks for all of them.
"""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Column, Connection, Integer, String, Table, or_, select, true
from sqlalchemy.sql.elements import ColumnElement

from protocol import links as one_person
from protocol.envelope import Record
from server import links
from server.db import METADATA, chunks, row_of, rows_of
from server.facts import fold_name, identity_of
from server.features import Derived, Feature, entity_column

REF_DIGITS = 20
# Folding can lengthen a name (one ligature is three letters); PostgreSQL refuses what is too long for its column.
FOLDED_SIGNS = 240

# `ref` stands in addresses instead of a number: it comes from a record's digest, so that nobody can compute it.
PERSON = Table(
    "person",
    METADATA,
    Column("person", String(64), primary_key=True),
    entity_column(),
    Column("ref", String(REF_DIGITS), nullable=False, index=True),
    Column("doc_type", String(16), nullable=False),
    Column("doc_no", String(32), nullable=False, index=True),
    Column("old_no", String(32), nullable=False, index=True),
    Column("name", String(120), nullable=False),
    Column("folded", String(FOLDED_SIGNS), nullable=False, index=True),
    Column("dob", String(10), nullable=False, index=True),
    Column("sex", String(1), nullable=False),
    Column("address", String(400), nullable=False),
    Column("phone", String(32), nullable=False, index=True),
    Column("corrections", Integer, nullable=False),
    Column("health_no", String(32), nullable=False, server_default="", index=True),
)


def feature() -> Feature:
    """People's share in the ledger."""
    return Feature("people", (PERSON,), {"person": derive})


# What the one that was kept takes over where nobody said it of itself.
_FILLED = ("old_no", "dob", "address", "phone", "health_no")
_UNKNOWN_SEX = "U"
# Under which the number of the papers stands in a person's key.
_PAPERS = ("cccd", "cmnd", "passport")


def derive(person: str, records: list[Record]) -> list[Derived]:
    """The row of a person; none while nobody has said who it is."""
    own = one_person.own(person, records)
    speaks = one_person.kept(person, records) == person
    identity = _identity(person, records) if speaks else identity_of(own)
    if identity is None:
        return []
    row = {name: identity.get(name, "") for name in _SAID}
    corrections = sum(record.kind == "person.corrected" for record in (records if speaks else own))
    # Of a person whom nobody ever named alone the reference comes from what links it.
    ref = (own or records)[0].digest[:REF_DIGITS]
    folded = fold_name(row["name"])[:FOLDED_SIGNS]
    return [(PERSON, {**row, "person": person, "ref": ref, "folded": folded, "corrections": corrections})]


_SAID = ("doc_type", "doc_no", "old_no", "name", "dob", "sex", "address", "phone", "health_no")


def _identity(person: str, records: list[Record]) -> dict[str, str] | None:
    """Who the whole is: what was said of the one that was kept, and what only the others know."""
    members = one_person.together(person, records)
    others = [identity_of(one_person.own(one, records)) for one in members if one != person]
    found = identity_of(one_person.own(person, records))
    known = [each for each in (found, *others) if each is not None]
    if not known:
        return None
    filled = dict(known[0])
    for each in known[1:]:
        if not filled["doc_no"] and each["doc_no"]:
            filled.update(doc_type=each["doc_type"], doc_no=each["doc_no"])
        filled.update({name: each[name] for name in _FILLED if not filled.get(name) and each.get(name)})
        if filled["sex"] == _UNKNOWN_SEX:
            filled["sex"] = each["sex"]
    return filled


def find(
    conn: Connection, wanted: str, *, limit: int = 50, offset: int = 0, within: ColumnElement[bool] | None = None
) -> list[dict[str, Any]]:
    """People by number (any of theirs, telephone: whole) or by a part of the name, marks and case ignored.

    Persons who are one are found once, by what any of them is called. `within`: the condition of somebody's scope.
    """
    text = wanted.strip()
    if not text:
        return []
    said = PERSON.alias("said")
    number = text.replace(" ", "")
    if number.isdigit():
        keys = [f"{papers}:{number}" for papers in _PAPERS]
        hit = or_(*(said.c[name] == number for name in _NUMBERS), said.c.person.in_(keys))
    else:
        hit = or_(
            said.c.folded.contains(fold_name(text), autoescape=True),
            said.c.doc_no == text,
            said.c.health_no == number.upper(),
        )
    found = select(links.name_of(said.c.person)).where(hit)
    query = select(PERSON).where(PERSON.c.person.in_(found), true() if within is None else within)
    return rows_of(conn, query.order_by(PERSON.c.folded, PERSON.c.person).limit(limit).offset(offset))


_NUMBERS = ("doc_no", "old_no", "phone", "health_no")


def with_phone(conn: Connection, phone: str) -> list[str]:
    """The keys of everybody who is reached at this telephone under any of their numbers, sorted."""
    query = select(links.name_of(PERSON.c.person).label("person")).where(PERSON.c.phone == phone)
    return sorted({str(person) for person in conn.execute(query).scalars()})


def by_ref(conn: Connection, ref: str) -> dict[str, Any] | None:
    """The person with this opaque reference, as it was recorded under this key alone, or None."""
    return row_of(conn, select(PERSON).where(PERSON.c.ref == ref))


def by_key(conn: Connection, person: str) -> dict[str, Any] | None:
    """The person with this key (`cccd:…`), or whoever speaks for them now, or None."""
    return row_of(conn, select(PERSON).where(PERSON.c.person == links.whole_of(conn, person)))


def refs(conn: Connection, persons: Sequence[str]) -> dict[str, str]:
    """The opaque reference of each of these keys; empty for one without a row."""
    found = dict.fromkeys(persons, "")
    for part in chunks(list(found)):
        query = select(PERSON.c.person, PERSON.c.ref).where(PERSON.c.person.in_(part))
        found.update({str(row.person): str(row.ref) for row in conn.execute(query)})
    return found


def own_row(conn: Connection, person: str) -> dict[str, Any] | None:
    """The row under this very key, with what was said of it alone, or None."""
    return row_of(conn, select(PERSON).where(PERSON.c.person == person))


def beside(conn: Connection, person: str) -> list[dict[str, Any]]:
    """The rows of everybody who is one with this person, its own too: each with what was said of it alone."""
    query = select(PERSON).where(PERSON.c.person.in_(links.members(conn, person)))
    return rows_of(conn, query.order_by(PERSON.c.person))
