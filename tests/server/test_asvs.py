"""ASVS.toml: every point of ASVS 5.0, levels 1 and 2, chapters V6 to V8, has tests that exist or a reason to wait."""

import tomllib
from pathlib import Path

import pytest

from server import accounts
from server.pages import access
from tests.consistency.sources import REPOSITORY
from tests.faults.test_coverage import functions
from tests.server.web_office import PASSWORD, WebOffice

TABLE = tomllib.loads((Path(__file__).parent / "ASVS.toml").read_text("utf-8"))
CHAPTERS = TABLE.pop("chapters")
# How many points of levels 1 and 2 each section has.
POINTS = {
    "6.1": (1, 2, 3), "6.2": range(1, 12), "6.3": (1, 2, 3), "6.4": (1, 2, 3, 4), "6.5": range(1, 6), "6.6": (1, 2, 3),
    "6.8": (1, 2, 3, 4), "7.1": (1, 2, 3), "7.2": (1, 2, 3, 4), "7.3": (1, 2), "7.4": range(1, 6), "7.5": (1, 2),
    "7.6": (1, 2), "8.1": (1, 2), "8.2": (1, 2, 3), "8.3": (1,), "8.4": (1,),
}  # fmt: skip
README = (REPOSITORY / "server" / "README.md").read_text("utf-8")
LONG = "một câu rất dài có dấu và có KHOẢNG TRẮNG, đủ sáu mươi bốn ký tự trở lên"


@pytest.fixture
def office(db):
    return WebOffice(db)


def test_every_point_stands_once_and_in_order():
    assert list(TABLE) == [f"{section}.{number}" for section, numbers in POINTS.items() for number in numbers]
    assert {f"V{n}" for n in range(1, 18)} == {*CHAPTERS, "V6", "V7", "V8"}


def test_a_point_has_tests_that_exist_or_says_why_not():
    for number, row in TABLE.items():
        assert row["point"].strip(), number
        assert len(set(row) & {"tests", "waits", "none"}) == 1, number
        for name in row.get("tests", ()):
            path, _, function = name.partition("::")
            assert function in functions(REPOSITORY / path), name
    for reason in (*CHAPTERS.values(), *(row["waits"] for row in TABLE.values() if "waits" in row)):
        issue, _, words = reason.partition(": ")
        assert issue.removeprefix("issue ").isdigit(), reason
        assert len(words) > 10, reason
    assert sum("waits" in row for row in TABLE.values()) <= 10, "what is covered today stays covered"


def test_password_fields_are_masked_and_helpers_may_fill_them(office):
    page = office.browser().get("/console/sign-in").text
    assert 'type="password" value="" autocomplete="current-password"' in page
    page = office.browser("officer").get("/console/password").text
    assert page.count('type="password"') == 3
    assert page.count('autocomplete="new-password"') == 2
    assert "onpaste" not in page


def test_a_long_password_counts_to_its_last_sign(office):
    """Also years later: no password ends by the calendar."""
    assert len(LONG) >= 64
    office.browser("officer").send("/console/password", current=PASSWORD, new=LONG, again=LONG)
    office.clock.now += 400 * 86_400_000
    browser = office.browser()
    assert browser.send("/console/sign-in", login="officer", password=LONG[:-1]).status_code == 422
    assert browser.send("/console/sign-in", login="officer", password=LONG.lower()).status_code == 422
    assert browser.send("/console/sign-in", login="officer", password=LONG).location == "/console/"


def test_every_console_page_has_the_way_out(office):
    browser = office.browser("admin")
    for path in ("/console/", "/console/accounts", "/console/accounts/sessions", "/console/audit", "/console/password"):
        assert "/console/sign-out" in browser.get(path).text, path


def test_the_rules_stand_in_the_papers():
    """The times of a session and the rules of access."""
    said = README.partition("## Who may do what")[2].partition("\n## ")[0]
    for number in (accounts.IDLE_MS // 60_000, access.HALF_MS // 60_000):
        assert f"{number} minutes" in said
    assert f"{accounts.LOCK_AFTER} wrong" in said
    assert all(f"`{role}`" in said for role in accounts.ROLES)
