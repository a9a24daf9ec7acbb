"""The other kiosks as the lead sees them: alive, dead and sent for, silent for a moment, dead before this one woke, stood in for."""


def row(k: str, **more: object) -> dict[str, object]:
    still = {"unsafe": 0, "carried": 0, "missing": 0, "silent_min": 0, "ordered": False, "led": False, "own": False}
    return {"k": k, **still, **more}


KIOSKS = [
    row("kiosk-01", own=True),
    row("kiosk-02"),
    row("kiosk-03", unsafe=214, carried=214, silent_min=47, ordered=True),
    row("kiosk-04", unsafe=3, silent_min=2),
    row("kiosk-05", missing=118),
    row("kiosk-06", unsafe=3, carried=3, silent_min=12, ordered=True, led=True),
]
ACCOUNTS = [{"name": "Trần Thị Lan", "kiosks": ["kiosk-01", "kiosk-02"], "time": "09:41"}]
