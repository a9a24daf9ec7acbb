"""Who people are: one row per person key, read from check-ins, late entries and officers' corrections."""

from typing import Any

from sqlalchemy import Column, Connection, Integer, String, Table, or_, select, true
from sqlalchemy.sql.elements import ColumnElement

from protocol.envelope import Record
from server.db import METADATA, row_of, rows_of
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
    Column("dob", String(10), nullable=False),
    Column("sex", String(1), nullable=False),
    Column("address", String(400), nullable=False),
    Column("phone", String(32), nullable=False, index=True),
    Column("corrections", Integer, nullable=False),
)


def feature() -> Feature:
    """People's share in the ledger."""
    return Feature("people", (PERSON,), {"person": derive})


def derive(person: str, records: list[Record]) -> list[Derived]:
    """The row of a person; none while nobody has said who it is."""
    identity = identity_of(records)
    if identity is None:
        return []
    row = {name: identity[name] for name in ("doc_type", "doc_no", "old_no", "name", "dob", "sex", "address", "phone")}
    corrections = sum(record.kind == "person.corrected" for record in records)
    ref = records[0].digest[:REF_DIGITS]
    return [
        (
            PERSON,
            {
                **row,
                "person": person,
                "ref": ref,
                "folded": fold_name(row["name"])[:FOLDED_SIGNS],
                "corrections": corrections,
            },
        )
    ]


def find(
    conn: Connection, wanted: str, *, limit: int = 50, offset: int = 0, within: ColumnElement[bool] | None = None
) -> list[dict[str, Any]]:
    """People by number (card, old card, telephone: whole) or by a part of the name, marks and case ignored.

    `within`: the condition of somebody's scope.
    """
    text = wanted.strip()
    if not text:
        return []
    if text.replace(" ", "").isdigit():
        number = text.replace(" ", "")
        hit = or_(PERSON.c.doc_no == number, PERSON.c.old_no == number, PERSON.c.phone == number)
    else:
        hit = or_(PERSON.c.folded.contains(fold_name(text), autoescape=True), PERSON.c.doc_no == text)
    query = select(PERSON).where(hit, true() if within is None else within).order_by(PERSON.c.folded, PERSON.c.person)
    return rows_of(conn, query.limit(limit).offset(offset))


def by_ref(conn: Connection, ref: str) -> dict[str, Any] | None:
    """The person with this opaque reference, or None."""
    return row_of(conn, select(PERSON).where(PERSON.c.ref == ref))


def by_key(conn: Connection, person: str) -> dict[str, Any] | None:
    """The person with this key (`cccd:…`), or None."""
    return row_of(conn, select(PERSON).where(PERSON.c.person == person))
