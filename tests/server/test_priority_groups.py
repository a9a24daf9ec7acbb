"""The priority groups are named wherever their number would stand alone, by the list of that day."""

import re

import pytest

from server import recipients
from server.pages import rulebook
from tests.server.made import identity
from tests.server.sessions.scenes import plan, recipient
from tests.server.web_office import WebOffice


def test_the_sixteen_of_july_2021_stand_in_both_languages_and_none_before():
    groups = rulebook.groups("2021-10-05")
    assert [row["code"] for row in groups] == list(range(1, 17))
    assert all(row["vi"].strip() and row["en"].strip() and row["whole"].strip() for row in groups)
    assert {row["source"] for row in groups} == {"QĐ 3355/QĐ-BYT"}
    assert rulebook.groups("2021-07-07") == []


@pytest.fixture
def office(db):
    made = WebOffice(db)
    with db.write() as conn:
        recipients.put(conn, [recipient(11, priority_group=9)])
    return made


def test_a_plan_and_its_people_name_them(office):
    browser = office.browser("manager")
    page = browser.get("/console/sessions/new").text
    assert len(re.findall(r"<span>\d+ · [^<]+</span>", page)) == 16
    assert "9 · Bệnh mạn tính; trên 65 tuổi" in page
    assert "Người mắc các bệnh mạn tính; Người trên 65 tuổi" in page
    plan(browser)
    shown = browser.get("/console/sessions/of/ss-1/people").text
    assert identity(11)["name"] in shown
    assert "9 · Bệnh mạn tính; trên 65 tuổi" in shown
    assert "9 · Chronically ill; over 65" in browser.get("/console/sessions/of/ss-1/people?lang=en").text
    saved = browser.get("/console/sessions/of/ss-1/people?save=csv&lang=vi").get_data(as_text=True)
    assert "9 · Bệnh mạn tính; trên 65 tuổi" in saved
