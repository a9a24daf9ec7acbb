"""The dose: lot chosen or scanned, read-back, confirmation, undo. Pure decisions; the rules are `protocol.rules`.

Recording a dose is never refused for a warning: it is said, confirmed and kept on the record. Only a lot that is
expired, stopped or unknown blocks, until a lead overrides it with a reason.
"""

from __future__ import annotations

from typing import Any

from kiosk.outcome import Fact, Notice, Outcome, say
from protocol import cccd, rules, visit
from protocol.errors import WrongTransition


def lot_of(scan: str) -> str:
    """The lot named by a scanned code of ours; the text itself otherwise (GS1 comes with issue 4's parser)."""
    return scan.removeprefix(cccd.LOT_PREFIX)


def history_of(person_visits: list[dict[str, Any]], listed: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Earlier doses: what the appointment list brought and what this kiosk itself recorded, oldest first, each once."""
    found = {(dose["given_on"], dose["dose_no"]): dose for dose in listed}
    for one in person_visits:
        dose = one.get("dose")
        if dose:
            found[(one["day"], dose["dose_no"])] = {
                "vaccine": dose["vaccine"],
                "given_on": one["day"],
                "dose_no": dose["dose_no"],
            }
    return [found[key] for key in sorted(found)]


def choose(
    one: dict[str, Any],
    lot_no: str,
    *,
    lots: list[dict[str, Any]],
    history: list[dict[str, Any]],
    rule_data: dict[str, Any],
    today: str,
) -> Outcome:
    """A lot was touched or scanned: show the read-back with every rule that speaks."""
    lot = next((row for row in lots if row["lot"] == lot_no), None)
    if lot is None:
        return say("lot_unknown", "warn", lot=lot_no[:32])
    findings = rules.judge_dose(
        vaccine=lot["vaccine"], lot=lot, dob=one["identity"]["dob"], history=history, today=today, rules=rule_data
    )
    shown = [
        {"rule": finding.rule, "weight": finding.weight, "source": finding.source, "numbers": finding.numbers}
        for finding in findings
    ]
    return Outcome(
        screen="read_back",
        pending={
            "visit": one["visit"],
            "lot": lot["lot"],
            "vaccine": lot["vaccine"],
            "expiry": lot["expiry"],
            "dose_no": rules.next_dose_no(history),
            "findings": shown,
            "blocked": any(finding.weight == rules.BLOCK for finding in findings),
        },
    )


def confirm(
    one: dict[str, Any], pending: dict[str, Any], *, lead: dict[str, str] | None, reason: str, ids: dict[str, str]
) -> Outcome:
    """The injector confirmed the read-back: the dose is a fact.

    `lead`: `{"id", "by"}` of a lead who proved to be one just now, or None; `ids`: fresh `dose` and `slip` ids.
    """
    warnings = [finding["rule"] for finding in pending["findings"]]
    if pending["blocked"] and lead is None:
        return say("need_lead", "warn")
    if (pending["blocked"] or warnings) and not reason.strip():
        return say("need_reason", "warn")
    try:
        visit.step(one["state"], "dose")
    except WrongTransition:
        return say("wrong_state", "warn")
    body: dict[str, Any] = {
        "dose": ids["dose"],
        "visit": one["visit"],
        "person": one["person"],
        "vaccine": pending["vaccine"],
        "lot": pending["lot"],
        "expiry": pending["expiry"],
        "dose_no": pending["dose_no"],
        "read_back": True,
        "warnings": warnings,
        "slip": ids["slip"],
    }
    if warnings:
        by = lead or {"id": "", "by": "pin"}
        body["override"] = {"who": by["id"] or ids["staff"], "reason": reason.strip(), "by": by["by"]}
    return Outcome(
        facts=(Fact("dose.given", body),), screen="dosed", pending={"visit": one["visit"]}, notice=Notice("saved")
    )


def undo(one: dict[str, Any], reason: str) -> Outcome:
    """The dose was recorded in error: a new record says so, with the reason. The first one stays."""
    dose = one.get("dose")
    if dose is None:
        return say("wrong_state", "warn")
    if not reason.strip():
        return say("need_reason", "warn")
    try:
        visit.step(one["state"], "undo")
    except WrongTransition:
        return say("wrong_state", "warn")
    body = {"dose": dose["dose"], "visit": one["visit"], "person": one["person"], "reason": reason.strip()}
    return Outcome(facts=(Fact("dose.undone", body),), screen="queue", notice=Notice("undone"))
