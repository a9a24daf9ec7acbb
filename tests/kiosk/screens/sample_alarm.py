"""What the screens show of a reaction, with the centre's real grades and treatments: the longest words must fit."""

from server import reference
from tests.kiosk.screens.sample_screening import PERSON

AEFI = reference.read_data("aefi_symptoms")
TOLD = [
    {"severity": "severe", "grade": "II", "reported_at": "09:40", "seen": [{"who": "Trần Thị Lan", "at": "09:42"}]},
    {"severity": "severe", "grade": "", "reported_at": "09:41", "seen": []},
]
ALARM = {
    "aefi": "e-1", "ticket": "B-014", "kiosk": "kiosk-02", "minutes": 1, "mine": False, "here": False, "may_see": True,
}  # fmt: skip
FOLLOW_UP = {
    "person": PERSON,
    "reaction": {
        "severity": "severe", "symptoms": ["rash"], "treatment": ["adrenaline"], "grade": "II", "outcome": "", "note": "",
        "onset_min": 12, "reported_at": "09:40", "seen": [],
    },
    # The rest of the real lists is walked through in test_alarm_browser.py: every page costs each display half a second.
    "symptoms": [],
    "grades": AEFI["anaphylaxis"][1:3],
    "treatments": [],
}  # fmt: skip
