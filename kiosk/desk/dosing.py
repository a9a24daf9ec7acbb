"""The injection table's acts: lot, vial, read-back, the needle confirmed by touch or badge, undo. No rule stands here."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from kiosk import dosing, gs1, recovery, signin
from kiosk.desk import proof, reading, vials
from kiosk.desk.loop import Desk
from kiosk.outcome import Notice, Outcome, say

Form = dict[str, Any]


def _visit(desk: Desk) -> dict[str, Any] | None:
    return desk.store.visit(desk.front.pending.get("visit", ""))


def history(desk: Desk, one: dict[str, Any], *, shown: Iterable[dict[str, Any]] = ()) -> list[dict[str, Any]]:
    """A person's earlier doses as known here. `shown`: of a certificate that was found good just now."""
    listed = (desk.lists.appointment(one["person"]) or {}).get("history", [])
    visits = desk.visits_of(one["person"])
    # A certificate shown at check-in, its signature found good there.
    earlier = [*(dose for each in visits for dose in each.get("earlier", ())), *shown]
    told = [
        {
            **{name: dose[name] for name in ("vaccine", "given_on", "dose_no")},
            "by": "slip" if dose["certificate"].startswith(recovery.SLIP_SOURCE) else "certificate",
        }
        for dose in earlier
    ]
    papers = [
        record.body
        for record in reading.told(desk.store, "dose.entered_late")
        if record.body["person"] == one["person"]
    ]
    entered = [{name: dose[name] for name in ("vaccine", "lot", "given_on", "dose_no")} for dose in papers]
    return dosing.history_of(visits, listed, told, entered)


def lot(desk: Desk, form: Form, *, how: str = "next") -> Outcome:
    """A lot was touched on the list. `how`: from which of its vials (`vials.drawn`)."""
    told = dosing.listed(str(form.get("lot", "")), desk.lists.lots)
    return _choose(desk, told, how) if told else say("lot_unknown", "warn", lot=str(form.get("lot", ""))[:32])


def scanned(desk: Desk, text: str) -> Outcome:
    """The code on a vial or its box was scanned."""
    told = dosing.scanned(gs1.read(text), lots=desk.lists.lots, rule_data=desk.lists.rules, today=desk.today())
    if isinstance(told, Outcome):
        return _named(desk, told)
    same = _choose(desk, told, "next")
    # Camera and reader both saw it, or it still lies there: the page stays, its buttons stay good (F11).
    return Outcome() if same.pending == desk.front.pending else same


def _named(desk: Desk, outcome: Outcome) -> Outcome:
    """A sentence with vaccines as people know them."""
    notice = outcome.notice
    if notice is None:
        return outcome
    params = {
        key: desk.lists.vaccine_name(value) if key in ("vaccine", "listed") else value
        for key, value in notice.params.items()
    }
    return replace(outcome, notice=replace(notice, params=params))


def _choose(desk: Desk, told: dosing.Told, how: str) -> Outcome:
    one = _visit(desk)
    if one is None:
        return say("wrong_state", "warn")
    outcome = dosing.choose(
        one,
        told,
        vials.drawn(desk, told, how),
        history=history(desk, one),
        rule_data=desk.lists.rules,
        today=desk.today(),
    )
    return replace(outcome, pending={**(outcome.pending or {}), "how": how})


def confirm_dose(desk: Desk, form: Form) -> Outcome:
    """Read back and given: the needle is a fact."""
    staff = desk.front.staff
    if staff is None:
        return say("wrong_state", "warn")
    lead = _lead(desk, form)
    if isinstance(lead, Outcome):
        return lead
    return _confirmed(desk, desk.front.pending, staff["id"], lead=lead, reason=str(form.get("reason", "")))


def _lead(desk: Desk, form: Form) -> dict[str, str] | Outcome | None:
    """The lead who allows what is blocked, None where nothing is or nobody did; a sentence while tries are locked."""
    return proof.lead(desk, form) if desk.front.pending["blocked"] else None


def other_hand(desk: Desk, form: Form) -> Outcome:
    """Somebody else than who signed in has injected: their code and PIN are asked, the page's own answers kept."""
    pending, reason = desk.front.pending, str(form.get("reason", ""))
    lead = _lead(desk, form)
    if isinstance(lead, Outcome):
        return lead
    if missing := dosing.missing(pending, lead=lead, reason=reason):
        return missing
    return Outcome(screen="needle", pending={**pending, "allowed": {"lead": lead, "reason": reason}})


def same_hand(desk: Desk, _form: Form) -> Outcome:
    """Back to the read-back."""
    return Outcome(screen="read_back", pending=_allowed(desk)[0])


def by_badge(desk: Desk, text: str) -> None:
    """A badge before the reader confirms the read-back: its owner gave the dose, whoever signed in here."""
    member = signin.by_badge(desk.lists.staff, text)
    pending, allowed = _allowed(desk)
    if member is None or member.get("revoked"):
        outcome = say("revoked_badge" if member else "unknown_badge", "warn")
    elif not signin.may(member["role"], "injection"):
        outcome = say("not_allowed", "warn")
    elif pending["findings"] and allowed is None:
        outcome = say("reason_by_hand", "warn")
    else:
        outcome = _confirmed(desk, pending, member["id"], **(allowed or {"lead": None, "reason": ""}))
    who = {"id": member["id"], "by": "badge"} if member and outcome.facts else None
    desk.front.touched = desk.clock.ticks()
    desk.take(outcome, who=who)
    desk.front.fresh() if outcome.screen else desk.front.changed()


def by_pin(desk: Desk, form: Form) -> None:
    """Code and PIN of whoever injected confirm the read-back, as a badge does; the signed-in person stays signed in."""
    found = proof.member(desk, form, station="injection")
    if isinstance(found, Outcome):
        desk.take(found)
        return
    pending, allowed = _allowed(desk)
    outcome = _confirmed(desk, pending, found["id"], **(allowed or {"lead": None, "reason": ""}))
    desk.take(outcome, who=found if outcome.facts else None)


def _allowed(desk: Desk) -> tuple[dict[str, Any], dict[str, Any] | None]:
    """The read-back, and what was said on it before the injector's PIN was asked: `lead` and `reason`."""
    pending = dict(desk.front.pending)
    return pending, pending.pop("allowed", None)


def _confirmed(
    desk: Desk, pending: dict[str, Any], injector: str, *, lead: dict[str, str] | None, reason: str
) -> Outcome:
    one = _visit(desk)
    if one is None:
        return say("wrong_state", "warn")
    told = _told_again(desk, pending["told"])
    again = _choose(desk, told, pending["how"]) if told else say("lot_unknown", "warn", lot=pending["lot"])
    if again.pending != pending:
        # The lists were swapped or the day turned since the read-back was shown: it is read again, not waved through.
        return replace(again, notice=again.notice or Notice("read_again", {}, "warn"))
    ids = {"dose": "d-" + desk.mint(16).lower(), "slip": desk.mint(10), "staff": injector, "vial": vials.mint(desk)}
    outcome = dosing.confirm(one, pending, lead=lead, reason=reason, ids=ids)
    vial = pending["vial"]
    if outcome.facts and vial is not None and not vial["vial"]:
        opening = vials.opening(desk, pending["told"], vial=ids["vial"], doses=vial["doses"])
        outcome = replace(outcome, facts=(*opening, *outcome.facts))
    return outcome


def _told_again(desk: Desk, told: dosing.Told) -> dosing.Told | None:
    """What was told, with the lot's row as the lists have it now; None when a listed lot is listed no more."""
    now = dosing.listed(told.lot, desk.lists.lots)
    if now is None:
        return told if told.row is None else None
    return replace(told, row=now.row, vaccine=now.vaccine, expiry=now.expiry)


def undo_dose(desk: Desk, form: Form) -> Outcome:
    """Take a recorded dose back, with a reason; its slip says void."""
    one = _visit(desk)
    return (
        dosing.undo(one, str(form.get("reason", "")), copy=next_copy(desk, one)) if one else say("wrong_state", "warn")
    )


def next_copy(desk: Desk, one: dict[str, Any]) -> int:
    """The next copy's number of a visit's result slip; copies that other kiosks of the site printed count on."""
    last = desk.store.last_copy(one["dose"]["slip"]) if "dose" in one else None
    return max(int(last["copy"]) if last else 0, int(one.get("printed", {}).get("dose", 0))) + 1
