"""Every act a screen can hand to the desk, and who may do it. The desk decides whether it fits the moment."""

from kiosk.screens.access import CITIZEN, STAFF

ACTS = {
    # welcome, identity, ticket
    "no_code": CITIZEN,
    "staff": CITIZEN,
    "typed": CITIZEN,
    "back": CITIZEN,
    "yes": CITIZEN,
    "no": CITIZEN,
    "done": CITIZEN,
    "touched": CITIZEN,  # somebody is typing on the page: the screen is not idle
    "dismiss": CITIZEN,
    "retry": CITIZEN,
    "resume_printing": CITIZEN,  # whoever changed the roll presses it, often a volunteer without a badge
    "status": CITIZEN,  # nothing of a person is on it; a volunteer without a badge looks too
    # sign-in and stations
    "sign_in": CITIZEN,
    "station": STAFF,
    "change_station": STAFF,
    "sign_out": STAFF,
    "citizen": STAFF,
    # queue
    "call_next": STAFF,
    "call": STAFF,
    "absent": STAFF,
    "observation": STAFF,
    "queue": STAFF,
    "keeper": STAFF,
    "take_keeper": STAFF,
    # screening
    "judge": STAFF,
    "conclude": STAFF,
    # dosing
    "lot": STAFF,
    "refuse": STAFF,
    "confirm_dose": STAFF,
    "other_hand": STAFF,
    "injected": STAFF,
    "new_vial": STAFF,
    "last_vial": STAFF,
    "vials": STAFF,
    "open_vial": STAFF,
    "end_vial": STAFF,
    "vial_ended": STAFF,
    "next": STAFF,
    "undo": STAFF,
    "undo_dose": STAFF,
    # observation
    "release": STAFF,
    "release_now": STAFF,
    "react": STAFF,
    "report": STAFF,
    "alarm": STAFF,
    "follow_up": STAFF,
    "seen": STAFF,  # of an alarm, from any screen
    "read_message": STAFF,  # of the centre's, from any screen
    "reprint": STAFF,
    # a citizen's slip
    "recover": STAFF,
    # a dose from paper
    "late": STAFF,
    "late_vaccine": STAFF,
    "late_told": STAFF,
    "late_take": STAFF,
    "late_check": STAFF,
    "late_without": STAFF,
    "late_record": STAFF,
    "late_drop": STAFF,
    # the site's other kiosks, for the lead
    "neighbours": STAFF,
    "carry": STAFF,
    "take_lane": STAFF,
    # the site's day: opening for the lead, the paper list for everybody
    "day": STAFF,
    "opening": STAFF,
    "members": STAFF,
    "toggle": STAFF,
    "team_done": STAFF,
    "lots": STAFF,
    "count": STAFF,
    "counted": STAFF,
    "drill": STAFF,
    "drill_start": STAFF,
    "drill_skip": STAFF,
    "to_open": STAFF,
    "open_day": STAFF,
    "print_list": STAFF,
    # the day's books, for the lead
    "closing": STAFF,
    "to_close": STAFF,
    "why": STAFF,
    "close_day": STAFF,
    "rest": STAFF,
}

# Fields that are lists however many were chosen; all others are single texts.
LISTS = frozenset({"symptoms", "treatment"})
