"""One line of appointments, priority and walk-ins: a fair mix by data, none starves; a wait is told only when known."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk import turns
from tests.kiosk.made import CARD, LISTS, MORNING, OTHER_CARD, Made

RULE = {"priority_min": 30, "appointment_min": 15, "window_min": 30}
LISTED = json.loads((Path(__file__).parents[2] / "server/data/queue.json").read_text("utf-8"))
SITE = {**LISTS["site"], **LISTED}
OLD = "075041001234||Nguyễn Thị Tư|02091941|Nữ|Tân Phú, Đồng Nai|25062021"


def one(ticket, minute, **more):
    return {
        "visit": ticket,
        "ticket": ticket,
        "state": "waiting",
        "checked_in": {"wall": MORNING + minute * 60_000},
        **more,
    }


def line(*people, rule=RULE):
    return " ".join(each["ticket"] for each in turns.order(people, rule))


@pytest.fixture
def made(tmp_path):
    one = Made(tmp_path, {**LISTS, "site": SITE})
    yield one
    one.close()


def test_priority_is_half_an_hour_ahead_and_no_more():
    people = [
        one("A-001", 0),
        one("A-002", 10),
        one("A-003", 29, priority="elderly"),
        one("A-004", 31, priority="pregnant"),
    ]
    assert line(*people) == "A-003 A-001 A-004 A-002"
    assert line(*people, rule={}) == "A-001 A-002 A-003 A-004"


def test_an_appointment_counts_when_it_is_kept():
    def at(minute):
        return str(MORNING + minute * 60_000)

    kept, early = one("A-002", 10, appointment=at(20)), one("A-003", 11, appointment=at(42))
    assert line(one("A-001", 0), kept, early, one("A-004", 12, appointment="soon")) == "A-002 A-001 A-003 A-004"
    both = one("A-005", 25, appointment=at(25), priority="elderly")
    assert line(one("A-001", 0), both) == "A-005 A-001", "the larger of the two counts, not their sum"


def test_lanes_of_a_site_are_one_line_and_a_wrong_clock_moves_its_lane():
    people = [one("A-001", 0), one("B-001", 1), one("A-002", 2), one("B-002", -9000), one("A-1000", 3), one("A-999", 3)]
    assert line(*people, rule={}) == "A-001 B-001 B-002 A-002 A-999 A-1000"


@given(st.lists(st.tuples(st.integers(0, 300), st.booleans()), max_size=30))
def test_nobody_is_passed_by_who_comes_half_an_hour_later(arrivals):
    people = [
        one(f"A-{n:03d}", minute, **({"priority": "elderly"} if first else {}))
        for n, (minute, first) in enumerate(sorted(arrivals))
    ]
    order = turns.order(people, RULE)
    assert sorted(map(id, order)) == sorted(map(id, people))
    for at, each in enumerate(order):
        for behind in order[at + 1 :]:
            assert each["checked_in"]["wall"] <= behind["checked_in"]["wall"] + 30 * 60_000


def test_groups_hold_in_their_time():
    """Luật 40/2009/QH12 says 80 years, Luật 15/2023/QH15 says 75 from 1/1/2024."""
    listed = LISTED["priority"]
    assert [turns.by_age(listed, "1943-05-01", day) for day in ("2021-10-03", "2023-05-01", "2024-01-01")] == [
        "",
        "elderly",
        "elderly",
    ]
    assert turns.by_age(listed, "1946-05-01", "2023-12-31") == ""
    assert turns.by_age(listed, "1946-05-01", "2024-01-01") == "elderly"
    assert (turns.by_age(listed, "", "2024-01-01"), turns.by_age(listed, "1941", "2021-10-03")) == ("", "elderly")
    assert (
        len({one["code"] for one in turns.groups(listed, "2021-10-03")}) == len(turns.groups(listed, "2021-10-03")) == 3
    )


def screened(count, *, every=4, last=0, **more):
    return [
        one(f"B-{n:03d}", -90, state="observing", screened={"wall": MORNING - (last + n * every) * 60_000}, **more)
        for n in range(count)
    ]


def wait(people, visit, *, shared=True, now=MORNING):
    return turns.wait(people, visit_id=visit, now_wall=now, rule=RULE, shared=shared)


def test_a_wait_is_told_from_the_last_hour():
    people = [one(f"A-{n:03d}", n) for n in range(6)]
    assert wait(people, "A-005") == (5, None), "nobody was screened yet: no promise"
    assert wait([*screened(4), *people], "A-005") == (5, None), "four tell too little"
    assert wait([*screened(6), *people], "A-005") == (5, 20)
    assert wait([*screened(6), *people], "A-000") == (0, 5)
    assert wait([*screened(6), *people], "A-005", now=MORNING + 20 * 60_000) == (5, 40), (
        "a pause makes it longer at once"
    )
    assert wait([*screened(6), *people], "A-005", now=MORNING + 3 * 3_600_000) == (5, None), "yesterday's speed is none"


def test_a_lane_of_its_own_counts_by_itself():
    others = screened(6, home="kiosk-02")
    for each in others:
        each["screened"]["k"] = "kiosk-02"
    people = [one("A-001", 0), one("B-101", 1, home="kiosk-02"), one("A-002", 2)]
    assert wait([*others, *people], "A-002", shared=False) == (1, None)
    assert wait([*others, *people], "A-002") == (2, 10)


def test_who_is_called_already_waits_no_more():
    assert wait([one("A-001", 0, state="called")], "A-001") == (0, None)
    assert wait([], "A-001") == (0, None)


def test_an_old_person_is_called_first_and_the_slip_says_why(made):
    made.check_in(CARD)
    made.scan(OLD)
    assert made.touch.view()["data"]["priority"] == "elderly"
    view = made.act("yes")
    assert (view["data"]["before"], view["data"]["priority"]["code"]) == (0, "elderly")
    made.act("done")
    assert made.records()[-1].body["priority"] == "elderly"
    made.sign_in("1002")
    view = made.touch.view()
    assert [person["priority"] for person in view["data"]["people"]] == ["elderly", ""]
    assert made.act("call_next")["data"]["person"]["ticket"] == "A-002"


def test_a_group_that_is_said_counts_and_a_made_up_one_does_not(made):
    made.scan(OTHER_CARD)
    made.act("yes", priority="pregnant")
    made.act("done")
    assert made.records()[-1].body["priority"] == "pregnant"
    made.scan(CARD)
    made.act("yes", priority="king")
    made.act("done")
    assert "priority" not in made.records()[-1].body


def test_face_matches_the_card_is_part_of_the_event(made):
    """F21: only staff can say so."""
    made.scan(CARD)
    made.act("yes", face="matches")
    made.act("done")
    assert "face" not in made.records()[-1].body
    made.sign_in("1001")
    assert made.scan(OTHER_CARD)["data"]["staffed"] is True
    made.act("yes", face="matches")
    assert made.records()[-1].body["face"] == "matches"
    assert made.store.visit(made.desk.front.pending["visit"])["face"] == "matches"


def test_staff_who_did_not_compare_say_nothing(made):
    made.sign_in("1001")
    made.scan(CARD)
    made.act("yes")
    assert "face" not in made.records()[-1].body


def test_a_site_without_the_rule_goes_by_arrival(tmp_path):
    made = Made(tmp_path)
    made.check_in(CARD)
    made.check_in(OLD)
    made.sign_in("1002")
    assert made.touch.view()["data"]["next"]["ticket"] == "A-001"
    made.close()
