"""People of whom only the year of birth is known (domain.md 11): the year is shown, kept and printed, never a first of January."""

import json

import pytest

from kiosk.desk import day_list
from kiosk.observation import OBSERVE_S
from protocol import slip_code
from tests.kiosk.made import Made

HEALTH = "|".join(
    ("GD4750101234567", "Trần Thị Bảy".encode().hex(), "1950", "2", "Xuân Lộc".encode().hex(), "75 - 001", "$")
)
# Some cards bear zeros for day and month, as domain.md 11.1 has them.
CARD = "075150000017|270000017|Trần Thị Bảy|00001950|Nữ|Xuân Lộc, Đồng Nai|25062021"
TYPED = {
    "name": "Trần Thị Bảy", "dob_day": "", "dob_month": "", "dob_year": "1950", "sex": "F", "doc_no": "", "phone": "",
}  # fmt: skip
NEVER = ("1950-01-01", "01/01/1950", "1950-", "/1950")


def by_hand(made: Made) -> None:
    made.act("no_code")
    made.act("typed", **TYPED)


def by_health_card(made: Made) -> None:
    made.scan(HEALTH)
    made.act("typed", doc_no="")


def by_card(made: Made) -> None:
    made.scan(CARD)


def shown(made: Made) -> dict:
    """The view, in which no day was made of the year."""
    view = made.touch.view()
    text = json.dumps(view, ensure_ascii=False)
    assert [word for word in NEVER if word in text] == []
    return view


@pytest.mark.parametrize("enter", [by_hand, by_health_card, by_card])
def test_the_year_stands_from_the_door_to_the_slip(made: Made, enter):
    enter(made)
    view = shown(made)
    assert (view["screen"], view["data"]["name"], view["data"]["year"]) == ("confirm", "Trần Thị Bảy", "1950")
    made.act("yes")
    shown(made)
    made.act("done")
    assert made.records()[-1].body["identity"]["dob"] == "1950"
    job, ticket = made.touch.take_print()
    made.touch.print_done(job, "printed")
    assert [word for word in NEVER if word in str(ticket)] == []
    made.screen()
    made.sign_in("1003", "injection")
    made.act("call_next")
    view = made.act("lot", lot="ABV001")
    assert (view["screen"], shown(made)["data"]["person"]["year"]) == ("read_back", "1950")
    made.act("confirm_dose")
    shown(made)
    given = next(record for record in made.records() if record.kind == "dose.given")
    assert "age" not in given.body["warnings"]
    made.act("next")
    made.act("observation")
    visit = shown(made)["data"]["tiles"][0]["visit"]
    made.clock.pass_s(OBSERVE_S)
    made.act("release", visit=visit)
    shown(made)
    _job, slip = made.touch.take_print()
    assert (slip.birth_year, slip.name) == ("1950", "Trần Thị Bảy")
    assert slip_code.decode(slip.qr_text)[0]["b"] == "1950"
    assert [word for word in NEVER if word in str(slip)] == []
    rows = made.desk.call(lambda: day_list.now(made.desk)).rows
    assert [row.year for row in rows if row.ticket] == ["1950"]
