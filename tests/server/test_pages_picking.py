"""A country has thousands of sites: nobody's page carries them all, and whoever types a part of a name finds the one."""

import re

import pytest

from server import reference
from server.db import upsert
from server.pages import picking
from tests.server.made import SHARD
from tests.server.test_portal_complain import WANTS, filled
from tests.server.web_office import WebOffice

MANY = 3_000
# Each page that lets somebody choose a site: without styles, fonts and scripts.
PAGES = {
    "manager": (
        "/console/stock", "/console/stock/receive", "/console/kiosks", "/console/reactions", "/console/progress",
        "/console/cold-boxes", "/console/sessions", "/console/sessions/new",
    ),
    "admin": ("/console/kiosks/enrol",),
}  # fmt: skip
SITES = {
    "1": "Trạm y tế Tân Phong",
    "2": "Trạm y tế Tân Phong",
    "3": "Trạm y tế Tân Phong Hạ",
    "4": "Bệnh viện Thống Nhất",
}


@pytest.mark.parametrize(
    ("typed", "codes"),
    [
        ("4", ["4"]), (" 4 ", ["4"]), ("thong nhat", ["4"]), ("BỆNH VIỆN THỐNG NHẤT", ["4"]), ("Bệnh viện Thống Nhất (4)", ["4"]),
        ("tram y te tan phong", ["1", "2"]), ("tân phong hạ", ["3"]), ("phong tân", ["1", "2", "3"]), ("Huế", []), ("  ", []), ("(9)", []),
    ],
)  # fmt: skip
def test_a_code_a_name_or_a_part_of_it(typed, codes):
    assert picking.fitting(typed, SITES) == codes


@pytest.fixture
def office(db):
    office = WebOffice(db)
    row = {"shard": SHARD, "address": "", "hotline": "", "unit": "25993"}
    rows = [{**row, "site": f"diem-{n}", "name": f"Trạm y tế phường Tân Phong số {n}"} for n in range(MANY)]
    with db.write() as conn:
        upsert(conn, reference.SITE, rows)
    return office


MOST_BYTES = 60_000


def test_no_page_carries_thousands_of_sites(office):
    heavy = {}
    for role, paths in PAGES.items():
        browser = office.browser(role)
        for path in paths:
            answer = browser.get(path)
            assert answer.status_code == 200, path
            if len(answer.data) > MOST_BYTES:
                heavy[path] = len(answer.data)
    assert heavy == {}
    citizen = filled(office, wants={**WANTS, "place": "trạm y tế trảng dài"})
    page = citizen.get("/complain/2")
    assert len(page.data) < MOST_BYTES
    assert re.search(r'name="place" value="Trạm y tế Trảng Dài \([\w-]+\)"', page.text)
    answer = citizen.send("/complain/2", **{**WANTS, "place": "tan phong"})
    assert answer.status_code == 422
    assert "(diem-0)" in answer.text


def test_a_list_is_narrowed_by_what_is_typed_and_says_when_it_cannot(office):
    browser = office.browser("manager")
    page = browser.get("/console/stock?place=" + "Trảng Dài").text
    assert re.search(r'name="place" value="Trạm y tế Trảng Dài \([\w-]+\)"', page)
    assert "PFIZER" in page.upper()
    assert "Trạm y tế phường Tân Phong số 7 (diem-7)" in browser.get("/console/stock?place=diem-7").text
    said = browser.get("/console/stock?place=tan phong").text
    assert "Có nhiều mục khớp" in said
    assert "(diem-0)" in said
    assert 'value="tan phong"' in said, "what was typed stays"
    assert "Trong danh sách không có mục nào tên như vậy" in browser.get("/console/stock?place=xyz").text


def test_a_form_takes_a_part_of_the_name(office):
    browser = office.browser("manager")
    given = {
        "vaccine": "PFIZER",
        "lot": "FF0001",
        "expiry": "31/12/2021",
        "vials": "2",
        "doses_per_vial": "6",
        "document": "PN-9",
    }
    answer = browser.send("/console/stock/receive", place="so", **given)
    assert answer.status_code == 422
    assert "Có nhiều mục khớp" in answer.text
    assert 'name="place" value="so"' in answer.text
    answer = browser.send("/console/stock/receive", place="trang dai", **given)
    assert "Có nhiều mục khớp" not in answer.text
    assert "Trong danh sách không có" not in answer.text
