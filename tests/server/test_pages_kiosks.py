"""Kiosks in the console and the API: numbered gaps with their hour, silence, the quarantine's queue; never a person's data."""

import json

import pytest

from server import audit, boxes
from tests.server.made import DAY, MINUTE, MORNING, identity
from tests.server.test_api import ask, token  # noqa: F401 - a fixture
from tests.server.web_office import WebOffice

# Tuesday 5 October 2021, 15:02 in Viet Nam.
TUESDAY = MORNING + 7 * 60 * MINUTE + 2 * MINUTE


@pytest.fixture
def office(db):
    return WebOffice(db)


def owing(office):
    """kiosk-1 has told of numbers 8 and 9, which did not come; two days later nobody has heard of it again."""
    line, signature = office.nurse.hello(last=office.nurse.seq + 2)
    office.ledger.hear(line, signature, k="kiosk-1", now=TUESDAY)
    office.clock.now = TUESDAY + 2 * DAY


def test_who_owes_which_numbers_since_when(office):
    owing(office)
    browser = office.browser("manager")
    assert "kiosk-1 còn thiếu 8–9 từ thứ ba 15:02" in browser.get("/console/kiosks").text.lower()
    assert "kiosk-1 im lặng từ thứ ba 15:02" in browser.get("/console/kiosks").text.lower()
    assert "kiosk-1 still owes 8–9 since Tue 15:02" in browser.get("/console/kiosks?lang=en").text
    office.clock.now = TUESDAY + 30 * DAY
    assert "since 05/10/2021 15:02" in office.browser("manager").get("/console/kiosks?lang=en").text


def test_what_a_hello_told_a_moment_ago_is_under_way(office):
    owing(office)
    office.clock.now = TUESDAY + MINUTE
    assert "còn thiếu 8" not in office.browser("manager").get("/console/kiosks").text


def test_the_same_for_machines(office, token):  # noqa: F811 - the fixture
    owing(office)
    found = ask(office, "/api/v1/kiosks", token).json
    assert found["concerns"][0] | {"site": ""} == {
        "k": "kiosk-1", "site": "", "what": "owes", "since": TUESDAY, "gaps": [[8, 9]], "n": 2,
    }  # fmt: skip
    assert [one["what"] for one in found["concerns"]] == ["owes", "silent"]
    row = next(one for one in found["rows"] if one["k"] == "kiosk-1")
    assert (row["owes"], row["logs"][0]["gaps"]) == (2, [[8, 9, TUESDAY]])
    assert ask(office, "/api/v1/kiosks?place=elsewhere", token).json["rows"] == []


SAID = (
    ({"power": "poor", "wear": "fresh", "worn_pct": 20}, ["nguồn điện yếu", "đang yếu", "đã dùng tối đa 20 %"]),
    ({"power": "was_poor"}, ["nguồn điện yếu", "có lúc yếu"]),
    ({"power": "good", "wear": "worn", "worn_pct": 90}, ["thẻ nhớ mòn", "sắp hết", "đã dùng tối đa 90 %"]),
    ({"power": "good", "wear": "spent", "worn_pct": -1}, ["thẻ nhớ mòn", "đã hết"]),
    ({"power": "good", "wear": "unknown", "worn_pct": -1}, ["thẻ không cho biết"]),
    ({"printer": [], "power": ["bad"], "wear": {}, "worn_pct": "x", "hardware": 7}, []),
)


def test_weak_power_and_a_worn_card_are_told(office):
    """F24, F43: by the kiosk's own last word, whatever it holds."""
    browser, trouble = office.browser("manager"), {"nguồn điện yếu", "thẻ nhớ mòn"}
    for said, shown in SAID:
        with office.db.write() as conn:
            boxes.hear(conn, "kiosk-1", json.dumps({"app": "tram-0.1.0", **said}).encode(), now=office.clock.now)
        page = browser.get("/console/kiosks/of/kiosk-1").text
        assert [text for text in shown if text not in page] == []
        assert {text for text in trouble if text in browser.get("/console/kiosks").text} == trouble & set(shown)


def quarantined(office):
    line, signature = office.nurse.checked_in(2)
    office.accept(office.nurse, (line, b"es256 AAAA"))
    office.accept(office.nurse, (b"rubbish", signature))
    return identity(2)["name"]


def test_the_queue_lists_reasons_without_data_and_an_administrator_opens_one(office):
    name = quarantined(office)
    browser = office.browser("admin")
    page = browser.get("/console/kiosks/quarantine").text
    assert "chữ ký không khớp" in page
    assert name not in page
    only = browser.get("/console/kiosks/quarantine?reason=bad_signature").text
    link = only.split('data-name="Bản tin"><a href="')[1].split('"')[0]
    opened = browser.get(link).text
    assert name in opened
    with office.db.read() as conn:
        entry = audit.entries(conn, limit=1)[0]
    assert (entry.act, entry.object.split()[0], entry.account) == ("view_quarantine", "quarantine", "admin")
    assert browser.get("/console/kiosks/quarantine/99999").status_code == 404


def test_others_see_the_queue_of_their_sites_and_no_bytes(office):
    quarantined(office)
    manager = office.browser("manager")
    page = manager.get("/console/kiosks/quarantine").text
    assert "bad_signature" in page
    assert "/quarantine/1" not in page
    assert manager.get("/console/kiosks/quarantine/1").status_code == 403


def test_another_provinces_administrator_sees_and_opens_none_of_it(office):
    quarantined(office)
    with office.db.write() as conn:
        office.account(conn, "khac", unit="79", role="admin", must_change=False, password="mot cau de nho 2021")
    browser = office.browser("khac")
    assert "bad_signature" not in browser.get("/console/kiosks/quarantine").text
    assert browser.get("/console/kiosks/quarantine/1").status_code == 404


def test_a_time_that_was_dated_later_says_so(office):
    """I7: no time without its certainty."""
    office.nurse.wake("boot-2", MORNING - 60 * MINUTE)
    office.accept(office.nurse, *office.nurse.visit(3, MORNING))
    browser = office.browser("officer")
    browser.send("/console/people", wanted=identity(3)["doc_no"])
    link = browser.get("/console/people").text.split('<th scope="row"><a href="')[1].split('"')[0]
    assert "giờ chưa chắc chắn" in browser.get(link).text
    office.accept(office.nurse, office.nurse.learn(MORNING + 300 * MINUTE))
    record = browser.get(link).text
    assert "giờ được xác định lại, sai số 4 giây" in record
    assert "05/10/2021" in record
    assert "01/01/1970" not in record
