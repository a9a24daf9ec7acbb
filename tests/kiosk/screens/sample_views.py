"""One view of the desk per screen, and variants in trouble, as the pages get them. Data only: no desk stands behind."""

from tests.kiosk.screens import sample_day, sample_vials
from tests.kiosk.screens.sample_alarm import ALARM, FOLLOW_UP, TOLD
from tests.kiosk.screens.sample_closing import CLOSED, CLOSING
from tests.kiosk.screens.sample_door import ASKED, CONFIRM, GROUPS, LONG_NAME, MASKED, TICKET, TYPED
from tests.kiosk.screens.sample_late_entry import LATE_ENTRY, SCREEN_OF
from tests.kiosk.screens.sample_neighbours import ACCOUNTS, KIOSKS
from tests.kiosk.screens.sample_recovery import RECOVERY
from tests.kiosk.screens.sample_screening import FORM, PERSON, concluded, screening
from tests.kiosk.screens.sample_status import ILL, told
from tests.kiosk.screens.sample_texts import LONGEST

STAFF = {"name": "Trần Thị Lan", "role": "injector"}

LOTS = [
    {
        "lot": "ABV9021",
        "vaccine": "astrazeneca",
        "vaccine_name": "AstraZeneca",
        "expiry": "31/12/2021",
        "left": 87,
        "trouble": None,
    },
    {
        "lot": "NJ0342",
        "vaccine": "sinopharm",
        "vaccine_name": "Vero Cell (Sinopharm)",
        "expiry": "15/06/2023",
        "left": 120,
        "trouble": None,
    },
    {
        "lot": "FG3528",
        "vaccine": "pfizer",
        "vaccine_name": "Comirnaty (Pfizer)",
        "expiry": "30/11/2021",
        "left": 12,
        "trouble": None,
    },
    {
        "lot": "ABV7764",
        "vaccine": "astrazeneca",
        "vaccine_name": "AstraZeneca",
        "expiry": "31/08/2021",
        "left": 40,
        "trouble": "lot_expired",
    },
    {
        "lot": "3004218",
        "vaccine": "moderna",
        "vaccine_name": "Spikevax (Moderna)",
        "expiry": "28/02/2022",
        "left": 9,
        "trouble": "lot_stopped",
    },
]
for _lot in LOTS:
    _lot["open"] = {"ABV9021": sample_vials.OPEN, "FG3528": sample_vials.TOO_LONG}.get(_lot["lot"])
    _lot["emptied"] = _lot["lot"] == "NJ0342"

NAMES = [
    "Lê Văn Đậu",
    "Phạm Thị Ngọc Ánh",
    LONG_NAME,
    "Đỗ Hữu Nghĩa",
    "Hồ Thị Kỷ",
    "Vũ Đức Thuận",
    "Bùi Thị Ỷ Lan",
    "Y Blốt Niê Kđăm",
]
PEOPLE = [
    {
        "visit": f"v-{n}", "ticket": f"A-{n:03}", "name": NAMES[n % 8], "year": str(1940 + n), "sex": "F",
        "masked": "075•••••1234", "state": "called" if n == 1 else "waiting", "since_min": 40 - n, "ours": True,
        "at_desk": "", "priority": "elderly" if n == 3 else "",
    }
    for n in range(1, 15)
]  # fmt: skip
# Of a neighbour's lane: seen, never called from here.
PEOPLE += [{**PEOPLE[n], "visit": f"v-b{n}", "ticket": f"B-{n:03}", "ours": False} for n in (2, 4)]
TILES = [
    {
        "visit": f"v-{n}", "ticket": f"A-{n:03}", "name": NAMES[n % 8], "year": str(1940 + n), "sex": "F", "masked": "",
        "left_s": max(0, (n - 3) * 170), "done": n <= 3, "dosed_at": f"09:{10 + n}", "initials": "N.T.H.P.",
        "home": "kiosk-02" if n == 5 else "", "reaction": {1: "severe", 2: "common"}.get(n, ""), "told": TOLD if n < 3 else [],
    }
    for n in range(1, 13)
]  # fmt: skip
COUNTS = {"waiting": 14, "called": 1, "cleared": 6, "ready": 1, "observing": 12, "left": 103}
FINDING = {"rule": "interval", "weight": "warn", "numbers": {"need": 28, "left": 5, "dose_no": 1}, "source": ""}
EXPIRED = {"rule": "lot_expired", "weight": "block", "numbers": {"expiry": "2021-08-31"}, "source": "tram"}
READ_BACK = {
    "person": PERSON,
    "vaccine_name": "AstraZeneca",
    "lot": "ABV9021",
    "expiry": "31/12/2021",
    "dose_no": 2,
    "findings": [],
    "blocked": False,
    "needs_reason": False,
    "vial": sample_vials.DRAWN,
    "scanned": True,
    "shown": [],
    "known_age_min": 42,
}
FIRST_DOSE = {"vaccine_name": "AstraZeneca", "given_on": "08/08/2021", "dose_no": 1, "by": "slip"}
SYMPTOMS = [
    {"code": "s0", "vi": "Đau chỗ tiêm", "en": "Pain at the injection site"},
    {"code": "s1", "vi": "Sưng chỗ tiêm", "en": "Swelling at the injection site"},
    {"code": "s2", "vi": "Sốt", "en": "Fever"},
    {"code": "s3", "vi": "Đau đầu", "en": "Headache"},
    {"code": "s4", "vi": "Mệt mỏi", "en": "Tired"},
    {"code": "s5", "vi": "Đau cơ, khớp", "en": "Muscle or joint pain"},
    {"code": "s6", "vi": "Buồn nôn, nôn", "en": "Nausea, vomiting"},
    {"code": "s7", "vi": "Phát ban, ngứa", "en": "Rash, itching"},
    {"code": "s8", "vi": "Chóng mặt", "en": "Dizzy"},
    {"code": "s9", "vi": "Khó thở", "en": "Short of breath"},
    {"code": "s10", "vi": "Ngất", "en": "Fainted"},
    {"code": "s11", "vi": "Khác", "en": "Other"},
]
DOSED = {"person": PERSON, "dose_no": 2, "vaccine_name": "AstraZeneca", "time": "09:42", "until": "10:12"}
SITE_PEOPLE = [
    {**PEOPLE[0], "ticket": "B-004"},
    *PEOPLE[1:],
    {**PEOPLE[0], "visit": "v-77", "ticket": "A-017", "ours": False, "at_desk": "2"},
]
LEAD = {"name": "Lê Văn Trưởng", "role": "lead"}
SHARED = {
    "mode": "shared", "here": False, "keeper": "A", "learning": False, "may_take": True,
    "clashes": [{"ticket": "B-004", "desk": "3"}],
}  # fmt: skip
OWN_LANE = {**SHARED, "mode": "own", "clashes": []}


def view(screen, data, *, station=None, notice=None, **changes):
    """A whole view around a screen's data. A `station` means that somebody is signed in; `notice`: (code, tone, params)."""
    whole = {
        "screen": screen,
        "version": 7,
        "token": "t-1",
        "demo": False,
        "site": {"name": "Trạm y tế Phường 3", "hotline": "1900 9095"},
        "desk": "Bàn 2",
        "clock": {"day": "03/10/2021", "weekday": 6, "time": "09:42", "sure": True},
        "sync": {"waiting": 0, "oldest_min": 0, "online": True, "quarantined": 0, "beside": False},
        "devices": {"printer": "ready", "camera": "ready", "reader": "ready"},
        "prints_waiting": 0,
        "staff": STAFF if station or screen == "station" else None,
        "station": station,
        "lists_age_min": 12,
        "notice": {"code": notice[0], "tone": notice[1], "params": notice[2]} if notice else None,
        "alarms": [],
        "line": {"mode": "alone", "here": False, "keeper": "", "learning": False, "clashes": [], "may_take": False},
        "last": {"ticket": "A-016", "what": "dosed", "time": "09:40", "where": "beside"} if station else None,
        "data": data,
    }
    return {**whole, **changes}


def _queue(station, people=PEOPLE):
    return {
        "station": station,
        "people": people,
        "counts": COUNTS,
        "next": people[1] if people else None,
        "opened": len(people) != 16,
    }


OUT_OF_PAPER = {"printer": "no_paper", "camera": "ready", "reader": "ready"}
AWAY = {**OUT_OF_PAPER, "printer": "disconnected"}
MUTE = {**OUT_OF_PAPER, "printer": "unknown"}
UNSURE = {"day": "03/10/2021", "weekday": 6, "time": "09:42", "sure": False}
CUT = {"waiting": 23, "oldest_min": 41, "online": False, "quarantined": 0, "beside": True}

VIEWS = {
    "welcome": view("welcome", {}),
    "welcome_unreadable": view("welcome", {}, notice=("unreadable", "warn", {}), demo=True),
    "welcome_not_ours": view("welcome", {}, notice=("not_ours", "error", {}), sync=CUT),
    "welcome_no_camera": view("welcome", {}, devices={"printer": "ready", "camera": "absent", "reader": "ready"}),
    "welcome_unsure_clock": view("welcome", {}, clock=UNSURE, devices=OUT_OF_PAPER, demo=True, texts=LONGEST),
    "type_id": view("type_id", {**ASKED, "fields": {}, "errors": {}}),
    "type_id_masked": view("type_id", MASKED),
    "type_id_wrong": view(
        "type_id", {**ASKED, "fields": TYPED, "errors": {"dob": "bad_number"}}, notice=("typed_incomplete", "warn", {})
    ),
    "confirm": view("confirm", CONFIRM),
    "confirm_warned": view(
        "confirm",
        {
            **CONFIRM,
            "name": LONG_NAME,
            "appointment": {"time": "10:30", "vaccine": "AstraZeneca"},
            "warnings": ["number_year"],
            "proved": [FIRST_DOSE],
            "groups": GROUPS,
            "priority": "elderly",
        },
        devices=OUT_OF_PAPER,
    ),
    "confirm_staffed": view(
        "confirm", {**CONFIRM, "staffed": True, "groups": GROUPS}, staff=STAFF, station="reception"
    ),
    "ticket": view("ticket", TICKET),
    "ticket_again": view(
        "ticket",
        {**TICKET, "again": True, "printing": "none", "priority": GROUPS[3]},
        notice=("welcome_again", "info", {"ticket": "A-017"}),
    ),
    "ticket_unknown_wait": view("ticket", {**TICKET, "minutes": None, "priority": GROUPS[0]}),
    "ticket_no_paper": view("ticket", {**TICKET, "printing": "no_paper"}, devices=OUT_OF_PAPER, prints_waiting=1),
    "sign_in": view("sign_in", {"badge_name": None, "wait_s": 0}),
    "sign_in_wrong": view(
        "sign_in", {"badge_name": "Trần Thị Lan", "wait_s": 30}, notice=("wrong_pin", "warn", {"left": 1})
    ),
    "station": view(
        "station",
        {"stations": ["reception", "screening", "injection", "observation"]},
        notice=("signed_in", "info", {"name": "Trần Thị Lan"}),
    ),
    "queue_reception": view("queue", _queue("reception"), station="reception"),
    "queue_screening": view(
        "queue", _queue("screening"), station="screening", notice=("called", "info", {"ticket": "A-016"})
    ),
    "queue_empty": view("queue", _queue("injection", []), station="injection", notice=("nobody_waiting", "info", {})),
    "queue_cut": view(
        "queue", _queue("injection"), station="injection", sync=CUT, devices=OUT_OF_PAPER, prints_waiting=2, demo=True
    ),
    "queue_shared": view("queue", _queue("screening", SITE_PEOPLE), station="screening", line=SHARED, staff=LEAD),
    "queue_own_lane": view("queue", _queue("screening", SITE_PEOPLE), station="screening", line=OWN_LANE),
    "keeper": view("keeper", {"badge_name": None, "wait_s": 0}, station="screening", line=OWN_LANE, staff=LEAD),
    "screening": view("screening", screening(), station="screening", texts=LONGEST),
    "screening_missing": view(
        "screening",
        screening(
            answers={"ACUTE_ILLNESS": "yes"}, vitals={"temperature": "999"}, errors={"temperature": "bad_number"}
        ),
        station="screening",
        notice=("bad_number", "warn", {"field": "temperature"}),
    ),
    "screening_child": view(
        "screening",
        screening(
            form={**FORM, "guardian_consent": True},
            answers={"ANAPHYLAXIS_G3_ANY": "yes"},
            errors={"note.ANAPHYLAXIS_G3_ANY": "missing_note"},
        ),
        station="screening",
        notice=("missing_note", "warn", {"field": "note.ANAPHYLAXIS_G3_ANY"}),
        texts=LONGEST,
    ),
    "conclusion": view("conclusion", concluded(), station="screening"),
    "conclusion_until": view(
        "conclusion",
        concluded("defer", asked="until", because=[FORM["items"][1]], outside=[{**FORM["vitals"][0], "value": 378}]),
        station="screening",
        notice=("need_until", "warn", {}),
    ),
    "conclusion_refused": view(
        "conclusion",
        concluded("refused", because=[], options=["refused"], consent=False),
        station="screening",
    ),
    "dosing": view(
        "dosing",
        {
            "person": PERSON,
            "dose_no": 2,
            "history": [{"vaccine_name": "AstraZeneca", "given_on": "08/08/2021", "dose_no": 1, "by": "centre"}],
            "lots": LOTS,
            "known_age_min": 42,
        },
        station="injection",
    ),
    "dosing_expired": view(
        "dosing",
        {"person": PERSON, "dose_no": 1, "history": [], "lots": LOTS, "known_age_min": None},
        station="injection",
        notice=("lot_expired", "error", {"expiry": "31/08/2021"}),
    ),
    "dosing_printer_away": view(
        "dosing",
        {"person": PERSON, "dose_no": 2, "history": [], "lots": LOTS, "known_age_min": 42},
        station="injection",
        devices=AWAY,
    ),
    "dosing_no_lot": view(
        "dosing", {"person": PERSON, "dose_no": 1, "history": [], "lots": [], "known_age_min": 3}, station="injection"
    ),
    "read_back": view("read_back", READ_BACK, station="injection"),
    "read_back_warned": view(
        "read_back", {**READ_BACK, "findings": [FINDING], "needs_reason": True}, station="injection"
    ),
    "read_back_blocked": view(
        "read_back",
        {**READ_BACK, "findings": [EXPIRED, FINDING], "blocked": True, "needs_reason": True},
        station="injection",
        notice=("need_lead", "warn", {}),
    ),
    "read_back_vial": view(
        "read_back",
        {
            **READ_BACK,
            "findings": sample_vials.VIAL_FINDINGS,
            "blocked": True,
            "needs_reason": True,
            "vial": sample_vials.LAST_HOUR,
        },
        station="injection",
    ),
    "read_back_slip": view("read_back", {**READ_BACK, "shown": [FIRST_DOSE]}, station="injection"),
    "read_back_new_vial": view("read_back", {**READ_BACK, "vial": sample_vials.NEW}, station="injection"),
    "needle": view("needle", {**READ_BACK, "badge_name": None, "wait_s": 0}, station="injection"),
    "vials": view("vials", sample_vials.LIST, station="injection"),
    "vials_none": view("vials", {"vials": [], "lots": []}, station="injection"),
    "vial_end": view("vial_end", sample_vials.ENDING, station="injection"),
    "dosed": view("dosed", DOSED, station="injection", notice=("saved", "info", {}), texts=LONGEST),
    "undo": view("undo", DOSED, station="injection"),
    "observation": view("observation", {"tiles": TILES}, station="observation"),
    "observation_empty": view("observation", {"tiles": []}, station="observation"),
    "release_early": view(
        "release_early", {"person": PERSON, "left_min": 12}, station="observation", notice=("need_reason", "warn", {})
    ),
    "welcome_alarm": view("welcome", {}, alarms=[{**ALARM, "may_see": False}, ALARM]),
    "queue_printer_mute": view("queue", _queue("injection"), station="injection", devices=MUTE, prints_waiting=2),
    "queue_alarm": view("queue", _queue("injection"), station="injection", alarms=[ALARM]),
    "reaction": view("reaction", {"person": PERSON, "symptoms": SYMPTOMS, "onset_min": 12}, station="observation"),
    "follow_up": view("follow_up", FOLLOW_UP, station="observation", notice=("alarm_raised", "warn", {})),
    "released": view(
        "released", {**DOSED, "slip_shown": "s-1", "copy": 1, "printing": "printed"}, station="observation"
    ),
    "released_no_paper": view(
        "released",
        {**DOSED, "slip_shown": "s-1", "copy": 1, "printing": "no_paper"},
        station="observation",
        devices=OUT_OF_PAPER,
        prints_waiting=3,
    ),
    "day": view("day", sample_day.DAY, station="screening", staff=LEAD),
    "day_of_staff": view("day", sample_day.DAY_OF_STAFF, station="injection"),
    "opening": view("opening", sample_day.OPENING, station="screening", staff=LEAD),
    "opening_done": view("opening", sample_day.OPENED, station="screening", staff=LEAD),
    "opening_team": view("opening_team", sample_day.TEAM, station="screening", staff=LEAD),
    "opening_lots": view("opening_lots", sample_day.LOTS, station="screening", staff=LEAD),
    "opening_count": view("opening_count", sample_day.COUNT, station="screening", staff=LEAD),
    "opening_drill": view("opening_drill", sample_day.READING, station="screening", staff=LEAD),
    "opening_drill_ended": view("opening_drill", sample_day.ENDED, station="screening", staff=LEAD),
    "opening_why": view("opening_why", {}, station="screening", staff=LEAD),
    "opening_pin": view("opening_pin", {"badge_name": None, "wait_s": 0}, station="screening", staff=LEAD),
    "closing": view("closing", CLOSING, station="screening", staff=LEAD),
    "closing_balanced": view("closing", CLOSED, station="screening", staff=LEAD),
    "closing_why": view("closing_why", {}, station="screening", staff=LEAD),
    "closing_pin": view("closing_pin", {"badge_name": None, "wait_s": 0}, station="screening", staff=LEAD),
    "neighbours": view("neighbours", {"kiosks": KIOSKS, "shared": ACCOUNTS}, station="reception", staff=LEAD),
    "neighbours_none": view("neighbours", {"kiosks": [], "shared": []}, station="reception", staff=LEAD),
    **{name: view("recovery", data, station="reception") for name, data in RECOVERY.items()},
    **{name: view(SCREEN_OF.get(name, name), data, station="injection") for name, data in LATE_ENTRY.items()},
    "status": view("status", told(**ILL), station="injection", devices=OUT_OF_PAPER, power="poor"),
    "trouble": view("trouble", {"what": "disk"}),
}
