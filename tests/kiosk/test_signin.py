"""Sign-in decides: badge or code, and a PIN; nothing tells which half was wrong."""

import hashlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kiosk import signin
from tests.kiosk.hostile import NAMES
from tests.kiosk.made import LISTS, PIN

STAFF = LISTS["staff"]["items"]


def test_badge_is_known_by_its_digest_only():
    assert signin.by_badge(STAFF, "TRAM-BADGE:badge-1002")["code"] == "1002"
    stored = hashlib.sha256(b"badge-1002").hexdigest()
    assert signin.by_badge(STAFF, "TRAM-BADGE:" + stored) is None
    assert signin.by_badge(STAFF, "TRAM-BADGE:") is None


def test_badge_of_nobody():
    assert signin.by_badge([{"id": "x", "code": "1"}], "TRAM-BADGE:x") is None


@pytest.mark.parametrize(
    ("code", "found"), [("1002", True), (" 1002 ", True), ("", False), ("  ", False), ("9", False)]
)
def test_code(code, found):
    assert (signin.by_code(STAFF, code) is not None) is found


def test_pin():
    one = signin.by_code(STAFF, "1002")
    assert signin.proved(one, PIN)
    assert not signin.proved(one, PIN + "0")
    assert not signin.proved(None, PIN)
    assert not signin.proved({**one, "revoked": True}, PIN)
    assert not signin.proved({**one, "pin": "no hash"}, PIN)


def test_waits_grow():
    assert [signin.wait_s(wrong) for wrong in range(8)] == [0, 0, 0, 30, 60, 300, 300, 300]


def test_roles_and_stations():
    assert signin.may("lead", "injection")
    assert not signin.may("screener", "injection")
    assert not signin.may("nonsense", "injection")
    assert not signin.may("lead", "nonsense")


@settings(max_examples=30)
@given(st.one_of(st.text(), st.sampled_from(NAMES)))
def test_anything_typed_is_an_answer(text):
    signin.by_code(STAFF, text)
    signin.by_badge(STAFF, text)
    assert not signin.proved(STAFF[0], text)
