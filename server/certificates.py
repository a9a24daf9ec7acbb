"""Certificates: one per person with a dose, always what the records now say (invariant I18). Signs nothing.

Persons who are one (`server.links`) have one certificate; the number on a paper that another of them holds leads to it too.
"""

import base64
import hashlib
import json
from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import Boolean, Column, Connection, Integer, String, Table, Text, select

from protocol import links as one_person
from protocol.besttime import REPAIRED
from protocol.envelope import Record
from server import links
from server.db import METADATA, row_of
from server.facts import GIVEN, effective_doses, identity_of
from server.features import Count, Derived, Feature, entity_column

# 60 bits: a hundred million certificates without two alike.
NUMBER_LETTERS = 12

# `standing` is false when every dose was undone. `doses` is a JSON list in the order given, undone ones left out.
# `whole` is the person whose certificate this is a copy of, under the number it was first given; empty for the original.
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
    Column("whole", String(64), nullable=False, server_default=""),
)


def feature() -> Feature:
    """Certificates' share in the ledger: counter `people`, each once where and when their first dose was given."""
    return Feature("certificates", (CERTIFICATE,), {"person": derive}, counts)


def derive(person: str, records: list[Record]) -> list[Derived]:
    """A person's certificate. `version` is the number of records that spoke, and of those dated better since.

    So any correction makes it another version, a clock that learnt the time among them, and so does a link that stands.
    """
    doses = effective_doses(records)
    kept = one_person.kept(person, records)
    mine = effective_doses(one_person.own(person, records))
    # Under a number that nobody ever held a copy would lead nowhere.
    if not doses or (not mine and kept != person):
        return []
    identity = _identity(kept, records) or dict.fromkeys(("name", "dob", "sex", "doc_type", "doc_no"), "")
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
        number=number_of((mine or doses)[0].record),
        person=person,
        dose_count=len(shown),
        doses=json.dumps(shown, ensure_ascii=False),
        version=sum(1 + (record.sure == REPAIRED) for record in records if record.kind in _SPEAKING)
        + len(one_person.together(person, records)) - 1,
        standing=bool(shown),
        whole="" if kept == person else kept,
    )  # fmt: skip
    return [(CERTIFICATE, row)]


def _identity(kept: str, records: list[Record]) -> dict[str, str] | None:
    """Who the certificate names: the one that was kept, or, where nobody ever said who that is, any of the others."""
    return identity_of(one_person.own(kept, records)) or identity_of(records)


def counts(_table: Table, row: Mapping[str, Any]) -> Iterable[Count]:
    """A person with a dose that stands counts once, however many numbers they have."""
    if row["standing"] and not row["whole"]:
        first = json.loads(row["doses"])[0]
        yield ("people", first["place"], first["given_on"], "", 1)


def number_of(digest: str) -> str:
    """The number of the certificate whose first dose is the record with this digest: says nothing about the person."""
    raw = hashlib.sha256(b"certificate:" + digest.encode("ascii")).digest()
    return base64.b32encode(raw)[:NUMBER_LETTERS].decode("ascii")


def of_person(conn: Connection, person: str) -> dict[str, Any] | None:
    """A person's certificate with `doses` as a list, or None; that of the whole for who is one with others."""
    return _read(row_of(conn, select(CERTIFICATE).where(CERTIFICATE.c.person == links.whole_of(conn, person))))


def by_number(conn: Connection, number: str) -> dict[str, Any] | None:
    """The certificate with this number, `doses` as a list, or None."""
    query = (
        select(CERTIFICATE).where(CERTIFICATE.c.number == number).order_by(CERTIFICATE.c.whole, CERTIFICATE.c.person)
    )
    return _read(row_of(conn, query))


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
