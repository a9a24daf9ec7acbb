"""A dose typed from paper, page by page, as the staff's screen gets it. Data only."""

import base64
import io

from PIL import Image, ImageDraw

_PERSON = {
    "ticket": "", "name": "Nguyễn Thị Hồng Phượng", "year": "1946", "sex": "F", "masked": "075•••••1234", "priority": "",
}  # fmt: skip
_NAMES = (
    "AstraZeneca", "Comirnaty (Pfizer)", "Spikevax (Moderna)", "Vero Cell (Sinopharm)", "Sputnik V", "Janssen",
    "Abdala", "Hayat-Vax", "Covaxin",
)  # fmt: skip
_PAPER = {"form": "confirmation", "number": "00123/XN-TYT"}
_TYPED = {
    "lot": "ABV9021", "dose_no": "1", "day": "08", "month": "08", "year": "2021", "hour": "09", "minute": "15",
    "injector": "Trần Thị Lan", "paper": "confirmation", "number": "00123/XN-TYT",
}  # fmt: skip
_DOSE = {
    "person": _PERSON,
    "vaccine_name": "Vero Cell (Sinopharm)",
    "fields": {},
    "errors": {},
    "papers": ["confirmation", "screening_form", "list", "book", "other"],
    "year": "2021",
}
_SUMMARY = {
    "person": _PERSON, "vaccine_name": "AstraZeneca", "lot": "ABV9021", "dose_no": 1, "day": "08/08/2021", "time": "09:15",
    "injector": "Trần Thị Lan", "paper": _PAPER, "photo": True, "findings": [], "known_age_min": 42,
}  # fmt: skip
_NEAR = {
    "rule": "late_too_near", "weight": "warn", "source": "tram",
    "numbers": {"dose_no": 1, "vaccine": "AstraZeneca", "given_on": "07/08/2021", "days": 1},
}  # fmt: skip


def _picture() -> str:
    page = Image.new("L", (640, 360), 235)
    draw = ImageDraw.Draw(page)
    for row in range(9):
        draw.rectangle((60, 40 + row * 32, 580 - row * 25, 52 + row * 32), fill=60)
    out = io.BytesIO()
    page.save(out, "JPEG", quality=40)
    return "data:image/jpeg;base64," + base64.b64encode(out.getvalue()).decode()


LATE_ENTRY = {
    "late_who": {},
    "late_vaccine": {"person": _PERSON, "vaccines": [{"code": f"v{n}", "name": name} for n, name in enumerate(_NAMES)]},
    "late_dose": _DOSE,
    "late_dose_wrong": {**_DOSE, "fields": {**_TYPED, "day": "32"}, "errors": {"day": "bad_number"}},
    "late_photo": {"person": _PERSON, "picture": "", "paper": _PAPER, "camera": "ready"},
    "late_photo_taken": {"person": _PERSON, "picture": _picture(), "paper": _PAPER, "camera": "ready"},
    "late_check": _SUMMARY,
    "late_check_met": {
        **_SUMMARY,
        "photo": False,
        "findings": [_NEAR, {**_NEAR, "rule": "late_same_lot"}, {**_NEAR, "rule": "late_same_number"}],
    },
}
SCREEN_OF = {"late_dose_wrong": "late_dose", "late_photo_taken": "late_photo", "late_check_met": "late_check"}
