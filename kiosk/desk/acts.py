"""Every act a screen offers, by screen and name: load, let the decision decide, write. No rule stands here.

An act may be done on its own screen only, with the token of the page it was touched on; a stale page (a double
tap, a page left open) does nothing (fault F22).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from kiosk import queue, signin
from kiosk.desk import (
    arrival,
    board,
    calling,
    closing,
    commands,
    day_list,
    dosing,
    drill,
    late_entry,
    neighbours,
    opening,
    proof,
    recovery,
    screening,
    shared_login,
    vials,
)
from kiosk.desk.forms import plain_form
from kiosk.desk.front import CITIZEN
from kiosk.desk.loop import Desk
from kiosk.outcome import Fact, Notice, Outcome, Print, say
from protocol import cccd

Form = dict[str, Any]
Act = Callable[[Desk, Form], Outcome | None]


def _visit(desk: Desk, visit: str = "") -> dict[str, Any] | None:
    return desk.store.visit(visit or desk.front.pending.get("visit", ""))


def _goto(screen: str) -> Act:
    return lambda _desk, _form: Outcome(screen=screen)


def home(desk: Desk, _form: Form) -> Outcome | None:
    """Where people are when no one person's work is open: the welcome, the queue, the board."""
    front = desk.front
    if front.staff is None:
        front.leave()
        return None
    if front.station is None:
        return Outcome(screen="station")
    return Outcome(screen="observation" if front.station == "observation" else "queue")


def retry(desk: Desk, form: Form) -> Outcome | None:
    """After trouble with the disk: back to the page on which the act was touched, with what was typed on it."""
    pending, front = desk.front.pending, desk.front
    if "screen" not in pending or (front.staff is None and pending["screen"] not in CITIZEN):
        return home(desk, form)
    return Outcome(screen=pending["screen"], pending=pending["pending"])


def sign_in(desk: Desk, form: Form) -> Outcome | None:
    """Code or badge, and PIN."""
    front = desk.front
    if wait := proof.wait_s(desk):
        return say("locked", "warn", wait_s=wait)
    code = str(form.get("code", ""))
    who = front.badge if front.badge and not code else signin.by_code(desk.lists.staff, code)
    if who is None or not signin.proved(who, str(form.get("pin", ""))):
        wait = proof.wrong(desk)
        return say("locked", "warn", wait_s=wait) if wait else say("wrong_pin", "warn", left=max(3 - front.wrong, 0))
    front.proof = "badge" if front.badge and not code else "pin"
    front.staff, front.badge, front.wrong = who, None, 0
    covered = front.unlocked(who["id"], desk.clock.ticks())
    if covered is not None:
        # The page that the lock covered. Its visit may have moved on meanwhile: then the page gives way to the queue.
        outcome = _at(desk, covered.station)
        return replace(outcome, screen=covered.screen, pending=covered.pending) if outcome else None
    stations = signin.STATIONS_OF.get(who["role"], ())
    if len(stations) == 1:
        return _at(desk, stations[0])
    return Outcome(screen="station", notice=Notice("signed_in", {"name": who["name"]}))


def station(desk: Desk, form: Form) -> Outcome | None:
    """Take a station."""
    return _at(desk, str(form.get("station", "")))


def sign_out(desk: Desk, _form: Form) -> None:
    """Leave the screen to nobody."""
    desk.front.leave()


def absent(desk: Desk, form: Form) -> Outcome:
    """The person called is not here."""
    one = _visit(desk, str(form.get("visit", "")))
    if one is not None and not queue.ours(one, desk.led):
        return say("other_lane", "info", ticket=one["ticket"])
    return queue.end(one, "absent") if one else say("wrong_state", "warn")


def walk_up(desk: Desk, identity: dict[str, Any], person: str = "") -> Outcome:
    """A person put their card before a staffed desk: their visit is opened, at whichever kiosk they checked in."""
    person = person or cccd.person_key(identity, "new")
    outcome = queue.walk_up(
        desk.visits_of(person), today=desk.today(), station=desk.front.station or "", desk=desk.name
    )
    if not outcome.facts:
        return outcome
    return calling.by_hand(desk, desk.store.visit(outcome.facts[0].body["visit"]), present=True)


def walk_up_visit(desk: Desk, visit: str) -> Outcome:
    """The same for somebody whom a code without a whole number names."""
    one = desk.store.visit(visit)
    return say("not_here_today", "warn") if one is None else walk_up(desk, one["identity"], one["person"])


def reprint(desk: Desk, _form: Form) -> Outcome | None:
    """The same slip once more, marked as the next copy."""
    from_visit = _visit(desk)
    if from_visit is None or "dose" not in from_visit:
        return say("wrong_state", "warn")
    slip = from_visit["dose"]["slip"]
    last = desk.store.last_copy(slip)
    if last is not None and last["state"] in ("waiting", "sending"):
        return say("slip_waiting", "info", count=1)
    copy = dosing.next_copy(desk, from_visit)
    return Outcome(
        prints=(Print(slip, from_visit["visit"], "dose", copy),), notice=Notice("slip_waiting", {"count": 1})
    )


def dismiss(desk: Desk, _form: Form) -> None:
    """The person has read the sentence."""
    desk.front.notice = None


def went_away(desk: Desk, _form: Form) -> Outcome:
    """The person changed their mind at the injection table and left."""
    one = _visit(desk)
    return queue.end(one, "went_away") if one else say("wrong_state", "warn")


def _at(desk: Desk, name: str) -> Outcome | None:
    who = desk.front.staff
    if who is None or not signin.may(who["role"], name):
        return say("not_allowed", "warn")
    desk.front.station = name
    if not desk.take(Outcome(facts=(Fact("staff.signed_in", {"station": name}),))):
        # Nobody works here unrecorded: they sign in once more.
        desk.front.staff = desk.front.station = None
        return None
    notice = shared_login.notice(desk, who) or Notice("signed_in", {"name": who["name"]})
    return Outcome(screen="observation" if name == "observation" else "queue", notice=notice)


_CITIZEN_EVERYWHERE: dict[str, Act] = {"dismiss": dismiss, "resume_printing": dismiss}
_STAFF_EVERYWHERE: dict[str, Act] = {
    **_CITIZEN_EVERYWHERE,
    "sign_out": sign_out,
    "seen": board.seen,
    "read_message": commands.read_message,
}
# Done beside whatever stands on the page: what is typed there stays good.
ASIDE = ("seen", "read_message")
_BOARD: dict[str, Act] = {
    "change_station": _goto("station"),
    "citizen": sign_out,
    "keeper": _goto("keeper"),
    "closing": closing.open_books,
    "day": opening.show_day,
    "status": _goto("status"),
    "late": late_entry.begin,
    "neighbours": lambda desk, _form: neighbours.open_board(desk),
}

ACTS: dict[str, dict[str, Act]] = {
    "welcome": {"no_code": arrival.no_code, "staff": _goto("sign_in"), "status": _goto("status")},
    "type_id": {
        "typed": lambda desk, form: (late_entry.typed if late_entry.is_asking(desk) else arrival.typed)(desk, form),
        "back": home,
    },
    "confirm": {"yes": arrival.yes, "no": home},
    "ticket": {"done": home},
    "sign_in": {"sign_in": sign_in, "back": home, "status": _goto("status")},
    "station": {"station": station, "status": _goto("status")},
    "queue": {
        **_BOARD,
        "call_next": calling.call_next,
        "call": calling.call,
        "absent": absent,
        "vials": vials.show,
        "observation": _goto("observation"),
        "no_code": arrival.no_code,
    },
    "screening": {"judge": screening.judge, "absent": absent, "back": home},
    "conclusion": {"conclude": screening.conclude, "back": screening.back_to_form},
    "dosing": {
        "lot": dosing.lot,
        "new_vial": lambda desk, form: dosing.lot(desk, form, how="new"),
        "last_vial": lambda desk, form: dosing.lot(desk, form, how="last"),
        "back": home,
        "refuse": went_away,
    },
    "vials": {"open_vial": vials.open_one, "end_vial": vials.choose_end, "back": home},
    "vial_end": {"vial_ended": vials.end, "back": vials.show},
    "read_back": {
        "confirm_dose": dosing.confirm_dose,
        "other_hand": dosing.other_hand,
        "back": lambda desk, _form: Outcome(screen="dosing", pending={"visit": desk.front.pending.get("visit", "")}),
    },
    "needle": {"injected": dosing.by_pin, "back": dosing.same_hand},
    "dosed": {"next": home, "undo": lambda desk, _form: Outcome(screen="undo", pending=desk.front.pending)},
    "undo": {"undo_dose": dosing.undo_dose, "back": home},
    "observation": {
        **_BOARD,
        "release": board.release,
        "react": board.react,
        "alarm": board.alarm,
        "queue": _goto("queue"),
    },
    "release_early": {"release_now": lambda desk, form: board.release(desk, form, early=True), "back": home},
    "keeper": {"take_keeper": calling.take_keeper, "back": home},
    "reaction": {"report": board.report, "alarm": board.alarm, "back": home},
    "follow_up": {"follow_up": board.follow_up, "back": home},
    "neighbours": {
        "carry": lambda desk, form: neighbours.order(desk, str(form.get("k", "")), dead=True),
        "take_lane": lambda desk, form: neighbours.take_lane(desk, str(form.get("k", ""))),
        "rest": lambda desk, form: neighbours.order(desk, str(form.get("k", "")), dead=False),
        "back": home,
    },
    "recovery": {"recover": recovery.recover, "back": home},
    "late_who": {"no_code": late_entry.by_hand, "back": home},
    "late_vaccine": {"late_vaccine": late_entry.vaccine, "back": late_entry.begin},
    "late_dose": {"late_told": late_entry.told, "back": late_entry.back},
    "late_photo": {
        "late_take": late_entry.take,
        "late_check": late_entry.check,
        "late_without": late_entry.without,
        "back": late_entry.back,
    },
    "late_check": {"late_record": late_entry.record, "late_drop": home, "back": late_entry.back},
    "released": {"reprint": reprint, "next": home},
    "day": {"opening": opening.show, "closing": closing.open_books, "print_list": day_list.order, "back": home},
    "opening": {
        "members": _goto("opening_team"),
        "lots": _goto("opening_lots"),
        "drill": _goto("opening_drill"),
        "to_open": opening.to_open,
        "back": opening.show_day,
    },
    "opening_team": {"toggle": opening.toggle, "team_done": opening.team_done},
    "opening_lots": {"count": opening.to_count, "back": opening.show},
    "opening_count": {"counted": opening.counted, "back": _goto("opening_lots")},
    "opening_drill": {"drill_start": drill.start, "drill_skip": drill.skip, "back": opening.show},
    "opening_why": {"why": opening.why, "back": opening.show},
    "opening_pin": {"open_day": opening.open_day, "back": opening.show},
    "closing": {"to_close": closing.to_close, "back": home},
    "closing_why": {"why": closing.why, "back": home},
    "closing_pin": {"close_day": closing.close_day, "back": home},
    "status": {"back": home},
    "trouble": {"retry": retry},
}


def act(desk: Desk, name: str, form: Form, token: str) -> bool:
    """Do one act on the desk's thread. False when it was stale or not offered here: nothing happened."""
    front = desk.front
    if name == "touched":
        # Somebody is typing on the page: not idle. The page stays good.
        front.touched = desk.clock.ticks()
        return True
    handler = ACTS[front.screen].get(name)
    if handler is None:
        everywhere = _STAFF_EVERYWHERE if front.staff else _CITIZEN_EVERYWHERE
        handler = everywhere.get(name)
    if (
        handler is None
        or token != front.token
        or (front.screen not in CITIZEN and front.screen != "trouble" and front.staff is None)
    ):
        return False
    front.touched = desk.clock.ticks()
    front.notice = None
    outcome = handler(desk, plain_form(form))
    if outcome is not None:
        desk.take(outcome)
    if name in ASIDE and outcome is not None and not outcome.screen and front.screen != "trouble":
        front.changed()
    else:
        front.fresh()
    return True
