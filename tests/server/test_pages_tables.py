"""Lists as tables: sorted by their headings, filtered, paged, saved exactly as filtered, and nobody's name in an address."""

import csv
import io
import re

import pytest
from openpyxl import load_workbook

from server import audit, reference
from server.db import upsert
from server.pages import assets, collating, tables
from tests.server.made import SHARD, receipt
from tests.server.test_portal_complain import WHO, filled
from tests.server.web_office import PASSWORD, WebOffice

FIRST_PAGE_BYTES = 150_000
NAMES = ("Nguyễn Văn Ân", "Trần Thị An", "Lê Văn Ấn", "Đỗ Văn Bình", "Phạm Văn Đông", "Vũ Thị Dung", "Lý Ánh")


def test_names_stand_as_vietnamese_readers_look_them_up():
    """By the given name; ă, â, đ, ê … are letters of their own, a tone counts only between words else alike."""
    assert sorted(NAMES, key=collating.name_key) == [
        "Trần Thị An", "Lý Ánh", "Nguyễn Văn Ân", "Lê Văn Ấn", "Đỗ Văn Bình", "Vũ Thị Dung", "Phạm Văn Đông",
    ]  # fmt: skip
    words = ["ơ", "ó", "o", "ò", "ô", "ọ", "õ", "ỏ"]
    assert sorted(words, key=collating.key) == ["o", "ò", "ỏ", "õ", "ó", "ọ", "ô", "ơ"]
    assert sorted(["Kiosk 10", "kiosk 9", ""], key=collating.key) == ["", "kiosk 9", "Kiosk 10"]


@pytest.fixture
def office(db):
    return WebOffice(db)


def rows_of(page):
    return re.findall(r'<th scope="row"[^>]*>(?:<a[^>]*>)?([^<]+)', page)


def sheet_of(answer):
    book = load_workbook(io.BytesIO(answer.data))
    return [list(row) for row in book.active.values]


def lines_of(answer):
    return list(csv.reader(io.StringIO(answer.data.decode("utf-8-sig"))))


def test_a_list_is_sorted_filtered_paged_and_saved_as_it_stands(office):
    """Issue 5, Build 9: by links, without scripts; the file holds all pages of what was chosen, and no formula."""
    for n in range(51):
        office.append(receipt(n + 2, lot=f"AZ-{n + 1}", vaccine="AZ", vials=n + 1), now=office.clock.now)
    office.append(receipt(90, lot="=1+1", vaccine="PFIZER"), now=office.clock.now)
    browser = office.browser("manager")
    page = browser.get("/console/stock").text
    assert len(rows_of(page)) == tables.PAGE_ROWS
    # Light enough for an old phone: a full page with all styles, fonts, icons and scripts of the console.
    weight = sum(path.stat().st_size for path in assets.FOLDER.rglob("*") if path.suffix in assets.TYPES)
    assert len(page.encode()) + weight < FIRST_PAGE_BYTES
    assert "Trang 1/2" in page
    down = re.search(r'href="([^"]*sort=lot[^"]*)"', page)[1].replace("&amp;", "&")
    page = browser.get(down).text
    assert 'aria-sort="ascending"' in page
    assert rows_of(page)[:3] == ["=1+1", "AZ-1", "AZ-2"]
    page = browser.get("/console/stock?sort=-on_hand&vaccine=AZ&find=az-1").text
    assert 'aria-sort="descending"' in page
    assert rows_of(page) == [
        "AZ-19",
        "AZ-18",
        "AZ-17",
        "AZ-16",
        "AZ-15",
        "AZ-14",
        "AZ-13",
        "AZ-12",
        "AZ-11",
        "AZ-10",
        "AZ-1",
    ]
    saved = {
        form: re.search(rf'href="([^"]*save={form}[^"]*)"', page)[1].replace("&amp;", "&") for form in tables.FORMS
    }
    held = lines_of(browser.get(saved["csv"]))
    assert [line[0] for line in held] == ["Số lô", *rows_of(page)]
    sheet = sheet_of(browser.get(saved["xlsx"]))
    assert [[str(cell) for cell in line] for line in sheet] == held
    # All pages of the whole list; a lot that would be a formula is text in both.
    whole = browser.get("/console/stock?save=csv&page=2")
    assert len(lines_of(whole)) == 54
    assert "'=1+1" in {line[0] for line in lines_of(whole)}
    book = load_workbook(io.BytesIO(browser.get("/console/stock?save=xlsx").data))
    assert {cell.data_type for cell in book.active["A"]} == {"s"}
    assert {cell.data_type for cell in book.active["H"][1:]} == {"n"}
    with office.db.read() as conn:
        assert [(entry.act, entry.object) for entry in audit.entries(conn, limit=4)] == [
            ("export_list", "stock 53"), ("export_list", "stock 53"), ("export_list", "stock 11"), ("export_list", "stock 11"),
        ]  # fmt: skip
    page = browser.get("/console/stock?find=nothing-of-this-name").text
    assert "Không có dòng nào trong danh sách khớp với lựa chọn." in page
    for odd in ("page=99999999999999999999", "page=-3", "sort=nobody", "sort=-", "vaccine=%27", "save=exe", "page=2"):
        assert browser.get(f"/console/stock?{odd}").status_code == 200, odd


def test_a_name_that_is_searched_for_stands_in_no_address(office):
    """The officers' queue: the form's text stays in the session; what else was chosen stays in the address."""
    for name in ("Lê Thị Ánh", "Vũ Văn Bảo"):
        filled(office, who={**WHO, "name": name}).send("/complain/4", content="x")
    browser = office.browser("officer")
    told = browser.send("/console/complaints?state=all&sort=-name", find="ánh")
    assert told.status_code == 303
    assert "find" not in told.location
    assert "state=all" in told.location
    assert "sort=-name" in told.location
    page = browser.get(told.location).text
    assert "Lê Thị Ánh" in page
    assert "Vũ Văn Bảo" not in page
    assert not re.search(r'href="[^"]*(nh|find=)[^"]*save', page)
    saved = lines_of(browser.get("/console/complaints?state=all&save=csv"))
    assert [line[2] for line in saved[1:]] == ["Lê Thị Ánh"]
    # Another session of the same officer asks for everybody; an address cannot ask for a name.
    other = office.browser("officer").get("/console/complaints?find=ánh").text
    assert "Vũ Văn Bảo" in other
    browser.send("/console/complaints", find="")
    assert "Vũ Văn Bảo" in browser.get("/console/complaints").text
    by_name = [row[2] for row in lines_of(browser.get("/console/complaints?sort=name&save=csv"))[1:]]
    assert by_name == sorted(by_name, key=collating.name_key)


def test_the_console_is_dark_where_somebody_wants_it_and_never_on_paper(office):
    browser = office.browser("officer")
    link = re.compile(r'<link rel="stylesheet" href="[^"]*dark.css" media="([^"]*)"')
    assert link.search(browser.get("/console/").text)[1] == "screen and (prefers-color-scheme: dark)"
    assert link.search(browser.get("/console/?look=dark").text)[1] == "screen"
    assert link.search(browser.get("/console/people").text)[1] == "screen"
    assert not link.search(browser.get("/console/?look=light").text)
    assert link.search(browser.get("/console/?look=no-such").text) is None
    assert not link.search(browser.get("/?look=dark").text)


def test_the_first_page_of_many_sites_is_light_and_narrows_to_what_wants_a_look(office):
    row = {"shard": SHARD, "address": "", "hotline": "", "unit": "25993"}
    with office.db.write() as conn:
        many = [{**row, "site": f"site-{n}", "name": f"Trạm y tế Phường {n} Thành phố Biên Hòa"} for n in range(30)]
        upsert(conn, reference.SITE, many)
    for n in range(30):
        kiosk = office.kiosk(f"kiosk-{n + 50}", site=f"site-{n}")
        office.accept(kiosk, *kiosk.visit(n + 100, vaccine="PFIZER"), now=office.clock.now)
    browser = office.browser("manager")
    page = browser.get("/console/").text
    weight = sum(path.stat().st_size for path in assets.FOLDER.rglob("*") if path.suffix in assets.TYPES)
    assert len(page.encode()) + weight < FIRST_PAGE_BYTES
    assert ("31 dòng" in page, "Trang 1/2" in page) == (True, True)
    # The figures above are of all sites, whatever the page shows; nobody opened, so all want a look.
    assert "<b>31</b>" in browser.get("/console/?find=Trảng").text
    assert "31 dòng" in browser.get("/console/?which=look&sort=-doses").text
    assert "Không có dòng nào" in browser.get("/console/?which=served").text
    assert len(lines_of(browser.get("/console/?day=05/10/2021&save=csv"))) == 32


def test_every_list_of_the_console_sorts_and_saves(office):
    """Each by its last heading and as both files, without a fault and with the headings of the page first."""
    with office.db.write() as conn:
        office.account(conn, "tran-b", name="Trần Văn B", must_change=False, password=PASSWORD)
    browsers = {role: office.browser(role) for role in ("officer", "manager", "admin")}
    browsers["officer"].send("/console/people", wanted="duyên")
    for role, path in (
        ("officer", "/console/complaints"), ("officer", "/console/people"), ("manager", "/console/kiosks"),
        ("manager", "/console/sessions"), ("manager", "/console/stock"), ("admin", "/console/accounts"),
        ("manager", "/console/imports"), ("manager", "/console/kiosks/quarantine"), ("manager", "/console/reactions"),
        ("officer", "/console/progress"), ("manager", "/console/"),
    ):  # fmt: skip
        page = browsers[role].get(path).text
        heads = [name.replace("&amp;", "&") for name in re.findall(r'<th[^>]*><a href="([^"]*sort=[^"]*)"', page)]
        for address in {*heads[:1], *heads[-1:]}:
            assert "aria-sort" in browsers[role].get(address).text, address
        first = lines_of(browsers[role].get(f"{path}?save=csv"))[0]
        assert sheet_of(browsers[role].get(f"{path}?save=xlsx"))[0] == first, path
        assert len(first) > 3, path
