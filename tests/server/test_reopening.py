"""I22: a dose that comes to light after a complaint was rejected reopens it, once, and the citizen is told."""

import random

import pytest

from server import messages, reporting
from server.complaints import decide, queries
from server.complaints.deadlines import due_at
from server.ledger import rebuild
from server.worker import Sent, Worker
from tests.server import made
from tests.server.made import DAY, MORNING, Office, deadlines, say
from tests.server.test_complaints import file

NUMBER = "PA-00000001"
WANTS = {"vaccine": "pfizer", "given_on": "2021-10-05", "dose_no": 1}
LATE = MORNING + 3 * DAY


class Phone:
    """A provider that carries everything."""

    name = "phone"

    def __init__(self) -> None:
        self.texts: list[str] = []

    def send(self, _message: str, _to: str, text: str) -> Sent:
        self.texts.append(text)
        return Sent("sent")


class StandingClock(made.Clock):
    def wall_ms(self) -> int:
        return LATE


def worker(office: Office, phone: Phone | None = None) -> Worker:
    return Worker(
        ledger=office.ledger, provider=phone or Phone(), clock=StandingClock(), portal="https://t.test",
        deadlines=deadlines(), say=say,
    )  # fmt: skip


def missing(office: Office, **changes: object) -> None:
    file(office, NUMBER, **{"category": "missing_dose", "wants": WANTS, "dose": "", "content": "Thiếu mũi", **changes})


def reject(office: Office, *, now: int = MORNING + DAY) -> None:
    def work(conn: object) -> None:
        known = [row["dose"] for row in queries.bearing(conn, NUMBER)]
        facts = decide.decide(
            queries.get(conn, NUMBER), decide.Reject("R01", "Không có dữ liệu"), message=f"m-{now}",
            reasons=made.reasons(), today="2021-10-06", say=say, url="u", known=known,
        )  # fmt: skip
        office.ledger.append_all(conn, facts, who="officer-1", now=now)

    office.ledger.transact(work)


def row(office: Office) -> dict:
    with office.db.read() as conn:
        return queries.get(conn, NUMBER)


def test_a_dose_that_arrives_after_the_rejection_reopens_the_complaint(any_office):
    kiosk, phone = any_office.kiosk(), Phone()
    visit = kiosk.visit(1)
    missing(any_office)
    reject(any_office)
    assert worker(any_office).reopen(LATE) == 0
    assert (row(any_office)["state"], row(any_office)["known"]) == ("rejected", "[]")
    any_office.accept(kiosk, *visit, now=LATE)
    worker(any_office, phone).step()
    after = row(any_office)
    assert (after["state"], after["reopened_for"], after["reopened_at"]) == ("new", "d-1", LATE)
    assert (after["decided_at"], after["due_at"]) == (None, due_at(LATE, deadlines()))
    assert "MO LAI" in phone.texts[-1]
    assert "https://t.test/complaints/PA-00000001" in phone.texts[-1]
    assert len(phone.texts[-1]) <= 160
    with any_office.db.read() as conn:
        bearing = queries.bearing(conn, NUMBER)
        assert [(one["dose"], one["arrived_at"], one["given_on"]) for one in bearing] == [("d-1", LATE, "2021-10-05")]
        assert queries.count(conn) == 1
        assert reporting.total(conn, "complaints_decided") == 0
        told = messages.of_complaint(conn, NUMBER)
    assert [one["template"] for one in told] == ["complaint_received", "complaint_rejected", "complaint_reopened"]
    assert worker(any_office).reopen(LATE) == 0
    assert rebuild.check(any_office.ledger).same


def test_decided_again_it_stays_decided_for_the_doses_the_officer_saw(any_office):
    kiosk = any_office.kiosk()
    missing(any_office)
    reject(any_office)
    any_office.accept(kiosk, *kiosk.visit(1))
    assert worker(any_office).reopen(LATE) == 1
    reject(any_office, now=LATE + 5)
    assert (row(any_office)["state"], row(any_office)["known"]) == ("rejected", '["d-1"]')
    assert worker(any_office).reopen(LATE + 6) == 0
    # A second needle of that day, from another kiosk, was not known.
    other = any_office.kiosk("kiosk-2")
    again = other.dosed(7, MORNING)
    any_office.accept(other, again)
    assert worker(any_office).reopen(LATE + 7) == 0, "person 7 is not person 1"


@pytest.mark.parametrize(
    "changes",
    [
        {"wants": {"given_on": "2021-10-04"}},
        {"wants": {**WANTS, "place": "elsewhere"}},
        {"category": "other"},
        {"person": made.person(2)},
    ],
)
def test_another_day_place_person_or_matter_bears_on_nothing(any_office, changes):
    kiosk = any_office.kiosk()
    missing(any_office, **changes)
    reject(any_office)
    any_office.accept(kiosk, *kiosk.visit(1))
    assert worker(any_office).reopen(LATE) == 0
    assert row(any_office)["state"] == "rejected"


def test_a_decision_that_does_not_say_what_it_knew_is_left_alone(any_office):
    """An earlier release's: whether its officer saw the dose nobody can tell; the page shows it, no message goes out."""
    kiosk = any_office.kiosk()
    missing(any_office)
    body = {"complaint": NUMBER, "decision": "rejected", "reason_code": "1", "reason": "x"}
    any_office.append(("complaint.decided", body), now=MORNING + DAY)
    any_office.accept(kiosk, *kiosk.visit(1))
    assert worker(any_office).reopen(LATE) == 0
    with any_office.db.read() as conn:
        assert [one["dose"] for one in queries.bearing(conn, NUMBER)] == ["d-1"]


def test_an_undone_dose_bears_on_nothing(any_office):
    kiosk = any_office.kiosk()
    missing(any_office)
    any_office.accept(kiosk, *kiosk.visit(1), kiosk.undone(1, MORNING + 1))
    with any_office.db.read() as conn:
        assert queries.bearing(conn, NUMBER) == []


def test_a_dose_of_1970_bears_once_its_day_is_known(any_office):
    kiosk = any_office.kiosk()
    kiosk.wake("boot-2", MORNING - 60_000)
    missing(any_office)
    any_office.accept(kiosk, *kiosk.visit(1))
    reject(any_office)
    assert worker(any_office).reopen(LATE) == 0
    any_office.accept(kiosk, kiosk.learn(MORNING + 90 * 60_000))
    assert worker(any_office).reopen(LATE) == 1
    assert row(any_office)["state"] == "new"


def test_in_any_order_the_link_is_the_same(any_office):
    kiosk = any_office.kiosk()
    pairs = kiosk.visit(1)
    missing(any_office)
    random.Random(3).shuffle(pairs)
    for pair in pairs:
        any_office.accept(kiosk, pair)
    with any_office.db.read() as conn:
        assert [one["dose"] for one in queries.bearing(conn, NUMBER)] == ["d-1"]
    assert rebuild.check(any_office.ledger).same
