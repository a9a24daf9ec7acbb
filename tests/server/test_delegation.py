"""Accounts are given downward only: inside the own subtree, never a right above the own; made, moved, disabled, reset."""

import re

import pytest
from sqlalchemy import select

from server import accounts, audit, delegation
from server.accounts import ACCOUNT, ADMIN, OFFICER, PUBLIC, ROLES, WEB_SESSION
from tests.server.web_office import CSRF, PASSWORD, WebOffice

NEW = {
    "login": "Ba-Tu", "name": "Trần Văn Tư", "email": "tu@example.vn", "phone": "0912345678", "post": "leader",
    "role": "officer", "unit": "731",
}  # fmt: skip


@pytest.fixture
def office(db):
    return WebOffice(db)


def number_of(office, login):
    with office.db.read() as conn:
        return conn.execute(select(ACCOUNT.c.id).where(ACCOUNT.c.login == login)).scalar_one_or_none()


def row_of(office, login):
    with office.db.read() as conn:
        return conn.execute(select(ACCOUNT).where(ACCOUNT.c.login == login)).one()


def act(browser, number, word, **fields):
    return browser.send(f"/console/accounts/{number}", act=word, **fields)


def first_password(page):
    return re.search(r'class="big-code">([^<]+)<', page)[1]


def test_an_account_is_made_downward_and_its_first_password_is_shown_once(office):
    """C6: personal accounts, an e-mail on record, the first password changed before anything else."""
    page = office.browser("admin").send("/console/accounts/new", **NEW)
    assert page.status_code == 200
    password = first_password(page.text)
    row = row_of(office, "ba-tu")
    assert (row.unit, row.unit_from, row.role, row.post, row.email) == (
        "731",
        "2021-07-01",
        OFFICER,
        "leader",
        "tu@example.vn",
    )
    browser = office.browser()
    assert browser.send("/console/sign-in", login="ba-tu", password=password).location == "/console/password"
    new = {"current": password, "new": PASSWORD, "again": PASSWORD}
    assert browser.send("/console/password", **new).location == "/console/"
    assert "Thành phố Biên Hòa" in browser.get("/console/").text
    with office.db.read() as conn:
        acts = [(entry.account, entry.act, entry.object) for entry in audit.entries(conn, limit=9)]
        assert ("admin", "account_made", "ba-tu") in acts
        assert password not in str(conn.execute(select(ACCOUNT)).all())


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"unit": "79"}, "role"), ({"unit": "VN"}, "role"), ({"unit": "0"}, "role"), ({"role": "king"}, "role"),
        ({"role": "admin", "unit": "75"}, "role"), ({"login": "officer"}, "login"), ({"email": "tu"}, "email"),
    ],
)  # fmt: skip
def test_nobody_gives_what_is_not_theirs(office, changed, field):
    page = office.browser("admin").send("/console/accounts/new", **{**NEW, **changed})
    assert page.status_code == 422
    assert f'id="{field}-fault"' in page.text
    assert number_of(office, "ba-tu") is None


def test_an_administrator_below_gives_below_only(office):
    """Delegation goes down the tree: the district's administrator cannot reach the province or a sister district."""
    with office.db.write() as conn:
        office.account(conn, "quan-tri-huyen", role=ADMIN, unit="731", must_change=False, password=PASSWORD)
    browser = office.browser("quan-tri-huyen")
    assert browser.send("/console/accounts/new", **NEW).status_code == 200
    for number in (number_of(office, "officer"), number_of(office, "admin"), number_of(office, "quan-tri-huyen")):
        assert browser.get(f"/console/accounts/{number}").status_code == 404
    moved = act(browser, number_of(office, "ba-tu"), "save", **{**NEW, "unit": "75"})
    assert moved.status_code == 422
    assert row_of(office, "ba-tu").unit == "731"
    page = browser.get("/console/accounts").text
    assert "ba-tu" in page
    assert ">officer<" not in page


def test_who_gives_a_role_reads_all_that_it_reads(office):
    """Never a right above the own: every page that a granted role opens, the granting one opens too."""
    for giver, given in delegation.GRANTS.items():
        for rule in office.app.url_map.iter_rules():
            roles = office.app.view_functions[rule.endpoint].tram_roles
            if PUBLIC not in roles and set(given) & set(roles) & set(ROLES):
                assert giver in roles, rule.rule
    assert set(accounts.APPOINTS) == set(delegation.GRANTS)


def test_a_disabled_account_is_out_at_once_and_comes_back(office):
    admin, officer = office.browser("admin"), office.browser("officer")
    number = number_of(office, "officer")
    assert act(admin, number, "disable").status_code == 303
    assert officer.get("/console/").status_code == 303
    tried = office.browser().send("/console/sign-in", login="officer", password=PASSWORD)
    assert "Tên đăng nhập hoặc mật khẩu không đúng." in tried.text
    act(admin, number, "enable")
    assert office.browser("officer").get("/console/").status_code == 200


def test_a_reset_ends_sessions_and_gives_a_first_password(office):
    admin, officer = office.browser("admin"), office.browser("officer")
    password = first_password(act(admin, number_of(office, "officer"), "reset").text)
    assert officer.get("/console/").status_code == 303
    answer = office.browser().send("/console/sign-in", login="officer", password=password)
    assert answer.location == "/console/password"


def test_a_first_password_that_nobody_used_is_over_after_a_week(office):
    """A new one and one after a reset alike; a password of one's own never ends (ASVS 6.4.1)."""
    for login in ("ba-tu", "officer"):
        admin = office.browser("admin")
        if login == "officer":
            page = act(admin, number_of(office, "officer"), "reset").text
        else:
            page = admin.send("/console/accounts/new", **NEW).text
        assert "trong vòng 7 ngày" in page
        password, begun = first_password(page), office.clock.now
        office.clock.now = begun + accounts.FIRST_LASTS_MS
        late = office.browser().send("/console/sign-in", login=login, password=password)
        assert late.status_code == 422
        assert "đã quá hạn sử dụng" in late.text
        assert "đã quá hạn sử dụng" not in office.browser().send("/console/sign-in", login=login, password="x").text
        office.clock.now -= 1
        on_time = office.browser().send("/console/sign-in", login=login, password=password)
        assert on_time.location == "/console/password"
        office.clock.now = begun
    office.clock.now += 400 * 86_400_000
    assert office.browser("manager").get("/console/").status_code == 200


def test_ten_sessions_at_once_and_the_eleventh_ends_the_one_longest_unused(office):
    first, number = office.browser("officer"), number_of(office, "officer")

    def another(after, *, half=False):
        with office.db.write() as conn:
            now = office.clock.now + after
            return accounts.open_session(conn, account_id=number, data={}, now=now, lasts_ms=60_000, half=half)

    others = [another(1000 * n) for n in range(1, accounts.MOST_SESSIONS)]
    assert f"Tối đa {accounts.MOST_SESSIONS} nơi cùng lúc" in first.get("/console/accounts/sessions").text
    for n in range(accounts.MOST_SESSIONS + 5):
        another(10_000 + n, half=True)
    assert first.get("/console/").status_code == 200, "who has the password alone ends nobody's session"
    others.append(another(20_000))
    assert first.get("/console/").status_code == 303
    with office.db.read() as conn:
        held = [accounts.read_session(conn, secret=each, now=office.clock.now) for each in others]
    assert None not in held
    assert len(held) == accounts.MOST_SESSIONS


def test_a_moved_account_signs_in_again_and_sees_its_new_unit(office):
    admin, officer = office.browser("admin"), office.browser("officer")
    number = number_of(office, "officer")
    assert act(admin, number, "save", **{**NEW, "unit": "25993"}).status_code == 303
    assert officer.get("/console/").status_code == 303
    assert "Phường Trảng Dài" in office.browser("officer").get("/console/").text
    assert row_of(office, "officer").name == "Trần Văn Tư"
    assert act(admin, number, "burn").status_code == 400


def test_ones_own_sessions_are_listed_and_ended(office):
    first, second = office.browser("officer"), office.browser("officer")
    page = first.get("/console/accounts/sessions").text
    assert page.count("Kết thúc</button>") == 1
    other = re.search(r'name="session" value="([^"]+)"', page)[1]
    first.send("/console/accounts/sessions", session=other)
    assert second.get("/console/").status_code == 303
    assert first.get("/console/").status_code == 200
    third = office.browser("officer")
    first.send("/console/accounts/sessions")
    assert third.get("/console/").status_code == 303


def test_nobody_ends_anothers_session_by_its_name(office):
    officer, manager = office.browser("officer"), office.browser("manager")
    with office.db.read() as conn:
        theirs = conn.execute(
            select(WEB_SESSION.c.id).where(WEB_SESSION.c.account == number_of(office, "manager"))
        ).scalar_one()
    officer.send("/console/accounts/sessions", session=theirs)
    assert manager.get("/console/").status_code == 200


def test_a_session_nobody_uses_is_over_before_its_hours(office):
    browser = office.browser("officer")
    for _ in range(3):
        office.clock.now += accounts.IDLE_MS - 1000
        assert browser.get("/console/").status_code == 200
    office.clock.now += accounts.IDLE_MS + 1000
    assert browser.get("/console/").status_code == 303


def test_the_team_shows_posts_and_the_support_of_the_units_above(office):
    """C5, C13: leader, deputies, members; technical support of the province shown to the teams below."""
    admin = office.browser("admin")
    for login, name, post, unit in (
        ("a", "Lê Tổ Trưởng", "leader", "731"), ("b", "Vũ Hỗ Trợ", "support", "75"), ("c", "Xa Lạ", "leader", "25993"),
    ):  # fmt: skip
        assert (
            admin.send(
                "/console/accounts/new", **{**NEW, "login": login, "name": name, "post": post, "unit": unit}
            ).status_code
            == 200
        )
    with office.db.write() as conn:
        office.account(conn, "huyen", unit="731", must_change=False, password=PASSWORD)
    page = office.browser("huyen").get("/console/accounts/team").text.split("<h1>")[1]
    assert page.index("Vũ Hỗ Trợ") < page.index("Lê Tổ Trưởng") < page.index("Nguyễn Thị Hoa")
    assert "Xa Lạ" not in page


def test_forms_of_others_need_their_token(office):
    admin = office.browser("admin")
    token = CSRF.search(admin.get("/console/accounts/new").text)[1]
    assert admin.post("/console/accounts/new", csrf=token + "x", **NEW).status_code == 403
    assert number_of(office, "ba-tu") is None
