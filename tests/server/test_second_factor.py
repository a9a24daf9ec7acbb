"""The second factor: codes of RFC 6238, used once, counted like passwords; set up before anything else; paper codes."""

import base64
import re

import pytest
from sqlalchemy import select, update

from server import accounts, second_factor
from server.accounts import ACCOUNT, ADMIN
from server.config import Config, ConfigError
from server.web import create_web
from tests.server.web_office import KEY, PASSWORD, SECRET, WebOffice

# RFC 6238, appendix B, SHA-1, the last six of eight digits.
RFC_SECRET = b"12345678901234567890"
RFC_CODES = [(59, "287082"), (1111111109, "081804"), (1234567890, "005924"), (2000000000, "279037")]
CODE_PAGE = "/console/second-factor/code"


@pytest.fixture
def office(db):
    return WebOffice(db)


def at_the_code(office, login="admin"):
    browser = office.browser()
    answer = browser.send("/console/sign-in", login=login, password=PASSWORD, next="/console/kiosks")
    assert answer.location.startswith(CODE_PAGE)
    return browser


@pytest.mark.parametrize(("seconds", "code"), RFC_CODES)
def test_codes_are_those_of_the_rfc(seconds, code):
    assert second_factor.code_at(RFC_SECRET, now=seconds * 1000) == code
    step = seconds // 30
    for off in (-29, 0, 30):
        assert second_factor.step_of(RFC_SECRET, code, now=(seconds + off) * 1000) == step
    assert second_factor.step_of(RFC_SECRET, code, now=(seconds + 61) * 1000) is None
    assert second_factor.step_of(RFC_SECRET, code, now=seconds * 1000, after=step) is None
    assert second_factor.step_of(RFC_SECRET, "x" * 50, now=seconds * 1000) is None


def test_a_stolen_database_gives_no_codes():
    sealed = second_factor.seal(SECRET, key=KEY)
    assert second_factor.unseal(sealed, key=KEY) == SECRET
    assert second_factor.unseal(sealed, key=b"another key of 32 bytes.........") is None
    assert second_factor.seal(SECRET, key=KEY) != sealed


def test_half_a_sign_in_opens_nothing(office):
    browser = at_the_code(office)
    for path in ("/console/", "/console/accounts", "/console/password", "/console/second-factor", "/console/audit"):
        assert browser.get(path).location == CODE_PAGE, path
    answer = browser.send(CODE_PAGE, code=office.code(), next="/console/kiosks")
    assert answer.location == "/console/kiosks"
    assert browser.get("/console/accounts").status_code == 200


def test_a_code_opens_once(office):
    code = office.code()
    assert at_the_code(office).send(CODE_PAGE, code=code).status_code == 303
    assert at_the_code(office).send(CODE_PAGE, code=code).status_code == 422
    office.clock.now += 30_000
    assert at_the_code(office).send(CODE_PAGE, code=code).status_code == 422


def test_wrong_codes_lock_the_login_however_often_the_password_is_right(office):
    for left in range(accounts.LOCK_AFTER, 0, -1):
        said = at_the_code(office).send(CODE_PAGE, code="000000").text
        assert ("Nhập sai mã quá nhiều lần" in said) == (left == 1)
    tried = office.browser().send("/console/sign-in", login="admin", password=PASSWORD)
    assert "Hãy đợi đến" in tried.text
    office.clock.now += accounts.LOCK_FIRST_MS + 1000
    assert at_the_code(office).send(CODE_PAGE, code=office.code()).status_code == 303


def test_who_gives_accounts_sets_it_up_before_anything_else(office):
    with office.db.write() as conn:
        number = office.account(conn, "moi", role=ADMIN, must_change=False, password=PASSWORD)
        conn.execute(update(ACCOUNT).where(ACCOUNT.c.id == number).values(totp=""))
    browser = office.browser()
    browser.send("/console/sign-in", login="moi", password=PASSWORD)
    assert browser.get("/console/").location == "/console/second-factor"
    page = browser.get("/console/second-factor").text
    assert 'src="data:image/svg+xml' in page
    assert browser.send("/console/second-factor", code="000000").status_code == 422
    key = re.search(r'class="code key">([A-Z2-7 ]+)<', page)[1]
    secret = base32(key)
    answer = browser.send("/console/second-factor", code=second_factor.code_at(secret, now=office.clock.now))
    paper = re.findall(r'class="code">([a-z2-7-]{29})<', answer.text)
    assert len(paper) == second_factor.PAPER_CODES
    assert browser.get("/console/accounts").status_code == 200
    with office.db.read() as conn:
        assert key.replace(" ", "") not in str(conn.execute(select(ACCOUNT)).all())
    again = at_the_code(office, "moi")
    assert again.send(CODE_PAGE, code=paper[0].upper()).status_code == 303
    assert at_the_code(office, "moi").send(CODE_PAGE, code=paper[0]).status_code == 422


def base32(key):
    text = key.replace(" ", "")
    return base64.b32decode(text + "=" * (-len(text) % 8))


def test_others_may_set_it_up_and_are_asked_from_then_on(office):
    browser = office.browser("officer")
    page = browser.get("/console/second-factor").text
    secret = base32(re.search(r'class="code key">([A-Z2-7 ]+)<', page)[1])
    code = second_factor.code_at(secret, now=office.clock.now)
    assert browser.send("/console/second-factor", code=code, password="not this one").status_code == 422
    assert browser.send("/console/second-factor", code=code, password=PASSWORD).status_code == 200
    office.clock.now += 60_000
    half = at_the_code(office, "officer")
    assert half.send(CODE_PAGE, code=second_factor.code_at(secret, now=office.clock.now)).status_code == 303
    assert half.get("/console/complaints").status_code == 200


def test_paper_codes_are_long_enough_for_a_quick_hash():
    """ASVS 6.5.2: 112 bits at least; from the system's random source, so never the same."""
    assert second_factor.PAPER_BYTES * 8 >= 112
    assert second_factor.SECRET_BYTES * 8 >= 160
    assert second_factor.new_secret() != second_factor.new_secret()


def test_every_role_must_have_one_unless_the_operator_says_less(db):
    """As shipped; a setting names the roles. Administrators must in any case (ASVS 6.3.3)."""
    office = WebOffice(db, second_factor_roles=Config().second_factor_roles)
    for role in accounts.ROLES:
        assert second_factor.required(role, of=Config().second_factor_roles)
        assert second_factor.required(role, of="") == (role == ADMIN)
        if role != ADMIN:
            browser = office.browser(role)
            assert browser.get("/console/").location == "/console/second-factor"
            assert browser.get("/console/stock").location == "/console/second-factor"
    key = re.search(r'class="code key">([A-Z2-7 ]+)<', browser.get("/console/second-factor").text)[1]
    code = second_factor.code_at(base32(key), now=office.clock.now)
    assert 'class="code"' in browser.send("/console/second-factor", code=code).text
    assert browser.get("/console/").status_code == 200
    with pytest.raises(ConfigError, match="oficer is none of"):
        create_web(
            config=Config(second_factor_roles="oficer manager"),
            db=db,
            clock=office.clock,
            ledger=office.ledger,
            key=KEY,
        )


def test_another_app_is_set_up_by_who_shows_password_and_code_again(office):
    """A browser left alone changes nothing; wrong tries count like at the sign-in (ASVS 7.5.1)."""
    browser, path = office.browser("admin"), "/console/second-factor"
    key = re.search(r'class="code key">([A-Z2-7 ]+)<', browser.get(path).text)[1]
    new = second_factor.code_at(base32(key), now=office.clock.now)
    for given in ({}, {"password": PASSWORD}, {"password": PASSWORD, "old": "000000"}, {"old": office.code()}):
        assert browser.send(path, code=new, **given).status_code == 422, given
    assert browser.send(path, code=new, password=PASSWORD, old=office.code()).status_code == 200
    left = office.browser()
    assert left.send("/console/sign-in", login="admin", password=PASSWORD).status_code == 303
    assert left.send(CODE_PAGE, code=office.code()).status_code == 422, "the old app opens nothing now"


def test_guessing_at_the_page_of_the_second_factor_locks_the_login(office):
    browser, path = office.browser("admin"), "/console/second-factor"
    key = re.search(r'class="code key">([A-Z2-7 ]+)<', browser.get(path).text)[1]
    new = second_factor.code_at(base32(key), now=office.clock.now)
    for _ in range(accounts.LOCK_AFTER):
        answer = browser.send(path, code=new, password="guessed")
    assert "Hãy đợi đến" in answer.text
    assert browser.send(path, code=new, password=PASSWORD, old=office.code()).status_code == 422
