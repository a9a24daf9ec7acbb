"""Accounts: sealed passwords, the lock that grows, sessions that end, tokens; the audit's chain; one-time codes; limits."""

import gzip

import pytest
from argon2 import PasswordHasher
from sqlalchemy import select, update

from provisioning.stolen_passwords import chosen
from server import accounts, audit, limits, one_time, signing_in
from server.accounts import ACCOUNT, CLIENT_TOKEN, WEB_SESSION, LoginTaken, Passwords
from server.one_time import ONE_TIME, ONE_TIME_TEXT
from server.signing_in import WeakPassword

NOW = 1_633_395_600_000
PASSWORDS = Passwords(PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
KEY = b"k" * 32


def make(conn, login="lan", **given):
    made = {
        "name": "Lan",
        "email": "lan@example.vn",
        "role": "officer",
        "unit": "75",
        "password": "first password",
        **given,
    }
    return accounts.create(conn, passwords=PASSWORDS, login=login, now=NOW, **made)


def try_in(conn, password, login="lan", now=NOW):
    proof = signing_in.prove(conn, passwords=PASSWORDS, login=login, password=password, now=now)
    return signing_in.sign_in(conn, login=login, proof=proof, now=now)


def change(conn, who, current, new):
    chosen = signing_in.choose_password(conn, passwords=PASSWORDS, who=who, current=current, new=new)
    return chosen is not None and signing_in.change_password(conn, who=who, chosen=chosen)


def test_a_password_is_stored_sealed_and_the_first_must_be_changed(any_db):
    """C6: the default password must be changed; who answers for the account is on record with an e-mail address."""
    with any_db.write() as conn:
        make(conn)
        row = conn.execute(select(ACCOUNT)).one()
        assert row.password.startswith("$argon2id$")
        assert "first password" not in row.password
        tried = try_in(conn, "first password", login=" LAN ")
    assert tried.account.must_change
    assert tried.account.email == "lan@example.vn"


def test_a_login_is_given_once_and_a_role_must_exist(db):
    with db.write() as conn:
        make(conn)
        with pytest.raises(LoginTaken):
            make(conn, "LAN")
        with pytest.raises(ValueError, match="no such role"):
            make(conn, "other", role="king")


def test_the_lock_grows_and_a_right_password_does_not_open_it(any_db):
    with any_db.write() as conn:
        make(conn)
        assert [try_in(conn, "wrong").locked_until for _ in range(4)] == [0, 0, 0, 0]
        until = try_in(conn, "wrong").locked_until
        assert until == NOW + 30_000
        assert try_in(conn, "first password", now=until - 1).account is None
        later = try_in(conn, "wrong", now=until + 1).locked_until
        assert later == until + 1 + 60_000
        assert try_in(conn, "first password", now=later).account is not None
        assert conn.execute(select(ACCOUNT.c.failed)).scalar_one() == 0


def test_what_happens_while_a_password_is_held_against_its_seal_counts(any_db):
    """The slow part runs outside the write: a lock, a changed password or a closed account in between is seen."""
    with any_db.write() as conn:
        make(conn)
        who = try_in(conn, "first password").account
        proof = signing_in.prove(conn, passwords=PASSWORDS, login="lan", password="first password", now=NOW)
        chosen = signing_in.choose_password(
            conn, passwords=PASSWORDS, who=who, current="first password", new="a new long one"
        )
        assert change(conn, who, "first password", "another new one")
        assert not signing_in.change_password(conn, who=who, chosen=chosen)
        assert signing_in.sign_in(conn, login="lan", proof=proof, now=NOW).account is None
        good = signing_in.prove(conn, passwords=PASSWORDS, login="lan", password="another new one", now=NOW)
        conn.execute(update(ACCOUNT).values(locked_until=NOW + 1))
        assert signing_in.sign_in(conn, login="lan", proof=good, now=NOW).locked_until == NOW + 1
        conn.execute(update(ACCOUNT).values(locked_until=0, disabled_at=NOW))
        assert signing_in.sign_in(conn, login="lan", proof=good, now=NOW).account is None


def test_the_lock_never_exceeds_an_hour(db):
    with db.write() as conn:
        make(conn)
        conn.execute(update(ACCOUNT).values(failed=4000))
        assert try_in(conn, "wrong").locked_until == NOW + 3_600_000


def test_an_unknown_login_is_no_different_from_a_wrong_password(db):
    with db.write() as conn:
        make(conn)
        nobody, wrong = try_in(conn, "wrong", login="nobody"), try_in(conn, "wrong")
        assert (nobody.account, nobody.locked_until) == (wrong.account, wrong.locked_until)
        assert try_in(conn, "x" * 1_000_000).account is None


@pytest.mark.parametrize(
    ("new", "why"),
    [("short", "short"), ("x" * 201, "long"), ("i am LAN indeed", "login"), ("first password", "same"),
     ("Tiêm chủng COVID-19!", "words"), ("mật khẩu trạm 2021", "words"),
     ("1qaz2wsx3edc", "stolen"), ("QwertyUiop", "stolen"), ("iloveyou123", "stolen")],
)  # fmt: skip
def test_a_weak_password_is_refused(db, new, why):
    with db.write() as conn:
        make(conn)
        who = try_in(conn, "first password").account
        with pytest.raises(WeakPassword) as refused:
            change(conn, who, "first password", new)
    assert refused.value.why == why


def test_a_changed_password_ends_every_session(db):
    with db.write() as conn:
        make(conn)
        who = try_in(conn, "first password").account
        secret = accounts.open_session(conn, account_id=who.id, data={}, now=NOW, lasts_ms=1000)
        assert not change(conn, who, "wrong", "a new long one")
        assert accounts.read_session(conn, secret=secret, now=NOW) is not None
        assert change(conn, who, "first password", "a new long one")
        assert accounts.read_session(conn, secret=secret, now=NOW) is None
        assert not try_in(conn, "a new long one").account.must_change


def test_a_session_ends_in_time_and_its_secret_is_not_stored(db):
    with db.write() as conn:
        secret = accounts.open_session(conn, account_id=None, data={"a": 1}, now=NOW, lasts_ms=1000)
        assert conn.execute(select(WEB_SESSION.c.id)).scalar_one() != secret
        held = accounts.read_session(conn, secret=secret, now=NOW + 999)
        assert held.data == {"a": 1}
        assert held.account is None
        accounts.remember(conn, session=held, data={"b": 2}, expires_at=NOW + 2000)
        assert accounts.read_session(conn, secret=secret, now=NOW + 1999).data == {"b": 2}
        assert accounts.read_session(conn, secret=secret, now=NOW + 2000) is None
        accounts.open_session(conn, account_id=None, data={}, now=NOW + 2000, lasts_ms=1)
        assert len(conn.execute(select(WEB_SESSION)).all()) == 1


def test_a_token_works_until_it_is_revoked(db):
    with db.write() as conn:
        token = accounts.issue_token(conn, name="health department", now=NOW)
        assert accounts.client_of(conn, token=token).name == "health department"
        assert accounts.client_of(conn, token=token + "x") is None
        conn.execute(update(CLIENT_TOKEN).values(revoked_at=NOW))
        assert accounts.client_of(conn, token=token) is None


def test_the_audit_is_a_chain(any_db):
    """F3: full audit; a row altered or taken out later shows."""
    with any_db.write() as conn:
        for number in range(4):
            audit.note(conn, at=NOW + number, account="lan", act="view_person", object=f"cccd:{number}")
        assert audit.broken_at(conn) is None
        assert [row.object for row in audit.entries(conn, limit=2)] == ["cccd:3", "cccd:2"]
        assert len(audit.entries(conn, about="cccd:1")) == 1
        conn.execute(update(audit.AUDIT).where(audit.AUDIT.c.id == 2).values(object="cccd:9"))
        assert audit.broken_at(conn) == 2


def test_a_row_taken_out_of_the_audit_shows(db):
    with db.write() as conn:
        for number in range(3):
            audit.note(conn, at=NOW, account="lan", act="view_person", object=str(number))
        conn.execute(audit.AUDIT.delete().where(audit.AUDIT.c.id == 2))
        assert audit.broken_at(conn) == 3


def test_a_page_checks_the_latest_rows_and_a_head_kept_elsewhere_shows_a_cut(db):
    with db.write() as conn:
        assert audit.holds(conn, audit.head(conn))
        for number in range(6):
            audit.note(conn, at=NOW, account="lan", act="view_person", object=str(number))
        kept = audit.head(conn)
        assert audit.holds(conn, kept)
        assert [audit.broken_at(conn, last=last) for last in (1, 3, 6, 99)] == [None] * 4
        conn.execute(update(audit.AUDIT).where(audit.AUDIT.c.id == 3).values(account="an"))
        assert [audit.broken_at(conn, last=last) for last in (3, 4, 99)] == [None, 3, 3]
        conn.execute(audit.AUDIT.delete().where(audit.AUDIT.c.id == 6))
        assert not audit.holds(conn, kept)


def test_a_limit_counts_within_its_window_and_forgets(any_db):
    limit = limits.Limit(name="look", most=2, window_ms=1000)
    with any_db.write() as conn:
        start = NOW // 1000 * 1000
        assert [limits.take(conn, limit, who="1.2.3.4", now=start) for _ in range(3)] == [True, True, False]
        assert limits.take(conn, limit, who="5.6.7.8", now=start)
        assert limits.take(conn, limit, who="1.2.3.4", now=start + 1000)
        rows = conn.execute(select(limits.RATE)).all()
    assert len(rows) == 1
    assert "1.2.3.4" not in str(rows)


def ask(conn, session="s", phone="0912345678", *, send=True, now=NOW):
    return one_time.issue(conn, key=KEY, session=session, phone=phone, send=send, now=now)


def answer(conn, code, session="s", now=NOW):
    return one_time.answer(conn, key=KEY, session=session, code=code, now=now)


def other_than(code):
    return f"{(int(code) + 1) % 1_000_000:06d}"


def test_a_code_proves_its_phone_once_for_its_session(db):
    with db.write() as conn:
        code = ask(conn)
        assert len(code) == one_time.DIGITS
        assert 10**one_time.DIGITS >= 2**20, "ASVS 6.5.4"
        assert code not in str(conn.execute(select(ONE_TIME)).all())
        assert answer(conn, code, session="another") is None
        assert answer(conn, code) == "0912345678"
        assert answer(conn, code) is None


def test_a_code_is_spoilt_by_five_wrong_tries_and_by_time(db):
    with db.write() as conn:
        code = ask(conn)
        for _ in range(5):
            assert answer(conn, other_than(code)) is None
        assert answer(conn, code) is None
        code = ask(conn)
        assert answer(conn, code, now=NOW + one_time.LASTS_MS) is None


def test_a_codes_text_is_sent_once_and_erased(db):
    sent = []
    with db.write() as conn:
        ask(conn, send=False)
        code = ask(conn, session="other")
        assert one_time.deliver(conn, send=lambda to, text: sent.append((to, text)), now=NOW) == 1
        assert one_time.deliver(conn, send=lambda to, text: sent.append((to, text)), now=NOW) == 0
        assert conn.execute(select(ONE_TIME_TEXT)).all() == []
        ask(conn, session="late")
        assert one_time.deliver(conn, send=lambda to, text: sent.append((to, text)), now=NOW + 600_000) == 0
    ((to, text),) = sent
    assert to == "0912345678"
    assert code in text
    assert len(text) <= 160


def test_the_list_of_stolen_passwords_is_long_and_names_nobody():
    """Far more than the commonest 3,000 that our rules would let somebody choose (ASVS 6.2.4, 6.2.12)."""
    words = gzip.decompress(signing_in.STOLEN.read_bytes()).decode("utf-8").split("\n")
    assert words.pop(0) == words.pop() == ""
    assert len(words) > 100_000
    assert chosen(words) == words
    assert not signing_in.is_stolen("1qaz2wsx3edc\n1qaz2wsx")
    assert not signing_in.is_stolen("mot cau de nho 2021")
