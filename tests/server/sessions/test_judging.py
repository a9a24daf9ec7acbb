"""Who belongs into a session: the rules of the next dose, the plan's choice, the order of priority."""

import pytest

from server import reference
from server.sessions.judging import Candidate, Choice, judge

DAY = "2021-10-05"
FACTS = reference.read_data("vaccines")


def one(person="cccd:1", **given):
    known = {"name": "Nguyễn Văn An", "dob": "1979-04-14", "sex": "M", "phone": "0912000001", **given}
    return Candidate(person=person, **known)


def dose(vaccine="PFIZER", given_on="2021-09-01", dose_no=1):
    return {"vaccine": vaccine, "given_on": given_on, "dose_no": dose_no}


def judged(*people, vaccine="PFIZER", day=DAY, **choice):
    return judge(people, vaccine=vaccine, day=day, choice=Choice(**choice), facts=FACTS)


@pytest.mark.parametrize(
    ("given", "because"),
    [
        ({"history": [dose(given_on="2021-09-15")]}, "interval"),
        ({"history": [dose("SPUTNIKV")]}, "mix"),
        ({"history": [dose(), dose(given_on="2021-08-01", dose_no=2)]}, "series_complete"),
        ({"dob": "2015-01-01"}, "age"),
        ({"busy": True}, "busy"),
        ({"barred": True}, "contraindicated"),
        ({"off": True}, "off_list"),
        ({"name": "x" * 500}, "unreadable"),
        ({"name": ""}, "unreadable"),
    ],
)
def test_who_is_not_in_it_and_why(given, because):
    found = judged(one(**given))
    assert (found.people, found.left_out) == ([], {because: 1})


def test_the_last_day_of_the_interval_is_good_enough_and_the_day_is_said():
    found = judged(one(history=[dose(given_on="2021-09-14")]))
    assert [(dose_no, due) for _, dose_no, due in found.people] == [(2, "2021-10-05")]
    # After AstraZeneca the interval of the mix held, as long as that did (8 weeks, then its own).
    early = judged(one(history=[dose("AZ", "2021-07-01")]), day="2021-08-25")
    assert early.left_out == {"interval": 1}
    assert judged(one(history=[dose("AZ", "2021-07-01")]), day="2021-08-26").people[0][2] == "2021-08-26"


def test_the_choice_narrows():
    people = (
        one("cccd:1", commune="25993", group=1),
        one("cccd:2", commune="26000", group=9, history=[dose(given_on="2021-08-01")]),
        one("cccd:3"),
    )

    def keys(**choice):
        return [each.person for each, _, _ in judged(*people, **choice).people]

    assert keys() == ["cccd:1", "cccd:2", "cccd:3"]
    assert keys(communes=("25993",)) == ["cccd:1"]
    assert keys(groups=(9, 10)) == ["cccd:2"]
    assert keys(doses=(1,)) == ["cccd:1", "cccd:3"]
    assert keys(doses=(2,)) == ["cccd:2"]
    assert keys(due_by="2021-08-21") == ["cccd:1", "cccd:3"]
    assert keys(due_by="2021-08-22") == ["cccd:1", "cccd:2", "cccd:3"]


def test_the_order_is_group_then_due_then_age_then_key():
    people = [
        one("cccd:9", group=0, dob="1930"),
        one("cccd:8", group=9, dob="1990-01-01"),
        one("cccd:7", group=9, dob="1950-01-01"),
        one("cccd:6", group=1, dob="2000-01-01"),
        one("cccd:5", group=9, history=[dose(given_on="2021-08-10")]),
        one("cccd:4", group=9, history=[dose(given_on="2021-08-01")]),
        one("cccd:3", group=9, dob=""),
        one("cccd:2", group=9, dob=""),
    ]
    wanted = ["cccd:6", "cccd:4", "cccd:5", "cccd:7", "cccd:8", "cccd:2", "cccd:3", "cccd:9"]
    for order in (people, people[::-1]):
        assert [each.person for each, _, _ in judged(*order).people] == wanted
