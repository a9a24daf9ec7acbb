"""Citizens look up a certificate by slip or by phone: proof first, no number in an address, a miss tells nothing."""

import re

import pytest

from server import audit, one_time
from server.pages import assets
from tests.server.made import MINUTE, MORNING, identity
from tests.server.test_recovery import scanned, visit_of
from tests.server.web_office import WebOffice

YEAR = identity(1)["dob"][:4]
PHONE = identity(1)["phone"]
NUMBER = identity(1)["doc_no"]


@pytest.fixture
def office(db):
    return WebOffice(db)


def sent_code(office):
    texts = []
    with office.db.write() as conn:
        one_time.deliver(conn, send=lambda to, text: texts.append((to, text)), now=office.clock.now)
    return [(to, re.search(r"\d{7}", text)[0]) for to, text in texts]


def test_slip_and_year_show_the_certificate_without_the_whole_number(office):
    """G6: citizens look up certificates on the portal."""
    browser = office.browser()
    answer = browser.send("/lookup", slip="s-1", year=YEAR)
    assert (answer.status_code, answer.location) == (303, "/certificate")
    page = browser.get("/certificate").text
    assert identity(1)["name"] in page
    assert "Pfizer" in page
    assert "05/10/2021" in page
    assert "Trạm y tế Trảng Dài" in page
    assert NUMBER not in page
    assert f"{NUMBER[:3]}•••••{NUMBER[-4:]}" in page
    with office.db.read() as conn:
        assert audit.entries(conn, limit=1)[0].act == "look_up"


def test_a_dose_that_only_its_slip_tells_is_found_by_that_slip(office):
    """F31, F33, I3, I18: the kiosk burnt; the slip brings the dose back, and the portal shows it, once, also when the original comes."""
    burnt, other = office.kiosk("kiosk-5"), office.kiosk("kiosk-6")
    pairs, code = visit_of(burnt, 5, vaccine="PFIZER")
    asked = {"slip": "s-5", "year": identity(5)["dob"][:4]}
    assert office.browser().send("/lookup", **asked).status_code == 422, "nothing of it has reached the centre"
    office.accept(other, other.write(*scanned(code)))
    seen = []
    for arrives in ((), pairs):
        office.accept(burnt, *arrives)
        browser = office.browser()
        assert browser.send("/lookup", **asked).location == "/certificate"
        page = browser.get("/certificate").text
        assert identity(5)["name"] in page
        assert page.count("Pfizer") == 1
        assert "05/10/2021" in page
        assert "Trạm y tế Trảng Dài" in page
        assert identity(5)["doc_no"] not in page
        seen.append(office.browser().send("/lookup", slip="s-5", year="1900").status_code)
    assert seen == [422, 422]


@pytest.mark.parametrize(("slip", "year"), [("S-1", "1980"), ("s-999", YEAR), ("", ""), ("s-1'--", YEAR), ("s-1", "")])
def test_a_miss_is_one_sentence_whatever_was_wrong(office, slip, year):
    answer = office.browser().send("/lookup", slip=slip, year=year)
    assert answer.status_code == 422
    assert "Không tìm thấy thông tin theo số phiếu và năm sinh này." in answer.text
    assert identity(1)["name"] not in answer.text


def test_without_a_lookup_there_is_no_certificate(office):
    assert office.browser().get("/certificate").location == "/lookup"


def test_closing_leaves_nothing_for_the_next_person(office):
    browser = office.browser()
    browser.send("/lookup", slip="s-1", year=YEAR)
    token = re.search(r'name="csrf" value="([^"]+)"', browser.get("/certificate").text)[1]
    assert browser.post("/certificate/close", csrf=token).location == "/"
    assert browser.get("/certificate").location == "/lookup"


@pytest.mark.parametrize("typed", [PHONE, "+84 " + PHONE[1:], PHONE[:4] + "." + PHONE[4:]])
def test_a_code_sent_to_the_phone_shows_the_certificate(office, typed):
    browser = office.browser()
    assert browser.send("/lookup/phone", phone=typed).location == "/lookup/code"
    ((to, code),) = sent_code(office)
    assert to == PHONE
    assert browser.send("/lookup/code", code=f" {code[:3]} {code[3:]} ").location == "/certificate"
    assert identity(1)["name"] in browser.get("/certificate").text


def test_a_family_behind_one_phone_sees_each_and_complains_for_one(office):
    """domain.md 5.8: one phone for a whole family, so a phone is never a person's key."""
    office.accept(office.nurse, office.nurse.checked_in(2, MORNING, phone=PHONE))
    browser = office.browser()
    browser.send("/lookup/phone", phone=PHONE)
    browser.send("/lookup/code", code=sent_code(office)[0][1])
    page = browser.get("/certificate").text
    assert identity(1)["name"] in page
    assert identity(2)["name"] in page
    second = page.split(identity(2)["name"])[1].split('href="/complain?who=')[1][0]
    browser.get(f"/complain?who={second}")
    browser.send("/complain/1", category="other")
    browser.send("/complain/2", lot="X")
    assert identity(2)["name"] in browser.get("/complain/3").text


def test_a_phone_nobody_registered_gets_the_same_pages_and_no_message(office):
    known, unknown = office.browser(), office.browser()
    first = known.send("/lookup/phone", phone=PHONE)
    second = unknown.send("/lookup/phone", phone="0999999999")
    assert (first.status_code, first.location) == (second.status_code, second.location)
    token = re.compile(r'value="[^"]{20,}"')
    pages = [token.sub("", browser.get("/lookup/code").text) for browser in (known, unknown)]
    assert pages[0] == pages[1]
    answers = [token.sub("", browser.send("/lookup/code", code="1").text) for browser in (known, unknown)]
    assert answers[0] == answers[1]
    assert [to for to, _ in sent_code(office)] == [PHONE]


def test_a_code_is_good_in_its_own_browser_only_and_for_five_minutes(office):
    browser, other = office.browser(), office.browser()
    browser.send("/lookup/phone", phone=PHONE)
    ((_, code),) = sent_code(office)
    assert other.send("/lookup/code", code=code).status_code == 422
    office.clock.now += 5 * MINUTE
    assert browser.send("/lookup/code", code=code).status_code == 422


def test_one_phone_gets_three_codes_in_a_quarter_of_an_hour(office):
    for _ in range(5):
        assert office.browser().send("/lookup/phone", phone=PHONE).location == "/lookup/code"
    assert len(sent_code(office)) == 3
    office.clock.now += 15 * MINUTE
    office.browser().send("/lookup/phone", phone=PHONE)
    assert len(sent_code(office)) == 1


def test_what_is_no_phone_number_is_said_beside_the_field(office):
    answer = office.browser().send("/lookup/phone", phone="12")
    assert answer.status_code == 422
    assert 'value="12"' in answer.text
    assert "10 chữ số" in answer.text


def test_too_many_lookups_from_one_address_must_wait(office):
    browser = office.browser()
    statuses = [browser.send("/lookup", slip="x", year="1").status_code for _ in range(61)]
    assert statuses == [422] * 60 + [429]
    assert "Quá nhiều lần thử" in browser.send("/lookup", slip="x", year="1").text
    office.clock.now += 15 * MINUTE
    assert browser.send("/lookup", slip="s-1", year=YEAR).status_code == 303


def test_no_page_of_the_portal_needs_a_script_and_all_are_light(office):
    """look.md: works without JavaScript, at most 150 kB with styles and fonts."""
    weight = sum(
        path.stat().st_size for path in assets.FOLDER.rglob("*") if path.suffix != ".js" and path.suffix != ".txt"
    )
    for path in ("/", "/lookup", "/lookup/phone", "/complain/1", "/complaints"):
        browser = office.browser()
        browser.get("/complain")
        page = browser.get(path)
        assert "<script" not in page.text
        assert len(page.data) + weight < 150_000, path


def test_whoever_looks_up_by_phone_is_told_of_the_safer_way(office):
    """ASVS 6.6.1: a code by message stands beside the slip's number, and its risk is said."""
    page = office.browser().get("/lookup/phone").text
    assert "chiếm được số điện thoại" in page
    assert 'href="/lookup"' in page
    # Ten signs of thirty on the paper in somebody's hand, against seven digits that pass through the air.
    assert 10**one_time.DIGITS < 30**10
