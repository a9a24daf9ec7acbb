"""Who a scanned code says is here: what of it is known, what has to be asked, and who of the site's lists it may be.

Pure; nothing is guessed: a masked number is completed only from one appointment that fits it, name and birth.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterable
from typing import Any

from protocol import cccd, fields, health_card, personal_qr, records
from protocol.errors import NotOurs, ProtocolError

Identity = dict[str, Any]
Appointment = dict[str, Any]
NAMES = tuple(row[0] for row in records.IDENTITY)
# What the form of typed entry asks, page by page.
PAGES = ("name", "dob", "sex", "doc_no", "phone")


def text_of(data: bytes) -> str:
    """A scan's bytes as text: strict UTF-8 (a byte-order mark allowed), NFC. `ProtocolError` otherwise."""
    if len(data) > cccd.MAX_PAYLOAD:
        code = "too_long"
        raise ProtocolError(code)
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        code = "not_text"
        raise ProtocolError(code) from error
    return shown(text)


def shown(text: str) -> str:
    """Text in NFC without marks that nobody sees."""
    # Bidi overrides and zero-width marks make a name read as another one (F16); a control character is refused later.
    seen = "".join(char for char in text if unicodedata.category(char) != "Cf")
    return unicodedata.normalize("NFC", seen)


def bare(name: str) -> str:
    """A name without case, accents and double blanks: `NGUYEN VAN AN` and `Nguyễn Văn An` are one (domain.md 5.8)."""
    split = unicodedata.normalize("NFD", name.casefold().replace("đ", "d"))
    return " ".join("".join(char for char in split if not unicodedata.combining(char)).split())


def read(
    text: str,
    *,
    appointments: Iterable[Appointment],
    certificate: Callable[[str], dict[str, Any]],
    slip: Callable[[str], dict[str, Any]],
) -> dict[str, Any]:
    """What a code tells: `identity` (with `warnings`), `how`, `seen` (a masked number), `earlier`, `notice` or empty.

    `certificate`, `slip`: read an HC1 text, and our own result slip, into `identity`, `earlier`, `notice`.
    `NotOurs` for codes that name nobody, `ProtocolError` for broken ones.
    """
    kind = cccd.kind_of(text)
    told: dict[str, Any] = {"how": kind, "seen": "", "earlier": [], "notice": ""}
    if kind == cccd.CCCD:
        told["identity"] = cccd.read(text)
    elif kind == cccd.PERSONAL:
        told["identity"] = personal_qr.read(text)
    elif kind == cccd.HEALTH:
        told["identity"] = health_card.read(text)
    elif kind == cccd.REGISTRATION:
        code = cccd.registration_code(text)
        found = [one for one in appointments if one.get("code") == code]
        if len(found) != 1:
            problem = "registration_unknown"
            raise ProtocolError(problem)
        told["identity"] = _of_appointment(found[0])
    elif kind == cccd.CERTIFICATE:
        told |= certificate(text)
    elif kind == cccd.SLIP:
        told |= slip(text)
    else:
        problem = "not_a_card"
        raise NotOurs(problem)
    return _completed(told, appointments)


def _completed(told: dict[str, Any], appointments: Iterable[Appointment]) -> dict[str, Any]:
    identity = dict(told["identity"])
    for field in ("name", "address"):
        # Texts that were packed inside a code have not been through `text_of`.
        identity[field] = shown(identity[field])
    told["seen"] = identity.pop("seen", "")
    if not identity.get("health_no"):
        identity.pop("health_no", None)
    if told["seen"]:
        fitting = [one for one in appointments if _fits(identity, told["seen"], one)]
        if len(fitting) == 1:
            number = fitting[0]["person"].partition(":")[2]
            identity |= {"doc_no": number, "name": str(fitting[0].get("name", "")) or identity["name"]}
            identity["warnings"] = cccd.number_warnings(number, identity["dob"], identity["sex"])
            told["seen"] = ""
    cccd.check_identity(identity)
    return {**told, "identity": identity}


def _fits(identity: Identity, seen: str, one: Appointment) -> bool:
    kind, _, number = str(one["person"]).partition(":")
    born = str(one.get("dob", ""))
    return (
        kind == identity["doc_type"]
        and personal_qr.fits(seen, number)
        and bare(str(one.get("name", ""))) == bare(identity["name"])
        and (not born or not identity["dob"] or born.startswith(identity["dob"]) or identity["dob"].startswith(born))
    )


def _of_appointment(one: Appointment) -> Identity:
    kind, _, number = str(one["person"]).partition(":")
    known = kind in ("cccd", "cmnd", "passport")
    identity = {
        "doc_type": kind if known else "none",
        "doc_no": number if known else "",
        "old_no": "",
        "name": str(one.get("name", "")),
        "dob": str(one.get("dob", "")),
        "sex": str(one.get("sex", "U")),
        "address": "",
        "phone": str(one.get("phone", "")),
    }
    return {**identity, "warnings": cccd.number_warnings(identity["doc_no"], identity["dob"], identity["sex"])}


def missing(told: dict[str, Any]) -> list[str]:
    """The pages of the typed form that still have to be asked; none for a card that says enough."""
    identity = told["identity"]
    if told["how"] == cccd.CCCD:
        return []
    asked = {
        "name": not identity["name"],
        "dob": not identity["dob"],
        "doc_no": not identity["doc_no"],
    }
    if any(asked.values()):
        asked["sex"] = identity["sex"] == "U"
    return [page for page in PAGES if asked.get(page)]


def as_typed(told: dict[str, Any]) -> dict[str, str]:
    """What is known, as the fields of the typed form."""
    identity = told["identity"]
    year, month, day = [*identity["dob"].split("-"), "", ""][:3]
    return {
        "name": identity["name"],
        "dob_day": day,
        "dob_month": month,
        "dob_year": year,
        "sex": identity["sex"],
        "doc_no": identity["doc_no"],
        "phone": identity["phone"],
    }


def same(told: dict[str, Any], visits: Iterable[dict[str, Any]]) -> dict[str, Any] | None:
    """The visit whose person this surely is, though no whole number says so; None when nobody or several fit (F83)."""
    identity = told["identity"]
    if identity["doc_no"]:
        return None
    found = [one for one in visits if _alike(identity, told["seen"], one["identity"])]
    return found[0] if len(found) == 1 else None


def _alike(identity: Identity, seen: str, other: Identity) -> bool:
    card = identity.get("health_no", "")
    if card and card == other.get("health_no"):
        return True
    named = bare(identity["name"]) == bare(other["name"]) and identity["dob"] == other["dob"] and bool(identity["dob"])
    if not named:
        return False
    if seen:
        return personal_qr.fits(seen, other["doc_no"])
    # Without any number a phone decides, and only between people who both have no papers (domain.md 5.8: "probable").
    return bool(identity["phone"]) and not other["doc_no"] and identity["phone"] == other["phone"]


def plain(identity: Identity) -> Identity:
    """The identity as a record holds it."""
    return {name: identity[name] for name in NAMES if name in identity}


def number_fits(seen: str, number: str) -> bool:
    """May `number` be typed for a code that shows `seen` of it?"""
    return not seen or not fields.digits(number) or personal_qr.fits(seen, number)
