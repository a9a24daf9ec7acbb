"""Invented examples of what is said of a reaction after a dose; `examples.py` holds all others."""

PERSON = "cccd:075079001234"

REACTIONS = {
    "aefi.reported": {
        "aefi": "ae-01",
        "visit": "v-01",
        "dose": "d-01",
        "person": PERSON,
        "severity": "common",
        "symptoms": ["fever", "pain"],
        "note": "Sốt nhẹ 37,8 °C",
        "grade": "I",
        "onset_min": 9,
        "treatment": ["rest"],
        "outcome": "recovered",
    },
    "aefi.followed_up": {
        "aefi": "ae-01",
        "visit": "v-01",
        "dose": "d-01",
        "person": PERSON,
        "severity": "severe",
        "symptoms": ["breathing", "rash"],
        "note": "",
        "grade": "II",
        "onset_min": 12,
        "treatment": ["adrenaline", "oxygen"],
        "outcome": "treating",
    },
    "alarm.seen": {"aefi": "ae-01", "visit": "v-01"},
}
