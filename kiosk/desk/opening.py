"""The desk's side of opening the day: who of the staff list is here, vials counted, the drill, the lead's PIN, the record."""

from __future__ import annotations

from typing import Any

from kiosk import opening
from kiosk.desk import drill, proof, reading, site_day
from kiosk.desk.loop import Desk
from kiosk.outcome import Outcome, say
from protocol.clocktext import day_shown, time_of
from protocol.site_day import TEAM_ROLES, name_of

Form = dict[str, Any]
# A count has at most so many figures.
MOST_FIGURES = 5


def show_day(_desk: Desk, _form: Form) -> Outcome:
    """Opening, paper list and closing, as far as the role allows."""
    return Outcome(screen="day")


def day_shown_on(desk: Desk) -> dict[str, Any]:
    """`lead`: is it the site's lead who looks? `opened`, `closed`: HH:MM or empty."""
    told, offset = desk.draft.told, desk.lists.offset_min
    staff = desk.front.staff
    return {
        "lead": staff is not None and staff["role"] == "lead",
        "opened": time_of(told.opened_at, offset) if told.opened_at else "",
        "closed": time_of(told.closed_at, offset) if told.closed_at else "",
    }


def show(desk: Desk, _form: Form) -> Outcome:
    """The lead prepares the opening."""
    return Outcome(screen="opening") if _lead(desk) else say("not_allowed", "warn")


def shown(desk: Desk) -> dict[str, Any]:
    """Team, lots and drill in a few figures, and what differs; once opened, since when and with whom."""
    told, counted = desk.draft.told, lots(desk)
    here = team(desk)
    return {
        **day_shown_on(desk),
        "team": len(here),
        "missing": list(opening.missing(here)),
        "lots": len(counted),
        "counted": len([lot for lot in counted if lot.counted is not None]),
        "lots_differ": len([lot for lot in counted if lot.counted is not None and not lot.agrees]),
        "drill": drill.shown(desk),
        "drilled": list(told.drilled),
        "left_open": day_shown(site_day.day_before(desk.today())) if told.left_open else "",
        "differs": list(differs(desk)),
    }


def team(desk: Desk) -> dict[str, str]:
    """Who is here, as ticked or as recorded; at first whoever holds the screen."""
    if desk.draft.team is None:
        staff = desk.front.staff
        desk.draft.team = dict(desk.draft.told.team) or ({staff["id"]: staff["role"]} if staff else {})
    return desk.draft.team


def lots(desk: Desk) -> tuple[opening.Lot, ...]:
    """The lots that may be on site: expected and counted vials."""
    today, found = desk.today(), []
    taken = [one.body["lot"] for one in reading.told(desk.store, "vial.opened") if one.session == today]
    for row in desk.lists.lots:
        wanted = opening.expected(row, taken.count(row["lot"]))
        counted = desk.draft.counts.get(row["lot"])
        if wanted or wanted is None or counted is not None:
            found.append(opening.Lot(row["lot"], row["vaccine"], wanted, counted))
    return tuple(found)


def differs(desk: Desk) -> tuple[str, ...]:
    """What is not as it should be now."""
    return opening.differs(team(desk), lots(desk), drilled=desk.draft.drill.is_passed)


def members(desk: Desk) -> dict[str, Any]:
    """Everybody on the staff list, in the order of the roles: `id`, `name`, `role`, `here`."""
    here = team(desk)
    order = {role: number for number, role in enumerate(reversed(TEAM_ROLES))}
    listed = [one for one in desk.lists.staff if not one.get("revoked") and one["role"] in order]
    rows = [{**{name: one[name] for name in ("id", "name", "role")}, "here": one["id"] in here} for one in listed]
    return {
        "people": sorted(rows, key=lambda row: (order[str(row["role"])], str(row["name"]))),
        "count": len(here),
        "missing": list(opening.missing(here)),
        "changes": bool(desk.draft.told.opened_at) and here != desk.draft.told.team,
    }


def toggle(desk: Desk, form: Form) -> Outcome | None:
    """Somebody is here, or is not."""
    one = next((row for row in desk.lists.staff if row["id"] == form.get("id") and not row.get("revoked")), None)
    if one is None or one["role"] not in TEAM_ROLES:
        return say("wrong_state", "warn")
    here = team(desk)
    if here.pop(one["id"], None) is None:
        here[one["id"]] = one["role"]
    return None


def team_done(desk: Desk, _form: Form) -> Outcome | None:
    """Back to the opening; of a day that is open the change is recorded."""
    told, here = desk.draft.told, team(desk)
    if not told.opened_at or here == told.team or not _lead(desk):
        return Outcome(screen="opening")
    if desk.take(opening.change_team(site_day=name_of(desk.log.site, told.day), team=here)):
        site_day.read(desk)
    return None


def lots_shown(desk: Desk) -> dict[str, Any]:
    """Every lot with `vaccine_name`, `expected`, `counted`, `agrees`."""
    rows = [
        {
            "lot": one.lot,
            "vaccine_name": desk.lists.vaccine_name(one.vaccine),
            "expected": one.expected,
            "counted": one.counted,
            "agrees": one.agrees,
        }
        for one in lots(desk)
    ]
    return {"lots": rows}


def to_count(desk: Desk, form: Form) -> Outcome:
    """One lot's vials are to be counted."""
    lot = str(form.get("lot", ""))
    found = lot in {one.lot for one in lots(desk)}
    return Outcome(screen="opening_count", pending={"lot": lot}) if found else say("wrong_state", "warn")


def count_shown(desk: Desk) -> dict[str, Any]:
    """The lot to be counted. What is expected is not said before: a count is not copied."""
    one = next((lot for lot in lots(desk) if lot.lot == desk.front.pending.get("lot")), None)
    if one is None:
        return {"lot": "", "vaccine_name": "", "counted": ""}
    counted = "" if one.counted is None else str(one.counted)
    return {"lot": one.lot, "vaccine_name": desk.lists.vaccine_name(one.vaccine), "counted": counted}


def counted(desk: Desk, form: Form) -> Outcome:
    """So many unopened vials are there."""
    figures = str(form.get("vials", "")).strip()
    if not figures.isascii() or not figures.isdigit() or len(figures) > MOST_FIGURES:
        return say("count_needed", "warn")
    desk.draft.counts[str(desk.front.pending.get("lot", ""))] = int(figures)
    return Outcome(screen="opening_lots")


def to_open(desk: Desk, _form: Form) -> Outcome:
    """What is as it should be needs the PIN; the rest the reason first."""
    return Outcome(screen="opening_why" if differs(desk) else "opening_pin", pending={"reason": ""})


def why(_desk: Desk, form: Form) -> Outcome:
    """The lead said why it is opened all the same."""
    reason = str(form.get("reason", "")).strip()
    return Outcome(screen="opening_pin", pending={"reason": reason}) if reason else say("opening_reason_needed", "warn")


def open_day(desk: Desk, form: Form) -> Outcome | None:
    """The lead's PIN opens the day; everything is looked at once more at this very moment."""
    if not _lead(desk):
        return say("not_allowed", "warn")
    if desk.draft.told.opened_at:
        return Outcome(screen="opening")
    if refused := proof.refused(desk, str(form.get("pin", ""))):
        return refused
    today = desk.today()
    outcome = opening.open_day(
        site_day=name_of(desk.log.site, today),
        day=today,
        team=team(desk),
        lots=lots(desk),
        drill=desk.draft.drill.done,
        drilled=desk.draft.drill.is_passed,
        reason=str(desk.front.pending.get("reason", "")),
    )
    if outcome.facts and desk.take(outcome):
        site_day.read(desk)
        return None
    return outcome


def _lead(desk: Desk) -> bool:
    return desk.front.staff is not None and desk.front.staff["role"] == "lead"
