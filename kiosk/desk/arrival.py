"""The desk at the door: acts and views of the screens on which somebody says who they are and gets a ticket.

Loads, lets `checkin` decide, shows. Never a full identity number: the room can see the screen (look.md).
"""

from __future__ import annotations

from typing import Any

from kiosk import checkin, dcc, turns, whois
from kiosk.clock import Moment
from kiosk.desk import recovery
from kiosk.desk.loop import Desk
from kiosk.outcome import Outcome, say
from protocol import cccd
from protocol import visit as states
from protocol.clocktext import day_of, day_shown, time_of

Form = dict[str, Any]
View = dict[str, Any]


def scanned(desk: Desk, text: str) -> Outcome:
    """A code was read where people arrive."""
    return checkin.scanned(
        text.encode(),
        appointments=desk.lists.appointments,
        visits_today=desk.visits_today(),
        certificate=lambda code: certificate(desk, code),
        slip=lambda code: recovery.told(desk, code),
    )


def certificate(desk: Desk, text: str) -> dict[str, Any]:
    """An EU certificate as `whois` wants it: who it names, and its doses if its signature is good today."""
    read = dcc.read(text, trust=desk.lists.trust, now_s=desk.moment().wall // 1000)
    good = read.standing == dcc.GOOD
    identity = dict.fromkeys(whois.NAMES, "") | {"doc_type": "none", "sex": "U", "warnings": []}
    identity |= {"name": read.name, "dob": read.dob}
    del identity["health_no"]
    doses = [{**dose, "vaccine": desk.lists.vaccine_of(dose["product"])} for dose in read.doses] if good else []
    for dose in doses:
        del dose["product"]
    return {"identity": identity, "earlier": doses, "notice": "" if good else "certificate_unverified"}


def no_code(_desk: Desk, _form: Form) -> Outcome:
    """The citizen has no card: typed entry."""
    return Outcome(screen="type_id", pending={"fields": {}, "errors": {}})


def typed(desk: Desk, form: Form) -> Outcome:
    """Identity typed by hand, whole or what a scanned code left open."""
    return checkin.typed({key: str(value) for key, value in form.items()}, desk.front.pending, desk.visits_today())


def yes(desk: Desk, form: Form) -> Outcome | None:
    """The person confirmed who they are: a ticket."""
    pending = desk.front.pending
    if not desk.condition.has_room():
        return say("no_room", "error")
    ids = {"visit": "v-" + desk.mint(16).lower(), "slip": desk.mint(10)}
    person = cccd.person_key(pending["identity"], ids["visit"])
    return checkin.confirmed(
        pending,
        phone=str(form.get("phone", "")).replace(" ", ""),
        appointment=desk.lists.appointment(person),
        visits_of_person=desk.visits_of(person),
        today=desk.today(),
        ids=ids,
        priority=_priority(desk, str(form.get("priority", "")), pending["identity"]["dob"]),
        face=str(form.get("face", "")) if desk.front.staff else "",
        ticket=checkin.next_ticket(desk.lane, desk.visits_today()),
    )


def _priority(desk: Desk, chosen: str, dob: str) -> str:
    known = {one["code"] for one in turns.groups(desk.lists.priority, desk.today())}
    return chosen if chosen in known else turns.by_age(desk.lists.priority, dob, desk.today())


def type_id(desk: Desk) -> View:
    """The typed form: `fields`, `errors`, `ask` (its pages), and of a scanned code `seen` of its number and `name`."""
    pending = desk.front.pending
    found = pending.get("found")
    return {
        "fields": pending.get("fields", {}),
        "errors": pending.get("errors", {}),
        "ask": pending.get("ask", list(whois.PAGES)),
        "seen": found["seen"] if found else "",
        "name": found["identity"]["name"] if found else "",
    }


def confirm(desk: Desk) -> View:
    """Who the person is said to be, for their yes or no."""
    identity = desk.front.pending["identity"]
    known = desk.lists.appointment(cccd.person_key(identity, "new"))
    return {
        "name": identity["name"],
        "year": identity["dob"][:4],
        "sex": identity["sex"],
        "masked": cccd.mask(identity["doc_no"]),
        "phone": identity["phone"],
        "needs_phone": not identity["phone"] and not (known or {}).get("phone"),
        "appointment": {
            "time": _when(desk, known["at"]),
            "vaccine": desk.lists.vaccine_name(known["vaccine"]),
        }
        if known
        else None,
        "warnings": identity.get("warnings", []),
        "proved": [
            {**dose, "vaccine_name": desk.lists.vaccine_name(dose["vaccine"]), "given_on": day_shown(dose["given_on"])}
            for dose in desk.front.pending.get("earlier", ())
        ],
        "staffed": desk.front.staff is not None,
        "groups": turns.groups(desk.lists.priority, desk.today()),
        "priority": turns.by_age(desk.lists.priority, identity["dob"], desk.today()),
    }


def _when(desk: Desk, at: int) -> str:
    """The time of an appointment; with its day where that is not today's (the list reaches two days ahead)."""
    day, time = day_of(at, desk.lists.offset_min), time_of(at, desk.lists.offset_min)
    return time if day == desk.today() else f"{time}, {day_shown(day)}"


def wait(desk: Desk, one: dict[str, Any], moment: Moment) -> tuple[int, int | None]:
    """People before visit `one` and minutes, None when too little is known."""
    return turns.wait(
        desk.visits_today(),
        visit_id=one["visit"],
        now_wall=moment.wall,
        rule=desk.lists.turns,
        shared=desk.claims.shared,
    )


def group_of(desk: Desk, one: dict[str, Any]) -> View | None:
    """The priority group of a visit as the site's list has it."""
    wanted = one.get("priority")
    return next(
        (group for group in turns.groups(desk.lists.priority, desk.today()) if wanted and group["code"] == wanted), None
    )


def ticket(desk: Desk, one: dict[str, Any], moment: Moment) -> View:
    """The number and the wait of visit `one`."""
    before, minutes = wait(desk, one, moment)
    return {
        "waiting": one["state"] == states.WAITING,
        "priority": group_of(desk, one),
        "ticket": one["ticket"],
        "before": before,
        "minutes": minutes,
        "again": desk.front.pending.get("again", False),
    }
