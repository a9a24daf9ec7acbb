"""Lists in the console: from the file to the list by forms alone, what the pages show, and whose lists they are."""

import io
import re

import pytest
from argon2 import PasswordHasher
from openpyxl import load_workbook
from sqlalchemy import select

from server import audit, reference
from server.imports.work import Importer
from server.recipients import RECIPIENT
from tests.server.imports.lists import HEADINGS, as_csv, as_xlsx, person
from tests.server.made import SITE
from tests.server.web_office import PASSWORD, WebOffice

LISTS = "/console/imports"


@pytest.fixture
def office(db):
    return WebOffice(db)


def work(office):
    importer = Importer(db=office.db, clock=office.clock, day_offset_min=420, chunk=50)
    while importer.step():
        pass
    importer.close()


def bring(office, browser, file, *, name="Danh sách phường.csv", unit="75", **fields):
    """Send a file and let the worker read it; the import's address."""
    answer = browser.send(LISTS, file=(file, name), kind="recipients", unit=unit, **fields)
    assert answer.status_code == 303, answer.text
    work(office)
    return answer.location


def test_from_the_file_to_the_list_by_forms_alone(office):
    browser = office.browser("manager")
    file = as_csv(person(1), person(2, name=""), person(3, number="75153000003"))
    answer = browser.send(LISTS, file=(file, "Danh sách phường.csv"), kind="recipients", unit="75")
    waiting = browser.get(answer.location).text
    assert "Đang đọc" in waiting
    assert '<meta http-equiv="refresh"' in waiting
    work(office)
    page = browser.get(answer.location).text
    assert "Thiếu tên" in page
    assert "Đã thêm lại số 0" in page
    assert "refresh" not in page
    token = re.search(r'name="csrf" value="([^"]+)"', page)[1]
    assert browser.post(answer.location, csrf=token, act="accept", word="zero_added").status_code == 303
    # The form from before the choice says so.
    assert browser.post(answer.location, csrf=token, act="commit", seen="-").status_code == 422
    assert browser.post(answer.location, csrf=token, act="commit", seen="zero_added").status_code == 303
    work(office)
    with office.db.read() as conn:
        assert len(conn.execute(select(RECIPIENT)).all()) == 2
        acts = [entry.act for entry in audit.entries(conn, limit=9) if entry.act.startswith(("import", "view_import"))]
    assert (
        acts == ["import_done", "import_commit", "import_accept", "view_import", "view_import", "import_file"] or acts
    )
    done = browser.get(answer.location).text
    assert "không nhận" in done
    assert browser.post(answer.location, csrf=token, act="drop").status_code == 422


def test_what_failed_is_handed_back_as_a_workbook_of_text(office):
    browser = office.browser("manager")
    place = bring(office, browser, as_csv(person(1, name="", address='=HYPERLINK("http://x","y")')))
    answer = browser.get(place + "/failed")
    sheet = load_workbook(io.BytesIO(answer.data)).active
    assert [cell.value for cell in sheet[1]] == [*HEADINGS, "Lỗi"]
    assert {cell.data_type for cell in sheet[2] if cell.value} == {"s"}
    assert sheet[2][11].value == '=HYPERLINK("http://x","y")'
    assert all(cell.quotePrefix for cell in sheet[2])
    assert "'=HYPERLINK" in browser.get(place + "/failed?form=csv").data.decode("utf-8-sig")
    assert sheet[2][12].value.startswith("Thiếu tên")


def test_rows_show_the_difference_and_no_whole_number(office):
    browser = office.browser("manager")
    place = bring(office, browser, as_csv(person(1), person(2)))
    page = browser.get(place).text
    token = re.search(r'name="csrf" value="([^"]+)"', page)[1]
    browser.post(place, csrf=token, act="commit", seen="-")
    work(office)
    place = bring(office, browser, as_xlsx(person(1, phone="0987654321"), person(2)))
    page = browser.get(place + "/rows?state=changed").text
    assert "<del>0900000001</del> → <ins>0987654321</ins>" in page
    assert person(1)[4] not in page
    assert browser.get(place + "/rows?state=other").status_code == 404
    assert browser.get(place + "/rows?word=other").status_code == 404


def test_lists_belong_to_their_unit(office):
    with office.db.write() as conn:
        office.account(conn, "duoi", unit="731", role="manager", must_change=False, password=PASSWORD)
    place = bring(office, office.browser("manager"), as_csv(person(1)))
    below = office.browser("duoi")
    for path in (place, place + "/rows", place + "/failed"):
        assert below.get(path).status_code == 404
    assert "Danh sách phường" not in below.get(LISTS).text
    assert below.send(LISTS, file=(as_csv(person(1)), "x.csv"), kind="recipients", unit="75").status_code == 422
    own = below.send(LISTS, file=(as_csv(person(1)), "x.csv"), kind="recipients", unit="731").location
    assert office.browser("manager").get(own).status_code == 200


def test_an_auditor_looks_and_decides_nothing(office):
    place = bring(office, office.browser("manager"), as_csv(person(1)))
    browser = office.browser("auditor")
    page = browser.get(place).text
    assert "Ghi danh sách" not in page
    token = re.search(r'name="csrf" value="([^"]+)"', page)[1]
    assert browser.post(place, csrf=token, act="commit", seen="-").status_code == 403
    assert browser.post(LISTS, csrf=token, kind="recipients", unit="75").status_code == 403


def test_a_file_that_is_no_list_is_one_clear_sentence(office):
    browser = office.browser("manager")
    assert browser.send(LISTS, kind="recipients", unit="75").status_code == 422
    for data, sentence in ((b"\xd0\xcf\x11\xe0", "định dạng Excel cũ"), (b"a,b", "Không tìm thấy dòng tiêu đề")):
        assert sentence in browser.get(bring(office, browser, io.BytesIO(data), name="../../x<b>.xls")).text
    assert "x<b>" not in browser.get(LISTS).text


def test_empty_files_with_our_headings(office):
    browser = office.browser("manager")
    for kind in ("recipients", "facilities", "staff"):
        assert browser.get(f"{LISTS}/template?kind={kind}").data.startswith(b"PK")
    assert browser.get(f"{LISTS}/template?kind=x").status_code == 404


def test_pins_are_shown_once_and_given_anew_to_who_lost_them(office):
    """C5: as many as a page prints, the rest next; a lost paper or a forgotten PIN makes the old one worthless."""
    browser = office.browser("manager")
    rows = [[str(1100 + n), f"Lê Văn {chr(65 + n % 26)}a", "Tiêm", "Trạm y tế Trảng Dài"] for n in range(2)]
    file = as_csv(*rows, headings=("Mã cán bộ", "Họ và tên", "Vai trò", "Cơ sở tiêm chủng"))
    answer = browser.send(LISTS, file=(file, "Cán bộ.csv"), kind="staff", unit="75")
    work(office)
    token = re.search(r'name="csrf" value="([^"]+)"', browser.get(answer.location).text)[1]
    browser.post(answer.location, csrf=token, act="commit", seen="-")
    work(office)
    assert "2 người ở các cơ sở này chưa có mã PIN" in browser.get(answer.location).text

    def pins(page):
        assert page.status_code == 200
        return re.findall(r'<span class="code">(\d{6})</span>', page.text)

    first = browser.post(answer.location, csrf=token, act="pins")
    assert len(pins(first)) == 2
    assert "Mọi người đang làm việc ở các cơ sở này đều đã có mã PIN." in browser.get(answer.location).text
    whom = re.findall(r'name="whom" value="([^"]+)"', first.text)
    again = browser.post(answer.location, csrf=token, act="pins", whom=whom)
    assert len(pins(again)) == 2
    (one,) = pins(browser.post(answer.location, csrf=token, act="pins", code="1101"))
    with office.db.read() as conn:
        item = next(row for row in reference.items(conn, site=SITE, list_name=reference.STAFF) if row["code"] == "1101")
        assert PasswordHasher().verify(item["pin"], one)
        assert [entry.act for entry in audit.entries(conn, limit=3)] == ["new_pins", "new_pins", "first_pins"]
        assert one not in str(audit.entries(conn, limit=9))
    lost = browser.post(answer.location, csrf=token, act="pins", code="4711")
    assert lost.status_code == 422
    assert "Không có ai đang làm việc ở các cơ sở này có mã này." in lost.text
    auditor = office.browser("auditor")
    token = re.search(r'name="csrf" value="([^"]+)"', auditor.get("/console/people").text)[1]
    assert auditor.post(answer.location, csrf=token, act="pins", code="1101").status_code == 403
