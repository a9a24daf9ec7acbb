"""Screening before injection (khám sàng lọc): answers and vital signs to a conclusion. Pure decisions.

The form is data with a validity period (domain.md 2.3); its version stands on the record. The conclusion derived by
the rules and the doctor's own both stand there, with the reason where they differ.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from kiosk.outcome import Fact, Notice, Outcome, say
from protocol import fields, records, rules, visit
from protocol.clocktext import DAY_MS, day_number, day_of
from protocol.errors import WrongTransition

# What a doctor offers somebody deferred, in days from today; the record keeps the day itself.
UNTIL_DAYS = {"later_today": 0, "tomorrow": 1, "two_weeks": 14, "three_months": 90}


def form_for(forms: list[dict[str, Any]], today: str, age: int) -> dict[str, Any] | None:
    """The form in force today for somebody of this age (years, -1 unknown); None when the list holds none."""
    # Nor for a clock set wrong (F35): before or after every form's period, the nearest one's is shown.
    held = rules.in_force(forms, today) or sorted(forms, key=lambda form: str(form.get("from", "")))
    if held and today < str(held[0].get("from", "")):
        held = [form for form in held if form.get("from", "") == held[0].get("from", "")]
    fitting = [form for form in held if age < 0 or form.get("age_min", 0) <= age <= form.get("age_max", 200)]
    # Nobody is turned away for want of a form: younger than every form, the youngest's is shown.
    chosen = fitting or sorted(held, key=lambda form: -int(form.get("age_min", 0)))
    return chosen[-1] if chosen else None


def judge(one: dict[str, Any], form: dict[str, Any], submitted: dict[str, str]) -> Outcome:
    """What the answers say, before the doctor decides.

    `submitted`: `answer.<code>`, `note.<code>` where the form says "write which", `vital.<code>`, `consent`, and for
    somebody under age `guardian.name` and `guardian.relation`.
    """
    answers: dict[str, bool] = {}
    notes: dict[str, str] = {}
    errors: dict[str, str] = {}
    for item in form["items"]:
        if item.get("derived"):
            continue
        said = submitted.get("answer." + item["code"], "")
        if said not in ("yes", "no"):
            errors[item["code"]] = "missing_answer"
            continue
        answers[item["code"]] = said == "yes"
        if item.get("text") and said == "yes":
            note = submitted.get("note." + item["code"], "").strip()
            if note:
                notes[item["code"]] = note
            else:
                errors["note." + item["code"]] = "missing_note"
    vitals = _vitals(form, submitted, errors)
    consent = submitted.get("consent", "")
    if consent not in ("yes", "no"):
        errors["consent"] = "missing_answer"
    guardian = _guardian(form, submitted, errors)
    pending = {
        "visit": one["visit"],
        "form": form["version"],
        "answers": answers,
        "notes": notes,
        "vitals": vitals,
        "guardian": guardian,
        "errors": errors,
        "submitted": submitted,
    }
    if errors and consent != "no":
        field = next(iter(errors))
        return Outcome(screen="screening", pending=pending, notice=Notice(errors[field], {"field": field}, "warn"))
    derived, because = rules.conclude(answers, vitals, form)
    if consent == "no":
        derived = "refused"
    return Outcome(
        screen="conclusion", pending={**pending, "derived": derived, "because": because, "consent": consent == "yes"}
    )


def conclude(
    one: dict[str, Any],
    form: dict[str, Any],
    pending: dict[str, Any],
    *,
    conclusion: str,
    reason: str,
    today: str,
    until: str | None = None,
) -> Outcome:
    """The doctor's decision. One other than the derived one needs a reason, a deferral the day it ends.

    `until`: that day; empty when nobody can say; None when it was not asked yet. `today`: the campaign day.
    """
    again = judge(one, form, pending["submitted"])
    if any(pending.get(name) != value for name, value in (again.pending or {}).items()):
        # The form was replaced while the conclusion was on the screen: what it says now is shown first.
        return replace(again, notice=again.notice or Notice("read_again", {}, "warn"))
    derived = pending["derived"]
    if not pending["consent"]:
        conclusion = "refused"
    if conclusion not in rules.PRECEDENCE and conclusion != "refused":
        return say("missing_answer", "warn", field="conclusion")
    if conclusion != derived and not reason.strip():
        return _ask(pending, "why", conclusion, "")
    deferred = conclusion == "defer"
    if deferred and (until is None or (until and not (fields.is_day(until) and until >= today))):
        return _ask(pending, "until", conclusion, reason.strip())
    body = {
        "visit": one["visit"],
        "person": one["person"],
        "form": pending["form"],
        "answers": pending["answers"],
        "vitals": pending["vitals"],
        "derived": derived,
        "because": pending["because"],
        "conclusion": conclusion,
        "reason": reason.strip(),
        "consent": pending["consent"],
    }
    beside = {"notes": pending["notes"], "guardian": pending["guardian"], "until": until if deferred else ""}
    body |= {name: value for name, value in beside.items() if value}
    try:
        visit.step(one["state"], visit.event_of("visit.screened", body))
    except WrongTransition:
        return say("wrong_state", "warn")
    return Outcome(facts=(Fact("visit.screened", body),), screen="queue", notice=Notice("saved"))


def untils(today: str) -> list[tuple[str, str]]:
    """What the doctor may choose for the end of a deferral: `(word, day)`; the last has no day: nobody can say."""
    first = day_number(today)
    found = [(word, day_of((first + days) * DAY_MS, 0)) for word, days in UNTIL_DAYS.items()]
    return [*found, ("unsaid", "")]


def _ask(pending: dict[str, Any], what: str, conclusion: str, reason: str) -> Outcome:
    """Stay at the conclusion with what was chosen, and ask for `what` is missing: `why` or `until`."""
    notice = {"why": "need_reason", "until": "need_until"}[what]
    chosen = {"asked": what, "chosen": conclusion, "reason": reason}
    return Outcome(screen="conclusion", pending={**pending, **chosen}, notice=Notice(notice, {}, "warn"))


def _guardian(form: dict[str, Any], submitted: dict[str, str], errors: dict[str, str]) -> dict[str, str] | None:
    """Who came with somebody under age. Needed for consent (domain.md 2.2); a refusal stands without."""
    if not form.get("guardian_consent"):
        return None
    name, relation = submitted.get("guardian.name", "").strip(), submitted.get("guardian.relation", "")
    if not name:
        errors["guardian.name"] = "missing_answer"
    if relation not in records.RELATIONS:
        errors["guardian.relation"] = "missing_answer"
    return {"name": name, "relation": relation} if name and relation in records.RELATIONS else None


def _vitals(form: dict[str, Any], submitted: dict[str, str], errors: dict[str, str]) -> dict[str, int]:
    vitals: dict[str, int] = {}
    for row in form.get("vitals", []):
        typed = submitted.get("vital." + row["code"], "").strip().replace(",", ".")
        if not typed:
            if row.get("asked") == "all":
                errors[row["code"]] = "missing_answer"
            continue
        value = scaled(typed, row.get("scale", 1))
        if value is None or not row.get("low", 0) <= value <= row.get("high", 10_000):
            errors[row["code"]] = "bad_number"
            continue
        vitals[row["code"]] = value
    for row in form.get("vitals", []):
        # Two numbers typed into each other's place: the lower blood pressure is never the higher one.
        other = vitals.get(row.get("under", ""))
        if other is not None and vitals.get(row["code"], -1) >= other:
            errors[row["code"]] = "bad_number"
    return vitals


def scaled(typed: str, scale: int) -> int | None:
    """`36.8` with scale 10 is 368 tenths; None when it is no plain number or finer than the scale."""
    whole, _, part = typed.partition(".")
    places = len(str(scale)) - 1
    if (
        not whole.isdigit()
        or not whole.isascii()
        or len(whole) > 4
        or len(part) > places
        or (part and not (part.isdigit() and part.isascii()))
    ):
        return None
    return int(whole + part.ljust(places, "0"))
