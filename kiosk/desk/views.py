"""What the touchscreen shows: a plain snapshot of the desk for the pages. Reads only; decides nothing.

Never a full identity number: the room can see the screen (look.md).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from kiosk import cold_box, observation, signin
from kiosk.clock import Moment
from kiosk.desk import (
    acts,
    arrival,
    board,
    closing,
    commands,
    day_list,
    drill,
    injection,
    late_entry,
    neighbours,
    opening,
    recovery,
    screening,
    shared_login,
    siteline,
    status,
    vials,
)
from kiosk.desk.loop import Desk
from kiosk.outcome import Notice, Outcome
from protocol import cccd, visit
from protocol.clocktext import DAY_MS, day_shown, time_of

View = dict[str, Any]
KIND_OF = {"checked_in": "visit.checked_in", "screened": "visit.screened", "dosed": "dose.given", "left": "visit.left"}


class Gone(LookupError):
    """The screen's visit, or what the screen needs of it, is no longer there."""


def shown(desk: Desk) -> View:
    """The view; a screen whose visit has moved on meanwhile gives way to the queue and says so."""
    try:
        return view(desk)
    except Gone:
        desk.take(acts.home(desk, {}) or Outcome())
        desk.front.notice = Notice("wrong_state", {}, "warn")
        desk.front.fresh()
        return view(desk)


def view(desk: Desk) -> View:
    """Everything the page needs, in the shapes its template names."""
    moment = desk.moment()
    front = desk.front
    offset = desk.lists.offset_min
    waiting, oldest_min = status.backlog(desk, moment)
    notice = front.notice
    today = desk.visits_today()
    return {
        "screen": front.screen,
        "version": front.version,
        "token": front.token,
        "demo": desk.demo,
        "site": {"name": desk.lists.site["name"], "hotline": desk.lists.site.get("hotline", "")},
        "desk": desk.name,
        "texts": desk.lists.texts,
        "clock": {
            "day": day_shown(moment.day(offset)),
            "weekday": ((moment.wall + offset * 60_000) // DAY_MS + 3) % 7,
            "time": moment.time(offset),
            "sure": moment.sure != "unknown",
        },
        "sync": {
            "waiting": waiting,
            "oldest_min": oldest_min,
            "online": desk.online,
            "beside": not desk.owed[0] and desk.beside >= desk.log.seq,
            "quarantined": desk.store.quarantined(desk.log.inc),
            "sealing": desk.sealing,
        },
        "devices": dict(desk.devices),
        "power": desk.condition.machine.power,
        "network": "online" if desk.online else desk.condition.away_why,
        "cold_box": cold_box.shown(desk.cold_box, moment.mono) if desk.cold_box else None,
        "prints_waiting": len(desk.store.prints("waiting", "sending")),
        "staff": {"name": front.staff["name"], "role": front.staff["role"]} if front.staff else None,
        "station": front.station,
        "lists_age_min": desk.lists.age_min(moment.wall),
        "notice": {"code": notice.code, "params": notice.params, "tone": notice.tone} if notice else None,
        "line": siteline.about(desk),
        "alarms": board.alarms(desk, today),
        "messages": commands.messages(desk) if front.staff else [],
        "last": _last(desk, today),
        "data": VIEWS[front.screen](desk, moment),
    }


def _person(one: dict[str, Any]) -> View:
    identity = one["identity"]
    return {
        "visit": one["visit"],
        "ticket": one["ticket"],
        "name": identity["name"],
        "year": identity["dob"][:4],
        "sex": identity["sex"],
        "masked": cccd.mask(identity["doc_no"]),
        "priority": one.get("priority", ""),
    }


def _current(desk: Desk) -> dict[str, Any]:
    one = desk.store.visit(desk.front.pending.get("visit", ""))
    if one is None:
        message = "no such visit"
        raise Gone(message)
    return one


def _dosed_one(desk: Desk) -> dict[str, Any]:
    one = _current(desk)
    if "dose" not in one:
        message = "no dose"
        raise Gone(message)
    return one


def _sheet(desk: Desk, one: dict[str, Any]) -> dict[str, Any]:
    form = screening.form_of(desk, one)
    if form is None:
        message = "no screening form"
        raise Gone(message)
    return form


def _printing(desk: Desk, slip: str) -> View:
    job = desk.store.last_copy(slip)
    if job is None:
        return {"state": "none", "copy": 0}
    printer = desk.devices["printer"]
    stuck = job["state"] == "waiting" and printer not in ("ready", "busy")
    return {"state": printer if stuck else job["state"], "copy": job["copy"]}


def _last(desk: Desk, today: list[dict[str, Any]]) -> View | None:
    """The last confirmed act of the day at this kiosk: the truth after a restart (I13)."""
    latest: tuple[int, str, dict[str, Any]] | None = None
    for one in today:
        for what, key in (("checked_in", "checked_in"), ("screened", "screened"), ("dosed", "dose"), ("left", "left")):
            stamp = one.get(key)
            # A stamp with a writer is a neighbour's act.
            if stamp and "k" not in stamp and (latest is None or stamp["wall"] >= latest[0]):
                latest = (stamp["wall"], what, one)
    if latest is None:
        return None
    wall, what, one = latest
    return {
        "ticket": one["ticket"],
        "what": what,
        "time": time_of(wall, desk.lists.offset_min),
        "where": _where(desk, one["visit"], KIND_OF[what]),
    }


def _where(desk: Desk, visit: str, kind: str) -> str:
    """How far our latest record of a kind has come: `here`, on another box of the site too (`beside`), at the `centre`."""
    inc, seq = desk.store.latest(visit, kind)
    if inc != desk.log.inc:
        return "here" if desk.owed[0] else "centre"
    return "centre" if seq <= desk.committed else "beside" if seq <= desk.beside else "here"


def _nothing(_desk: Desk, _moment: Moment) -> View:
    return {}


def _ticket(desk: Desk, moment: Moment) -> View:
    one = _current(desk)
    return {**arrival.ticket(desk, one, moment), "printing": _printing(desk, one["slip"])["state"]}


def _sign_in(desk: Desk, _moment: Moment) -> View:
    wait = max(-(-(desk.front.wait_until - desk.clock.ticks()) // 1000), 0)
    return {"badge_name": desk.front.badge["name"] if desk.front.badge else None, "wait_s": wait}


def _station(desk: Desk, _moment: Moment) -> View:
    return {"stations": list(signin.STATIONS_OF.get(desk.front.staff["role"], ())) if desk.front.staff else []}


def _queue(desk: Desk, moment: Moment) -> View:
    today = desk.visits_today()
    station = desk.front.station or "reception"
    people = [
        {
            **_person(one),
            "state": one["state"],
            "since_min": max((moment.wall - one["checked_in"]["wall"]) // 60_000, 0),
            **told,
        }
        for one, told in siteline.people(desk, station, today)
    ]
    counts = {
        state: sum(1 for one in today if one["state"] == state)
        for state in (visit.WAITING, visit.CALLED, visit.CLEARED, visit.READY, visit.OBSERVING, visit.LEFT)
    }
    first = siteline.next_one(desk, station, today)
    return {
        "station": station,
        "people": people,
        "counts": counts,
        "next": _person(first) if first else None,
        "opened": bool(desk.draft.told.opened_at),
    }


def _screening(desk: Desk, _moment: Moment) -> View:
    one = _current(desk)
    return {"person": _person(one), **screening.shown(desk, _sheet(desk, one))}


def _conclusion(desk: Desk, _moment: Moment) -> View:
    one = _current(desk)
    return {"person": _person(one), **screening.concluded(desk, _sheet(desk, one))}


def _dosing(desk: Desk, _moment: Moment) -> View:
    one = _current(desk)
    return {"person": _person(one), **injection.lots(desk, one)}


def _vial_end(desk: Desk, _moment: Moment) -> View:
    ending = vials.ending(desk)
    if ending is None:
        message = "no such vial"
        raise Gone(message)
    return ending


def _read_back(desk: Desk, _moment: Moment) -> View:
    one = _current(desk)
    return {"person": _person(one), **injection.read_back(desk, one)}


def _dose_of(desk: Desk) -> View:
    one = _dosed_one(desk)
    dose = one["dose"]
    wall = dose["wall"]
    return {
        "person": _person(one),
        "dose_no": dose["dose_no"],
        "vaccine_name": desk.lists.vaccine_name(dose["vaccine"]),
        "time": time_of(wall, desk.lists.offset_min),
        "until": time_of(wall + observation.OBSERVE_S * 1000, desk.lists.offset_min),
    }


def _dosed(desk: Desk, _moment: Moment) -> View:
    return _dose_of(desk)


def _observation(desk: Desk, _moment: Moment) -> View:
    return {"tiles": [{**_person(one), **tile} for one, tile in board.tiles(desk)]}


def _release_early(desk: Desk, _moment: Moment) -> View:
    one = _dosed_one(desk)
    return {"person": _person(one), "left_min": -(-observation.left_s(board.observed_ms(desk, one)) // 60)}


def _reaction(desk: Desk, _moment: Moment) -> View:
    one = _dosed_one(desk)
    minutes = board.observed_ms(desk, one) // 60_000
    return {"person": _person(one), "symptoms": desk.lists.symptoms, "onset_min": minutes}


def _follow_up(desk: Desk, _moment: Moment) -> View:
    one = _dosed_one(desk)
    reaction = board.reaction_of(desk, one)
    if reaction is None:
        message = "no such reaction"
        raise Gone(message)
    return {"person": _person(one), "reaction": reaction, **board.choices(desk)}


def _released(desk: Desk, _moment: Moment) -> View:
    one = _dosed_one(desk)
    printing = _printing(desk, one["dose"]["slip"])
    return {
        **_dose_of(desk),
        "slip_shown": one["dose"]["slip"],
        "copy": printing["copy"],
        "printing": printing["state"],
    }


def _trouble(desk: Desk, _moment: Moment) -> View:
    return {"what": desk.front.pending.get("what", "disk")}


def _neighbours(desk: Desk, _moment: Moment) -> View:
    return {"kiosks": neighbours.shown(desk), "shared": shared_login.shown(desk)}


VIEWS: dict[str, Callable[[Desk, Moment], View]] = {
    "welcome": _nothing,
    "type_id": lambda desk, _moment: arrival.type_id(desk),
    "confirm": lambda desk, _moment: arrival.confirm(desk),
    "ticket": _ticket,
    "sign_in": _sign_in,
    "station": _station,
    "queue": _queue,
    "screening": _screening,
    "conclusion": _conclusion,
    "dosing": _dosing,
    "read_back": _read_back,
    "needle": lambda desk, moment: {**_read_back(desk, moment), **_sign_in(desk, moment)},
    "vials": lambda desk, _moment: vials.shown(desk),
    "vial_end": _vial_end,
    "keeper": _sign_in,
    "day": lambda desk, _moment: {**opening.day_shown_on(desk), **day_list.shown(desk)},
    "opening": lambda desk, _moment: opening.shown(desk),
    "opening_team": lambda desk, _moment: opening.members(desk),
    "opening_lots": lambda desk, _moment: opening.lots_shown(desk),
    "opening_count": lambda desk, _moment: opening.count_shown(desk),
    "opening_drill": lambda desk, _moment: drill.shown(desk),
    "opening_why": _nothing,
    "opening_pin": _sign_in,
    "closing": lambda desk, _moment: closing.shown(desk),
    "closing_why": _nothing,
    "closing_pin": _sign_in,
    "dosed": _dosed,
    "undo": _dosed,
    "observation": _observation,
    "release_early": _release_early,
    "reaction": _reaction,
    "follow_up": _follow_up,
    "released": _released,
    "neighbours": _neighbours,
    "recovery": lambda desk, _moment: recovery.shown(desk),
    "late_who": _nothing,
    "late_vaccine": lambda desk, _moment: late_entry.vaccines(desk),
    "late_dose": lambda desk, _moment: late_entry.dose(desk),
    "late_photo": lambda desk, _moment: late_entry.photo(desk),
    "late_check": lambda desk, _moment: late_entry.summary(desk),
    "status": status.shown,
    "trouble": _trouble,
}
