"""Certificates: one per person with a dose, always what the records now say (invariant I18). Signs nothing."""

import base64
import hashlib
import json
from typing import Any

from sqlalchemy import Boolean, Column, Connection, Integer, String, Table, Text, select

from protocol.besttime import REPAIRED
from protocol.envelope import Record
from server.db import METADATA, row_of
from server.facts import GIVEN, effective_doses, identity_of
from server.features import Derived, Feature, entity_column

# 60 bits: a hundred million certificates without two alike.
NUMBER_LETTERS = 12

# `standing` is false when every dose was undone. `doses` is a JSON list in the order given, undone ones left out.
CERTIFICATE = Table(
    "certificate",
    METADATA,
    Column("person", String(64), primary_key=True),
    entity_column(),
    Column("number", String(16), nullable=False, index=True),
    Column("name", String(120), nullable=False),
    Column("dob", String(10), nullable=False),
    Column("sex", String(1), nullable=False),
    Column("doc_type", String(16), nullable=False),
    Column("doc_no", String(32), nullable=False),
    Column("dose_count", Integer, nullable=False),
    Column("doses", Text, nullable=False),
    Column("version", Integer, nullable=False),
    Column("standing", Boolean, nullable=False),
)


def feature() -> Feature:
    """Certificates' share in the ledger."""
    return Feature("certificates", (CERTIFICATE,), {"person": derive})


def derive(person: str, records: list[Record]) -> list[Derived]:
    """A person's certificate. `version` is the number of records that spoke, and of those dated better since.

    So any correction makes it another version, a clock that learnt the time among them.
    """
    doses = effective_doses(records)
    if not doses:
        return []
    identity = identity_of(records) or dict.fromkeys(("name", "dob", "sex", "doc_type", "doc_no"), "")
    standing = [dose for dose in doses if dose.status == GIVEN]
    shown = [
        {
            "dose": dose.dose,
            "dose_no": dose.dose_no,
            "vaccine": dose.vaccine,
            "lot": dose.lot,
            "given_on": dose.given_on,
            "place": dose.place,
        }
        for dose in standing
    ]
    row: dict[str, Any] = {name: identity[name] for name in ("name", "dob", "sex", "doc_type", "doc_no")}
    row.update(
        number=number_of(doses[0].record),
        person=person,
        dose_count=len(shown),
        doses=json.dumps(shown, ensure_ascii=False),
        version=sum(1 + (record.sure == REPAIRED) for record in records if record.kind in _SPEAKING),
        standing=bool(shown),
    )
    return [(CERTIFICATE, row)]


def number_of(digest: str) -> str:
    """The number of the certificate whose first dose is the record with this digest: says nothing about the person."""
    raw = hashlib.sha256(b"certificate:" + digest.encode("ascii")).digest()
    return base64.b32encode(raw)[:NUMBER_LETTERS].decode("ascii")


def of_person(conn: Connection, person: str) -> dict[str, Any] | None:
    """A person's certificate with `doses` as a list, or None."""
    return _read(row_of(conn, select(CERTIFICATE).where(CERTIFICATE.c.person == person)))


def by_number(conn: Connection, number: str) -> dict[str, Any] | None:
    """The certificate with this number, `doses` as a list, or None."""
    return _read(row_of(conn, select(CERTIFICATE).where(CERTIFICATE.c.number == number)))


def _read(row: dict[str, Any] | None) -> dict[str, Any] | None:
    return None if row is None else {**row, "doses": json.loads(row["doses"])}


_SPEAKING = frozenset(
    {
        "dose.given",
        "dose.entered_late",
        "dose.recovered",
        "dose.corrected",
        "dose.undone",
        "visit.checked_in",
        "person.corrected",
    }
)
