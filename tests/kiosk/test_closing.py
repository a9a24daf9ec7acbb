"""Closing the day: numbers that must agree, a difference that cannot be passed over, the lead's PIN."""

from pathlib import Path

import pytest

from kiosk import closing
from kiosk.outcome import Fact, Outcome
from tests.kiosk.made import CARD, OTHER_CARD, PIN, Made

OPENED = {"vial": "w-1", "vaccine": "AZ", "lot": "ABV001", "expiry": "2022-01-31", "doses_per_vial": 10}
CLOSED = {"vial": "w-1", "vaccine": "AZ", "lot": "ABV001", "given": 1, "waste": 9, "reason": "end_of_session"}


@pytest.fixture
def made(quick_folder: Path):
    one = Made(quick_folder)
    yield one
    one.close()


def record(made: Made, kind: str, body: dict) -> None:
    made.desk.call(lambda: made.desk.write(Outcome(facts=(Fact(kind, body),)), who={"id": "nv-1009", "by": "pin"}))


def to_books(made: Made) -> dict:
    made.sign_in("1009", "screening")
    return made.act("closing")


def differing(view: dict) -> set[str]:
    return {line["name"] for line in view["data"]["lines"] if not line["agrees"]}


def served(made: Made) -> None:
    """One person goes the whole way; their slip is printed."""
    made.check_in(CARD)
    made.screen()
    made.dose()
    made.clock.pass_s(31 * 60)
    made.sign_in("1004")
    visit = made.desk.call(made.desk.visits_today)[0]["visit"]
    made.act("release", visit=visit)
    while (taken := made.touch.take_print()) is not None:
        made.touch.print_done(taken[0], "printed")


def test_an_empty_day_closes_with_the_pin_alone(made: Made):
    view = to_books(made)
    assert view["data"]["balanced"]
    made.act("to_close")
    assert made.act("close_day", pin="000000")["notice"]["code"] == "wrong_pin"
    assert "site.closed" not in made.kinds()
    view = made.act("close_day", pin=PIN)
    assert view["notice"]["code"] == "day_closed"
    assert made.records()[-1].body == {
        "figures": {"inside": 0, "open_vials": 0, "drawn": 0, "released": 0, "slips": 0, "doses": 0},
        "differs": [], "reason": "", "site_day": "trang-dai:2021-10-03", "day": "2021-10-03",
    }  # fmt: skip
    assert made.act("closing")["data"]["closed"]


def test_a_whole_person_with_a_counted_vial_balances(made: Made):
    record(made, "vial.opened", OPENED)
    served(made)
    assert differing(to_books(made)) == {"open_vials", "drawn"}
    record(made, "vial.closed", CLOSED)
    made.act("back")
    assert made.act("closing")["data"]["balanced"]


def test_each_number_that_differs_is_named(made: Made):
    made.check_in(OTHER_CARD)
    assert differing(to_books(made)) == {"inside"}
    served(made)
    # The vial that opened with the dose is not put away.
    assert differing(to_books(made)) == {"inside", "open_vials", "drawn"}


def test_a_difference_is_not_closed_silently(made: Made):
    made.check_in(OTHER_CARD)
    to_books(made)
    assert made.act("to_close")["screen"] == "closing_why"
    assert made.act("why", reason="  ")["notice"]["code"] == "reason_needed"
    made.act("why", reason="Người này đã bỏ về")
    view = made.act("close_day", pin=PIN)
    assert (view["notice"]["code"], view["notice"]["tone"]) == ("day_closed_differing", "warn")
    body = made.records()[-1].body
    assert (body["differs"], body["reason"]) == (["inside"], "Người này đã bỏ về")


def test_books_that_came_to_differ_after_the_look_need_their_reason_too(made: Made):
    to_books(made)
    assert made.act("to_close")["screen"] == "closing_pin"
    record(made, "vial.opened", OPENED)
    assert made.act("close_day", pin=PIN)["notice"]["code"] == "reason_needed"
    assert "site.closed" not in made.kinds()


def test_only_the_lead_closes(made: Made):
    made.sign_in("1002")
    assert made.act("closing")["notice"]["code"] == "not_allowed"


def test_a_vial_put_away_twice_is_wasted_once():
    lines = {line.name: line for line in closing.books([], opened=[OPENED, OPENED], closed=[CLOSED, CLOSED])}
    assert lines["drawn"].found == 1
    assert lines["open_vials"].agrees


def at(made: Made, clock: str) -> None:
    """Move the clock on to a time of day at the site, the next one."""
    made.clock.pass_s(-(made.clock.wall // 1000 + 7 * 3600 - int(clock[:2]) * 3600 - int(clock[3:]) * 60) % 86400)


OPEN_DAY = {
    "site_day": "trang-dai:2021-10-03", "day": "2021-10-03", "team": [], "lots": [], "drill": {}, "differs": [], "reason": "",
}  # fmt: skip


def test_a_site_that_closes_after_midnight_sees_the_day_it_opened(made: Made):
    """Who came before midnight and who came after it stand in one set of books; the next day's begin anew."""
    record(made, "site.opened", OPEN_DAY)
    at(made, "22:50")
    served(made)
    at(made, "00:20")
    made.check_in(OTHER_CARD)
    view = to_books(made)
    assert view["data"]["day"] == "03/10/2021"
    assert view["data"]["opened"]
    assert differing(view) == {"inside", "open_vials", "drawn"}
    made.act("to_close")
    made.act("why", reason="Đếm sau")
    made.act("close_day", pin=PIN)
    body = made.records()[-1].body
    assert (body["day"], body["figures"]["doses"], body["figures"]["inside"]) == ("2021-10-03", 1, 1)
    made.act("sign_out")
    assert to_books(made)["data"]["closed"]
    made.act("sign_out")
    at(made, "07:00")
    view = to_books(made)
    assert (view["data"]["day"], view["data"]["closed"], differing(view)) == ("", False, set())


def test_an_unopened_site_too_sees_the_evening_by_night_and_the_new_day_in_the_morning(made: Made):
    at(made, "23:30")
    made.check_in(CARD)
    at(made, "01:00")
    assert to_books(made)["data"]["day"] == "03/10/2021"
    made.act("sign_out")
    at(made, "04:30")
    assert to_books(made)["data"]["day"] == ""


@pytest.mark.parametrize(
    ("night", "opened", "closed", "served", "of"),
    [
        (False, {"1"}, set(), {"1"}, "2"),
        (True, {"1"}, set(), set(), "1"),
        (True, {"1"}, {"1"}, {"1"}, "1"),
        (True, {"1"}, {"1"}, {"1", "2"}, "2"),
        (True, {"1", "2"}, set(), {"1"}, "2"),
        (True, set(), set(), {"1", "2"}, "1"),
        (True, set(), {"1"}, {"1"}, "2"),
        (True, set(), set(), {"2"}, "2"),
    ],
)
def test_whose_books_are_looked_at(night, opened, closed, served, of):
    assert closing.day_of_books("2", "1", night=night, opened=opened, closed=closed, served=served) == of
