"""The door of every route: roles on the registration line, token and origin for every form, headers, sessions."""

import re

import pytest
from sqlalchemy import select

from server.accounts import CLIENT, OFFICER, PUBLIC, ROLES, WEB_SESSION
from tests.server.web_office import CSRF, FIRST_PASSWORD, HOST, PASSWORD, WebOffice

SAMPLE = {
    "number": "PA-ABCDEFGH",
    "ref": "0" * 20,
    "other": "1" * 20,
    "k": "kiosk-1",
    "digest": "0" * 64,
    "_version": "x",
    "name": "pages.css",
    "account": 1,
    "session": "ss-1",
    "brought": "im-1",
}


@pytest.fixture
def office(db):
    return WebOffice(db)


def rules(app):
    for rule in app.url_map.iter_rules():
        values = {name: 1 if "int:" in rule.rule else SAMPLE[name] for name in rule.arguments}
        yield rule, app.view_functions[rule.endpoint], rule.rule, values


def address(app, rule, values):
    with app.test_request_context(base_url=HOST):
        return app.url_map.bind("tram.test").build(rule.endpoint, values)


def test_every_route_names_its_roles(office):
    for rule, view, path, _ in rules(office.app):
        roles = getattr(view, "tram_roles", ())
        assert roles, f"{path} is registered without roles"
        assert set(roles) <= {*ROLES, PUBLIC, CLIENT}, path
        assert rule.methods <= {"GET", "HEAD", "OPTIONS", "POST"}, path
        if path.startswith("/console") and path != "/console/sign-in":
            assert PUBLIC not in roles, path


def test_nobody_passes_a_door_that_is_not_theirs(office):
    browsers = {"": office.browser(), **{role: office.browser(role) for role in ROLES}}
    for rule, view, path, values in rules(office.app):
        if PUBLIC in view.tram_roles or CLIENT in view.tram_roles or rule.endpoint == "sign_in.sign_out":
            continue
        where = address(office.app, rule, values)
        turned = browsers[""].get(where)
        assert (turned.status_code, turned.location.split("?")[0]) == (303, "/console/sign-in"), path
        for role in ROLES:
            status = browsers[role].get(where).status_code
            assert (status == 403) == (role not in view.tram_roles), (path, role, status)


def test_every_form_needs_its_token_and_its_origin(office):
    browser = office.browser("officer")
    token = CSRF.search(browser.get("/console/people").text)[1]
    for rule, view, path, values in rules(office.app):
        # A program's write bears its token in a header: no cookie opens it, and no other site can make a browser send it.
        if "POST" not in rule.methods or getattr(view, "tram_door", "") == "token":
            continue
        if CLIENT in view.tram_roles:  # a program shows its token, which no browser sends by itself
            assert browser.post(address(office.app, rule, values)).status_code == 401, path
            continue
        where, who = address(office.app, rule, values), browser
        if OFFICER not in view.tram_roles and PUBLIC not in view.tram_roles:
            who = office.browser("admin")
        own = token if who is browser else CSRF.search(who.get("/console/stock/receive").text)[1]
        for sent in (
            {},
            {"csrf": own, "headers": {}},
            {"csrf": own, "headers": {"Origin": "https://elsewhere.example"}},
            {"csrf": own, "headers": {"Origin": "null"}},
            {"csrf": own[:-1] + ("A" if own[-1] != "A" else "B")},
        ):
            assert who.post(where, **sent).status_code == 403, (path, sent)


def test_an_old_form_says_so_and_names_the_next_step(office):
    answer = office.browser().post("/complaints", number="PA-1", csrf="old")
    assert answer.status_code == 403
    assert "Biểu mẫu này đã mở quá lâu" in answer.text


def test_pages_allow_nothing_from_elsewhere(office):
    answer = office.browser().get("/")
    assert "default-src 'self'" in answer.headers["Content-Security-Policy"]
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Cache-Control"] == "no-store"
    assert not re.search(r"https?://", answer.text.replace("http://www.w3.org", ""))
    assert "style=" not in answer.text
    style = office.browser().get(re.search(r'href="(/assets/[^"]+\.css)"', answer.text)[1])
    assert "immutable" in style.headers["Cache-Control"]
    assert style.mimetype == "text/css"
    for stray in ("../access.py", "..%2faccess.py", "fonts", "nothing.css"):
        assert office.browser().get(f"/assets/x/{stray}").status_code == 404


def test_https_is_asked_for_where_a_certificate_stands_in_front(db):
    assert (
        "max-age=31536000" in WebOffice(db, cookie_secure=True).browser().get("/").headers["Strict-Transport-Security"]
    )


def test_the_first_password_is_changed_before_anything_else(office):
    """C6."""
    with office.db.write() as conn:
        office.account(conn, "moi")
    browser = office.browser()
    answer = browser.send("/console/sign-in", login="moi", password=FIRST_PASSWORD)
    assert answer.location == "/console/password"
    for path in ("/console/", "/console/complaints", "/console/people"):
        assert browser.get(path).location == "/console/password"
    wrong = browser.send("/console/password", current=FIRST_PASSWORD, new="mot cau khac han", again="mot cau khac")
    assert wrong.status_code == 422
    assert "không giống nhau" in wrong.text
    answer = browser.send("/console/password", current=FIRST_PASSWORD, new="mot cau khac han", again="mot cau khac han")
    assert answer.status_code == 303
    assert browser.get("/console/").status_code == 200


def test_a_wrong_password_is_one_sentence_and_the_lock_says_until_when(office):
    browser = office.browser()
    for _ in range(4):
        answer = browser.send("/console/sign-in", login="officer", password="wrong")
        assert answer.status_code == 422
        assert "Tên đăng nhập hoặc mật khẩu không đúng." in answer.text
    assert "Hãy đợi đến 09:01" in browser.send("/console/sign-in", login="officer", password="wrong").text
    assert browser.send("/console/sign-in", login="officer", password=PASSWORD).status_code == 422


def test_signing_in_makes_a_new_session_and_signing_out_ends_it(office):
    browser = office.browser()
    browser.get("/complain")
    with office.db.read() as conn:
        before = conn.execute(select(WEB_SESSION.c.id)).scalars().all()
    browser.send("/console/sign-in", login="officer", password=PASSWORD)
    with office.db.read() as conn:
        after = conn.execute(select(WEB_SESSION.c.id)).scalars().all()
    assert len(after) == 1
    assert after != before
    token = CSRF.search(browser.get("/console/people").text)[1]
    assert browser.post("/console/sign-out", csrf=token).status_code == 303
    assert browser.get("/console/").location.startswith("/console/sign-in")


def test_a_session_ends_after_its_hours(office):
    browser = office.browser("officer")
    office.clock.now += 8 * 3_600_000
    assert browser.get("/console/").status_code == 303


@pytest.mark.parametrize("after", ["https://elsewhere.example/", "//elsewhere.example", "/console/\\elsewhere", "/x"])
def test_signing_in_leads_to_our_own_pages_only(office, after):
    browser = office.browser()
    answer = browser.send("/console/sign-in", login="officer", password=PASSWORD, next=after)
    assert answer.location == "/console/"


def test_signing_in_leads_where_one_wanted_to_go(office):
    browser = office.browser()
    turned = browser.get("/console/complaints?state=rejected")
    assert "state%3Drejected" in turned.location
    answer = browser.send(
        "/console/sign-in", login="officer", password=PASSWORD, next="/console/complaints?state=rejected"
    )
    assert answer.location == "/console/complaints?state=rejected"


def test_the_language_is_asked_for_and_remembered(office):
    browser = office.browser()
    assert "Quý vị cần làm gì?" in browser.get("/").text
    assert "What would you like to do?" in browser.get("/?lang=en").text
    assert "What would you like to do?" in browser.get("/").text
    assert "Quý vị cần làm gì?" in browser.get("/?lang=xx").text


@pytest.mark.parametrize(("path", "status"), [("/nowhere", 404), ("/console/nowhere", 404), ("/complaints/PA-0", 404)])
def test_what_is_not_there_is_a_sentence_and_a_next_step(office, path, status):
    answer = office.browser().get(path)
    assert answer.status_code == status
    assert "<h1>" in answer.text


def test_an_error_page_says_nothing_of_what_was_asked(office):
    answer = office.browser("officer").get("/console/people/075079000001?q=Duyen")
    assert answer.status_code == 404
    assert "075079000001" not in re.sub(r'href="[^"]+"', "", answer.text)
    assert "Duyen" not in re.sub(r'href="[^"]+"', "", answer.text)


def test_a_mistake_of_ours_is_a_page_too(office):
    office.app.config["PROPAGATE_EXCEPTIONS"] = False
    office.app.view_functions["portal.doors"] = _broken
    answer = office.browser().get("/")
    assert answer.status_code == 500
    assert "Máy chủ gặp lỗi" in answer.text


def _broken():
    raise ZeroDivisionError


_broken.tram_roles = (PUBLIC,)
