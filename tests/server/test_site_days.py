"""The days of the sites: what opening, drill, team and closing make of a row, in whatever order they come, and who sees it."""

import pytest

from protocol import envelope
from protocol.site_day import name_of
from server import inventory, site_days
from tests.server.made import MINUTE, MORNING, SITE, Kiosk
from tests.server.web_office import WebOffice

DAY = "2021-10-05"
NAME = name_of(SITE, DAY)
OPENED = {
    "site_day": NAME, "day": DAY, "team": [{"id": "st-1", "role": "lead"}], "differs": ["lots"], "reason": "Vỡ một lọ",
    "lots": [
        {"lot": "ABV001", "vaccine": "AZ", "expected": 12, "counted": 11},
        {"lot": "PFZ002", "vaccine": "PFIZER", "counted": 4},
    ],
    "drill": {"printer": "ok", "camera": "skipped", "offline": "ok", "sync": "ok"},
}  # fmt: skip
CLOSED = {
    "site_day": NAME, "day": DAY, "figures": {"inside": 1, "released": 9, "doses": 10}, "differs": ["inside", "released"],
    "reason": "Một người đã bỏ về",
}  # fmt: skip
TEAM = {"site_day": NAME, "team": [{"id": "st-1", "role": "lead"}, {"id": "st-2", "role": "injector"}]}


def row_of(*pairs):
    records = sorted((envelope.parse(line) for line, _signature in pairs), key=envelope.Record.sort_key)
    for record in records:
        assert record.at == record.t["wall"]
    rows = site_days.derive(NAME, records)
    return rows[0][1] if rows else None


def test_a_day_opened_changed_and_closed():
    kiosk, other = Kiosk(), Kiosk("kiosk-2")
    told = [
        kiosk.write("site.drilled", {"site_day": NAME, "drill": {"printer": "ok"}}),
        kiosk.write("site.opened", OPENED, MORNING + MINUTE, who="st-1"),
        other.write("site.drilled", {"site_day": NAME, "drill": {"printer": "failed"}}, MORNING + 2 * MINUTE),
        other.write("team.changed", TEAM, MORNING + 3 * MINUTE),
        kiosk.write("site.closed", CLOSED, MORNING + 9 * MINUTE, who="st-1"),
    ]
    row = row_of(*told)
    assert (row["opened_at"], row["opened_by"], row["closed_at"]) == (MORNING + MINUTE, "st-1", MORNING + 9 * MINUTE)
    assert '"st-2"' in row["team"]
    assert '"kiosk-2": {"printer": "failed"}' in row["drills"]
    assert '"sync": "ok"' in row["drills"]
    assert row == row_of(*reversed(told))


def test_another_sites_kiosk_says_nothing_of_this_site():
    stranger = Kiosk("kiosk-9", site="another-site")
    assert row_of(stranger.write("site.opened", OPENED)) is None
    assert row_of(Kiosk().write("site.closed", CLOSED), stranger.write("site.opened", OPENED))["opened_at"] is None


def test_what_differed_is_named_with_what_it_had_to_be():
    row = {"closed_differs": ["inside", "released", "of-a-newer-release"], "figures": CLOSED["figures"]}
    assert site_days.differences(row) == [
        {"name": "inside", "found": 1, "due": 0},
        {"name": "released", "found": 9, "due": 10},
    ]
    assert [lot["lot"] for lot in site_days.lots_differing(OPENED)] == ["ABV001"]
    assert site_days.drill_failures(OPENED) == ["camera"]


@pytest.fixture
def office(db):
    return WebOffice(db)


def shown(office):
    return office.browser("officer").get("/console/").text


def test_a_site_with_people_and_without_an_opening_is_said(office):
    assert "chưa mở ca đúng quy trình" in shown(office)


def test_opening_and_closing_are_shown_with_what_differs(office):
    kiosk = office.kiosk("kiosk-2")
    office.accept(kiosk, kiosk.write("site.opened", OPENED, MORNING + MINUTE, who="st-1"), now=MORNING + MINUTE)
    page = shown(office)
    assert "chưa mở ca" not in page
    for text in (
        "mở lúc 08:01",
        "1 người trong ê kíp",
        "Lô ABV001: đếm 11, theo sổ 12",
        "Vỡ một lọ",
        "máy ảnh",
        "chưa kết sổ",
    ):
        assert text in page, text
    office.accept(kiosk, kiosk.write("site.closed", CLOSED, MORNING + 9 * MINUTE), now=MORNING + 9 * MINUTE)
    page = shown(office)
    for text in ("kết sổ lúc 08:09", "Còn người bên trong: 1 ≠ 0", "Một người đã bỏ về"):
        assert text in page, text


def test_what_was_there_in_the_morning_does_not_move_with_the_days_doses(office):
    """The list of lots is not sent anew with every dose."""
    nurse = office.kiosk("kiosk-3")
    vial = {"vial": "w-1", "vaccine": "PFIZER", "lot": "FF1234", "expiry": "2021-12-31", "doses_per_vial": 6}

    def morning():
        with office.db.read() as conn:
            return inventory.at_day_start(conn, SITE, DAY)["FF1234"]

    before = morning()
    office.accept(nurse, nurse.write("vial.opened", vial, MORNING + MINUTE), now=MORNING + MINUTE)
    office.accept(nurse, *nurse.visit(2, vaccine="PFIZER", vial="w-1"), now=MORNING + MINUTE)
    assert morning() == before
    closed = {"vial": "w-1", "vaccine": "PFIZER", "lot": "FF1234", "given": 1, "waste": 5, "reason": "end_of_session"}
    office.accept(nurse, nurse.write("vial.closed", closed, MORNING + 40 * MINUTE), now=MORNING + 40 * MINUTE)
    assert morning() == before
