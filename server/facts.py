"""Readings of records that several features share: what a dose now is, who a person now is. Pure; owns no table.

Rule: the record that makes a thing is its base wherever it sorts; corrections apply over it in `(hlc, k, seq)` order.
So a kiosk whose clock ran ahead cannot hide an officer's correction.
"""

import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from protocol import besttime, records, slip_code
from protocol.clocktext import day_of
from protocol.envelope import Record

GIVEN = "given"
UNDONE = "undone"
PAPER = "paper"
_MAKES_DOSE = ("dose.given", "dose.entered_late")
_PAPERS = ("cccd", "cmnd", "passport")
_SAYS_WHO = ("visit.checked_in", "dose.entered_late")
# Only fields of the tables: what a newer release adds is kept in the record, but nobody here has checked it.
_DOSE_CHANGES = tuple(row[0] for row in records.DOSE_CHANGES)
_IDENTITY = frozenset(row[0] for row in records.IDENTITY)
_IDENTITY_CHANGES = frozenset(row[0] for row in records.PERSON_CHANGES)


@dataclass(frozen=True)
class EffectiveDose:
    """A dose as all its records together tell it. `given_at`: UTC ms, None when entered late from paper.

    `given_sure`, `given_err` (ms): how certain `given_at` is, words of `protocol.besttime`, `unknown`, `holdover` or `paper`.
    """

    dose: str
    person: str
    visit: str
    site: str
    place: str
    vaccine: str
    lot: str
    expiry: str
    dose_no: int
    given_on: str
    given_at: int | None
    given_sure: str
    given_err: int
    injector: str
    status: str
    late: bool
    corrections: int
    warnings: tuple[str, ...]
    slip: str
    override: bool
    record: str
    """SHA-256 of the record that made the dose."""
    kiosk: str
    """The writer of that record; of a dose that only its slip tells of, the kiosk that the slip names."""


def effective_dose(told: Iterable[Record]) -> EffectiveDose | None:
    """The dose that these records of one dose tell; None when the record that made it has not arrived."""
    held = list(told)
    base = next((record for record in held if record.kind in _MAKES_DOSE), None)
    if base is None:
        return None
    return _changed_by(_made(base), held)


def recovered_doses(told: Iterable[Record]) -> list[EffectiveDose]:
    """The doses that only their slips tell of, among the records of one slip or of one person; once each.

    A slip gives way to its original: the dose of the very name and number that the slip copies, whatever became of it since.
    """
    held = list(told)
    originals = {(*record.name(), record.body["slip"]) for record in held if record.kind == "dose.given"}
    found: dict[str, EffectiveDose] = {}
    for record in held:
        if record.kind == "dose.recovered":
            value = slip_code.decode(record.body["code"])[0]
            if (*slip_code.original(value), value["s"]) not in originals:
                found.setdefault(slip_code.dose_of(value), _read_off(record, value))
    return [_changed_by(dose, [one for one in held if one.body.get("dose") == ident]) for ident, dose in found.items()]


def effective_doses(told: Iterable[Record]) -> list[EffectiveDose]:
    """Every dose among one person's records, in the order they were given."""
    held = list(told)
    by_dose: dict[str, list[Record]] = {}
    for record in held:
        if record.kind in _MAKES_DOSE or record.kind in ("dose.corrected", "dose.undone"):
            by_dose.setdefault(record.body["dose"], []).append(record)
    found = [dose for dose in map(effective_dose, by_dose.values()) if dose is not None]
    found += recovered_doses(held)
    return sorted(found, key=lambda dose: (dose.given_on, dose.given_at or 0, dose.dose_no, dose.dose))


def identity_of(told: Iterable[Record]) -> dict[str, str] | None:
    """Who a person now is: the latest said, never emptied by a later blank, with the officers' corrections over it.

    What a slip says counts only where nobody said anything. Returns the fields of `records.IDENTITY`, or None when nobody has said.
    """
    held = list(told)
    identity: dict[str, str] = {}
    for record in held:
        if record.kind == "dose.recovered":
            identity = identity or _identity_on(slip_code.decode(record.body["code"])[0])
    for record in held:
        if record.kind in _SAYS_WHO:
            for key, value in record.body["identity"].items():
                if key in _IDENTITY and (value or key not in identity):
                    identity[key] = value
    if not identity:
        return None
    for record in held:
        if record.kind == "person.corrected":
            identity.update({key: value for key, value in record.body["changes"].items() if key in _IDENTITY_CHANGES})
    return identity


# From the least certain to the most: what several times say together is what the least certain of them says.
_CERTAINTIES = ("unknown", "holdover", besttime.REPAIRED, besttime.SYNCED)


def certainty(told: Iterable[Record]) -> tuple[str, int]:
    """`(word, ms)`: the least certainty and the widest bound among the times of these records."""
    held = list(told)
    word = min((record.sure for record in held), key=_CERTAINTIES.index, default=besttime.SYNCED)
    return word, max((record.err for record in held), default=0)


def fold_name(name: str) -> str:
    """A name for searching: no case, no marks, đ as d, single blanks (domain.md 8: đ has no decomposition)."""
    spread = unicodedata.normalize("NFD", name.casefold())
    bare = "".join(char for char in spread if not unicodedata.combining(char))
    return " ".join(bare.replace("đ", "d").split())


def _changed_by(dose: EffectiveDose, told: Iterable[Record]) -> EffectiveDose:
    for record in told:
        if record.kind == "dose.corrected":
            changes: dict[str, Any] = {name: record.body["changes"][name] for name in _changed(record)}
            dose = replace(dose, corrections=dose.corrections + 1, **changes)
        elif record.kind == "dose.undone":
            dose = replace(dose, status=UNDONE)
    return dose


def _changed(record: Record) -> list[str]:
    return [name for name in _DOSE_CHANGES if name in record.body["changes"]]


def _made(record: Record) -> EffectiveDose:
    body = record.body
    late = record.kind == "dose.entered_late"
    return EffectiveDose(
        dose=body["dose"],
        person=body["person"],
        visit="" if late else body["visit"],
        site=record.site,
        place=body["place"] if late else record.site,
        vaccine=body["vaccine"],
        lot=body["lot"],
        expiry="" if late else body["expiry"],
        dose_no=body["dose_no"],
        given_on=body["given_on"] if late else day_of(record.at),
        given_at=None if late else record.at,
        given_sure=PAPER if late else record.sure,
        given_err=0 if late else record.err,
        # From paper: whose hand the paper names, else who typed it in.
        injector=str(body.get("injector", record.who["id"])) if late else record.who["id"],
        status=GIVEN,
        late=late,
        corrections=0,
        warnings=tuple(body.get("warnings", ())),
        slip=body["slip"],
        override="override" in body,
        record=record.digest,
        kiosk=record.k,
    )


def _read_off(record: Record, slip: dict[str, Any]) -> EffectiveDose:
    """The dose as far as a slip can carry it: no visit, no expiry, no warnings."""
    return EffectiveDose(
        dose=slip_code.dose_of(slip),
        person=slip["p"],
        visit="",
        site=slip["x"],
        place=slip["x"],
        vaccine=slip["v"],
        lot=slip["l"],
        expiry="",
        dose_no=slip["d"],
        given_on=day_of(slip["t"]),
        given_at=slip["t"],
        # A slip does not tell what its kiosk's clock knew.
        given_sure="unknown",
        given_err=0,
        injector=slip["w"],
        status=GIVEN,
        late=False,
        corrections=0,
        warnings=(),
        slip=slip["s"],
        override=False,
        record=record.digest,
        kiosk=slip["k"],
    )


def _identity_on(slip: Mapping[str, Any]) -> dict[str, str]:
    papers, _, number = slip["p"].partition(":")
    if papers not in _PAPERS:
        papers, number = "none", ""
    return {
        "doc_type": papers,
        "doc_no": number,
        "old_no": "",
        "name": slip["n"],
        "dob": slip["b"],
        "sex": "U",
        "address": "",
        "phone": "",
    }
