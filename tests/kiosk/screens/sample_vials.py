"""Opened vials as the injection table's pages get them. Data only."""

OPEN = {
    "vial": "vl-1",
    "vaccine_name": "AstraZeneca",
    "lot": "ABV9021",
    "expiry": "31/12/2021",
    "doses": 10,
    "used": 3,
    "left": 7,
    "minutes": 321,
    "opened_at": "09:03",
    "kiosk": "",
}
TOO_LONG = {
    **OPEN, "vial": "vl-2", "vaccine_name": "Comirnaty (Pfizer)", "lot": "FG3528", "doses": 6, "used": 5, "left": 1,
    "minutes": 0, "opened_at": "03:03",
}  # fmt: skip
THEIRS = {**OPEN, "vial": "vl-3", "minutes": None, "kiosk": "kiosk-02"}
LOTS = [
    {"lot": "ABV9021", "vaccine_name": "AstraZeneca"},
    {"lot": "NJ0342", "vaccine_name": "Vero Cell (Sinopharm)"},
    {"lot": "FG3528", "vaccine_name": "Comirnaty (Pfizer)"},
]
LIST = {"vials": [OPEN, TOO_LONG, THEIRS], "lots": LOTS}
REASONS = ["end_of_session", "open_too_long", "contaminated", "poor_withdrawal", "broken", "heat", "frozen"]
ENDING = {"vial": TOO_LONG, "reasons": REASONS}
NEW = {"new": True, "number": 1, "doses": 10, "minutes": None, "opened_at": ""}
DRAWN = {"new": False, "number": 4, "doses": 10, "minutes": 321, "opened_at": "09:03"}
LAST_HOUR = {"new": False, "number": 7, "doses": 6, "minutes": 0, "opened_at": "03:03"}
VIAL_FINDINGS = [
    {"rule": "vial_open_too_long", "weight": "block", "source": "BYT", "numbers": {"hours": 6}},
    {"rule": "vial_empty", "weight": "warn", "source": "tram", "numbers": {"doses": 6, "next": 7}},
]
