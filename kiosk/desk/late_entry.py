"""The desk's side of a dose entered from paper: who, what the paper says, its photo, what it collides with, the record.

Loads, lets `late_entry` decide, shows. No rule stands here.
"""

from __future__ import annotations

import base64
from typing import Any

from kiosk import checkin, late_entry
from kiosk.desk import arrival, dosing, recovery
from kiosk.desk.loop import Desk
from kiosk.outcome import Outcome, say
from protocol import cccd, papers
from protocol.clocktext import day_shown

Form = dict[str, Any]
View = dict[str, Any]


def begin(desk: Desk, _form: Form) -> Outcome:
    """Somebody holds a paper that tells of a dose."""
    staff = desk.front.staff
    if staff is None or staff["role"] not in late_entry.ROLES:
        return say("not_allowed", "warn")
    return Outcome(screen="late_who")


def is_asking(desk: Desk) -> bool:
    """Does the screen ask whose paper it is?"""
    front = desk.front
    return front.screen == "late_who" or (front.screen == "type_id" and bool(front.pending.get("late")))


def scanned(desk: Desk, kind: str, text: str) -> Outcome:
    """A code before the screen that asks who: a card names the person; our own slip is better than any paper."""
    if kind == cccd.SLIP:
        return recovery.scanned(desk, text)
    return late_entry.who(
        checkin.scanned(
            text.encode(),
            appointments=desk.lists.appointments,
            certificate=lambda code: arrival.certificate(desk, code),
        )
    )


def by_hand(_desk: Desk, _form: Form) -> Outcome:
    """No card: typed entry, whole."""
    return Outcome(screen="type_id", pending={"fields": {}, "errors": {}, "late": True})


def typed(desk: Desk, form: Form) -> Outcome:
    """Identity typed by hand for a paper."""
    return late_entry.who(checkin.typed({key: str(value) for key, value in form.items()}, desk.front.pending))


def vaccine(desk: Desk, form: Form) -> Outcome:
    """The vaccine that the paper names was touched."""
    chosen = str(form.get("vaccine", ""))
    if chosen not in desk.lists.rules["vaccines"]:
        return say("wrong_state", "warn")
    return Outcome(screen="late_dose", pending={**desk.front.pending, "vaccine": chosen})


def told(desk: Desk, form: Form) -> Outcome:
    """What the paper says was typed."""
    pending = desk.front.pending
    return late_entry.told(
        {key: str(value) for key, value in form.items()},
        pending,
        staff=desk.lists.staff,
        history=_history(desk, pending),
        rule_data=desk.lists.rules,
        today=desk.today(),
    )


def take(desk: Desk, _form: Form) -> Outcome:
    """Look through the camera now."""
    photo = desk.photograph()
    if not photo:
        return say("no_photo", "warn")
    return Outcome(pending={**desk.front.pending, "photo": photo})


def check(desk: Desk, _form: Form) -> Outcome:
    """With the photo, or without one: what it says once more, and what it meets."""
    return Outcome(screen="late_check", pending=desk.front.pending)


def without(desk: Desk, _form: Form) -> Outcome:
    """On without the photo."""
    pending = {name: value for name, value in desk.front.pending.items() if name != "photo"}
    return Outcome(screen="late_check", pending=pending)


def back(desk: Desk, _form: Form) -> Outcome:
    """One page back, with all that was typed."""
    before = {"late_dose": "late_vaccine", "late_photo": "late_dose", "late_check": "late_photo"}
    return Outcome(screen=before[desk.front.screen], pending=desk.front.pending)


def record(desk: Desk, form: Form) -> Outcome:
    """It is a dose of its own: kept, with the reason."""
    pending = desk.front.pending
    findings = late_entry.collisions(pending["dose"], history=_history(desk, pending), rule_data=desk.lists.rules)
    ids = {"dose": "d-" + desk.mint(16).lower(), "slip": desk.mint(10)}
    reason = str(form.get("reason", ""))
    return late_entry.record(pending, findings=findings, reason=reason, place=desk.log.site, ids=ids)


def _history(desk: Desk, pending: dict[str, Any]) -> list[dict[str, Any]]:
    person = cccd.person_key(pending["identity"], "new")
    return dosing.history(desk, {"person": person}, shown=pending.get("earlier", ()))


def _person(desk: Desk) -> View:
    identity = desk.front.pending["identity"]
    return {
        "ticket": "",
        "name": identity["name"],
        "year": identity["dob"][:4],
        "sex": identity["sex"],
        "masked": cccd.mask(identity["doc_no"]),
        "priority": "",
    }


def vaccines(desk: Desk) -> View:
    """The campaign's vaccines; those of the site's lots first."""
    here = {lot["vaccine"] for lot in desk.lists.lots}
    codes = sorted(desk.lists.rules["vaccines"], key=lambda code: (code not in here, desk.lists.vaccine_name(code)))
    return {
        "person": _person(desk),
        "vaccines": [{"code": code, "name": desk.lists.vaccine_name(code)} for code in codes],
    }


def dose(desk: Desk) -> View:
    """The form of what the paper says."""
    pending = desk.front.pending
    return {
        "person": _person(desk),
        "vaccine_name": desk.lists.vaccine_name(pending["vaccine"]),
        "fields": pending["fields"],
        "errors": pending["errors"],
        "papers": list(papers.PAPERS),
        "year": desk.today()[:4],
    }


def photo(desk: Desk) -> View:
    """The picture taken last, as a data address; the camera's status."""
    pending = desk.front.pending
    taken = pending.get("photo", b"")
    return {
        "person": _person(desk),
        "picture": "data:image/jpeg;base64," + base64.b64encode(taken).decode() if taken else "",
        "paper": pending["dose"]["paper"],
        "camera": desk.devices["camera"],
    }


def summary(desk: Desk) -> View:
    """What will be recorded, and every dose it meets."""
    pending = desk.front.pending
    entered = pending["dose"]
    minute = entered.get("given_min")
    findings = [
        {
            **one,
            "numbers": {
                **one["numbers"],
                "vaccine": desk.lists.vaccine_name(one["numbers"]["vaccine"]),
                "given_on": day_shown(one["numbers"]["given_on"]),
            },
        }
        for one in pending["findings"]
    ]
    return {
        "person": _person(desk),
        "vaccine_name": desk.lists.vaccine_name(entered["vaccine"]),
        "lot": entered["lot"],
        "dose_no": entered["dose_no"],
        "day": day_shown(entered["given_on"]),
        "time": "" if minute is None else f"{minute // 60:02}:{minute % 60:02}",
        "injector": entered["injector_name"],
        "paper": entered["paper"],
        "photo": bool(pending.get("photo")),
        "findings": findings,
        # How old the centre's word is on doses given elsewhere; None when no list has come yet.
        "known_age_min": desk.lists.age_min(desk.moment().wall),
    }
