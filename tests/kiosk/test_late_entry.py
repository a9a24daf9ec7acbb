"""A dose from paper: who, what the paper says, its photo, what it meets; one record, and what is known from then on (K4, G13)."""

import base64
import hashlib
import io

import pytest
from PIL import Image

from kiosk import late_entry
from kiosk.hardware.paper_photo import MOST_BYTES, paper_photo
from protocol import papers
from tests.kiosk.made import CARD, OTHER_CARD, Made

PAPER = {
    "lot": "abv001", "dose_no": "1", "day": "01", "month": "09", "year": "2021", "hour": "9", "minute": "15",
    "injector": "1003", "paper": "confirmation", "number": "00123/XN",
}  # fmt: skip


def picture() -> bytes:
    return paper_photo(Image.effect_noise((640, 360), 90))


def begun(made: Made, card: str = OTHER_CARD, code: str = "1003") -> None:
    """The paper of somebody with a card: up to the form."""
    made.sign_in(code, "injection")
    made.act("late")
    assert made.scan(card)["screen"] == "late_vaccine"
    assert made.act("late_vaccine", vaccine="AZ")["screen"] == "late_dose"


def told(made: Made, **changes: str) -> dict[str, object]:
    return made.act("late_told", **{**PAPER, **changes})


def test_a_dose_from_paper_becomes_one_record_with_its_photo(made: Made) -> None:
    begun(made)
    assert told(made)["screen"] == "late_photo"
    photo = picture()
    assert len(photo) > papers.PART_BYTES
    made.desk.photograph = lambda: photo
    view = made.act("late_take")
    assert view["data"]["picture"].startswith("data:image/jpeg;base64,")
    view = made.act("late_check")
    assert (view["screen"], view["data"]["findings"]) == ("late_check", [])
    assert made.act("late_record", reason="")["notice"]["code"] == "need_reason"
    before = made.desk.log.seq
    view = made.act("late_record", reason="Mất điện cả buổi")
    assert (view["screen"], view["notice"]["code"]) == ("queue", "late_saved")
    *parts, dose = made.records()[before:]
    name = hashlib.sha256(photo).hexdigest()
    assert b"".join(base64.b64decode(one.body["data"]) for one in parts) == photo
    assert {(one.kind, one.body["photo"], one.body["parts"]) for one in parts} == {("photo.taken", name, len(parts))}
    assert dose.kind == "dose.entered_late"
    assert dose.who == {"id": "nv-1003", "by": "pin"}
    told_body = {key: value for key, value in dose.body.items() if key not in ("dose", "slip", "identity")}
    assert told_body == {
        "person": "cccd:075301004321",
        "vaccine": "AZ",
        "lot": "ABV001",
        "dose_no": 1,
        "given_on": "2021-09-01",
        "given_min": 555,
        "injector": "nv-1003",
        "injector_name": "Nhân viên 1003",
        "paper": {"form": "confirmation", "number": "00123/XN"},
        "place": "trang-dai",
        "photos": [name],
        "reason": "Mất điện cả buổi",
    }
    assert dose.body["identity"]["name"] == "Lê Thị Mỹ Duyên"


def test_from_then_on_the_dose_counts_for_the_next_one_also_after_a_restart(made: Made) -> None:
    begun(made)
    told(made)
    made.act("late_without")
    made.act("late_record", reason="Sót chưa nhập")
    made.restart()
    made.check_in(OTHER_CARD)
    made.screen()
    made.sign_in("1003", "injection")
    view = made.act("call_next")
    assert [(one["dose_no"], one["by"]) for one in view["data"]["history"]] == [(1, "paper")]
    assert view["data"]["dose_no"] == 2


def test_what_it_meets_is_shown_and_decided_with_a_reason(made: Made) -> None:
    """The centre's list knows a first dose of 20 July; the paper says 1 August."""
    begun(made, CARD)
    told(made, day="1", month="8")
    view = made.act("late_without")
    assert [one["rule"] for one in view["data"]["findings"]] == ["late_too_near"]
    assert view["data"]["findings"][0]["numbers"]["days"] == 12
    assert made.act("late_drop")["screen"] == "queue"
    assert "dose.entered_late" not in made.kinds()
    begun(made, CARD)
    told(made, day="20", month="7", dose_no="2")
    made.act("late_without")
    made.act("late_record", reason="Người dân xác nhận cả hai")
    assert made.records()[-1].body["warnings"] == ["late_same_day"]


def test_what_came_meanwhile_is_shown_before_anything_is_decided(made: Made) -> None:
    begun(made)
    told(made)
    pending = {**made.desk.front.pending, "findings": []}
    found = [{"rule": "late_same_day", "weight": "warn", "source": "tram", "numbers": {}}]
    ids = {"dose": "d-1", "slip": "s-1"}
    outcome = late_entry.record(pending, findings=found, reason="x", place="trang-dai", ids=ids)
    assert (outcome.facts, outcome.notice.code, outcome.pending["findings"]) == ((), "read_again", found)


@pytest.mark.parametrize(
    ("field", "value", "wrong"),
    [
        ("day", "32", "day"),
        ("year", "21", "day"),
        ("month", "", "day"),
        ("year", "2022", "day"),
        ("hour", "24", "hour"),
        ("minute", "x", "hour"),
        ("dose_no", "0", "dose_no"),
        ("dose_no", "", "dose_no"),
        ("lot", " ", "lot"),
        ("injector", "", "injector"),
        ("paper", "", "paper"),
        ("paper", "napkin", "paper"),
    ],
)
def test_what_does_not_fit_is_named_and_nothing_typed_is_lost(made: Made, field: str, value: str, wrong: str) -> None:
    begun(made)
    view = told(made, **{field: value})
    assert (view["screen"], list(view["data"]["errors"])) == ("late_dose", [wrong])
    assert view["data"]["fields"][field] == value
    assert told(made)["screen"] == "late_photo"


def test_without_a_time_and_with_a_hand_from_elsewhere(made: Made) -> None:
    begun(made)
    told(made, hour="", minute="", injector="  Y  Blốt Niê ")
    view = made.act("late_without")
    assert (view["data"]["time"], view["data"]["injector"]) == ("", "Y Blốt Niê")
    made.act("late_record", reason="Sót")
    body = made.records()[-1].body
    assert "given_min" not in body
    assert "injector" not in body
    assert body["injector_name"] == "Y Blốt Niê"
    assert body["photos"] == []


def test_somebody_without_a_card_is_typed_and_may_go_back(made: Made) -> None:
    made.sign_in("1009", "injection")
    made.act("late")
    made.act("no_code")
    typed = {
        "name": "Hồ Thị Kỷ",
        "dob_year": "1950",
        "dob_day": "",
        "dob_month": "",
        "sex": "F",
        "doc_no": "",
        "phone": "",
    }
    view = made.act("typed", **{**typed, "name": "Kỷ"})
    assert (view["screen"], list(view["data"]["errors"])) == ("type_id", ["name"])
    assert made.act("typed", **typed)["screen"] == "late_vaccine"
    made.act("late_vaccine", vaccine="AZ")
    told(made)
    assert made.act("back")["data"]["fields"]["lot"] == "abv001", "what was typed is still there"
    told(made)
    made.act("late_without")
    made.act("late_record", reason="Sót")
    body = made.records()[-1].body
    assert body["person"] == "visit:" + body["dose"], "without papers nobody is guessed"


def test_who_may_not_and_what_else_is_scanned(made: Made) -> None:
    made.sign_in("1002")
    assert made.act("late")["notice"]["code"] == "not_allowed"
    made.sign_in("1009", "screening")
    made.act("late")
    assert made.scan("TRAM-LOT:ABV001")["notice"]["code"] == "not_ours"
    assert made.scan(b"\xff\xfe")["notice"]["code"] == "unreadable"
    assert made.touch.view()["screen"] == "late_who"


def test_without_a_picture_the_camera_is_named(made: Made) -> None:
    begun(made)
    told(made)
    assert made.act("late_take")["notice"]["code"] == "no_photo"


def test_a_photo_is_pixels_alone_and_bounded() -> None:
    exif = Image.Exif()
    exif[0x010E] = "Nguyễn Văn An"
    out = io.BytesIO()
    Image.effect_noise((1920, 1080), 120).save(out, "JPEG", quality=95, exif=exif)
    photo = paper_photo(Image.open(io.BytesIO(out.getvalue())))
    assert len(photo) <= MOST_BYTES
    taken = Image.open(io.BytesIO(photo))
    assert (taken.format, dict(taken.getexif()), max(taken.size) <= 1280) == ("JPEG", {}, True)
