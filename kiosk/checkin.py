"""Check-in: who is here, and the ticket. Pure decisions; never asks a device or the store."""

from __future__ import annotations

import unicodedata
from typing import Any

from kiosk.outcome import Fact, Notice, Outcome, Print, say
from protocol import cccd, fields, visit
from protocol.errors import NotOurs, ProtocolError

# States in which a person already has a place at the site today (I5).
STANDING = (visit.WAITING, visit.CALLED, visit.CLEARED, visit.READY, visit.OBSERVING)
# Minutes per person before anything was measured today; then the last hour speaks (domain.md 9: 67 an hour).
FIRST_GUESS_MIN = 2


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
    # Bidi overrides and zero-width marks make a name read as another one (F16); a control character is refused later.
    shown = "".join(char for char in text if unicodedata.category(char) != "Cf")
    return unicodedata.normalize("NFC", shown)


def scanned(data: bytes) -> Outcome:
    """What the citizen's screen does with a scan: ask for confirmation, or a sentence why not."""
    try:
        identity = cccd.read(text_of(data))
    except NotOurs:
        return say("not_ours", "warn")
    except ProtocolError as error:
        if error.code == "too_long":
            return say("too_long_code", "warn")
        if error.code == "not_text":
            return say("unreadable", "warn")
        return say("broken_card", "warn", field=error.field)
    return Outcome(screen="confirm", pending={"identity": identity, "how": "cccd"})


def typed(form: dict[str, str]) -> Outcome:
    """What was typed by hand instead of scanned. `form`: name, dob_day, dob_month, dob_year, sex, doc_no, phone."""
    values = {
        key: unicodedata.normalize("NFC", form.get(key, "")).strip()
        for key in ("name", "dob_day", "dob_month", "dob_year", "sex", "doc_no", "phone")
    }
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
        return Outcome(
            screen="type_id",
            pending={"fields": values, "errors": errors},
            notice=Notice("typed_incomplete", {}, "warn"),
        )
    identity["warnings"] = cccd.number_warnings(number, identity["dob"], identity["sex"]) if kind == "cccd" else []
    return Outcome(screen="confirm", pending={"identity": identity, "how": "typed"})


def confirmed(
    pending: dict[str, Any],
    *,
    phone: str,
    appointment: dict[str, Any] | None,
    visits_of_person: list[dict[str, Any]],
    today: str,
    ids: dict[str, str],
    ticket: str,
) -> Outcome:
    """The person said "yes, that is me": a ticket, or the one they already hold.

    `ids`: fresh `visit` and `slip` ids; `ticket`: the next number of this kiosk's lane.
    """
    identity = {key: value for key, value in pending["identity"].items() if key != "warnings"}
    standing = [one for one in visits_of_person if one["day"] == today and one["state"] in STANDING]
    if standing:
        held = standing[-1]
        return Outcome(
            screen="ticket",
            pending={"visit": held["visit"], "again": True},
            notice=Notice("welcome_again", {"ticket": held["ticket"]}),
        )
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


def wait_estimate(visits_today: list[dict[str, Any]], *, visit_id: str, now_wall: int) -> tuple[int, int]:
    """`(people before, minutes)`: from how many were called in the last hour, honest rather than flattering."""
    home = next((one.get("home") for one in visits_today if one["visit"] == visit_id), None)
    before = 0
    for one in visits_today:
        if one["visit"] == visit_id:
            break
        # Each lane of the site is served by itself.
        before += one["state"] == visit.WAITING and one.get("home") == home
    hour = 3_600_000
    called = [
        one["called"]["wall"] for one in visits_today if one.get("called") and now_wall - one["called"]["wall"] < hour
    ]
    if len(called) < 3:
        return before, before * FIRST_GUESS_MIN
    span_min = max((now_wall - min(called)) / 60_000, 1)
    return before, round(before * span_min / len(called))


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
