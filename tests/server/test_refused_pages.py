"""Who was turned away is noted, a few times, and never by what was typed (ASVS 5.0 16.3.2); two names, two doors (3.5.4)."""

import logging

import pytest

from server import audit
from server.pages import refusals
from tests.server.web_office import CSRF, HOST, PASSWORD, WebOffice

CONSOLE, PORTAL = "https://quanly.tram.test", "https://tram.test"


@pytest.fixture
def office(db):
    return WebOffice(db)


def turned_away(office):
    with office.db.read() as conn:
        return [(each.account, each.object) for each in audit.entries(conn, act=refusals.ACT, limit=200)]


def test_a_page_and_a_thing_that_are_not_theirs_are_noted(office):
    officer, admin = office.browser("officer"), office.browser("admin")
    for path, status in (
        ("/console/accounts", 403), ("/console/complaints/PA-ABCDEFGH", 404), ("/console/complaints/079201234567", 404),
        ("/console/complaints/PA%0Aforged", 404), ("/console/nowhere", 404),
    ):  # fmt: skip
        assert officer.get(path).status_code == status, path
    assert admin.get("/console/accounts/999").status_code == 404
    assert sorted(turned_away(office)) == [
        ("admin", "404 accounts.account"), ("officer", "403 accounts.listing"),
        *[("officer", "404 complaints.complaint")] * 3,
    ]  # fmt: skip
    assert "hỏi trang không thuộc quyền" in admin.get("/console/audit?act=turned_away").text


def test_somebody_who_tries_all_day_fills_no_table(office):
    officer = office.browser("officer")
    for _ in range(refusals.NOTES.most + 5):
        officer.get("/console/accounts")
    assert len(turned_away(office)) == refusals.NOTES.most
    office.clock.now += refusals.NOTES.window_ms
    office.browser("officer").get("/console/accounts")
    assert len(turned_away(office)) == refusals.NOTES.most + 1


def test_a_stranger_stands_in_the_log_by_the_page_alone(office, caplog):
    caplog.set_level(logging.INFO)
    browser = office.browser()
    token = CSRF.search(browser.get("/lookup").text)[1]
    browser.post("/lookup", csrf=token, slip="SECRET", headers={"Origin": "https://elsewhere.example"})
    browser.get("/complaints/PA-ABCDEFGH")
    browser.get("/nowhere")
    browser.get("/api/v1/progress", headers={"Authorization": "Bearer wrong"})
    assert [text for text in caplog.messages if "refused" in text] == [
        "page_refused page=lookup.by_slip status=403", "api_refused operation=api.progress status=401",
    ]  # fmt: skip
    assert turned_away(office) == []


def test_console_and_portal_may_have_a_name_each(db):
    """Neither opens under the other's name, no cookie goes over, and a form of one is a stranger's to the other."""
    office = WebOffice(db, console_host="quanly.tram.test", public_url=PORTAL + "/", cookie_secure=True)
    client = office.app.test_client()

    def get(base, path):
        return client.get(path, base_url=base, buffered=True)

    for path, at_portal, at_console in (
        ("/", 200, 303), ("/lookup", 200, 404), ("/api/v1/health", 200, 404), ("/console/sign-in", 404, 200),
        ("/console/", 404, 303), ("/console", 404, 308), ("/consoles", 404, 404),
    ):  # fmt: skip
        answers = [get(base, path).status_code for base in (PORTAL, CONSOLE)]
        assert answers == [at_portal, at_console], path
    assert get("https://QUANLY.tram.test", "/console/sign-in").status_code == 200
    assert get("https://203.0.113.9", "/console/sign-in").status_code == 404
    page = get(CONSOLE, "/console/sign-in")
    assert f'href="{PORTAL}/"' in page.text
    asset = page.text.partition('href="/assets/')[2].partition('"')[0]
    assert {get(base, f"/assets/{asset}").status_code for base in (PORTAL, CONSOLE)} == {200}
    form = {"csrf": CSRF.search(page.text)[1], "login": "officer", "password": PASSWORD}
    for origin, status in ((PORTAL, 403), (HOST, 403), (CONSOLE, 303)):
        answer = client.post("/console/sign-in", base_url=CONSOLE, data=form, headers={"Origin": origin})
        assert answer.status_code == status, origin
    cookie = answer.headers["Set-Cookie"]
    assert cookie.startswith("__Host-tram=")
    assert "Domain" not in cookie
    held = {name: client.get_cookie("__Host-tram", domain=name) for name in ("quanly.tram.test", "tram.test")}
    assert all(each.origin_only for each in held.values())
    assert held["quanly.tram.test"].value != held["tram.test"].value
    assert get(CONSOLE, "/console/").status_code == 200
