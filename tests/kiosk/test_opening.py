"""Opening the day: team, vials, drill, the lead's PIN; nobody has to wait for it."""

from pathlib import Path

import pytest

from kiosk import opening
from kiosk.opening import Lot
from tests.kiosk.made import CARD, LISTS, OTHER_CARD, PIN, Made
from tests.kiosk.site import Site

NAME = "trang-dai:2021-10-03"
TEAM = ("1002", "1003", "1004")


def lists() -> dict:
    """AZ: 25 doses were there in the morning, two vials of ten and a half; of the others the centre says nothing or none."""
    told = [{**row, **({"on_hand": 25} if row["lot"] == "ABV001" else {})} for row in LISTS["lots"]["items"]]
    told = [{**row, **({"on_hand": 0} if row["lot"] == "OLD003" else {})} for row in told]
    return {**LISTS, "lots": {"items": told}}


@pytest.fixture
def made(quick_folder: Path):
    one = Made(quick_folder, lists())
    one.clock.patience = 0
    yield one
    one.close()


def to_opening(made: Made) -> dict:
    made.sign_in("1009", "screening")
    made.act("day")
    return made.act("opening")


def everybody(made: Made) -> None:
    made.act("members")
    for code in TEAM:
        made.act("toggle", id=f"nv-{code}")
    made.act("team_done")


def count(made: Made, **vials: str) -> dict:
    made.act("lots")
    for lot, figure in vials.items():
        made.act("count", lot=lot)
        made.act("counted", vials=figure)
    return made.act("back")


def drill(made: Made) -> dict:
    """A kiosk with a printer and a hand scanner, on the wire; its slip is printed, read and everything is sent."""
    made.desk.condition.fitted = frozenset({"printer", "reader"})
    made.desk.call(lambda: made.desk.set_online(True))
    made.act("drill")
    made.act("drill_start")
    job, words = made.touch.take_print()
    made.touch.print_done(job, "printed")
    made.scan(words.qr_text)
    made.desk.call(lambda: made.desk.set_away("cut"))
    step(made)
    made.desk.call(lambda: made.desk.safe(made.desk.log.seq, []))
    step(made)
    return made.touch.view()


def step(made: Made) -> None:
    """One round of the desk, now."""
    made.desk.call(lambda: [job(made.desk.moment()) for job in made.desk.on_tick])


def test_an_unopened_site_serves_people_and_says_so(made: Made):
    made.check_in(CARD)
    view = made.sign_in("1001")
    assert not view["data"]["opened"]


def test_the_whole_opening_is_one_record(made: Made):
    to_opening(made)
    everybody(made)
    count(made, ABV001="2", PFZ002="7")
    assert drill(made)["data"]["passed"]
    view = made.act("back")
    assert view["data"]["differs"] == []
    assert made.act("to_open")["screen"] == "opening_pin"
    assert made.act("open_day", pin="000000")["notice"]["code"] == "wrong_pin"
    view = made.act("open_day", pin=PIN)
    assert (view["notice"]["code"], view["screen"], view["data"]["opened"]) == ("day_opened", "queue", True)
    body = made.records()[-1].body
    assert body["site_day"] == NAME
    assert body["team"] == [{"id": f"nv-{code}", "role": role} for code, role in
        (("1002", "screener"), ("1003", "injector"), ("1004", "observer"), ("1009", "lead"))]  # fmt: skip
    assert body["lots"] == [
        {"lot": "ABV001", "vaccine": "AZ", "counted": 2, "expected": 2},
        {"lot": "PFZ002", "vaccine": "PFIZER", "counted": 7},
    ]
    assert body["drill"] == {"printer": "ok", "reader": "ok", "offline": "ok", "sync": "ok"}
    assert (body["differs"], body["reason"]) == ([], "")
    assert made.kinds().count("site.drilled") == 1


def test_what_is_not_ready_is_opened_with_a_reason_only(made: Made):
    view = to_opening(made)
    assert view["data"]["differs"] == ["team", "lots", "drill"]
    assert view["data"]["missing"] == ["screener", "injector", "observer"]
    assert made.act("to_open")["screen"] == "opening_why"
    assert made.act("why", reason=" ")["notice"]["code"] == "opening_reason_needed"
    made.act("why", reason="Ở đây không có mạng")
    view = made.act("open_day", pin=PIN)
    assert (view["notice"]["code"], view["notice"]["tone"]) == ("day_opened_differing", "warn")
    body = made.records()[-1].body
    assert (body["differs"], body["reason"]) == (["team", "lots", "drill"], "Ở đây không có mạng")
    assert made.restart() is None
    assert to_opening(made)["data"]["opened"] == "09:42"


def test_a_count_that_differs_is_shown_and_one_that_is_none_is_asked_again(made: Made):
    to_opening(made)
    view = count(made, ABV001="1")
    assert (view["data"]["counted"], view["data"]["lots"], view["data"]["lots_differ"]) == (1, 2, 1)
    made.act("lots")
    made.act("count", lot="ABV001")
    assert made.act("counted", vials="hai")["notice"]["code"] == "count_needed"
    view = made.act("counted", vials="2")
    assert [row["agrees"] for row in view["data"]["lots"]] == [True, False]


def test_vials_opened_before_the_count_are_not_expected_any_more(made: Made):
    made.check_in(CARD)
    made.screen()
    made.dose()
    made.act("sign_out")
    to_opening(made)
    view = made.act("lots")
    made.act("count", lot="ABV001")
    made.act("counted", vials="1")
    view = made.touch.view()
    assert next(row for row in view["data"]["lots"] if row["lot"] == "ABV001")["agrees"]


def test_the_team_changes_in_the_day(made: Made):
    to_opening(made)
    made.act("to_open")
    made.act("why", reason="Vội")
    made.act("open_day", pin=PIN)
    made.act("day")
    made.act("opening")
    made.act("members")
    assert made.act("toggle", id="nv-1003")["data"]["changes"]
    view = made.act("team_done")
    assert view["notice"]["code"] == "team_changed"
    assert made.records()[-1].body == {
        "site_day": NAME, "team": [{"id": "nv-1003", "role": "injector"}, {"id": "nv-1009", "role": "lead"}],
    }  # fmt: skip
    made.act("members")
    made.act("team_done")
    assert made.kinds().count("team.changed") == 1
    assert made.act("back")["screen"] == "day"


def test_a_revoked_person_is_of_no_team(made: Made):
    to_opening(made)
    view = made.act("members")
    assert "nv-1010" not in {one["id"] for one in view["data"]["people"]}
    assert made.act("toggle", id="nv-1010")["notice"]["code"] == "wrong_state"


def test_only_the_lead_opens(made: Made):
    made.sign_in("1002")
    assert not made.act("day")["data"]["lead"]
    assert made.act("opening")["notice"]["code"] == "not_allowed"


def test_a_neighbours_opening_is_this_kiosks_too(quick_folder: Path):
    site = Site(quick_folder, 2)
    try:
        first, second = site.kiosks
        to_opening(first)
        first.act("to_open")
        first.act("why", reason="Vội")
        first.act("open_day", pin=PIN)
        assert not second.sign_in("1001")["data"]["opened"]
        site.share()
        assert second.touch.view()["data"]["opened"]
    finally:
        site.close()


def test_a_day_left_open_is_said_the_next_morning(made: Made):
    to_opening(made)
    made.act("to_open")
    made.act("why", reason="Vội")
    made.act("open_day", pin=PIN)
    made.act("sign_out")
    made.clock.pass_s(86_400)
    step(made)
    view = to_opening(made)
    assert (view["data"]["opened"], view["data"]["left_open"]) == ("", "03/10/2021")


def test_nothing_expected_agrees_with_any_count():
    assert Lot("L", "AZ", None, 3).agrees
    assert not Lot("L", "AZ", None, None).agrees
    assert opening.expected({"on_hand": 25, "doses_per_vial": 10}, 1) == 1
    assert opening.expected({"on_hand": 5, "doses_per_vial": 10}, 1) == 0
    assert opening.expected({"doses_per_vial": 10}, 0) is None


def test_a_second_person_checks_in_while_the_lead_prepares(made: Made):
    to_opening(made)
    made.act("back")
    made.act("back")
    assert made.check_in(OTHER_CARD)
