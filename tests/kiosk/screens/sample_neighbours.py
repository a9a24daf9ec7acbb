"""The site's other kiosks as the lead's screen gets them. Data only."""

KIOSKS = [
    {"k": "kiosk-02", "unsafe": 0, "carried": 0, "silent_min": 0, "ordered": False},
    {"k": "kiosk-03", "unsafe": 214, "carried": 214, "silent_min": 47, "ordered": True},
    {"k": "kiosk-04", "unsafe": 3, "carried": 0, "silent_min": 2, "ordered": False},
]
