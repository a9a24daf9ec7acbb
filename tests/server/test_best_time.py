"""Best times (I7, F35): a day worked in 1970 counts on its right day once the kiosk has learnt the time, and moves there."""

import random

from sqlalchemy import select

from server import aefi, certificates, reporting, vaccinations, visits
from server.db import rows_of
from server.ledger import rebuild
from server.ledger.tables import ANCHOR, RECORD
from tests.server import made
from tests.server.made import MINUTE, MORNING

WOKE = MORNING - 30 * MINUTE
NOON = MORNING + 240 * MINUTE
DAY = "2021-10-05"


def woken(office, k="kiosk-1", boot="boot-2"):
    kiosk = office.kiosk(k)
    kiosk.wake(boot, WOKE)
    return kiosk


def dose(office, n=1):
    with office.db.read() as conn:
        return vaccinations.by_id(conn, f"d-{n}")


def figures(office, day):
    with office.db.read() as conn:
        return {name: reporting.total(conn, name, first=day, last=day) for name in reporting.DAY_NAMES}


def test_a_morning_in_1970_moves_to_its_day_when_the_clock_has_learnt_the_time(any_office):
    kiosk = woken(any_office)
    any_office.accept(kiosk, *kiosk.visit(1, MORNING), kiosk.reacted(1, MORNING + 90 * MINUTE))
    before = dose(any_office)
    assert (before["given_on"], before["given_sure"]) == ("1970-01-01", "unknown")
    one_of_each = {"checked_in": 1, "screened": 1, "doses": 1, "left": 1, "aefi": 1}
    assert figures(any_office, "1970-01-01") == one_of_each
    any_office.accept(kiosk, kiosk.learn(NOON))
    after = dose(any_office)
    # 20 minutes into the visit; the bound is the anchor's 50 ms and 200 ppm of the time between the two.
    apart = NOON - after["given_at"]
    assert after["given_on"] == DAY
    assert MORNING < after["given_at"] < MORNING + 60 * MINUTE
    assert (after["given_sure"], after["given_err"]) == ("repaired", 50 + (apart * 200 + 999_999) // 1_000_000)
    assert figures(any_office, "1970-01-01") == dict.fromkeys(one_of_each, 0)
    assert figures(any_office, DAY) == one_of_each
    with any_office.db.read() as conn:
        visit = visits.by_id(conn, "v-1")
        event = aefi.of_person(conn, made.person(1))[0]
        assert certificates.of_person(conn, made.person(1))["doses"][0]["given_on"] == DAY
        assert {
            row["wall"] < 10**10 for row in rows_of(conn, select(RECORD).where(RECORD.c.kind != "clock.synced"))
        } == {True}
        shown = any_office.ledger.records_of(conn, "dose", "d-1")
    assert (visit["day"], visit["checked_in_at"], visit["sure"]) == (DAY, MORNING, "repaired")
    assert (event["reported_at"], event["sure"]) == (MORNING + 90 * MINUTE, "repaired")
    # The signed original says what it said.
    assert [(one.t["sure"], one.sure) for one in shown] == [("unknown", "repaired")] * 2
    assert shown[0].at == after["given_at"]
    assert rebuild.check(any_office.ledger).same


def test_a_certificate_whose_day_was_dated_anew_is_another_version(any_office):
    kiosk = woken(any_office)
    any_office.accept(kiosk, *kiosk.visit(1, MORNING))
    with any_office.db.read() as conn:
        before = certificates.of_person(conn, made.person(1))["version"]
    any_office.accept(kiosk, kiosk.learn(NOON))
    with any_office.db.read() as conn:
        assert certificates.of_person(conn, made.person(1))["version"] > before


def test_what_comes_after_its_anchor_is_dated_at_once(any_office):
    kiosk = woken(any_office)
    pairs = [*kiosk.visit(1, MORNING), kiosk.learn(NOON)]
    any_office.accept(kiosk, pairs[-1])
    any_office.accept(kiosk, *pairs[:-1])
    assert (dose(any_office)["given_on"], dose(any_office)["given_sure"]) == (DAY, "repaired")


def test_another_boot_and_another_kiosk_date_nothing(any_office):
    kiosk, other = woken(any_office), woken(any_office, "kiosk-2")
    any_office.accept(kiosk, *kiosk.visit(1, MORNING))
    any_office.accept(other, other.learn(NOON))
    kiosk.wake("boot-3", WOKE)
    any_office.accept(kiosk, kiosk.learn(NOON))
    assert dose(any_office)["given_sure"] == "unknown"


def test_the_sharper_and_earlier_anchor_holds_in_any_order(any_office):
    kiosk = woken(any_office)
    visit = kiosk.visit(1, MORNING)
    anchors = [kiosk.learn(NOON + n * MINUTE) for n in range(5)]
    random.Random(7).shuffle(anchors)
    for pair in anchors:
        any_office.accept(kiosk, pair)
    any_office.accept(kiosk, *visit)
    with any_office.db.read() as conn:
        assert [(row["err"], row["wall"]) for row in rows_of(conn, select(ANCHOR))] == [(50, NOON)]
    assert rebuild.check(any_office.ledger).same


def test_a_forked_branch_dates_and_is_dated_too(any_office):
    kiosk = woken(any_office)
    clone = made.Kiosk(kiosk.k, signer=kiosk.signer)
    clone.wake("boot-9", WOKE)
    any_office.accept(kiosk, *kiosk.visit(1, MORNING))
    any_office.accept(clone, *clone.visit(2, MORNING))
    assert dose(any_office, 2)["given_sure"] == "unknown"
    extra = [clone.learn(NOON)]
    any_office.accept(clone, *extra)
    assert (dose(any_office, 2)["given_sure"], dose(any_office, 1)["given_sure"]) == ("repaired", "unknown")
    assert rebuild.check(any_office.ledger).same


def test_more_entities_than_there_is_room_for_locks(any_office, monkeypatch):
    monkeypatch.setattr("server.ledger.derive.MOST_LOCKS", 3)
    kiosk = woken(any_office)
    any_office.accept(kiosk, *kiosk.visit(1, MORNING), *kiosk.visit(2, MORNING))
    any_office.accept(kiosk, kiosk.learn(NOON))
    assert {dose(any_office, n)["given_on"] for n in (1, 2)} == {DAY}
