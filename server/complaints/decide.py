"""Deciding a complaint: correct a dose, correct the person, enter a missing dose, or reject. Pure; writes nothing.

Rules:
1. A complaint is decided once, and again after a reopening. It ends corrected, or rejected with a listed reason and the
   officer's own words.
2. The correction, the decision and the message to the citizen are one list of facts, for one transaction (C3, C9).
"""

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from protocol import records, slip_code
from server.complaints.filing import Fact, Say
from server.complaints.tables import CORRECTED, NEW, REJECTED
from server.errors import Refused

DOSE_FIELDS = tuple(row[0] for row in records.DOSE_CHANGES)
PERSON_FIELDS = tuple(row[0] for row in records.PERSON_CHANGES)
# As many as the record has room for; nobody has had as many doses.
MOST_KNOWN = 50


@dataclass(frozen=True)
class CorrectDose:
    """Change what a recorded dose says. `changes`: some of DOSE_FIELDS; `before`: its row of `vaccination` now."""

    before: Mapping[str, Any]
    changes: Mapping[str, Any]
    reason: str


@dataclass(frozen=True)
class CorrectPerson:
    """Change who the person is. `changes`: some of PERSON_FIELDS; `before`: the row of `person` now."""

    before: Mapping[str, Any]
    changes: Mapping[str, str]
    reason: str


@dataclass(frozen=True)
class EnterDose:
    """Enter a dose that was given but never recorded. `dose`: a new name; `identity`: fields of `records.IDENTITY`."""

    dose: str
    person: str
    identity: Mapping[str, str]
    vaccine: str
    lot: str
    dose_no: int
    given_on: str
    place: str
    slip: str
    photos: Sequence[str]
    reason: str


@dataclass(frozen=True)
class Reject:
    """Reject with a listed reason and the officer's own words."""

    reason_code: str
    reason: str


Choice = CorrectDose | CorrectPerson | EnterDose | Reject


def decide(
    complaint: Mapping[str, Any],
    choice: Choice,
    *,
    message: str,
    reasons: Mapping[str, str],
    today: str,
    say: Say,
    url: str,
    known: Sequence[str] = (),
    saw: Sequence[str] = (),
) -> list[Fact]:
    """The facts of a decision on `complaint` (its row). Raises `Refused` with the field; then nothing is to be written.

    `message`: the name of the message to queue; `reasons`: code to short text for the message, without accents;
    `url`: where the citizen follows the complaint; `known`: the doses on record that bear on it, as the officer sees them;
    `saw`: what of the person's records the officer has seen (`rechecks.saw`).
    """
    if complaint["state"] != NEW:
        raise Refused("already_decided", "This complaint has been decided already.")
    if not choice.reason.strip():
        raise Refused("reason_missing", "Write the reason for the decision.", field="reason")
    if isinstance(choice, Reject):
        return _reject(complaint, choice, message=message, reasons=reasons, say=say, url=url, known=known, saw=saw)
    if isinstance(choice, CorrectDose):
        facts, template, doses = _correct_dose(complaint, choice, today)
    elif isinstance(choice, CorrectPerson):
        facts, template, doses = _correct_person(complaint, choice)
    else:
        facts, template, doses = _enter_dose(complaint, choice, today)
    person, dose = facts[0][1]["person"], facts[0][1].get("dose", "")
    decided = _decided(complaint, CORRECTED, "", choice.reason, saw)
    decided.update({name: value for name, value in (("person", person), ("dose", dose)) if value})
    values = {"code": complaint["complaint"], "doses": doses, "url": url}
    facts.append(("complaint.decided", decided))
    facts.extend(answer(complaint, message, template, values, person=person, say=say))
    return facts


def changed(before: Mapping[str, Any], wanted: Mapping[str, Any], fields: Collection[str]) -> dict[str, Any]:
    """Of `wanted`, the fields that really differ from `before`."""
    return {name: wanted[name] for name in fields if name in wanted and wanted[name] != before.get(name)}


def _reject(
    complaint: Mapping[str, Any], choice: Reject, *, message: str, reasons: Mapping[str, str], say: Say, url: str,
    known: Sequence[str], saw: Sequence[str],
) -> list[Fact]:  # fmt: skip
    if not choice.reason_code:
        raise Refused("reason_code_missing", "Choose one of the listed reasons.", field="reason_code")
    if choice.reason_code not in reasons:
        raise Refused("reason_code_unknown", "This reason is not on the list.", field="reason_code")
    values = {"code": complaint["complaint"], "reason": reasons[choice.reason_code], "url": url}
    decided = _decided(complaint, REJECTED, choice.reason_code, choice.reason, saw)
    # Of whom and of what the citizen's slip spoke: so a later change of it is seen to touch this decision.
    decided.update({name: complaint[name] for name in ("person", "dose") if complaint[name]})
    facts: list[Fact] = [("complaint.decided", {**decided, "known": sorted(known)[:MOST_KNOWN]})]
    person = complaint["person"]
    facts.extend(answer(complaint, message, "complaint_rejected", values, person=person, say=say))
    return facts


def _correct_dose(complaint: Mapping[str, Any], choice: CorrectDose, today: str) -> tuple[list[Fact], str, str]:
    changes = changed(choice.before, choice.changes, DOSE_FIELDS)
    if not changes:
        raise Refused("nothing_changed", "Nothing was changed.", field="changes")
    _check_day(changes.get("given_on", ""), today)
    body = {
        "dose": choice.before["dose"],
        "person": choice.before["person"],
        "complaint": complaint["complaint"],
        "changes": changes,
        "reason": choice.reason,
    }
    if choice.before["dose"].startswith(slip_code.RECOVERED):
        # The slip is what such a dose's row is derived from.
        body["slip"] = choice.before["slip"]
    return [("dose.corrected", body)], "complaint_corrected", str(changes.get("dose_no", choice.before["dose_no"]))


def _correct_person(complaint: Mapping[str, Any], choice: CorrectPerson) -> tuple[list[Fact], str, str]:
    changes = changed(choice.before, choice.changes, PERSON_FIELDS)
    if not changes:
        raise Refused("nothing_changed", "Nothing was changed.", field="changes")
    body = {
        "person": choice.before["person"],
        "complaint": complaint["complaint"],
        "changes": changes,
        "reason": choice.reason,
    }
    return [("person.corrected", body)], "complaint_corrected_person", ""


def _enter_dose(complaint: Mapping[str, Any], choice: EnterDose, today: str) -> tuple[list[Fact], str, str]:
    _check_day(choice.given_on, today)
    body = {
        "dose": choice.dose,
        "person": choice.person,
        "complaint": complaint["complaint"],
        "identity": dict(choice.identity),
        "vaccine": choice.vaccine,
        "lot": choice.lot,
        "dose_no": choice.dose_no,
        "given_on": choice.given_on,
        "place": choice.place,
        "slip": choice.slip,
        "photos": list(choice.photos),
        "reason": choice.reason,
    }
    return [("dose.entered_late", body)], "complaint_corrected", str(choice.dose_no)


def _check_day(given_on: str, today: str) -> None:
    if given_on > today:
        raise Refused("day_in_future", "The day of the injection lies in the future.", field="given_on")


def recheck(complaint: Mapping[str, Any], *, person: str, saw: Sequence[str], reason: str) -> list[Fact]:
    """The fact that an officer has looked at what changed since the decision. Raises `Refused` where nothing is decided."""
    if complaint["state"] == NEW:
        raise Refused("not_decided", "This complaint has not been decided yet.")
    body = {"complaint": complaint["complaint"], "person": person, "saw": list(saw), "reason": reason}
    return [("complaint.rechecked", body)]


def _decided(complaint: Mapping[str, Any], decision: str, code: str, reason: str, saw: Sequence[str]) -> dict[str, Any]:
    said = {"complaint": complaint["complaint"], "decision": decision, "reason_code": code, "reason": reason}
    return {**said, "saw": list(saw)}


def answer(
    complaint: Mapping[str, Any], message: str, template: str, values: Mapping[str, str], *, person: str, say: Say
) -> list[Fact]:
    """The message that tells the citizen; none where no telephone was left."""
    # The answer goes to the telephone that filed the complaint, never to another of the person's (domain.md 8).
    to = json.loads(complaint["identity"])["phone"].strip()
    if not to:
        return []
    body = {
        "message": message,
        "complaint": complaint["complaint"],
        "to": to,
        "template": template,
        "text": say(template, values),
    }
    if person:
        body["person"] = person
    return [("message.queued", body)]
