"""Whoever injected proves it with code and PIN at the needle, when somebody else is signed in (G12, I8)."""

import pytest

from tests.kiosk.made import CARD, PIN, Made


@pytest.fixture
def read_back(made: Made) -> Made:
    """A lead is signed in at the injection table; a dose is read back."""
    made.check_in(CARD)
    made.screen()
    made.sign_in("1009", "injection")
    made.act("call_next")
    assert made.act("lot", lot="ABV001")["screen"] == "read_back"
    return made


def test_the_injectors_pin_puts_their_name_on_the_dose(read_back: Made) -> None:
    made = read_back
    assert made.act("other_hand")["screen"] == "needle"
    view = made.act("injected", code="1003", pin=PIN)
    assert view["screen"] == "dosed"
    assert view["staff"]["name"] == "Nhân viên 1009", "who is signed in stays"
    dose = made.records()[-1]
    assert (dose.kind, dose.who) == ("dose.given", {"id": "nv-1003", "by": "pin"})


def test_wrong_pins_wait_and_other_roles_inject_nobody(read_back: Made) -> None:
    made = read_back
    made.act("other_hand")
    assert made.act("injected", code="1002", pin=PIN)["notice"]["code"] == "not_allowed"
    assert made.act("injected", code="1010", pin=PIN)["notice"]["code"] == "wrong_pin", "withdrawn"
    made.act("injected", code="1003", pin="0")
    view = made.act("injected", code="1003", pin="0")
    assert (view["screen"], view["notice"]["code"]) == ("needle", "locked")
    assert made.act("injected", code="1003", pin=PIN)["notice"]["code"] == "locked", "also the right one waits"
    assert "dose.given" not in made.kinds()
    view = made.act("back")
    assert view["screen"] == "read_back"
    assert made.act("confirm_dose")["screen"] == "dosed", "the read-back is as it was"


def test_a_badge_before_the_page_of_the_pin_does_as_well(read_back: Made) -> None:
    made = read_back
    made.act("other_hand")
    assert made.scan("TRAM-BADGE:badge-1003")["screen"] == "dosed"
    assert made.records()[-1].who == {"id": "nv-1003", "by": "badge"}


def test_what_a_rule_asks_is_said_before_and_goes_with_the_dose(read_back: Made) -> None:
    made = read_back
    made.act("back")
    assert made.act("lot", lot="OLD003")["data"]["blocked"]
    assert made.act("other_hand", reason="Bác sĩ quyết định")["notice"]["code"] == "need_lead"
    lead = {"override_code": "1009", "override_pin": PIN}
    assert made.act("other_hand", **lead)["notice"]["code"] == "need_reason"
    assert made.act("other_hand", reason="Bác sĩ quyết định", **lead)["screen"] == "needle"
    made.act("injected", code="1003", pin=PIN)
    dose = made.records()[-1]
    assert dose.who["id"] == "nv-1003"
    assert dose.body["override"] == {"who": "nv-1009", "reason": "Bác sĩ quyết định", "by": "pin"}
