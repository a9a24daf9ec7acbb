"""The dose: lot chosen or scanned, read-back, confirmation, undo. Pure decisions; the rules are `protocol.rules`.

Recording a dose is never refused for a warning: it is said, confirmed and kept on the record. Only a lot that is
expired, stopped or unknown, and a vial open for too long block, until a lead overrides them with a reason.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from kiosk.gs1 import Marking
from kiosk.outcome import Fact, Notice, Outcome, Print, say
from protocol import rules, visit
from protocol.errors import WrongTransition

SCAN, LIST = "scan", "list"


@dataclass(frozen=True)
class Told:
    """How the lot of a dose is known: the lot's row, None for one that is not listed, with what the code itself said.

    `by`: SCAN or LIST; `vaccine`, `lot`, `expiry`: as listed, or as scanned where nothing is listed.
    """

    by: str
    row: dict[str, Any] | None
    vaccine: str
    lot: str
    expiry: str
    gtin: str = ""
    serial: str = ""


@dataclass(frozen=True)
class Drawn:
    """Where the dose comes from: an opened `vial` (empty: a new one of `doses`), its `used` doses, how long it stands open."""

    vial: str
    doses: int
    used: int
    open_ms: int


def listed(lot_no: str, lots: list[dict[str, Any]]) -> Told | None:
    """The lot touched on the list."""
    row = _row(lot_no, lots)
    return Told(LIST, row, row["vaccine"], row["lot"], row["expiry"]) if row is not None else None


def scanned(marking: Marking, *, lots: list[dict[str, Any]], rule_data: dict[str, Any], today: str) -> Told | Outcome:
    """The lot that a scanned code means, or the sentence why it means none.

    A lot that no list knows is taken as the code says, where the product is known: the rules then block it (F86).
    """
    row = _row(marking.text, lots)
    if row is not None:
        return Told(SCAN, row, row["vaccine"], row["lot"], row["expiry"])
    vaccine = product_of(marking, rule_data)
    row = _row(marking.lot, lots)
    if row is not None:
        if vaccine and row["vaccine"] != vaccine:
            return say("scan_mismatch", "error", lot=row["lot"], vaccine=vaccine, listed=row["vaccine"])
        return Told(SCAN, row, row["vaccine"], row["lot"], row["expiry"], marking.gtin, marking.serial)
    if marking.lot and vaccine:
        return Told(SCAN, None, vaccine, marking.lot, marking.expiry, marking.gtin, marking.serial)
    if vaccine:
        # A box's EAN names the product alone: with one good lot of it here there is nothing to choose.
        good = [one for one in lots if one["vaccine"] == vaccine and not rules.judge_lot(one, vaccine, today)]
        if len(good) == 1:
            one = good[0]
            return Told(SCAN, one, vaccine, one["lot"], one["expiry"], marking.gtin)
        return say("scan_no_lot", "warn", vaccine=vaccine)
    if marking.gtin and not marking.lot:
        return say("scan_unknown_product", "warn", gtin=marking.gtin)
    return say("lot_unknown", "warn", lot=(marking.lot or marking.text)[:32])


def product_of(marking: Marking, rule_data: dict[str, Any]) -> str:
    """The vaccine whose `codes` (GTINs, national product codes; rule data) name the marking; empty when none does."""
    for vaccine, facts in sorted(rule_data["vaccines"].items()):
        codes = [code.rjust(14, "0") if code.isdigit() else code for code in facts.get("codes", [])]
        if (marking.gtin and marking.gtin in codes) or marking.text in codes:
            return str(vaccine)
    return ""


def doses_of(told: Told, rule_data: dict[str, Any]) -> int:
    """Doses in one vial: as the lot's receipt says, else the vaccine's usual number; 0 when nobody knows."""
    if told.row and told.row.get("doses_per_vial"):
        return int(told.row["doses_per_vial"])
    usual = rule_data["vaccines"].get(told.vaccine, {}).get("doses_per_vial", [])
    return int(usual[0]) if usual else 0


def _row(lot_no: str, lots: list[dict[str, Any]]) -> dict[str, Any] | None:
    folded = lot_no.strip().casefold()
    return next((row for row in lots if folded and row["lot"].casefold() == folded), None)


def history_of(
    person_visits: list[dict[str, Any]],
    listed: list[dict[str, Any]],
    shown: list[dict[str, Any]] | None = None,
    entered: list[dict[str, Any]] | None = None,
) -> list[dict[str, Any]]:
    """Earlier doses, oldest first, each once, with `by`: who tells of it.

    `centre`: the appointment list; `site`: this site's own records; `slip`, `certificate`: what the citizen has `shown`,
    its signature good; `paper`: `entered` here from a paper. Site and list are never overruled: what was shown otherwise
    of the very same dose is marked `differs`.
    """
    found: dict[tuple[str, int], dict[str, Any]] = {}
    told = [(dose, "paper") for dose in entered or []]
    told += [(dose, dose.get("by", "certificate")) for dose in shown or []]
    told += [(dose, "centre") for dose in listed]
    for one in person_visits:
        given = one.get("dose")
        if given:
            kept = {name: given[name] for name in ("vaccine", "lot", "dose_no") if name in given}
            told.append(({**kept, "given_on": one["day"]}, "site"))
    for dose, by in told:
        before = found.get((dose["given_on"], dose["dose_no"]))
        found[(dose["given_on"], dose["dose_no"])] = {**dose, "by": by}
        if before and before["vaccine"] != dose["vaccine"]:
            found[(dose["given_on"], dose["dose_no"])]["differs"] = True
    return [found[key] for key in sorted(found)]


def differing(history: list[dict[str, Any]]) -> list[rules.Finding]:
    """Where what the citizen showed, or a paper, tells a dose otherwise than list and site: said, never decided here."""
    findings = []
    for number in sorted({dose["dose_no"] for dose in history}):
        same = [dose for dose in history if dose["dose_no"] == number]
        known = [dose for dose in same if dose.get("by", "centre") in ("centre", "site")]
        if any(dose.get("differs") for dose in same) or (known and len(known) < len(same)):
            findings.append(rules.Finding("history_differs", rules.WARN, "tram", {"dose_no": number}))
    return findings


def choose(
    one: dict[str, Any],
    told: Told,
    drawn: Drawn | None,
    *,
    history: list[dict[str, Any]],
    rule_data: dict[str, Any],
    today: str,
) -> Outcome:
    """A lot was touched or scanned: show the read-back with every rule that speaks.

    `drawn`: None where nobody knows how many doses a vial holds; then none is counted.
    """
    findings = rules.judge_dose(
        vaccine=told.vaccine, lot=told.row, dob=one["identity"]["dob"], history=history, today=today, rules=rule_data
    ) + differing(history)
    if drawn is not None and drawn.vial:
        facts = rules.facts_on(rule_data["vaccines"].get(told.vaccine, {}), today)
        findings += rules.judge_vial(used=drawn.used, doses=drawn.doses, open_ms=drawn.open_ms, facts=facts)
    shown = [
        {"rule": finding.rule, "weight": finding.weight, "source": finding.source, "numbers": finding.numbers}
        for finding in findings
    ]
    pending = {
        "visit": one["visit"],
        "lot": told.lot,
        "vaccine": told.vaccine,
        "expiry": told.expiry,
        "dose_no": rules.next_dose_no(history),
        "findings": shown,
        "blocked": any(finding.weight == rules.BLOCK for finding in findings),
        "told": told,
        "vial": None if drawn is None else {"vial": drawn.vial, "doses": drawn.doses, "used": drawn.used},
    }
    return Outcome(screen="read_back", pending=pending)


def missing(pending: dict[str, Any], *, lead: dict[str, str] | None, reason: str) -> Outcome | None:
    """The sentence that names what a read-back with findings still lacks; None when it may be confirmed."""
    if pending["blocked"] and lead is None:
        return say("need_lead", "warn")
    if pending["findings"] and not reason.strip():
        return say("need_reason", "warn")
    return None


def confirm(
    one: dict[str, Any], pending: dict[str, Any], *, lead: dict[str, str] | None, reason: str, ids: dict[str, str]
) -> Outcome:
    """The injector confirmed the read-back: the dose is a fact.

    `lead`: `{"id", "by"}` of a lead who proved to be one just now, or None; `ids`: fresh `dose`, `slip` and `vial` ids.
    """
    warnings = [finding["rule"] for finding in pending["findings"]]
    if lacks := missing(pending, lead=lead, reason=reason):
        return lacks
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
        "lot_by": pending["told"].by,
    }
    if warnings:
        by = lead or {"id": "", "by": "pin"}
        body["override"] = {"who": by["id"] or ids["staff"], "reason": reason.strip(), "by": by["by"]}
    if pending["vial"] is not None:
        body["vial"] = pending["vial"]["vial"] or ids["vial"]
        if pending["vial"]["vial"] and pending["vial"]["used"] >= pending["vial"]["doses"]:
            body["extra"] = True
    return Outcome(
        facts=(Fact("dose.given", body),), screen="dosed", pending={"visit": one["visit"]}, notice=Notice("saved")
    )


def undo(one: dict[str, Any], reason: str, *, copy: int = 1) -> Outcome:
    """The dose was recorded in error: a new record says so, with the reason. The first one stays.

    `copy`: the number of the slip that says so, one above the last copy of the dose's own slip.
    """
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
    if "vial" in dose:
        body["vial"] = dose["vial"]
    # What was handed out, or will be, is told void by the next copy of the same number.
    paper = (Print(dose["slip"], one["visit"], "dose", copy),)
    return Outcome(facts=(Fact("dose.undone", body),), screen="queue", notice=Notice("undone"), prints=paper)
