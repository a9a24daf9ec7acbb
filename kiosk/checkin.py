"""Check-in: who is here, and the ticket. Pure decisions; never asks a device or the store."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterable
from typing import Any

from kiosk import whois
from kiosk.outcome import Fact, Notice, Outcome, Print, say
from protocol import cccd, fields, visit
from protocol.errors import NotOurs, ProtocolError

# States in which a person already has a place at the site today (I5).
STANDING = (visit.WAITING, visit.CALLED, visit.CLEARED, visit.READY, visit.OBSERVING)
TYPED = ("name", "dob_day", "dob_month", "dob_year", "sex", "doc_no", "phone")


def no_certificates(_text: str) -> dict[str, Any]:
    """Where no trust list is at hand, certificates are other people's codes."""
    problem = "not_a_card"
    raise NotOurs(problem)


def scanned(
    data: bytes,
    *,
    appointments: Iterable[dict[str, Any]] = (),
    visits_today: Iterable[dict[str, Any]] = (),
    certificate: Callable[[str], dict[str, Any]] = no_certificates,
    slip: Callable[[str], dict[str, Any]] = no_certificates,
) -> Outcome:
    """What the citizen's screen does with a scan: ask for confirmation or for what is missing, or a sentence why not."""
    try:
        told = whois.read(whois.text_of(data), appointments=appointments, certificate=certificate, slip=slip)
    except NotOurs:
        return say("not_ours", "warn")
    except ProtocolError as error:
        if error.code == "too_long" and error.field in ("", "card"):
            return say("too_long_code", "warn")
        if error.code == "not_text" and not error.field:
            return say("unreadable", "warn")
        if error.code in ("registration_unknown", "certificate_unreadable", "slip_forged"):
            return say(error.code, "warn")
        return say("broken_card", "warn", field=error.field)
    notice = Notice(told["notice"], {}, "warn") if told["notice"] else None
    standing = whois.same(told, [one for one in visits_today if one["state"] in STANDING])
    if standing is not None:
        return _again(standing)
    ask = whois.missing(told)
    if ask:
        found = {name: told[name] for name in ("identity", "how", "seen", "earlier")}
        pending = {"fields": whois.as_typed(told), "errors": {}, "ask": ask, "found": found}
        return Outcome(screen="type_id", pending=pending, notice=notice)
    pending = {"identity": told["identity"], "how": told["how"]}
    if told["earlier"]:
        pending["earlier"] = told["earlier"]
    return Outcome(screen="confirm", pending=pending, notice=notice)


def _again(held: dict[str, Any]) -> Outcome:
    return Outcome(
        screen="ticket",
        pending={"visit": held["visit"], "again": True},
        notice=Notice("welcome_again", {"ticket": held["ticket"]}),
    )


def typed(
    form: dict[str, str], pending: dict[str, Any] | None = None, visits_today: Iterable[dict[str, Any]] = ()
) -> Outcome:
    """What was typed by hand. `form`: name, dob_day, dob_month, dob_year, sex, doc_no, phone.

    `pending`: the form as it was shown; after a scan that left something open it holds `found`, what the code told,
    and `ask`, the pages that were shown. What was not asked stays as the code said it.
    """
    known = pending or {}
    found = known.get("found")
    given = _asked(form, known["fields"], known["ask"]) if found else form
    values = {key: unicodedata.normalize("NFC", given.get(key, "")).strip() for key in TYPED}
    errors: dict[str, str] = {}
    if len(values["name"].split()) < 2:
        errors["name"] = "typed_incomplete"
    dob = _typed_day(values)
    if dob is None:
        errors["dob"] = "bad_number"
    number = values["doc_no"].replace(" ", "")
    kind = (
        "cccd"
        if fields.digits(number, 12)
        else "cmnd"
        if fields.digits(number, 9)
        else "passport"
        if _passport(number)
        else "none"
        if not number
        else ""
    )
    if not kind:
        errors["doc_no"] = "bad_number"
    elif found and not whois.number_fits(found["seen"], number):
        errors["doc_no"] = "number_differs"
    phone = values["phone"].replace(" ", "").replace(".", "")
    if phone and not (fields.digits(phone, 10) and phone.startswith("0")):
        errors["phone"] = "bad_number"
    identity: dict[str, Any] = {
        "doc_type": kind or "none",
        "doc_no": number.upper(),
        "old_no": "",
        "name": " ".join(values["name"].split()),
        "dob": dob or "",
        "sex": values["sex"] if values["sex"] in ("M", "F") else "U",
        "address": "",
        "phone": phone,
    }
    if not errors:
        try:
            cccd.check_identity(identity)
        except ProtocolError as error:
            errors[error.field if error.field in values else "name"] = "typed_incomplete"
    if errors:
        shown: dict[str, Any] = {"fields": values, "errors": errors}
        if found:
            wrong = [page for page in whois.PAGES if page in errors]
            shown |= {"found": found, "ask": [page for page in whois.PAGES if page in known["ask"] or page in wrong]}
        return Outcome(screen="type_id", pending=shown, notice=Notice("typed_incomplete", {}, "warn"))
    identity["warnings"] = cccd.number_warnings(number, identity["dob"], identity["sex"]) if kind == "cccd" else []
    confirm: dict[str, Any] = {"identity": identity, "how": "typed"}
    if found:
        told = found["identity"]
        identity |= {name: told[name] for name in ("old_no", "address", "health_no") if told.get(name)}
        confirm["how"] = found["how"]
        if found["earlier"]:
            confirm["earlier"] = found["earlier"]
    standing = whois.same({"identity": identity, "seen": ""}, [one for one in visits_today if one["state"] in STANDING])
    return _again(standing) if standing else Outcome(screen="confirm", pending=confirm)


def _asked(form: dict[str, str], known: dict[str, str], ask: list[str]) -> dict[str, str]:
    pages = {"dob": ("dob_day", "dob_month", "dob_year")}
    open_fields = {field for page in ask for field in pages.get(page, (page,))}
    return {key: form.get(key, "") if key in open_fields else known[key] for key in TYPED}


def confirmed(
    pending: dict[str, Any],
    *,
    phone: str,
    appointment: dict[str, Any] | None,
    visits_of_person: list[dict[str, Any]],
    today: str,
    ids: dict[str, str],
    ticket: str,
    priority: str = "",
    face: str = "",
) -> Outcome:
    """The person said "yes, that is me": a ticket, or the one they already hold.

    `ids`: fresh `visit` and `slip` ids; `ticket`: the next number of this kiosk's lane. `priority`: the group that
    gives a head start (`turns`). `face`: `matches` when staff compared the person with the picture they showed.
    """
    identity = whois.plain(pending["identity"])
    standing = [one for one in visits_of_person if one["day"] == today and one["state"] in STANDING]
    if standing:
        return _again(standing[-1])
    if fields.digits(phone, 10) and phone.startswith("0"):
        identity["phone"] = phone
    if not identity["phone"] and appointment:
        identity["phone"] = appointment.get("phone", "")
    body: dict[str, Any] = {
        "visit": ids["visit"],
        "person": cccd.person_key(identity, ids["visit"]),
        "ticket": ticket,
        "how": pending["how"],
        "identity": identity,
        "slip": ids["slip"],
    }
    if appointment:
        body["appointment"] = str(appointment["at"])
    if priority:
        body["priority"] = priority
    if face == "matches":
        body["face"] = face
    if pending.get("earlier"):
        body["earlier"] = pending["earlier"]
    return Outcome(
        facts=(Fact("visit.checked_in", body),),
        screen="ticket",
        pending={"visit": ids["visit"], "again": False},
        prints=(Print(ids["slip"], ids["visit"], "ticket"),),
    )


def next_ticket(lane: str, visits_today: list[dict[str, Any]]) -> str:
    """`A-017`: the kiosk's own lane letter and the day's running number (two desks never share one)."""
    highest = 0
    for one in visits_today:
        if not one["ticket"].startswith(lane + "-"):
            continue
        number = one["ticket"].rsplit("-", 1)[-1]
        if number.isdigit():
            highest = max(highest, int(number))
    return f"{lane}-{highest + 1:03d}"


def _typed_day(values: dict[str, str]) -> str | None:
    year = values["dob_year"]
    if not fields.digits(year, 4) or int(year) < 1850:
        return None
    if not values["dob_day"] and not values["dob_month"]:
        return year
    if not (fields.digits(values["dob_day"], 1, 2) and fields.digits(values["dob_month"], 1, 2)):
        return None
    day = f"{year}-{int(values['dob_month']):02d}-{int(values['dob_day']):02d}"
    return day if fields.is_day(day) else None


def _passport(number: str) -> bool:
    return 6 <= len(number) <= 9 and number.isascii() and number[:1].isalpha() and fields.digits(number[1:])
