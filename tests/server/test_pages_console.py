"""The console's other pages: today, people, stock, progress, kiosks, the audit."""

import pytest

from server import audit, inventory
from tests.server.made import MINUTE, identity
from tests.server.web_office import CSRF, WebOffice

RECEIPT = {
    "vaccine": "AZ", "lot": "abv5678", "expiry": "30/11/2021", "place": "tt-trang-dai", "vials": "5",
    "doses_per_vial": "10", "document": "PN-7",
}  # fmt: skip


@pytest.fixture
def office(db):
    return WebOffice(db)


def test_today_shows_the_day_of_the_sites_in_care(office):
    """G16."""
    page = office.browser("officer").get("/console/").text
    assert "Trạm y tế Trảng Dài" in page
    assert "Đã tiêm 1 mũi, 1 người đã đến." in page
    assert "Đã tiêm 0 mũi" in office.browser("officer").get("/console/?day=04/10/2021").text


def test_another_provinces_sites_are_not_shown(office):
    with office.db.write() as conn:
        office.account(conn, "khac", unit="79", must_change=False, password="mot cau de nho 2021")
    browser = office.browser("khac")
    assert "Trảng Dài" not in browser.get("/console/").text
    assert "Đơn vị của bạn chưa có điểm tiêm nào." in browser.get("/console/").text


@pytest.mark.parametrize("wanted", ["le thi my duyen", "DUYÊN", identity(1)["doc_no"], identity(1)["phone"]])
def test_people_are_found_and_nothing_of_them_stands_in_an_address(office, wanted):
    browser = office.browser("officer")
    answer = browser.send("/console/people", wanted=wanted)
    assert answer.location == "/console/people"
    page = browser.get("/console/people").text
    assert identity(1)["name"] in page
    assert f">{identity(1)['doc_no']}<" not in page
    link = page.split('<th scope="row"><a href="')[1].split('"')[0]
    assert identity(1)["doc_no"] not in link
    record = browser.get(link).text
    for text in (identity(1)["doc_no"], "Pfizer", "FF1234", "xác nhận đã tiêm", "đủ điều kiện tiêm", "kiosk-1"):
        assert text in record
    with office.db.read() as conn:
        assert [entry.act for entry in audit.entries(conn, limit=2)] == ["view_person", "search_people"]


def test_a_reaction_is_shown_in_words(office):
    """G14."""
    office.accept(office.nurse, office.nurse.reacted(1, office.clock.now))
    browser = office.browser("officer")
    browser.send("/console/people", wanted=identity(1)["doc_no"])
    record = browser.get(browser.get("/console/people").text.split('<th scope="row"><a href="')[1].split('"')[0]).text
    assert "Sốt dưới 39 °C" in record
    assert "thông thường" in record


def test_nobody_found_teaches_what_to_try(office):
    browser = office.browser("officer")
    browser.send("/console/people", wanted="khong ai")
    assert "Không tìm thấy ai." in browser.get("/console/people").text
    assert browser.get("/console/people/00000000000000000000").status_code == 404


def test_stock_goes_down_by_a_dose_and_up_by_a_receipt(office):
    """G9."""
    browser = office.browser("manager")
    assert "Còn 59 liều." in browser.get("/console/stock").text
    answer = browser.send("/console/stock/receive", receipt="gr-1", **RECEIPT)
    assert answer.location == "/console/stock?entered=ABV5678"
    page = browser.get(answer.location).text
    assert "Còn 109 liều." in page
    assert "ABV5678" in page
    assert "PN-7" in page


def test_a_receipt_sent_twice_is_entered_once(office):
    browser = office.browser("manager")
    token = CSRF.search(browser.get("/console/stock/receive").text)[1]
    for _ in range(2):
        assert browser.post("/console/stock/receive", csrf=token, receipt="gr-1", **RECEIPT).status_code == 303
    with office.db.read() as conn:
        assert len(inventory.receipts(conn)) == 2


@pytest.mark.parametrize(
    "wrong",
    [{"vials": "0"}, {"vials": "-1"}, {"vials": "1e3"}, {"expiry": "hôm qua"}, {"lot": ""}, {"vaccine": "X"},
     {"place": "elsewhere"}, {"doses_per_vial": "101"}, {"lot": "x" * 33}, {"receipt": "a b"}],
)  # fmt: skip
def test_a_receipt_with_a_fault_is_not_entered(office, wrong):
    browser = office.browser("manager")
    answer = browser.send("/console/stock/receive", **{"receipt": "gr-1", **RECEIPT, **wrong})
    assert answer.status_code == 422
    assert 'value="PN-7"' in answer.text
    with office.db.read() as conn:
        assert len(inventory.receipts(conn)) == 1


def test_a_lot_used_but_never_received_is_flagged(office):
    office.accept(office.nurse, *office.nurse.visit(2, vaccine="AZ", lot="LA-9"))
    assert "dùng nhiều hơn nhập" in office.browser("manager").get("/console/stock?find=la-9").text


def test_progress_opens_with_its_finding(office):
    page = office.browser("manager").get("/console/progress").text
    assert "1 mũi trong ngày 05/10/2021, 1 mũi từ đầu chiến dịch" in page
    assert "Số liệu nhận được đến 05/10/2021 09:00." in page
    assert "Chưa có mũi tiêm nào." in office.browser("manager").get("/console/progress?day=2021-10-01").text


def test_kiosks_show_what_they_owe_and_when_they_were_heard(office):
    line, signature = office.nurse.hello(last=office.nurse.seq + 2)
    office.ledger.hear(line, signature, k="kiosk-1", now=office.clock.now - 2 * MINUTE)
    page = office.browser("admin").get("/console/kiosks").text
    assert "2 phút trước" in page
    assert "8–9" in page
    assert "đang kết nối" in page
    office.clock.now += 20 * MINUTE
    assert "im lặng" in office.browser("admin").get("/console/kiosks").text


def test_the_audit_masks_numbers_and_says_whether_it_is_whole(office):
    browser = office.browser()
    browser.send("/lookup", slip="s-1", year="1979")
    page = office.browser("auditor").get("/console/audit").text
    assert identity(1)["doc_no"] not in page
    assert "chưa bị xóa hay sửa dòng nào" in page
    only = office.browser("auditor").get("/console/audit?act=sign_in&save=csv").data.decode("utf-8-sig").splitlines()
    assert {line.split(",")[2] for line in only[1:]} == {"đăng nhập"}
    with office.db.write() as conn:
        conn.execute(audit.AUDIT.update().where(audit.AUDIT.c.id == 1).values(account="other"))
    assert "chuỗi bị đứt" in office.browser("auditor").get("/console/audit").text
