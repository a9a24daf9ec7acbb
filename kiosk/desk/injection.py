"""What the injection table's pages show: the lots with their opened vials, earlier doses with where they are known from,
the read-back. Reads only.
"""

from __future__ import annotations

from typing import Any

from kiosk.desk import dosing, vials
from kiosk.desk.loop import Desk
from protocol import rules
from protocol.clocktext import day_shown

View = dict[str, Any]


def lots(desk: Desk, one: dict[str, Any]) -> View:
    """The lots for one person, in the order in which they should be used, and the doses known so far."""
    today = desk.today()
    history = dosing.history(desk, one)
    # First what was planned or given before, then what expires first (FEFO); what is not to be used comes last.
    expected = (desk.lists.appointment(one["person"]) or {}).get("vaccine") or (
        history[-1]["vaccine"] if history else ""
    )
    judged = [(lot, rules.judge_lot(lot, lot["vaccine"], today)) for lot in desk.lists.lots]
    judged.sort(key=lambda pair: (bool(pair[1]), pair[0]["vaccine"] != expected, pair[0]["expiry"]))
    return {
        "dose_no": rules.next_dose_no(history),
        "history": _told(desk, history),
        # How old the centre's word is on doses given elsewhere; None when no list has come yet.
        "known_age_min": desk.lists.age_min(desk.moment().wall),
        "lots": [
            {
                **lot,
                "vaccine_name": desk.lists.vaccine_name(lot["vaccine"]),
                "expiry": day_shown(lot["expiry"]),
                "trouble": findings[0].rule if findings else None,
                "open": _open_vial(desk, lot["lot"]),
                # One more may be drawn than its vials say they hold.
                "emptied": bool(vials.emptied(desk, lot["lot"])),
            }
            for lot, findings in judged
        ],
    }


def read_back(desk: Desk, one: dict[str, Any]) -> View:
    """What is read aloud, with every rule that speaks, and the vial the dose comes from."""
    pending = desk.front.pending
    findings = [{**finding, "numbers": _numbers(desk, finding["numbers"])} for finding in pending["findings"]]
    return {
        "vaccine_name": desk.lists.vaccine_name(pending["vaccine"]),
        "lot": pending["lot"],
        "expiry": day_shown(pending["expiry"]),
        "dose_no": pending["dose_no"],
        "findings": findings,
        "blocked": pending["blocked"],
        "needs_reason": bool(findings),
        "vial": _vial_of(desk),
        "scanned": pending["told"].by == "scan",
        # Earlier doses that neither the centre's list nor this site's records vouch for: said aloud, with their source.
        "shown": _told(desk, [dose for dose in dosing.history(desk, one) if dose["by"] not in ("centre", "site")]),
        "known_age_min": desk.lists.age_min(desk.moment().wall),
    }


def _told(desk: Desk, history: list[dict[str, Any]]) -> list[View]:
    return [
        {**dose, "vaccine_name": desk.lists.vaccine_name(dose["vaccine"]), "given_on": day_shown(dose["given_on"])}
        for dose in history
    ]


def _open_vial(desk: Desk, lot: str) -> View | None:
    vial = vials.pick(desk, lot)
    return vials.row(desk, vial) if vial else None


def _vial_of(desk: Desk) -> View | None:
    """The vial that the read-back names: an opened one, or a new one with nothing drawn yet; None where none is counted."""
    shown = desk.front.pending["vial"]
    if shown is None:
        return None
    standing = vials.of_id(desk, shown["vial"])
    row = vials.row(desk, standing) if standing else None
    return {
        "new": not shown["vial"],
        "number": shown["used"] + 1,
        "doses": shown["doses"],
        "minutes": row["minutes"] if row else None,
        "opened_at": row["opened_at"] if row else "",
    }


def _numbers(desk: Desk, numbers: dict[str, Any]) -> View:
    shown = dict(numbers)
    for key in ("first", "vaccine"):
        if key in shown:
            shown[key] = desk.lists.vaccine_name(shown[key])
    if "expiry" in shown:
        shown["expiry"] = day_shown(shown["expiry"])
    return shown
