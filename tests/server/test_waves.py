"""New versions in waves: a share of a group, always the same kiosks of it, more when it went well, halted by a button."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server import boxes
from server.waves import SHARES, asked
from tests.server.made import MORNING
from tests.server.web_office import WebOffice

NAMES = [f"kiosk-{n:03d}" for n in range(400)]


@pytest.fixture
def office(db):
    return WebOffice(db)


def wave(share, version="tram-0.2.0", halted_at=None):
    return {"version": version, "share": share, "halted_at": halted_at}


@given(st.sampled_from(SHARES), st.sampled_from(SHARES), st.text("0123456789.", min_size=1))
def test_a_larger_share_holds_the_smaller_one(one, other, version):
    few, many = sorted((one, other))
    first = {k for k in NAMES if asked(wave(few, version), k)}
    assert first <= {k for k in NAMES if asked(wave(many, version), k)}


def test_a_share_is_about_that_many_and_another_version_draws_others():
    tenth = {k for k in NAMES if asked(wave(10), k)}
    assert 20 <= len(tenth) <= 60
    assert tenth != {k for k in NAMES if asked(wave(10, "tram-0.3.0"), k)}
    assert {k for k in NAMES if asked(wave(100), k)} == set(NAMES)
    assert not any(asked(wave(100, halted_at=1), k) for k in NAMES)
    assert asked(None, "kiosk-1") == ""


def test_an_administrator_of_all_sets_it_sees_how_far_it_is_and_halts_it(office):
    admin = office.browser("admin")
    first = {"act": "set", "grp": "all", "version": "tram-0.2.0"}
    assert admin.send("/console/kiosks/versions", **first, share="100").status_code == 303
    page = admin.get("/console/kiosks/versions?lang=en").text
    assert "tram-0.2.0" in page
    assert "1 of 1" in page
    assert "kiosk-1</a>" in page
    assert "wanted: tram-0.2.0" in admin.get("/console/kiosks/of/kiosk-1?lang=en").text
    with office.db.write() as conn:
        boxes.hear(conn, "kiosk-1", json.dumps({"app": "tram-0.2.0"}).encode(), now=MORNING)
    assert "all asked have it" in admin.get("/console/kiosks/versions?lang=en").text
    assert admin.send("/console/kiosks/versions", act="halt", grp="all").status_code == 303
    assert "halted" in admin.get("/console/kiosks/versions?lang=en").text
    assert "wanted: tram-0.2.0" not in admin.get("/console/kiosks/of/kiosk-1?lang=en").text
    assert admin.send("/console/kiosks/versions", act="go_on", grp="all").status_code == 303
    with office.db.read() as conn:
        assert boxes.wanted(conn)["all"]["halted_at"] is None
    # Without a version, or with a share nobody offers: said at the field, nothing changes.
    for fault in ({"version": ""}, {"share": "33"}):
        wrong = {**first, "share": "5", **fault}
        assert admin.send("/console/kiosks/versions", **wrong).status_code == 422
    with office.db.read() as conn:
        assert boxes.wanted(conn)["all"]["share"] == 100


def test_who_has_only_some_kiosks_of_a_group_or_no_such_role_looks_only(office):
    with office.db.write() as conn:
        office.ledger.enrol(conn, k="kiosk-77", shard="ha-giang", site="elsewhere", public_key="PEM", now=MORNING)
    admin, manager = office.browser("admin"), office.browser("manager")
    wanted = {"act": "set", "grp": "all", "version": "tram-0.2.0", "share": "100"}
    page = admin.get("/console/kiosks/versions?lang=en").text
    assert "the unit above decides" in page
    assert "kiosk-77" not in page
    token = admin.get("/console/kiosks/stop-lot").text.split('name="csrf" value="')[1].split('"')[0]
    assert admin.post("/console/kiosks/versions", csrf=token, **wanted).status_code == 400
    token = manager.get("/console/kiosks/stop-lot").text.split('name="csrf" value="')[1].split('"')[0]
    assert manager.post("/console/kiosks/versions", csrf=token, **wanted).status_code == 403
    with office.db.read() as conn:
        assert boxes.wanted(conn) == {}
