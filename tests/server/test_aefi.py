"""Reactions at the centre: what is known last holds in any order, and somebody is told until somebody has seen it."""

import itertools

import pytest

from server import aefi, contacts, messages, units
from server.units import Unit
from server.worker import FileProvider, Worker, read_outbox
from tests.server import made
from tests.server.made import MINUTE, MORNING, Office
from tests.server.web_office import WebOffice

AT = MORNING + 20 * MINUTE


def one(office: Office) -> dict:
    with office.db.read() as conn:
        (row,) = aefi.of_person(conn, made.person(1))
    return row


def test_what_is_known_last_holds_in_whatever_order_it_comes(office: Office):
    """I6: a row is a function of the set of records."""
    kiosk = office.kiosk()
    pairs = [
        kiosk.struck(1, AT, onset_min=7),
        kiosk.struck(1, AT + MINUTE, "aefi.followed_up", grade="II", outcome="treating", treatment=["adrenaline"]),
        kiosk.seen(1, AT + 2 * MINUTE),
        kiosk.struck(1, AT + 9 * MINUTE, "aefi.followed_up", grade="III", outcome="hospital", symptoms=["breathing"]),
    ]
    office.accept(kiosk, *pairs)
    row = one(office)
    assert (row["grade"], row["outcome"], row["onset_min"], row["symptoms"]) == ("III", "hospital", 7, ["breathing"])
    assert (row["treatment"], row["follow_ups"], row["rang"]) == (["adrenaline"], 2, True)
    assert (row["reported_at"], row["seen_at"], row["seen_by"]) == (AT, AT + 2 * MINUTE, "nv-1009")


def test_records_of_a_reaction_make_one_row_in_any_order_of_arrival(any_office: Office):
    kiosk = any_office.kiosk()
    pairs = [kiosk.struck(1, AT), kiosk.struck(1, AT + MINUTE, "aefi.followed_up", grade="I", severity="common")]
    for pair in reversed([*pairs, kiosk.seen(1, AT + 2 * MINUTE)]):
        any_office.accept(kiosk, pair)
    row = one(any_office)
    assert (row["severity"], row["grade"], row["rang"], row["seen_by"]) == ("common", "I", True, "nv-1009")


@pytest.mark.parametrize(
    ("changes", "minutes", "levels"),
    [
        ({}, 0, [0]),
        ({}, 4, [0]),
        ({}, 5, [0, 1]),
        ({}, 60, [0, 1, 2]),
        ({"seen_at": AT}, 60, [0]),
        ({"outcome": "recovered"}, 60, [0]),
        ({"outcome": "treating"}, 5, [0, 1]),
        ({"severity": "common"}, 60, []),
    ],
)
def test_who_is_due_to_hear_of_it(changes, minutes, levels):
    row = {"severity": "severe", "reported_at": AT, "seen_at": None, "outcome": "", **changes}
    assert aefi.due(row, unseen_min=[5, 15], now=AT + minutes * MINUTE) == levels


@pytest.fixture
def told(db, tmp_path):
    """A server at work: `told.step(minutes)` gives the numbers that were written to so far."""
    office = WebOffice(db)
    with office.db.write() as conn:
        contacts.put(conn, unit="731", duty="aefi", phone="0900000731")
        contacts.put(conn, unit="75", duty="aefi", phone="0900000075")
    outbox = tmp_path / "outbox.jsonl"
    worker = Worker(
        ledger=office.ledger, provider=FileProvider(outbox), clock=office.clock, portal="https://tram.test",
        deadlines=made.deadlines(), say=made.say, unseen_min=[5, 15],
    )  # fmt: skip

    def step(minutes):
        office.clock.now = AT + minutes * MINUTE
        worker.step()
        worker.step()
        return [(line["to"], line["text"]) for line in read_outbox(outbox)]

    office.step = step
    return office


def test_the_district_is_told_at_once_and_the_province_when_nobody_saw_it(told):
    told.accept(told.nurse, told.nurse.struck(1, AT))
    ((to, text),) = told.step(0)
    assert (to, len(text) <= 160) == ("0900000731", True)
    assert "BAO DONG phan ung nang sau tiem luc 08:20 ngay 05/10/2021" in text
    assert made.identity(1)["name"] not in text
    assert len(told.step(4)) == 1
    assert [to for to, _text in told.step(5)] == ["0900000731", "0900000075"]
    assert "CHUA AI XAC NHAN" in told.step(5)[1][1]
    # Nobody stands above the province here: it hears of it again.
    assert [to for to, _text in told.step(16)][2:] == ["0900000075"]
    assert len(told.step(600)) == 3


def test_seen_in_time_nobody_else_is_told(told):
    told.accept(told.nurse, told.nurse.struck(1, AT), told.nurse.seen(1, AT + 2 * MINUTE))
    assert [len(told.step(minutes)) for minutes in (3, 30, 90)] == [1, 1, 1]


def test_an_alarm_of_days_ago_tells_nobody(told):
    told.accept(told.nurse, told.nurse.struck(1, AT - 25 * 60 * MINUTE))
    assert told.step(0) == []


def test_without_a_contact_the_console_is_all_there_is(told):
    with told.db.write() as conn:
        conn.execute(contacts.CONTACT.delete())
    told.accept(told.nurse, told.nurse.struck(1, AT))
    assert told.step(60) == []
    page = told.browser("manager").get("/console/").text
    assert "tại điểm tiêm chưa ai xác nhận đã biết" in page
    told.accept(told.nurse, told.nurse.seen(1, AT + 61 * MINUTE))
    assert "chưa ai xác nhận đã biết" not in told.browser("manager").get("/console/").text


def test_an_unknown_duty_is_refused(told):
    with told.db.write() as conn, pytest.raises(ValueError, match="no such duty"):
        contacts.put(conn, unit="75", duty="tea", phone="1")


def test_reactions_are_listed_without_names_and_counted_for_the_report(told):
    """Phụ lục 5 of QĐ 3588 and TT 34/2018 count cases, not symptoms."""
    told.accept(
        told.nurse, told.nurse.struck(1, AT, symptoms=["breathing", "rash"]), told.nurse.reacted(2, AT),
        told.nurse.struck(1, AT + MINUTE, "aefi.followed_up", grade="II", outcome="hospital", symptoms=["rash"]),
    )  # fmt: skip
    browser = told.browser("officer")
    page = browser.get("/console/reactions").text
    for said in ("2 trường hợp", "Phản vệ độ II", "đã chuyển bệnh viện", "Phát ban, ngứa", "Sốt dưới 39 °C"):
        assert said in page, said
    assert made.identity(1)["name"] not in page
    assert browser.get(page.split('class="nowrap"><a href="')[1].split('"')[0]).status_code == 200
    assert "/console/people/" not in told.browser("manager").get("/console/reactions").text
    opened = browser.get("/console/reactions?open=1").text
    assert ("Sốt dưới 39 °C" in opened, "2 trường hợp" in opened) == (True, True)
    # As every list: narrowed and sorted in the address, saved as it stands, with no name in the file either.
    assert "Sốt dưới 39 °C" not in browser.get("/console/reactions?severity=severe").text
    # Whoever comes by the alarm's link finds last evening's too.
    assert 'name="first" value="05/09/2021"' in opened
    assert 'name="first" value="05/10/2021"' in page
    first, second = (browser.get(f"/console/reactions?sort={order}severity").text for order in ("", "-"))
    assert (
        first.index("Sốt dưới") < first.index("Phản vệ độ II"),
        second.index("Sốt dưới") < second.index("Phản vệ độ II"),
    ) == (True, False)
    saved = browser.get("/console/reactions?severity=severe&save=csv").get_data(as_text=True)
    assert (saved.count("\n"), "Phát ban, ngứa" in saved, made.identity(1)["name"] in saved) == (2, True, False)
    assert "tải một danh sách về máy" in told.browser("auditor").get("/console/audit").text
    table = browser.get("/console/reactions/report.csv?lang=en")
    head, row = (line.split(",") for line in table.get_data(as_text=True).lstrip("\ufeff").splitlines()[:2])
    counts = dict(itertools.islice(zip(head, row, strict=False), 12))
    assert (counts["Cases"], counts["common"], counts["severe"], counts["Anaphylaxis II"]) == ("2", "1", "1", "1")
    assert (counts["taken to hospital"], counts["under treatment"]) == ("1", "1")
    assert "0 cases" in browser.get("/console/reactions?first=01/10/2021&last=04/10/2021").text


def test_another_districts_reactions_are_not_shown(told):
    with told.db.write() as conn:
        units.put(conn, Unit(code="79", name="TP", level="province", parent="VN", valid_from="2021-07-01", valid_to=""))
        told.account(conn, "khac", unit="79", must_change=False, password="mot cau de nho 2021", role="manager")
    told.accept(told.nurse, told.nurse.struck(1, AT))
    page = told.browser("khac").get("/console/reactions").text
    assert "Không có phản ứng nào" in page
    assert "Trảng Dài" not in page
    with told.db.read() as conn:
        assert messages.states(conn) == {}
