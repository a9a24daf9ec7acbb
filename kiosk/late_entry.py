"""A dose given on paper before, entered afterwards: what was typed, what it collides with, the record. Pure decisions.

Nothing is refused for a collision: it is shown, and whoever holds the paper decides, with a reason.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable
from typing import Any

from kiosk import whois
from kiosk.outcome import Fact, Notice, Outcome, say
from protocol import cccd, fields, papers, rules

# Who may enter one: whoever may hold the needle, and the lead.
ROLES = ("injector", "lead")
MINUTES = 60
HOURS = 24
HIGHEST_DOSE = 9

Form = dict[str, Any]


def who(outcome: Outcome) -> Outcome:
    """What a code or a typed form said of the person: on to the vaccine, or to what is still missing."""
    pending = outcome.pending or {}
    if outcome.screen == "type_id":
        return Outcome(screen="type_id", pending={**pending, "late": True}, notice=outcome.notice)
    if "identity" not in pending:
        return outcome
    kept: dict[str, Any] = {name: pending[name] for name in ("identity", "earlier") if name in pending}
    return Outcome(screen="late_vaccine", pending={**kept, "fields": {}, "errors": {}}, notice=outcome.notice)


def told(
    form: Form,
    pending: dict[str, Any],
    *,
    staff: Iterable[dict[str, Any]],
    history: list[dict[str, Any]],
    rule_data: dict[str, Any],
    today: str,
) -> Outcome:
    """What stands on the paper: read, and held against every dose known; or the form again with what does not fit.

    `form`: lot, dose_no, day, month, year, hour, minute, injector, paper, number; `pending`: `identity`, `vaccine`.
    """
    errors: dict[str, str] = {}
    given_on = _day(form, today)
    if not given_on:
        errors["day"] = "bad_number"
    given_min = _minute(str(form.get("hour", "")), str(form.get("minute", "")))
    if given_min is None:
        errors["hour"] = "bad_number"
    number = str(form.get("dose_no", ""))
    if not (fields.digits(number, 1) and 1 <= int(number) <= HIGHEST_DOSE):
        errors["dose_no"] = "bad_number"
    lot = " ".join(str(form.get("lot", "")).upper().split())
    if not lot:
        errors["lot"] = "typed_incomplete"
    hand = _hand(str(form.get("injector", "")), staff)
    if not hand:
        errors["injector"] = "typed_incomplete"
    if form.get("paper") not in papers.PAPERS:
        errors["paper"] = "typed_incomplete"
    shown = {**pending, "fields": dict(form), "errors": errors}
    if errors:
        return Outcome(screen="late_dose", pending=shown, notice=Notice("typed_incomplete", {}, "warn"))
    dose: dict[str, Any] = {
        "vaccine": pending["vaccine"],
        "lot": lot,
        "dose_no": int(number),
        "given_on": given_on,
        "paper": {"form": form["paper"], "number": str(form.get("number", "")).strip()},
        **hand,
    }
    if given_min is not None and given_min >= 0:
        dose["given_min"] = given_min
    found = collisions(dose, history=history, rule_data=rule_data)
    return Outcome(screen="late_photo", pending={**shown, "dose": dose, "findings": found})


def collisions(
    dose: dict[str, Any], *, history: list[dict[str, Any]], rule_data: dict[str, Any]
) -> list[dict[str, Any]]:
    """Where the dose meets others of the same person, as findings for the screen and the record."""
    found = rules.judge_late(
        vaccine=dose["vaccine"], lot=dose["lot"], dose_no=dose["dose_no"], given_on=dose["given_on"],
        history=history, rules=rule_data,
    )  # fmt: skip
    return [{"rule": one.rule, "weight": one.weight, "source": one.source, "numbers": one.numbers} for one in found]


def record(
    pending: dict[str, Any], *, findings: list[dict[str, Any]], reason: str, place: str, ids: dict[str, str]
) -> Outcome:
    """Keep it, with the photo in pieces; all one transaction. `ids`: fresh `dose` and `slip`; `findings`: as judged now."""
    if not reason.strip():
        return say("need_reason", "warn")
    if findings != pending["findings"]:
        # Another kiosk's dose has come meanwhile: it is shown before anything is decided.
        return Outcome(pending={**pending, "findings": findings}, notice=Notice("read_again", {}, "warn"))
    facts: list[Fact] = []
    photo: bytes = pending.get("photo", b"")
    if photo:
        facts += pieces(photo)
    body = {
        "dose": ids["dose"],
        "person": cccd.person_key(pending["identity"], ids["dose"]),
        "identity": whois.plain(pending["identity"]),
        **pending["dose"],
        "place": place,
        "slip": ids["slip"],
        "photos": [hashlib.sha256(photo).hexdigest()] if photo else [],
        "reason": reason.strip(),
    }
    if findings:
        body["warnings"] = sorted({str(one["rule"]) for one in findings})
    facts.append(Fact("dose.entered_late", body))
    return Outcome(facts=tuple(facts), screen="queue", notice=Notice("late_saved", {"number": body["dose_no"]}))


def pieces(photo: bytes) -> list[Fact]:
    """A picture's bytes as records that each fit the wire."""
    name, size = hashlib.sha256(photo).hexdigest(), papers.PART_BYTES
    cut = [photo[at : at + size] for at in range(0, len(photo), size)]
    return [
        Fact(
            "photo.taken",
            {"photo": name, "part": number, "parts": len(cut), "data": base64.b64encode(part).decode()},
        )
        for number, part in enumerate(cut, 1)
    ]


def _day(form: Form, today: str) -> str:
    """The day as typed; empty when there is none such or it has not come yet."""
    day, month, year = (str(form.get(name, "")).strip() for name in ("day", "month", "year"))
    if not all(map(fields.digits, (day, month, year))):
        return ""
    written = f"{int(year):04}-{int(month):02}-{int(day):02}"
    return written if fields.is_day(written) and written <= today else ""


def _minute(hour: str, minute: str) -> int | None:
    """Minute of the day; -1 when no time was typed, None when it is none."""
    hour, minute = hour.strip(), minute.strip()
    if not hour and not minute:
        return -1
    if not fields.digits(hour) or (minute and not fields.digits(minute)):
        return None
    at = int(hour), int(minute or 0)
    return at[0] * MINUTES + at[1] if at[0] < HOURS and at[1] < MINUTES else None


def _hand(text: str, staff: Iterable[dict[str, Any]]) -> dict[str, str]:
    """Who injected: somebody of the site's list by code or name, or the name as the paper has it; empty for nothing typed."""
    typed = " ".join(text.split())
    if not typed:
        return {}
    bare = whois.bare(typed)
    found = [one for one in staff if typed == one["code"] or bare == whois.bare(str(one["name"]))]
    if len(found) == 1:
        return {"injector": str(found[0]["id"]), "injector_name": str(found[0]["name"])}
    return {"injector_name": typed}
