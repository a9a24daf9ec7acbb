"""Screening at this desk: the form of the day and the age, what is submitted, what is shown. No rule stands here."""

from __future__ import annotations

from typing import Any

from kiosk import screening
from kiosk.desk.loop import Desk
from kiosk.outcome import Outcome, say
from protocol import rules
from protocol.clocktext import day_shown

Form = dict[str, Any]


def form_of(desk: Desk, one: dict[str, Any]) -> dict[str, Any] | None:
    """The screening form for a visit's person today, fitted to their age; None when no list has brought one."""
    today = desk.today()
    age = rules.age_on(one["identity"]["dob"], today)
    form = screening.form_for(desk.lists.forms, today, age)
    return None if form is None else rules.for_age(form, age)


def _at_hand(desk: Desk) -> tuple[dict[str, Any], dict[str, Any]] | None:
    one = desk.store.visit(desk.front.pending.get("visit", ""))
    form = form_of(desk, one) if one else None
    return None if one is None or form is None else (one, form)


def judge(desk: Desk, form: Form) -> Outcome:
    """Screening answers in: what do they say?"""
    held = _at_hand(desk)
    if held is None:
        return say("wrong_state", "warn")
    return screening.judge(*held, {key: str(value) for key, value in form.items()})


def conclude(desk: Desk, form: Form) -> Outcome:
    """The doctor decides."""
    held = _at_hand(desk)
    if held is None:
        return say("wrong_state", "warn")
    until = form.get("until")
    return screening.conclude(
        *held,
        desk.front.pending,
        conclusion=str(form.get("conclusion", "")),
        reason=str(form.get("reason", "")),
        today=desk.today(),
        until=None if until is None else str(until),
    )


def back_to_form(desk: Desk, _form: Form) -> Outcome:
    """From the conclusion back to the answers; nothing typed is lost."""
    return Outcome(screen="screening", pending={**desk.front.pending, "errors": {}})


def shown(desk: Desk, form: dict[str, Any]) -> dict[str, Any]:
    """The form with what was submitted of it."""
    submitted = desk.front.pending.get("submitted", {})
    parts: dict[str, dict[str, str]] = {"answer": {}, "vital": {}, "note": {}, "guardian": {}}
    for key, value in submitted.items():
        part, _, name = key.partition(".")
        if part in parts and name:
            parts[part][name] = value
    return {
        "form": form,
        "answers": parts["answer"],
        "vitals": parts["vital"],
        "notes": parts["note"],
        "guardian": parts["guardian"],
        "consent": submitted.get("consent", ""),
        "errors": desk.front.pending.get("errors", {}),
    }


def concluded(desk: Desk, form: dict[str, Any]) -> dict[str, Any]:
    """What the form says and by which items, and what the doctor may decide."""
    pending = desk.front.pending
    outside = rules.judge_vitals(pending["vitals"], form)
    return {
        "derived": pending["derived"],
        "because": [item for item in form["items"] if item["code"] in pending["because"]],
        "outside": [
            {**row, "value": pending["vitals"][row["code"]]} for row in form["vitals"] if row["code"] in outside
        ],
        "options": list(rules.PRECEDENCE) if pending["consent"] else ["refused"],
        "consent": pending["consent"],
        "form": form["version"],
        "untils": [{"word": word, "day": day, "shown": day_shown(day)} for word, day in screening.untils(desk.today())],
        "asked": pending.get("asked", ""),
        "chosen": pending.get("chosen") or pending["derived"],
        "reason": pending.get("reason", ""),
    }
