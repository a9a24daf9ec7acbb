"""A complaint decided on data that then changed is looked at again (fault F93, I22): found in any order, done by an officer."""

import random

import pytest

from server.complaints import decide, queries, rechecks
from server.ledger import rebuild
from tests.server import made
from tests.server.made import DAY, MINUTE, MORNING, Office, person, say
from tests.server.test_complaints import file
from tests.server.test_pages_complaints import CORRECT
from tests.server.web_office import WebOffice

NUMBER = "PA-00000001"


def corrected(n=1, **changes):
    body = {"dose": f"d-{n}", "person": person(n), "changes": {"lot": "ZZ1", **changes}, "reason": "Theo giấy"}
    return ("dose.corrected", body)


def decided(office: Office, *, saw: bool = True, now: int = MORNING + DAY, **changes: object) -> None:
    """A complaint about dose d-1 is rejected by somebody who saw all that was there."""

    def work(conn: object) -> None:
        seen = rechecks.saw(office.ledger.records_of(conn, "person", person(1)))
        facts = decide.decide(
            {**queries.get(conn, NUMBER), **changes}, decide.Reject("R01", "Không có dữ liệu"), message=f"m-{now}",
            reasons=made.reasons(), today="2021-10-06", say=say, url="u", saw=seen,
        )  # fmt: skip
        if not saw:
            facts = [(kind, {key: value for key, value in body.items() if key != "saw"}) for kind, body in facts]
        office.ledger.append_all(conn, facts, who="officer-1", now=now)

    office.ledger.transact(work)


def open_ones(office: Office) -> list[tuple]:
    with office.db.read() as conn:
        return [(one["complaint"], one["changed"], one["changes"]) for one in rechecks.open_ones(conn)]


@pytest.fixture
def filed(office):
    kiosk = office.kiosk()
    office.accept(kiosk, *kiosk.visit(1))
    file(office, NUMBER)
    return office, kiosk


def test_a_change_after_the_decision_is_a_task_until_somebody_has_looked(filed):
    office, _ = filed
    decided(office)
    assert open_ones(office) == []
    office.append(corrected(), now=MORNING + 2 * DAY)
    assert open_ones(office) == [(NUMBER, "dose.corrected", 1)]

    def look(conn: object) -> None:
        seen = rechecks.saw(office.ledger.records_of(conn, "person", person(1)))
        facts = decide.recheck(queries.get(conn, NUMBER), person=person(1), saw=seen, reason="")
        office.ledger.append_all(conn, facts, who="officer-2", now=MORNING + 3 * DAY)

    office.ledger.transact(look)
    assert open_ones(office) == []
    office.append(corrected(lot="ZZ2"), now=MORNING + 4 * DAY)
    assert open_ones(office) == [(NUMBER, "dose.corrected", 1)], "a later change is another one"
    assert rebuild.check(office.ledger).same


def test_an_undoing_that_was_made_before_the_decision_and_came_after_it(filed):
    """The kiosk was offline: by the clock the officer could have known, by what they saw they did not."""
    office, kiosk = filed
    undone = kiosk.undone(1, MORNING + 60 * MINUTE)
    decided(office)
    office.accept(kiosk, undone, now=MORNING + 2 * DAY)
    assert open_ones(office) == [(NUMBER, "dose.undone", 1)]


def test_a_decision_of_an_earlier_release_saw_what_lies_before_it(filed):
    office, kiosk = filed
    undone = kiosk.undone(1, MORNING + 60 * MINUTE)
    decided(office, saw=False)
    office.accept(kiosk, undone, now=MORNING + 2 * DAY)
    assert open_ones(office) == []
    office.append(corrected(), now=MORNING + 3 * DAY)
    assert open_ones(office) == [(NUMBER, "dose.corrected", 1)]


def test_what_the_decision_was_not_about_changes_nothing(filed):
    office, kiosk = filed
    decided(office)
    # The next dose, four weeks later, is normal life; another person's correction concerns nobody here.
    office.accept(kiosk, kiosk.dosed(1, MORNING + 28 * DAY, dose="d-9", slip="s-9", dose_no=2))
    office.accept(kiosk, *kiosk.visit(2))
    office.append(corrected(2), now=MORNING + 29 * DAY)
    assert open_ones(office) == []
    # Another dose of that very day may be the same needle.
    office.accept(kiosk, kiosk.dosed(1, MORNING + 5 * MINUTE, dose="d-8", slip="s-8"))
    assert open_ones(office) == [(NUMBER, "dose.given", 1)]


def test_its_own_correction_is_no_change_and_a_reopened_one_waits_in_the_queue(filed):
    office, _ = filed
    kind, body = corrected()
    office.append((kind, {**body, "complaint": NUMBER}), now=MORNING + DAY)
    decided(office)
    assert open_ones(office) == []


def test_in_any_order_the_tasks_are_the_same(office, other_db):
    """I6: the same records, shuffled."""
    kiosk = office.kiosk()
    pairs = [*kiosk.visit(1), kiosk.undone(1, MORNING + 60 * MINUTE)]
    centre = office.kiosk("kiosk-9")
    said = {
        "complaint": NUMBER,
        "decision": "rejected",
        "reason_code": "R01",
        "reason": "x",
        "person": person(1),
        "dose": "d-1",
        "saw": [],
    }
    pairs9 = [centre.write("complaint.decided", said, MORNING + DAY), centre.write(*corrected(), MORNING + 2 * DAY)]
    file(office, NUMBER)
    other = Office(other_db, signer=office.signer)
    for one in (kiosk, centre):
        other.enrol(one)
    file(other, NUMBER)
    office.accept(kiosk, *pairs)
    office.accept(centre, *pairs9)
    mixed = [(kiosk, pair) for pair in pairs] + [(centre, pair) for pair in pairs9]
    random.Random(7).shuffle(mixed)
    for one, pair in mixed:
        other.accept(one, pair)

    def rows(db):
        with db.read() as conn:
            return [tuple(row) for row in conn.execute(rechecks.RECHECK.select())]

    assert rows(office.db) == rows(other_db)
    assert [row[-1] for row in rows(office.db)] == [2], (
        "undoing and correction; the dose itself is what was decided about"
    )


def test_the_officer_sees_the_task_and_ends_it(db):
    office = WebOffice(db)
    file(office, NUMBER)
    browser = office.browser("officer")
    assert "Cần xem lại" not in browser.get("/console/complaints").text
    office.clock.now += 1000
    answer = browser.send(f"/console/complaints/{NUMBER}", **CORRECT)
    assert answer.status_code == 303, answer.text
    assert "Cần xem lại" not in browser.get("/console/complaints").text, "its own correction"
    office.accept(office.nurse, office.nurse.undone(1, MORNING + 50 * MINUTE), now=office.clock.now + 2000)
    page = browser.get("/console/complaints").text
    assert "Cần xem lại" in page
    assert NUMBER in page
    page = browser.get(f"/console/complaints/{NUMBER}").text
    assert "Dữ liệu của quyết định này đã thay đổi sau khi quyết định." in page
    assert browser.send(f"/console/complaints/{NUMBER}", act="recheck", reason="Đã hỏi trạm").status_code == 303
    assert "Cần xem lại" not in browser.get("/console/complaints").text
    assert "Đã xem lại: giữ nguyên" not in browser.get(f"/console/complaints/{NUMBER}").text
