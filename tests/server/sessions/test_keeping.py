"""Sessions as a manager keeps them: planned with a preview, invited, moved, cancelled; what goes to people and kiosks (G12, G13)."""

import re

import pytest
from sqlalchemy import false, select

from protocol import canon
from server import audit, links, messages, recipients, reference
from server.crypto import Signer
from server.messages import MESSAGE
from server.reference import ReferenceLists
from server.sessions import candidates, expected, tables
from server.sessions.judging import Choice
from tests.server.made import DAY, MINUTE, MORNING, SITE, identity, person
from tests.server.sessions.scenes import plan, recipient
from tests.server.web_office import WebOffice

LATER = "2021-10-07"


@pytest.fixture
def office(db):
    return peopled(WebOffice(db))


def peopled(made):
    """Five people on the list, two of the site's staff."""
    with made.db.write() as conn:
        people = [recipient(n, dob=f"19{60 + n}-01-01") for n in range(11, 15)]
        recipients.put(conn, [*people, recipient(15, priority_group=1, phone="")])
        for who, role in (("nv-1", "lead"), ("nv-2", "injector")):
            value = {"id": who, "name": f"Cán bộ {who}", "role": role, "code": "1", "pin": "x"}
            reference.put_item(conn, site=SITE, list_name=reference.STAFF, key=who, value=value)
    return made


@pytest.fixture
def browser(office):
    return office.browser("manager")


def kept(office, session="ss-1"):
    with office.db.read() as conn:
        return tables.get(conn, session), tables.appointments(conn, session)


def standing(office, session="ss-1"):
    """Last two digits of the person's number and the minute of the day of everybody expected."""
    rows = [row for row in kept(office, session)[1] if row["state"] == tables.STANDS]
    return [(row["person"][-2:], (row["at"] + 7 * 60 * MINUTE) % DAY // MINUTE) for row in rows]


def told(office):
    """Last two digits of the person's number and the template of every message, in order."""
    with office.db.read() as conn:
        rows = conn.execute(select(MESSAGE).order_by(MESSAGE.c.queued_at, MESSAGE.c.person))
        return sorted((row.person[-2:], row.template) for row in rows)


def test_a_session_is_previewed_then_planned_priority_first_no_hour_overfull(office, browser):
    page = plan(browser, act="preview").text
    assert "Xếp được chỗ cho 4 người" in page
    # Five of the list and the person dosed today, who is too early for the next dose.
    assert "Còn 1 người đến lượt mà chưa có chỗ" in page
    assert "1 – chưa đủ thời gian sau mũi trước" in page
    assert kept(office)[0] is None
    answer = plan(browser)
    assert (answer.status_code, answer.location) == (303, "/console/sessions/of/ss-1?done=plan")
    assert standing(office) == [("15", 420), ("11", 450), ("12", 480), ("13", 510)]
    assert told(office) == []
    with office.db.read() as conn:
        assert audit.entries(conn, limit=1)[0].act == "plan_session"


def test_saved_twice_changes_nothing(office, browser):
    plan(browser)
    before = kept(office)
    plan(browser)
    plan(browser, "/console/sessions/of/ss-1/plan", version="1")
    assert kept(office) == before
    browser.send("/console/sessions/of/ss-1", act="invite")
    before, sent = kept(office), told(office)
    browser.send("/console/sessions/of/ss-1", act="invite")
    plan(browser, "/console/sessions/of/ss-1/plan", version="2")
    assert (kept(office), told(office)) == (before, sent)


def test_an_invitation_says_when_and_where_and_who_has_no_phone_is_named(office, browser):
    plan(browser)
    assert "Có 1 người chưa có số điện thoại" in browser.get("/console/sessions/of/ss-1").text
    assert browser.send("/console/sessions/of/ss-1", act="invite").status_code == 303
    assert told(office) == [("11", "invite"), ("12", "invite"), ("13", "invite")]
    with office.db.read() as conn:
        text = messages.waiting(conn)[0]["text"]
    assert "mui 1 luc 08:00 ngay 06/10/2021 tai Tram y te Trang Dai" in text
    people = "/console/sessions/of/ss-1/people"
    assert "báo trực tiếp" in browser.get(people).text
    assert kept(office)[0]["state"] == "invited"
    # The list of people: sorted, narrowed, searched with no name in an address, all of it on one page, saved and noted.
    (who,) = re.findall(r'<th scope="row" class="nowrap">([^<]*)</th>', browser.get(f"{people}?told=by_hand").text)
    assert who == "07:00"
    assert 'aria-sort="descending"' in browser.get(f"{people}?sort=-name").text
    answer = browser.send(people, find=identity(12)["name"])
    assert (answer.status_code, answer.location) == (303, people)
    found = browser.get(people).text
    assert (identity(12)["name"] in found, identity(13)["name"] in found) == (True, False)
    browser.send(people, find="")
    lines = browser.get(f"{people}?save=csv").get_data(as_text=True).splitlines()
    assert len(lines) == 5
    with office.db.read() as conn:
        assert audit.entries(conn, limit=1)[0].act == "export_list"


def test_a_move_keeps_the_hours_and_tells_everybody(office, browser):
    plan(browser)
    browser.send("/console/sessions/of/ss-1", act="invite")
    before = standing(office)
    assert "Ngay khi lưu sẽ gửi: 0 thư mời, 3 tin đổi lịch" in plan(
        browser, "/console/sessions/of/ss-1/plan", act="preview", version="2", day="7/10/2021"
    ).text  # fmt: skip
    plan(browser, "/console/sessions/of/ss-1/plan", version="2", day="7/10/2021")
    assert standing(office) == before
    assert [template for _, template in told(office)] == ["invite", "invite_moved"] * 3
    assert kept(office)[0]["day"] == LATER


def test_who_finds_no_place_any_more_is_told_and_comes_back_when_there_is_room(any_db):
    office = peopled(WebOffice(any_db))
    browser = office.browser("manager")
    plan(browser)
    browser.send("/console/sessions/of/ss-1", act="invite")
    plan(browser, "/console/sessions/of/ss-1/plan", version="2", h8="")
    assert standing(office) == [("15", 420), ("11", 450)]
    assert [row for row in told(office) if row[1] != "invite"] == [
        ("12", "invite_cancelled"),
        ("13", "invite_cancelled"),
    ]
    assert "Đã hủy lịch hẹn" in browser.get("/console/sessions/of/ss-1/people").text
    plan(browser, "/console/sessions/of/ss-1/plan", version="3", h8="2")
    assert standing(office) == [("15", 420), ("11", 450), ("12", 480), ("13", 510)]
    assert told(office).count(("12", "invite")) == 2


def test_a_cancelled_session_tells_everybody_once_and_leaves_the_kiosks(office, browser):
    plan(browser)
    assert browser.send("/console/sessions/of/ss-1", act="cancel", reason="").status_code == 422
    browser.send("/console/sessions/of/ss-1", act="invite")
    browser.send("/console/sessions/of/ss-1", act="cancel", reason="Vắc xin chưa về.")
    assert [row for row in told(office) if row[1] != "invite"] == [
        ("11", "invite_cancelled"), ("12", "invite_cancelled"), ("13", "invite_cancelled"),
    ]  # fmt: skip
    page = browser.get("/console/sessions/of/ss-1").text
    assert "Vắc xin chưa về." in page
    assert 'value="invite"' not in page
    assert browser.get("/console/sessions/of/ss-1/plan").status_code == 303
    with office.db.read() as conn:
        assert expected.items(conn, SITE, "2021-10-05") == []
    # Whoever was on it can be invited elsewhere.
    plan(browser, session="ss-2")
    assert len(standing(office, "ss-2")) == 4


def test_nobody_has_two_appointments(office, browser):
    plan(browser)
    plan(browser, session="ss-2", day="7/10/2021")
    assert standing(office, "ss-2") == [("14", 420)]
    assert "5 – đã có lịch hẹn ở buổi khác" in plan(browser, session="ss-3", act="preview").text


def test_somebody_elses_change_is_not_written_over(office, browser):
    plan(browser)
    plan(browser, "/console/sessions/of/ss-1/plan", version="1", h7="1")
    answer = plan(browser, "/console/sessions/of/ss-1/plan", version="1", h7="4")
    assert answer.status_code == 422
    assert "đã có người khác sửa" in answer.text
    assert kept(office)[0]["hours"] == [(7, 1), (8, 2)]


def test_the_team_is_chosen_from_the_sites_staff(office, browser):
    plan(browser)
    assert "Chưa có người cho khâu:" in browser.get("/console/sessions/of/ss-1").text
    browser.post("/console/sessions/of/ss-1", act="team", csrf=_token(browser), team=["nv-1", "nv-2", "stranger"])
    assert kept(office)[0]["team"] == ["nv-1", "nv-2"]
    with office.db.write() as conn:
        value = {"id": "nv-2", "name": "Cán bộ", "role": "injector", "code": "1", "pin": "x", "revoked": True}
        reference.put_item(conn, site=SITE, list_name=reference.STAFF, key="nv-2", value=value)
    assert "1 người của ê kíp này không còn" in browser.get("/console/sessions/of/ss-1").text


def test_forms_at_fault_say_so(office, browser):
    page = plan(browser, day="4/10/2021", h7="x", vaccine="NOPE").text
    for sentence in ("Ngày này đã qua.", "Hãy chọn một mục.", "từ 0 đến 500"):
        assert sentence in page
    assert "ít nhất một giờ" in plan(browser, h7="", h8="").text
    assert kept(office)[0] is None
    assert office.browser("officer").get("/console/sessions").status_code == 403
    assert browser.post("/console/sessions/of/ss-9", csrf=_token(browser), act="invite").status_code == 404


def test_an_auditor_only_looks_and_the_look_is_noted(office, browser):
    plan(browser)
    auditor = office.browser("auditor")
    assert "<button>" not in auditor.get("/console/sessions/of/ss-1").text.split("<main")[1]
    assert auditor.post("/console/sessions/of/ss-1", csrf=_token(browser), act="invite").status_code == 403
    assert identity(11)["name"] in auditor.get("/console/sessions/of/ss-1/people").text
    with office.db.read() as conn:
        note = audit.entries(conn, limit=1)[0]
    assert (note.act, note.object, note.account) == ("view_session", "session ss-1", "auditor")


def test_turnout_is_read_from_what_the_kiosks_recorded(office, browser):
    plan(browser)
    at = MORNING + DAY
    office.accept(office.nurse, *office.nurse.visit(11, at, vaccine="PFIZER"), office.nurse.checked_in(12, at), now=at)
    page = browser.get("/console/sessions/of/ss-1").text
    assert "<b>2</b><span>đã đến</span>" in page
    assert "<b>1</b><span>đã tiêm</span>" in page


def test_the_list_of_appointments_has_them_from_two_days_before(office, browser):
    plan(browser)
    signer = Signer.generate()
    lists = ReferenceLists(
        db=office.db, signer=signer, portal="https://x/", day_offset_min=420, valid_ms=DAY, expected=expected.items
    )

    def items(day):
        found = dict(lists.messages(MORNING + day * DAY, everything=True))
        return canon.read(found[f"tram/1/dong-nai/{SITE}/ref/appointments"])["items"]

    assert items(-2) == []
    first = items(-1)
    assert [one["person"] for one in first] == [person(n) for n in (11, 12, 13, 15)]
    assert first[0]["code"] == expected.code_of("ss-1", person(11))
    assert first[0]["phone"] == identity(11)["phone"]
    assert items(1) == first
    assert items(2) == []


def _token(browser):
    return browser.get("/console/sessions/new").text.split('name="csrf" value="')[1].split('"')[0]


def test_whoever_asks_nobody_of_the_session_is_lost_from_sight(office, browser, monkeypatch):
    """A commune's manager saves the district's session; somebody on it was joined with another record meanwhile."""
    plan(browser)
    asked = {"choice": Choice(), "day": "2021-10-06", "today": "2021-10-05", "session": "ss-1"}
    with office.db.write() as conn:
        for one in (11, 21):
            row = {"person": person(one), "entity": f"person:{person(one)}", "whole": person(21)}
            conn.execute(links.ALIAS.insert().values(**row))
        found = candidates.read(conn, within=false(), listed=false(), **asked)
    assert sorted(one.person for one in found) == [person(n) for n in (11, 12, 13, 15)]
    monkeypatch.setattr(candidates, "MOST", 3)
    assert "Quá nhiều người" in plan(browser, session="ss-2").text
