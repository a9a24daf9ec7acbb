"""Codes of the desk to English sentences; words/vi.po holds the Vietnamese. Decides no tone and no next step.

`%(…)s` are the notice's or the finding's own parameters. A missing one shows as “…” rather than stopping the screen.
"""

import gettext
from collections import defaultdict
from collections.abc import Mapping
from typing import Any

from kiosk.screens.day_words import DAY_NOTICES
from kiosk.screens.day_words import TABLES as DAY_TABLES
from kiosk.screens.dose_words import DOSE_NOTICES, DOSE_RULES, HISTORY_BY, PAPER_FIELDS, PAPERS, VIAL_ENDS
from kiosk.screens.enrolment_words import SENTENCES as ENROLMENT
from kiosk.screens.levers import LEVERS
from kiosk.screens.shown import day
from kiosk.screens.status_words import TABLES as STATUS_TABLES
from kiosk.screens.voice import TABLES as VOICE_TABLES

NOTICES = {
    **DOSE_NOTICES,
    **DAY_NOTICES,
    "reading": "Reading the card…",
    "unreadable": "Could not read it. Hold the card flat, about 15 cm away.",
    "not_ours": "This is not an ID or registration code. Try another, or call staff.",
    "too_long_code": "This code is too long to be an ID code. Try another, or call staff.",
    "no_room": "This machine’s memory card is nearly full: no new check-ins here. Please go to another kiosk.",
    "registration_unknown": "This registration is not on this site’s list. Use your ID card, or call staff.",
    "certificate_unreadable": "This certificate could not be read. Use your ID card, or call staff.",
    "certificate_unverified": "This certificate could not be verified here. Its doses do not count; show it to staff.",
    "store_salvaged": "This machine’s memory was damaged. What could be read is back, the rest comes from other kiosks. Call support.",
    "broken_card": "This card’s code cannot be used: %(field)s. Please call staff.",
    "welcome_again": "You already have %(ticket)s. Please take a seat.",
    "no_printer": "The printer is not ready. Please remember %(ticket)s; your slip comes later.",
    "wrong_pin": "Wrong code or PIN. %(left)s tries left.",
    "locked": "Too many tries. Please wait %(wait_s)s seconds, or ask the lead.",
    "unknown_badge": "This badge is not on the site’s list. Ask the lead.",
    "revoked_badge": "This badge is no longer valid. Ask the lead.",
    "not_allowed": "Your role may not do this. Nothing was changed.",
    "signed_in": "Welcome, %(name)s.",
    "used_elsewhere": "%(name)s: this account was used at %(kiosk)s at %(time)s. If that was not you, please tell the lead.",
    "called": "Called %(ticket)s.",
    "nobody_waiting": "Nobody is waiting now.",
    "other_lane": "%(ticket)s is called by another kiosk. If they stand here, scan their card.",
    "not_here_today": "This person has not checked in today, or that has not reached this kiosk yet.",
    "not_this_step": "%(ticket)s is at another step now: %(state)s.",
    "asking": "Asking for %(ticket)s…",
    "held_elsewhere": "Desk %(desk)s has %(ticket)s.",
    "not_granted": "%(ticket)s could not be called now. Please try again.",
    "own_lane_only": "No contact with the queue keeper: %(ticket)s is called at its own kiosk. If they stand here, scan their card.",
    "nobody_in_lane": "No contact with the queue keeper, and nobody with this kiosk’s numbers is waiting.",
    "keeper_here": "This kiosk now keeps the site’s queue.",
    "lane_taken": "This kiosk stands in for %(kiosk)s: its people are served here now.",
    "lane_back": "This kiosk serves its own people again.",
    "carrying": "What %(kiosk)s could not send is sent from here now.",
    "carrying_ended": "%(kiosk)s sends for itself again.",
    "slip_recorded": "Slip %(slip)s is recorded. The centre counts its dose once.",
    "slip_known": "This site already has this dose. Nothing was recorded.",
    "saved": "Saved on this machine.",
    "printed": "Printed.",
    "print_failed": "Not printed: %(status)s. The record is safe; print again later.",
    "slip_waiting": "%(count)s slips wait for the printer. They print by themselves when it is ready.",
    "undone": "Undone. The record of the undoing is saved.",
    "released": "Observation has ended.",
    "reported": "Reaction reported.",
    "alarm_raised": "The whole site has been called. Help first, write later.",
    "followed_up": "The reaction’s record is up to date.",
    "own_alarm": "You raised this alarm: somebody else must say that they know.",
    "missing_answer": "Not answered yet: %(field)s.",
    "bad_number": "This number does not fit: %(field)s.",
    "missing_note": "Please write which it was.",
    "need_until": "Please say when this person may come again.",
    "need_reason": "Please say why. The reason goes on the record.",
    "need_lead": "The lead must allow this: code, PIN and reason.",
    "lot_unknown": "Lot %(lot)s is not on this site’s list. Choose another, or ask the lead.",
    "lot_expired": "This lot expired on %(expiry)s. Put it aside and choose another.",
    "lot_stopped": "This lot is stopped. Put it aside and choose another.",
    "wrong_state": "Somebody has already dealt with this person. The screen is now up to date.",
    "locked_screen": "The screen was locked. Please sign in again.",
    "disk_trouble": "Could not write to the memory card. This act was NOT saved: use a paper form and call support.",
    "cut": "No network. Everything is saved here and is sent later by itself.",
    "list_old": "The list “%(list)s” is %(age_min)s minutes old. Check with the lead before a lot you do not know.",
    "already_dosed_here": "This person already got a dose here today.",
    "typed_incomplete": "Please look at what is marked below.",
    "read_again": "What applies here has just changed. Nothing was recorded yet: please read it again.",
    "not_taken": "This text cannot be recorded: %(field)s. Nothing was saved: please shorten or change it.",
    "wire_refused": "The centre refuses this kiosk’s messages. Everything is saved here. Please call support.",
    "log_cloned": "This memory card was copied: another machine wrote under its name. Both are kept. Please call support.",
    "log_restored": "This memory card was put back to an older state. Nothing written here is lost. Please call support.",
}

# How this kiosk stands to the site's queue.
LINES = {
    "shared": "One queue for the whole site; kiosk %(keeper)s keeps it.",
    "here": "One queue for the whole site; this kiosk keeps it.",
    "own": "This kiosk’s numbers only: no contact with the site’s queue keeper.",
    "learning": "This kiosk’s numbers only, for a few seconds: the queue keeper has just begun.",
    "clash": "Desk %(desk)s is calling %(ticket)s too. Please agree who goes on; nothing recorded is lost.",
}

RULES = {
    **DOSE_RULES,
    "age": "Not yet %(min)s years old (is %(age)s)",
    "interval": "Not yet %(need)s days since dose %(dose_no)s (%(left)s days left)",
    "same_day": "Already got dose %(dose_no)s today",
    "mix": "Differs from the earlier dose: %(first)s",
    "series_complete": "Already has all %(doses)s doses",
    "vaccine_unknown": "No rules are known for this vaccine",
    "lot_unknown": "The lot is not on this site’s list",
    "lot_other_vaccine": "This lot belongs to another vaccine: %(vaccine)s",
    "lot_stopped": "The lot is stopped",
    "lot_expired": "The lot expired on %(expiry)s",
}

SOURCES = {"tram": "this site’s rules", "mix": "Ministry of Health guidance", "": "Ministry of Health guidance"}

FIELDS = {
    **PAPER_FIELDS,
    "name": "full name",
    "dob": "date of birth",
    "dob_day": "day of birth",
    "dob_month": "month of birth",
    "dob_year": "year of birth",
    "sex": "sex",
    "doc_no": "document number",
    "phone": "phone number",
    "code": "staff code",
    "pin": "PIN",
    "consent": "consent",
    "reason": "reason",
    "severity": "severity",
    "symptoms": "symptoms",
    "outcome": "what became of them",
    "onset_min": "minutes until it began",
    "conclusion": "conclusion",
    "lot": "lot",
    "number": "ID number",
    "expiry": "expiry",
    "guardian.name": "name of the parent or guardian",
    "guardian.relation": "who came with the child",
}

STATIONS = {
    "reception": "Reception",
    "screening": "Screening",
    "injection": "Injection",
    "observation": "Observation area",
}

STATES = {
    "waiting": "waiting",
    "called": "called",
    "cleared": "cleared for the dose",
    "ready": "called to injection",
    "observing": "observing",
    "left": "left",
    "deferred": "deferred",
    "contraindicated": "contraindicated",
    "referred": "referred to hospital",
    "refused": "declined",
    "gone": "went away",
}

CONCLUSIONS = {
    "eligible": "Eligible",
    "caution": "Eligible, with caution",
    "defer": "Defer",
    "contraindicated": "Contraindicated",
    "refer_hospital": "Refer to hospital",
    "refused": "Consent declined",
}

UNTILS = {
    "later_today": "Later today",
    "tomorrow": "Tomorrow",
    "two_weeks": "In 2 weeks",
    "three_months": "In 3 months",
    "unsaid": "When the doctor says",
}

RELATIONS = {"father": "Father", "mother": "Mother", "guardian": "Guardian"}

SEXES = {"M": "Male", "F": "Female", "U": "Sex not given"}

SEVERITIES = {"common": "Common reaction", "severe": "Severe reaction"}

REACTION_OUTCOMES = {
    "treating": "Under treatment",
    "recovered": "Recovered",
    "hospital": "Taken to hospital",
    "sequelae": "Lasting harm",
    "died": "Died",
}

PRINTINGS = {
    "waiting": "The slip is waiting for the printer.",
    "busy": "The slip is being printed…",
    "sending": "The slip is being printed…",
    "printed": "Please take your slip from the printer.",
    "no_paper": "The printer is out of paper. The slip comes later.",
    "cover_open": "The printer’s cover is open. The slip comes later.",
    "disconnected": "The printer is not connected. The slip comes later.",
    "unknown": "The printer did not answer. Look whether the slip came out; if not, print again.",
}

PRINTERS = {
    "ready": "ready",
    "busy": "printing…",
    "no_paper": "out of paper",
    "cover_open": "cover open",
    "disconnected": "not connected",
    "unknown": "no answer",
}

PRINTER_TROUBLE = {
    "no_paper": "Out of paper. Change the roll, then touch Resume.",
    "cover_open": "Printer cover open. Close it, then touch Resume.",
    "disconnected": "Printer not connected. Check its cable, then touch Resume.",
    "unknown": "The printer does not answer. Switch it off and on, then touch Resume.",
}

CAMERA_TROUBLE = {
    "absent": "No camera. Use the hand scanner.",
    "frozen": "The camera is stuck. Use the hand scanner.",
    "dark": "The camera sees nothing. Uncover its lens.",
}

READER_TROUBLE = {"disconnected": "Hand scanner not connected. Check its cable."}

BOARD_TROUBLE = {
    "disconnected": "Lamp and cold-box board not connected. Check its cable.",
    "silent": "The cold-box board does not answer. Plug its cable in again.",
    "wrong_key": "Cold-box board of another kiosk: its readings do not count. Call support.",
}

COLD_BOX = {
    "in_range": "Cold box %(degrees)s °C",
    "too_warm": "Cold box %(degrees)s °C: too warm",
    "too_cold": "Cold box %(degrees)s °C: too cold",
    "no_data": "Cold box: no temperature",
}

COLD_BOX_ALARMS = {
    "too_warm": "Cold box %(degrees)s °C, too warm for %(minutes)s min. Do not use it yet; tell the lead.",
    "too_cold": "Cold box %(degrees)s °C, too cold for %(minutes)s min. Do not use it yet; tell the lead.",
    "no_data": "Cold box unknown for %(minutes)s min: no temperature. Read its own thermometer.",
}

ROLES = {
    "reception": "Receptionist",
    "screener": "Screening doctor",
    "injector": "Injector",
    "observer": "Observer",
    "lead": "Site lead",
}

FIELD_PROBLEMS = {
    "typed_incomplete": "Please complete: %(field)s.",
    "missing_answer": "Not answered yet: %(field)s.",
    "bad_number": "This number does not fit: %(field)s.",
    "number_differs": "This is not the number that the code shows in part: %(field)s.",
}

WHATS = {"checked_in": "checked in", "screened": "screened", "dosed": "dosed", "left": "left"}

WHERES = {"here": "saved here", "beside": "saved here and at another kiosk", "centre": "at the centre"}

WARNINGS = {
    "number_year": "The year of birth does not match the ID number.",
    "number_sex": "The sex does not match the ID number.",
}

WEEKDAYS = {0: "Mon", 1: "Tue", 2: "Wed", 3: "Thu", 4: "Fri", 5: "Sat", 6: "Sun"}

SYNC = {
    "quarantined": "%(count)s records the centre cannot read yet",
    "call_support": "saved here, please call support",
    "at_centre": "all at the centre",
    "saved": "all saved",
    "here": "saved here",
    "beside": "saved at 2 kiosks",
    "to_send": "%(count)s to send",
    "not_sealed": "old kit: not sealed",
}

TABLES: dict[str, Mapping[Any, str]] = {
    "enrolment": ENROLMENT,
    **STATUS_TABLES,
    **VOICE_TABLES,
    "notices": NOTICES,
    **DAY_TABLES,
    "rules": RULES,
    "sources": SOURCES,
    "fields": FIELDS,
    "stations": STATIONS,
    "states": STATES,
    "conclusions": CONCLUSIONS,
    "untils": UNTILS,
    "relations": RELATIONS,
    "sexes": SEXES,
    "vial_ends": VIAL_ENDS,
    "papers": PAPERS,
    "history_by": HISTORY_BY,
    "severities": SEVERITIES,
    "reaction_outcomes": REACTION_OUTCOMES,
    "printings": PRINTINGS,
    "printers": PRINTERS,
    "printer_trouble": PRINTER_TROUBLE,
    "camera_trouble": CAMERA_TROUBLE,
    "board_trouble": BOARD_TROUBLE,
    "cold_box": COLD_BOX,
    "cold_box_alarms": COLD_BOX_ALARMS,
    "reader_trouble": READER_TROUBLE,
    "roles": ROLES,
    "whats": WHATS,
    "wheres": WHERES,
    "warnings": WARNINGS,
    "weekdays": WEEKDAYS,
    "levers": LEVERS,
    "sync": SYNC,
    "lines": LINES,
    "field_problems": FIELD_PROBLEMS,
}


def line_sentence(line: Mapping[str, Any], words: gettext.NullTranslations) -> str:
    """How this kiosk stands to the site's queue; empty where each kiosk has its own anyway."""
    code = "learning" if line["learning"] else "here" if line["here"] and line["mode"] == "shared" else line["mode"]
    return words.gettext(LINES[code]) % {"keeper": line["keeper"]} if code in LINES else ""


def clash_sentence(clash: Mapping[str, Any], words: gettext.NullTranslations) -> str:
    """Two desks have one person: what both show."""
    return words.gettext(LINES["clash"]) % clash


def sentence(notice: Mapping[str, Any], data: Mapping[str, Any], words: gettext.NullTranslations) -> str:
    """The notice `{"code", "params"}` in the reader's language; an unknown code shows as itself, not as nothing."""
    params = defaultdict(lambda: "…", notice.get("params") or {})
    if "field" in params:
        params["field"] = field_word(params["field"], data, words)
    if "status" in params:
        params["status"] = words.gettext(PRINTERS.get(params["status"], str(params["status"])))
    if "state" in params:
        params["state"] = words.gettext(STATES.get(params["state"], str(params["state"])))
    for name in ("expiry",):
        if name in params:
            params[name] = day(params[name])
    text = NOTICES.get(notice["code"])
    return words.gettext(text) % params if text else str(notice["code"])


def field_problem(code: str, problem: str, words: gettext.NullTranslations) -> str:
    """What is wrong with one field of a form, in a sentence."""
    text = FIELD_PROBLEMS.get(problem, FIELD_PROBLEMS["typed_incomplete"])
    return words.gettext(text) % {"field": field_word(code, {}, words)}


def rule_sentence(finding: Mapping[str, Any], words: gettext.NullTranslations) -> str:
    """What a rule says: "Not yet 28 days since dose 1 (5 days left)". `finding`: `rule` and `numbers`."""
    numbers = defaultdict(lambda: "…", finding["numbers"])
    if "expiry" in numbers:
        numbers["expiry"] = day(numbers["expiry"])
    text = RULES.get(finding["rule"])
    return words.gettext(text) % numbers if text else str(finding["rule"])


def source_word(finding: Mapping[str, Any], words: gettext.NullTranslations) -> str:
    """Where a rule comes from: a code of SOURCES, or the source's own name such as “QĐ 3588/QĐ-BYT”."""
    source = finding.get("source", "")
    return words.gettext(SOURCES[source]) if source in SOURCES else str(source)


def field_word(code: str, data: Mapping[str, Any], words: gettext.NullTranslations) -> str:
    """A field's name as people say it: from FIELDS, or the screening form's own text for an item or a vital sign."""
    bare = str(code).removeprefix("answer.").removeprefix("vital.").removeprefix("note.")
    if bare in FIELDS:
        return words.gettext(FIELDS[bare])
    form = data.get("data", data).get("form", {})
    spoken = words.info().get("language", "en")
    for row in [*form.get("items", []), *form.get("vitals", [])]:
        if row["code"] == bare:
            return str(row.get(spoken) or row["en"])
    return bare
