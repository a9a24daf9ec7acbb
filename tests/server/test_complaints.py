"""Complaints end corrected or rejected with a reason, once, with the message queued in the same transaction (I22, C8-C10)."""

import threading

import pytest

from protocol.clocktext import day_of
from server import certificates, inventory, messages, people, reporting, vaccinations
from server.complaints import decide, filing, queries
from server.complaints.deadlines import due_at, end_of
from server.errors import Refused
from tests.server import made
from tests.server.made import MORNING, Office, deadlines, reasons, say

HOUR = 3_600_000
DAY = 24 * HOUR
URL = "https://tiemchung.test/complaints"
TODAY = "2021-10-06"


def file(office: Office, number: str = "PA-00000001", *, now: int = MORNING, **changes) -> None:
    given = {"category": "wrong_dose", "identity": made.identity(1), "content": "Sai số lô", "wants": {"lot": "AB777"}}
    told = filing.Filing(**{**given, "person": made.person(1), "dose": "d-1", **changes})
    due = due_at(now, deadlines())
    facts = filing.file(told, complaint=number, message=f"m-f-{number}", due_at=due, say=say, url=URL)
    office.append(*facts, now=now, who="citizen")


def settle(office: Office, choice: decide.Choice, number: str = "PA-00000001", *, now: int = MORNING + DAY) -> None:
    def work(conn) -> None:
        facts = decide.decide(
            queries.get(conn, number), choice, message=f"m-d-{number}", reasons=reasons(), today=TODAY, say=say, url=URL
        )
        office.ledger.append_all(conn, facts, who="officer-1", now=now)

    office.ledger.transact(work)


def with_dose(office: Office) -> None:
    kiosk = office.kiosk()
    office.append(made.receipt(1), made.receipt(2, lot="AB777", vaccine="astrazeneca"))
    office.accept(kiosk, *kiosk.visit(1))


def dose_row(office: Office) -> dict:
    with office.db.read() as conn:
        return vaccinations.by_id(conn, "d-1")


def test_a_filed_complaint_stands_in_the_queue_and_the_citizen_is_told(any_office):
    file(any_office, photos=["ab" * 32])
    with any_office.db.read() as conn:
        row = queries.read(queries.get(conn, "PA-00000001"))
        told = messages.of_complaint(conn, "PA-00000001")
        assert queries.count(conn) == 1
        assert [one["complaint"] for one in queries.queue(conn, category="wrong_dose")] == ["PA-00000001"]
        assert queries.queue(conn, category="other") == []
        assert queries.with_photo(conn, "ab" * 32) == ["PA-00000001"]
        assert queries.of_person(conn, made.person(1))[0]["complaint"] == "PA-00000001"
        assert reporting.total(conn, "complaints_filed", item="wrong_dose") == 1
    assert (row["state"], row["due_at"], row["wants"]) == ("new", MORNING + 7 * DAY, {"lot": "AB777"})
    assert told[0]["text"] == f"TIEMCHUNG: Da nhan phan anh PA-00000001. Han xu ly 12/10/2021. Tra cuu: {URL}"
    assert (told[0]["state"], told[0]["to"]) == ("queued", made.identity(1)["phone"])


def test_corrected_dose_certificate_stock_figures_and_message_in_one_step(any_office):
    with_dose(any_office)
    file(any_office)
    settle(
        any_office,
        decide.CorrectDose(dose_row(any_office), {"lot": "AB777", "vaccine": "astrazeneca", "dose_no": 1}, "Theo giấy"),
    )
    with any_office.db.read() as conn:
        complaint = queries.get(conn, "PA-00000001")
        told = messages.of_complaint(conn, "PA-00000001")
        assert vaccinations.by_id(conn, "d-1")["lot"] == "AB777"
        assert certificates.of_person(conn, made.person(1))["doses"][0]["vaccine"] == "astrazeneca"
        assert {row["lot"]: row["on_hand"] for row in inventory.on_hand(conn)} == {"FF1234": 60, "AB777": 59}
        assert reporting.total(conn, "doses", item="astrazeneca/1") == 1
        assert reporting.total(conn, "complaints_decided", item="corrected") == 1
        assert queries.count(conn) == 0
    assert (complaint["state"], complaint["decided_by"], complaint["decided_at"]) == (
        "corrected",
        "officer-1",
        MORNING + DAY,
    )
    assert [row["template"] for row in told] == ["complaint_received", "complaint_corrected"]
    assert "DA CAP NHAT mui 1" in told[1]["text"]


def test_corrected_person(any_office):
    with_dose(any_office)
    file(any_office, category="wrong_person", wants={"name": "Lê Thị Mỹ Duyến"}, dose="")
    with any_office.db.read() as conn:
        before = people.by_key(conn, made.person(1))
    settle(any_office, decide.CorrectPerson(before, {"name": "Lê Thị Mỹ Duyến", "dob": before["dob"]}, "Theo CCCD"))
    with any_office.db.read() as conn:
        assert certificates.of_person(conn, made.person(1))["name"] == "Lê Thị Mỹ Duyến"
        assert "thong tin ca nhan" in messages.of_complaint(conn, "PA-00000001")[1]["text"]


def test_an_entered_dose_stands_on_a_certificate_of_its_own(any_office):
    file(any_office, category="missing_dose", person="", dose="", wants={})
    entered = decide.EnterDose(
        dose="d-late", person=made.person(1), identity=made.identity(1), vaccine="pfizer", lot="FF1234", dose_no=1,
        given_on="2021-09-01", place=made.SITE, slip="s-late", photos=["ab" * 32], reason="Có giấy xác nhận",
    )  # fmt: skip
    settle(any_office, entered)
    with any_office.db.read() as conn:
        assert certificates.of_person(conn, made.person(1))["doses"][0]["given_on"] == "2021-09-01"
        complaint = queries.get(conn, "PA-00000001")
    assert (complaint["person"], complaint["dose"]) == (made.person(1), "d-late")


def test_rejected_with_a_listed_reason(any_office):
    file(any_office)
    settle(any_office, decide.Reject("R08", "Ảnh mờ, không đọc được số lô"))
    with any_office.db.read() as conn:
        complaint = queries.get(conn, "PA-00000001")
        told = messages.of_complaint(conn, "PA-00000001")
    assert (complaint["state"], complaint["reason_code"]) == ("rejected", "R08")
    assert complaint["reason"] == "Ảnh mờ, không đọc được số lô"
    assert "anh bi nhoe, khong doc duoc" in told[1]["text"]
    assert len(told[1]["text"]) <= messages.MAX_TEXT


@pytest.mark.parametrize(
    ("choice", "code", "field"),
    [
        (decide.Reject("", "lời giải thích"), "reason_code_missing", "reason_code"),
        (decide.Reject("R99", "lời giải thích"), "reason_code_unknown", "reason_code"),
        (decide.Reject("R08", "  "), "reason_missing", "reason"),
        (decide.CorrectDose({"dose": "d-1", "person": "p", "lot": "FF"}, {"lot": "FF"}, "x"), "nothing_changed", "changes"),
        (decide.CorrectDose({"dose": "d-1", "person": "p", "lot": "FF"}, {"lot": "A"}, ""), "reason_missing", "reason"),
        (decide.CorrectDose({"dose": "d", "person": "p", "dose_no": 1}, {"given_on": "2021-10-07"}, "x"), "day_in_future", "given_on"),
        (decide.CorrectPerson({"person": "p", "name": "A"}, {}, "x"), "nothing_changed", "changes"),
    ],
)  # fmt: skip
def test_what_cannot_be_decided_is_refused_and_nothing_is_written(office, choice, code, field):
    file(office)
    with pytest.raises(Refused) as refused:
        settle(office, choice)
    assert (refused.value.code, refused.value.field) == (code, field)
    with office.db.read() as conn:
        assert queries.get(conn, "PA-00000001")["state"] == "new"
        assert len(messages.of_complaint(conn, "PA-00000001")) == 1


def test_a_complaint_is_decided_once(any_office):
    file(any_office)
    settle(any_office, decide.Reject("R08", "mờ"))
    with pytest.raises(Refused) as refused:
        settle(any_office, decide.Reject("R03", "mờ"))
    assert refused.value.code == "already_decided"


def test_two_officers_at_once_decide_once(any_office):
    file(any_office)
    start, ends = threading.Barrier(2), []

    def officer(code: str) -> None:
        start.wait()
        try:
            settle(any_office, decide.Reject(code, "mờ"))
            ends.append("done")
        except Refused as refused:
            ends.append(refused.code)

    threads = [threading.Thread(target=officer, args=(code,)) for code in ("R03", "R08")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(ends) == ["already_decided", "done"]


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"category": "nonsense"}, "category"),
        ({"identity": made.identity(1, name=" ")}, "name"),
        ({"identity": made.identity(1, phone="")}, "phone"),
        ({"identity": made.identity(1, phone="call me")}, "phone"),
        ({"content": "", "wants": {}}, "content"),
    ],
)
def test_a_form_that_cannot_be_filed_names_its_field(office, changes, field):
    with pytest.raises(Refused) as refused:
        file(office, **changes)
    assert refused.value.field == field


def at(day: str, hour: int = 9) -> int:
    return end_of(day) - DAY + hour * HOUR


@pytest.mark.parametrize(
    ("filed", "due"),
    [
        (at("2021-10-03", 0), at("2021-10-10", 0)),
        (at("2021-10-05"), at("2021-10-12")),
        (at("2021-11-07", 23), at("2021-11-14", 23)),
        (at("2021-11-08", 0), at("2021-11-10", 0)),
        (at("2022-01-15"), at("2022-01-17")),
        (at("2021-09-20"), end_of("2021-10-15")),
        (at("2021-10-02", 23), end_of("2021-10-15")),
    ],
)
def test_due_times_follow_the_deadline_in_force(filed, due):
    assert due_at(filed, deadlines()) == due


def test_a_day_ends_at_midnight_in_viet_nam():
    assert day_of(end_of("2021-10-15") - 1) == "2021-10-15"
    assert day_of(end_of("2021-10-15")) == "2021-10-16"


def test_the_overdue_list_holds_what_is_past_its_time(office):
    file(office, "PA-00000001")
    file(office, "PA-00000002", now=MORNING + DAY)
    file(office, "PA-00000003", now=MORNING + DAY)
    settle(office, decide.Reject("R08", "mờ"), "PA-00000003")
    with office.db.read() as conn:
        for hours, wanted in ((0, 0), (7 * 24 + 1, 1), (9 * 24, 2)):
            assert queries.count(conn, overdue_at=MORNING + hours * HOUR) == wanted
        assert [row["complaint"] for row in queries.queue(conn, state="", limit=1, offset=1)] == ["PA-00000002"]
