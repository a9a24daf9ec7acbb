"""The opened vials of this desk: read from the records held, shown, opened and put away. No rule stands here."""

from __future__ import annotations

from typing import Any

from kiosk import dosing, gs1, observation, vials
from kiosk.desk.loop import Desk
from kiosk.outcome import Fact, Notice, Outcome, say
from protocol import rules
from protocol.clocktext import day_shown, time_of

Form = dict[str, Any]


def open_ms(desk: Desk, vial: vials.Vial) -> int:
    """For how long a vial has stood open."""
    moment = desk.moment()
    since = {"boot": vial.opened.boot, "mono": vial.opened.mono}
    lived = observation.elapsed_ms(since, boot=moment.boot, mono=moment.mono, boots=desk.store.boots())
    return vials.open_ms(vial, lived_ms=lived, boot=moment.boot, wall=moment.wall, sure=moment.sure)


def hours_of(desk: Desk, vaccine: str) -> int | None:
    """How many hours an opened vial of this vaccine is good for today."""
    facts = rules.facts_on(desk.lists.rules["vaccines"].get(vaccine, {}), desk.today())
    return facts.get("open_vial_hours")


def minutes_left(desk: Desk, vial: vials.Vial) -> int | None:
    """Whole minutes until a vial must be put away."""
    return vials.minutes_left(open_ms(desk, vial), hours_of(desk, vial.vaccine))


def pick(desk: Desk, lot: str) -> vials.Vial | None:
    """The vial of a lot that the next dose comes from; None: a new one is opened."""
    standing = desk.vials.standing()
    too_long = frozenset(one.vial for one in standing if minutes_left(desk, one) == 0)
    return vials.pick(standing, lot, too_long=too_long)


def emptied(desk: Desk, lot: str) -> list[vials.Vial]:
    """This kiosk's own vials of a lot that have given all they hold."""
    return [one for one in desk.vials.standing() if one.lot == lot and not one.k and not one.left]


def of_id(desk: Desk, vial: str) -> vials.Vial | None:
    """One standing vial."""
    return next((one for one in desk.vials.standing() if one.vial == vial), None)


def drawn(desk: Desk, told: dosing.Told, how: str) -> dosing.Drawn | None:
    """Where a dose of this lot comes from. `how`: `next` (the usual), `new` (a new vial), `last` (the one just emptied)."""
    doses = dosing.doses_of(told, desk.lists.rules)
    if how == "last":
        vial = next(reversed(emptied(desk, told.lot)), None)
    else:
        vial = None if how == "new" else pick(desk, told.lot)
    if vial is not None:
        return dosing.Drawn(vial.vial, vial.doses, vial.used, open_ms(desk, vial))
    return dosing.Drawn("", doses, 0, 0) if doses else None


def opening(desk: Desk, told: dosing.Told, *, vial: str, doses: int) -> tuple[Fact, ...]:
    """The facts of a new vial: it is opened, and what stood empty of its lot is put away."""
    lot = {"vaccine": told.vaccine, "lot": told.lot, "expiry": told.expiry}
    empty = tuple(vials.closed(one, "empty") for one in emptied(desk, told.lot))
    return (*empty, vials.opened(lot, vial=vial, doses=doses, gtin=told.gtin, serial=told.serial))


def mint(desk: Desk) -> str:
    """A fresh name for a vial."""
    return "vl-" + desk.mint(16).lower()


def show(_desk: Desk, _form: Form) -> Outcome:
    """The list of opened vials."""
    return Outcome(screen="vials", pending={})


def open_one(desk: Desk, form: Form) -> Outcome:
    """A vial is opened before its first dose is drawn. `lot`: touched on the list."""
    return _open(desk, dosing.listed(str(form.get("lot", "")), desk.lists.lots))


def scanned(desk: Desk, text: str) -> Outcome:
    """A vial's code was scanned on the list of vials: that vial is opened."""
    told = dosing.scanned(gs1.read(text), lots=desk.lists.lots, rule_data=desk.lists.rules, today=desk.today())
    return told if isinstance(told, Outcome) else _open(desk, told)


def _open(desk: Desk, told: dosing.Told | None) -> Outcome:
    if told is None or told.row is None or rules.judge_lot(told.row, told.vaccine, desk.today()):
        return say("lot_not_usable", "warn")
    doses = dosing.doses_of(told, desk.lists.rules)
    if not doses:
        return say("lot_not_usable", "warn")
    facts = opening(desk, told, vial=mint(desk), doses=doses)
    return Outcome(facts=facts, screen="vials", pending={}, notice=Notice("vial_opened", {"lot": told.lot}))


def choose_end(desk: Desk, form: Form) -> Outcome:
    """One vial is to be put away: why?"""
    vial = of_id(desk, str(form.get("vial", "")))
    return Outcome(screen="vial_end", pending={"vial": vial.vial}) if vial else say("wrong_state", "warn")


def end(desk: Desk, form: Form) -> Outcome:
    """It is put away, with the reason touched."""
    vial = of_id(desk, str(desk.front.pending.get("vial", "")))
    return vials.end(vial, str(form.get("why", "")), str(form.get("note", "")))


def row(desk: Desk, vial: vials.Vial) -> dict[str, Any]:
    """One vial as pages show it."""
    return {
        "vial": vial.vial,
        "vaccine_name": desk.lists.vaccine_name(vial.vaccine),
        "lot": vial.lot,
        "expiry": day_shown(vial.expiry),
        "doses": vial.doses,
        "used": vial.used,
        "left": vial.left,
        "minutes": minutes_left(desk, vial),
        "opened_at": time_of(vial.opened.wall, desk.lists.offset_min),
        "kiosk": vial.k,
    }


def shown(desk: Desk) -> dict[str, Any]:
    """The list: what stands open, and the lots that may be opened."""
    today = desk.today()
    usable = [lot for lot in desk.lists.lots if not rules.judge_lot(lot, lot["vaccine"], today)]
    return {
        "vials": [row(desk, one) for one in desk.vials.standing()],
        "lots": [{"lot": lot["lot"], "vaccine_name": desk.lists.vaccine_name(lot["vaccine"])} for lot in usable],
    }


def ending(desk: Desk) -> dict[str, Any] | None:
    """The vial that is being put away; None when it no longer stands open."""
    vial = of_id(desk, str(desk.front.pending.get("vial", "")))
    if vial is None:
        return None
    return {"vial": row(desk, vial), "reasons": [word for word in vials.REASONS if word != "empty" or not vial.left]}
