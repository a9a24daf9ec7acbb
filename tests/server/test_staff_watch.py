"""Doses by accounts that were revoked (F94) or used at two kiosks at once (F95): kept, counted, and shown to officers."""

import pytest

from server import reference, staff_watch
from tests.server.made import MINUTE, MORNING, SITE
from tests.server.web_office import WebOffice

NURSE = {"id": "nurse-1", "name": "Phạm Ngọc Lan", "code": "1003", "role": "injector", "pin": ""}
OTHER_SITE = "tt-tan-phu"


def dose(at, *, who="nurse-1", site=SITE, kiosk="kiosk-1", sure="synced", day="2021-10-05"):
    """A row of `vaccination`, `at` minutes after eight."""
    given_at = None if at is None else MORNING + at * MINUTE
    return {"injector": who, "site": site, "kiosk": kiosk, "given_on": day, "given_at": given_at, "given_sure": sure}


def lists(**changes):
    return {SITE: {"nurse-1": {**NURSE, **changes}}, OTHER_SITE: {"nurse-1": {**NURSE, "name": "Phạm Ngọc Lan"}}}


def revoked(at):
    return lists(revoked=True, revoked_at=MORNING + at * MINUTE)


@pytest.fixture
def office(db):
    return WebOffice(db)


def put(office, *, at, **changes):
    value = reference.dated({**NURSE, **changes}, now=at)
    with office.db.write() as conn:
        reference.put_item(conn, site=SITE, list_name=reference.STAFF, key="nurse-1", value=value)


def test_a_dose_after_the_revocation_is_named_and_one_before_is_not():
    doses = [dose(9), dose(10), dose(11), dose(12), dose(None)]
    (row,) = staff_watch.after(doses, revoked(10))
    assert (row["what"], row["who"], row["name"], row["sites"]) == ("revoked", "nurse-1", "Phạm Ngọc Lan", [SITE])
    assert (row["doses"], row["first_at"] - MORNING, row["last_at"] - MORNING) == (2, 11 * MINUTE, 12 * MINUTE)
    assert row["since"] == MORNING + 10 * MINUTE
    assert staff_watch.after([dose(11, site=OTHER_SITE)], revoked(10)) == [], "there the account stands"
    assert staff_watch.after(doses, lists(revoked=True)) == [], "of an earlier release: nobody noted since when"
    assert staff_watch.after(doses, lists()) == []


def test_back_and_forth_between_two_kiosks_is_named():
    there = {"kiosk": "kiosk-2"}
    (row,) = staff_watch.at_two([dose(0), dose(1, **there), dose(2), dose(40)], lists())
    assert (row["what"], row["kiosks"], row["doses"]) == ("shared", ["kiosk-1", "kiosk-2"], 4)
    assert (row["first_at"] - MORNING, row["last_at"] - MORNING) == (MINUTE, 2 * MINUTE)
    assert staff_watch.at_two([dose(0), dose(1, **there), dose(30)], lists()) == [], "a walk to the next table and back"
    unsure = [dose(0), dose(1, **there), dose(2, sure="unknown")]
    assert staff_watch.at_two(unsure, lists()) == [], "nobody vouches for that time"


def test_two_sites_are_one_person_only_by_the_same_name():
    doses = [dose(0), dose(20, site=OTHER_SITE, kiosk="kiosk-9")]
    (row,) = staff_watch.at_two(doses, lists())
    assert row["sites"] == sorted([SITE, OTHER_SITE])
    assert staff_watch.at_two(doses, lists(name="Vũ Hồng Nhung")) == []
    assert staff_watch.at_two(doses, {}) == [], "on nobody's list: nothing says that they are one"


def test_since_when_an_entry_is_revoked_is_noted_once_and_forgotten_when_it_comes_back():
    first = reference.dated({**NURSE, "revoked": True}, now=5)
    assert reference.dated(first, now=9)["revoked_at"] == 5
    assert "revoked_at" not in reference.dated({**first, "revoked": False}, now=9)


def test_a_kiosk_that_did_not_know_is_believed_and_its_doses_are_shown(office):
    """F94: revoked at 08:30; the kiosk was offline, gave a dose at 08:40 and one at 08:10 before; both count."""
    put(office, at=MORNING + 30 * MINUTE, revoked=True)
    office.accept(office.nurse, *office.nurse.visit(2, MORNING + 30 * MINUTE, vaccine="PFIZER"))
    page = office.browser("officer").get("/console/").text
    assert "Còn 1 việc về tài khoản tiêm cần xem." in page
    page = office.browser("officer").get("/console/staff").text
    assert "Phạm Ngọc Lan" in page
    assert "dùng sau khi bị thu hồi" in page
    assert "05/10/2021 08:30" in page
    assert "Đã tiêm 2 mũi" in office.browser("officer").get("/console/").text, "never refused"


def test_one_account_at_two_kiosks_is_shown(office):
    """F95."""
    put(office, at=MORNING)
    other = office.kiosk("kiosk-2")
    at = MORNING + 20 * MINUTE
    for n, kiosk in enumerate((office.nurse, other, office.nurse), 2):
        office.accept(kiosk, kiosk.checked_in(n, at), kiosk.dosed(n, at + n * MINUTE, vaccine="PFIZER"))
    page = office.browser("manager").get("/console/staff?what=shared&days=1").text
    assert "dùng cùng lúc ở hai kiosk" in page
    assert "kiosk-1, kiosk-2" in page
    assert "Phạm Ngọc Lan" in office.browser("manager").get("/console/staff?save=csv").text
    far = office.kiosk("kiosk-9", site=OTHER_SITE)
    office.accept(far, far.checked_in(8, at), far.dosed(8, at + 9 * MINUTE, vaccine="PFIZER"))
    with office.db.write() as conn:
        asked = {"sites": [SITE, OTHER_SITE], "first": "2021-10-05", "last": "2021-10-05"}
        assert [row["sites"] for row in staff_watch.found(conn, **asked)] == [[SITE]], (
            "two numbers alike are two people"
        )
        reference.put_item(conn, site=OTHER_SITE, list_name=reference.STAFF, key="nurse-1", value=NURSE)
        assert [row["sites"] for row in staff_watch.found(conn, **asked)] == [sorted([SITE, OTHER_SITE])]
    with office.db.write() as conn:
        office.account(conn, "khac", unit="79", must_change=False, password="mot cau de nho 2021")
    assert "Phạm Ngọc Lan" not in office.browser("khac").get("/console/staff").text
