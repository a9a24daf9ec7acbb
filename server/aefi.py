"""Adverse events following immunisation, as reported: one row each."""

import json
from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import Column, Connection, String, Table, Text, select

from protocol.clocktext import day_of
from protocol.envelope import Record
from server.db import BIG, METADATA, rows_of
from server.features import Count, Derived, Feature, entity_column

# `symptoms` is a JSON list of words of server/data/aefi_symptoms.json.
AEFI = Table(
    "aefi",
    METADATA,
    Column("aefi", String(64), primary_key=True),
    entity_column(),
    Column("dose", String(64), nullable=False, index=True),
    Column("visit", String(64), nullable=False),
    Column("person", String(64), nullable=False, index=True),
    Column("site", String(64), nullable=False),
    Column("day", String(12), nullable=False),
    Column("severity", String(8), nullable=False),
    Column("symptoms", Text, nullable=False),
    Column("note", Text, nullable=False),
    Column("reported_at", BIG, nullable=False),
    Column("reported_by", String(64), nullable=False),
    Column("sure", String(8), nullable=False, server_default="synced"),
    Column("err", BIG, nullable=False, server_default="0"),
)


def feature() -> Feature:
    """Adverse events' share in the ledger: counter `aefi` per site and day, item the severity."""
    return Feature("aefi", (AEFI,), {"aefi": derive}, counts)


def derive(aefi: str, records: list[Record]) -> list[Derived]:
    """The row of an event: the latest report under its name holds."""
    reports = [record for record in records if record.kind == "aefi.reported"]
    if not reports:
        return []
    last, body = reports[-1], reports[-1].body
    row = {name: body[name] for name in ("dose", "visit", "person", "severity", "note")}
    row.update(
        aefi=aefi,
        site=last.site,
        day=day_of(last.at),
        symptoms=json.dumps(body["symptoms"]),
        reported_at=last.at,
        reported_by=last.who["id"],
        sure=last.sure,
        err=last.err,
    )
    return [(AEFI, row)]


def counts(_table: Table, row: Mapping[str, Any]) -> Iterable[Count]:
    """An event counts where and when it was reported."""
    yield ("aefi", row["site"], row["day"], row["severity"], 1)


def of_person(conn: Connection, person: str) -> list[dict[str, Any]]:
    """A person's events, oldest first, `symptoms` as a list."""
    query = select(AEFI).where(AEFI.c.person == person).order_by(AEFI.c.reported_at, AEFI.c.aefi)
    return [{**row, "symptoms": json.loads(row["symptoms"])} for row in rows_of(conn, query)]
