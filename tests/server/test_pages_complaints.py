"""The officers' queue and decisions: every complaint ends corrected or rejected with a reason, and a message goes out."""

import pytest

from server import audit, certificates, messages, reporting, vaccinations
from server.complaints import queries
from tests.server.made import DAY, MORNING, identity, person
from tests.server.test_portal_complain import WANTS, WHO, filled
from tests.server.web_office import CSRF, WebOffice, photo

CORRECT = {
    "act": "correct_dose", "dose": "d-1", "vaccine": "PFIZER", "lot": "FF99", "dose_no": "1", "given_on": "04/10/2021",
    "place": "tt-trang-dai", "reason": "Giấy ghi ngày 04/10.",
}  # fmt: skip
ENTER = {**WANTS, "act": "enter_dose", "reason": "Giấy xác nhận hợp lệ."}


@pytest.fixture
def office(db):
    return WebOffice(db)


@pytest.fixture
def number(office):
    browser = filled(office)
    return browser.send("/complain/4", content="Thiếu mũi 2", photo=(photo(), "x.png")).location.split("/")[-1]


def decide(office, number, browser=None, **fields):
    office.clock.now += 1000
    return (browser or office.browser("officer")).send(f"/console/complaints/{number}", **fields)


def state_of(office, number):
    with office.db.read() as conn:
        row = queries.get(conn, number)
        return row["state"], [told["template"] for told in messages.of_complaint(conn, number)]


def test_the_queue_shows_deadlines_as_words(office, number):
    """C4: at most 7 days."""
    browser = office.browser("officer")
    assert "còn 7 ngày" in browser.get("/console/complaints").text
    office.clock.now += 6 * DAY + 5 * 3_600_000
    browser = office.browser("officer")
    assert "còn 19 giờ" in browser.get("/console/complaints").text
    office.clock.now += DAY
    browser = office.browser("officer")
    assert "quá hạn 5 giờ" in browser.get("/console/complaints?overdue=1").text
    assert number not in browser.get("/console/complaints?category=wrong_dose").text
    assert number not in browser.get("/console/complaints?state=rejected").text
    assert number in browser.get("/console/complaints?state=all&category=missing_dose").text


def test_evidence_record_and_decision_stand_on_one_page_and_looking_is_written_down(office, number):
    browser = office.browser("officer")
    page = browser.get(f"/console/complaints/{number}").text
    assert page.index('id="evidence"') < page.index('id="record"') < page.index('id="decision"')
    picture = page.split('<img src="')[1].split('"')[0]
    shown = browser.get(picture)
    assert shown.mimetype == "image/jpeg"
    shown.close()
    assert browser.get(picture[:-4] + "0000").status_code == 404
    with office.db.read() as conn:
        acts = [(entry.account, entry.act, entry.object) for entry in audit.entries(conn, limit=4)]
    assert ("officer", "view_complaint", number) in acts
    assert ("officer", "view_person", person(1)) in acts
    assert ("officer", "view_photo", number) in acts


def test_a_missing_dose_is_entered_and_everything_follows(office, number):
    """C2, C3, C10: entered against the certificate, figures right, the citizen told."""
    answer = decide(office, number, **ENTER)
    assert answer.status_code == 303
    assert state_of(office, number) == ("corrected", ["complaint_received", "complaint_corrected"])
    with office.db.read() as conn:
        assert certificates.of_person(conn, person(1))["dose_count"] == 2
        assert reporting.total(conn, "doses", first="2021-10-03", last="2021-10-03") == 1
    status = office.browser().get(f"/complaints/{number}").text
    assert "Đã cập nhật" in status


def test_a_dose_is_corrected(office, number):
    assert decide(office, number, **CORRECT).status_code == 303
    with office.db.read() as conn:
        row = vaccinations.by_id(conn, "d-1")
    assert (row["lot"], row["given_on"], row["corrections"]) == ("FF99", "2021-10-04", 1)


def test_a_person_is_corrected(office, number):
    details = {"name": "Lê Thị Mỹ Duyên", "dob": "15/04/1979", "sex": "F", "doc_no": identity(1)["doc_no"]}
    answer = decide(office, number, act="correct_person", **details, address="", phone=WHO["phone"], reason="CCCD.")
    assert answer.status_code == 303
    with office.db.read() as conn:
        held = certificates.of_person(conn, person(1))
    assert (held["dob"], held["sex"], held["doc_no"]) == ("1979-04-15", "F", identity(1)["doc_no"])


def test_a_rejection_needs_a_listed_reason_and_words(office, number):
    browser = office.browser("officer")
    assert "Hãy chọn một lý do trong danh mục." in decide(office, number, browser, act="reject", reason="Mờ.").text
    missing = decide(office, number, browser, act="reject", reason_code="R08", reason=" ")
    assert missing.status_code == 422
    assert "checked" in missing.text
    assert decide(office, number, browser, act="reject", reason_code="R99", reason="x").status_code == 422
    assert state_of(office, number) == ("new", ["complaint_received"])
    answer = decide(office, number, browser, act="reject", reason_code="R08", reason="Xin chụp lại gần hơn.")
    assert answer.status_code == 303
    assert state_of(office, number) == ("rejected", ["complaint_received", "complaint_rejected"])
    status = office.browser().get(f"/complaints/{number}").text
    assert "Ảnh chụp bị nhòe không đọc rõ chữ" in status
    assert "Xin chụp lại gần hơn." in status
    assert "The photo is blurred" in office.browser().get(f"/complaints/{number}?lang=en").text


def test_a_complaint_is_decided_once(office, number):
    first, second = office.browser("officer"), office.browser("officer")
    token = CSRF.search(second.get(f"/console/complaints/{number}").text)[1]
    assert decide(office, number, first, **ENTER).status_code == 303
    answer = second.post(f"/console/complaints/{number}", csrf=token, act="reject", reason_code="R08", reason="x")
    assert answer.status_code == 422
    assert "đã được xử lý rồi" in answer.text
    assert state_of(office, number)[0] == "corrected"


def test_faults_keep_what_the_officer_typed(office, number):
    answer = decide(office, number, **{**ENTER, "given_on": "99/99/2021", "reason": "Vì vậy"})
    assert answer.status_code == 422
    assert 'value="99/99/2021"' in answer.text
    assert "Vì vậy" in answer.text
    assert (
        "Chưa có thông tin nào được thay đổi."
        in decide(office, number, **{**CORRECT, "lot": "FF1234", "given_on": "05/10/2021"}).text
    )


@pytest.mark.parametrize("login", ["auditor", "admin"])
def test_only_officers_decide(office, number, login):
    browser = office.browser(login)
    page = browser.get(f"/console/complaints/{number}").text
    assert 'id="decision"' not in page
    token = CSRF.search(page)[1]
    answer = browser.post(f"/console/complaints/{number}", csrf=token, act="reject", reason_code="R08", reason="x")
    assert answer.status_code == 403


def test_a_dose_of_somebody_else_is_not_corrected_here(office, number):
    office.accept(office.nurse, *office.nurse.visit(2, vaccine="PFIZER"))
    answer = decide(office, number, **{**CORRECT, "dose": "d-2"})
    assert answer.status_code == 422
    assert "Hãy chọn mũi tiêm cần sửa." in answer.text


def test_a_person_without_a_record_gets_one_with_the_first_dose(office):
    who = {**WHO, "name": "Phan Văn Mới", "doc_no": "075079999999"}
    number = filled(office, who=who).send("/complain/4", content="x").location.split("/")[-1]
    page = office.browser("officer").get(f"/console/complaints/{number}").text
    assert "Không tìm thấy hồ sơ" in page
    assert decide(office, number, **ENTER).status_code == 303
    with office.db.read() as conn:
        assert certificates.of_person(conn, "cccd:075079999999")["name"] == "Phan Văn Mới"


def test_a_dose_that_comes_in_later_is_shown_and_what_the_officer_saw_is_in_the_decision(office, number):
    """I22: the decision names the doses it knew, so that only another one reopens it."""
    browser = office.browser("officer")
    assert "Có bản ghi khớp" not in browser.get(f"/console/complaints/{number}").text
    kiosk = office.kiosk("kiosk-7")
    at = MORNING - 2 * DAY
    late = kiosk.write("dose.given", {
        "dose": "d-late", "visit": "v-late", "person": person(1), "vaccine": "PFIZER", "lot": "FF1", "expiry": "2021-12-31",
        "dose_no": 2, "read_back": True, "warnings": [], "slip": "s-late",
    }, at)  # fmt: skip
    office.accept(kiosk, late, now=office.clock.now + 60_000)
    page = browser.get(f"/console/complaints/{number}").text
    assert "Có bản ghi khớp với phản ánh này:" in page
    assert "sau khi phản ánh" in page
    assert decide(office, number, act="reject", reason_code="R01", reason="Đã có trên hệ thống").status_code == 303
    with office.db.read() as conn:
        assert queries.get(conn, number)["known"] == '["d-late"]'
        assert queries.to_reopen(conn) == []
