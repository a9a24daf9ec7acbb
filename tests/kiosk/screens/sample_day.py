"""A site's day as its pages get it: opening with all kinds of difference, ready, in its steps. Data only."""

DAY = {"lead": True, "opened": "", "closed": "", "list_rows": 312, "list_file": "written", "list_at": "11:40"}
DAY_OF_STAFF = {**DAY, "lead": False, "opened": "07:05", "list_file": "no_stick", "list_at": ""}


def drill(stage: str, *states: str) -> dict[str, object]:
    names = ("printer", "camera", "reader", "offline", "sync")
    steps = [{"name": name, "state": state} for name, state in zip(names, states, strict=True)]
    return {"stage": stage, "steps": steps, "passed": stage == "over" and set(states) <= {"ok", "beside"}, "code": "X"}


IDLE = drill("idle", *["waiting"] * 5)
READING = drill("reading", "ok", "now", "ok", "waiting", "waiting")
ENDED = drill("over", "failed", "skipped", "skipped", "ok", "beside")
PASSED = drill("over", *["ok"] * 5)
OPENING = {
    "lead": True, "opened": "", "closed": "", "team": 3, "missing": ["screener", "injector", "observer"], "lots": 4, "counted": 3,
    "lots_differ": 2, "drill": IDLE, "drilled": [], "left_open": "02/10/2021", "differs": ["team", "lots", "drill"],
}  # fmt: skip
OPENED = {
    **OPENING, "opened": "07:05", "team": 9, "missing": [], "counted": 4, "lots_differ": 0, "drill": PASSED,
    "drilled": ["kiosk-01", "kiosk-02", "kiosk-03"], "left_open": "", "differs": [],
}  # fmt: skip
NAMES = (
    "Trần Thị Lan",
    "Công Tằng Tôn Nữ Nguyễn Thị Quỳnh Hương",
    "Lê Văn Đậu",
    "Hồ Thị Kỷ",
    "Vũ Đức Thuận",
    "Y Blốt Niê Kđăm",
)
ROLES = ("lead", "screener", "injector", "injector", "observer", "reception")
TEAM = {
    "people": [
        {"id": f"st-{n}", "name": name, "role": role, "here": n % 2 == 0}
        for n, (name, role) in enumerate(zip(NAMES, ROLES, strict=True))
    ],
    "count": 3,
    "missing": ["observer"],
    "changes": True,
}
LOTS = {
    "lots": [
        {"lot": "ABV9021", "vaccine_name": "AstraZeneca", "expected": 12, "counted": 12, "agrees": True},
        {"lot": "NJ0342", "vaccine_name": "Vero Cell (Sinopharm)", "expected": 120, "counted": 118, "agrees": False},
        {"lot": "FG3528", "vaccine_name": "Comirnaty (Pfizer)", "expected": None, "counted": None, "agrees": False},
    ]
}
COUNT = {"lot": "NJ0342", "vaccine_name": "Vero Cell (Sinopharm)", "counted": ""}
