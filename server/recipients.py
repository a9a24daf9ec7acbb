"""The list of who is to be vaccinated: one row per person, written by imports, read by sessions. Decides nothing.

Not derived from records: a list is what people keep, as units and sites are. Who is taken off it keeps a row.
"""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Column, Connection, Index, Integer, String, Table, select

from server.db import BIG, METADATA, among, rows_of, upsert

# `person`: the key records use (`cccd:…`); of somebody without a number `list:` and a digest. `dob`: a day, a year or
# empty. `commune`: code of a unit. `priority_group`: 1 to 16, 0 where nobody said. `off_at`: UTC ms of being taken off.
RECIPIENT = Table(
    "recipient",
    METADATA,
    Column("person", String(64), primary_key=True),
    Column("ref", String(20), nullable=False, index=True),
    Column("name", String(120), nullable=False),
    Column("folded", String(240), nullable=False, index=True),
    Column("dob", String(10), nullable=False),
    Column("sex", String(1), nullable=False),
    Column("doc_type", String(16), nullable=False),
    Column("doc_no", String(32), nullable=False, index=True),
    Column("old_no", String(32), nullable=False, index=True),
    Column("health_no", String(32), nullable=False, index=True),
    Column("phone", String(32), nullable=False),
    Column("commune", String(64), nullable=False, index=True),
    Column("address", String(400), nullable=False),
    Column("work", String(200), nullable=False),
    Column("priority_group", Integer, nullable=False),
    # Which import listed the person first, which one changed the row last, and when (UTC ms).
    Column("listed_by", String(32), nullable=False),
    Column("changed_by", String(32), nullable=False),
    Column("changed_at", BIG, nullable=False),
    Column("off_at", BIG),
    Index("ix_recipient_dob_folded", "dob", "folded"),
)


def listed(conn: Connection, persons: Sequence[str]) -> dict[str, dict[str, Any]]:
    """The rows of these persons by their key, also of those who were taken off; unknown ones are left out."""
    rows = rows_of(conn, select(RECIPIENT).where(among(conn, RECIPIENT.c.person, persons)))
    return {row["person"]: row for row in rows}


def put(conn: Connection, rows: Sequence[dict[str, Any]]) -> None:
    """Write whole rows over those with the same person."""
    upsert(conn, RECIPIENT, rows)
