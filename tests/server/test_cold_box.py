"""Cold boxes at the centre (fault F25): the last value and its age, times out of range; no data is never "in range"."""

from server import cold_box
from tests.server.made import MINUTE, MORNING, SITE, Office
from tests.server.web_office import WebOffice

TEN = 10 * MINUTE


def row(minute, state="in_range", low=45, high=50, last=48, **more):
    """What was measured, as `cold_box.measured` gives it."""
    told = {
        "site": SITE,
        "k": "kiosk-1",
        "at": minute * MINUTE,
        "sure": "synced",
        "box": "box-01",
        "fault": "",
        "gap_s": 0,
    }
    return {**told, "state": state, "low": low, "high": high, "last": last, **more}


def body(state="in_range", last=48, **more):
    """The body of a record; without a temperature where there is none."""
    read = {} if last is None else {"low": last, "high": last, "last": last}
    fault = "" if last is not None else "absent"
    return {"box": "box-01", "span_s": 600, "readings": 60, "gap_s": 0, "state": state, "fault": fault, **read, **more}


def spans(*rows, now=60):
    return [
        (
            one["what"],
            one["from_at"] // MINUTE,
            one["to_at"] and one["to_at"] // MINUTE,
            one["minutes"],
            one["low"],
            one["high"],
        )
        for one in cold_box.out_of_range(rows, now=now * MINUTE)
    ]


def test_a_box_in_range_has_nothing_to_tell():
    assert spans(row(0), row(10), row(20)) == []
    (box,) = cold_box.boxes([row(0, low=30), row(10, high=62)], now=15 * MINUTE)
    assert (box["state"], box["last"], box["low"], box["high"], box["box"]) == ("in_range", 48, 30, 62, "box-01")


def test_an_excursion_lasts_from_its_first_record_to_the_first_in_range():
    told = [
        row(0),
        row(4, "too_warm", 50, 83, 83),
        row(14, "too_warm", 83, 121, 118),
        row(20, "in_range", 78, 119, 78),
        row(30),
    ]
    assert spans(*told) == [("too_warm", 4, 20, 16, None, 121)]
    assert spans(*told[:3]) == [("too_warm", 4, None, 56, None, 121)]


def test_a_gap_does_not_end_what_was_wrong():
    told = [
        row(0, "too_cold", 12, 30, 12),
        row(10, "no_data", None, None, None),
        row(100, "no_data", None, None, None),
        row(110),
    ]
    assert spans(*told, now=120) == [("too_cold", 0, 110, 110, 12, None)]


def test_both_ways_out_are_one_span():
    told = [row(0, "too_cold", 12, 30, 12), row(10, "too_warm", 12, 90, 90), row(20, "in_range", 79, 91, 79)]
    assert spans(*told) == [("mixed", 0, 20, 20, 12, 91)]


def test_a_time_without_records_is_not_in_range():
    assert spans(row(0), row(31), row(41)) == [("unrecorded", 0, 31, 31, None, None)]
    assert spans(row(0), row(30)) == []


def test_a_silent_logger_is_silent_whatever_it_said_last():
    (box,) = cold_box.boxes([row(0)], now=31 * MINUTE)
    assert (box["state"], box["last"]) == ("silent", 48)
    (box,) = cold_box.boxes([row(0, "no_data", None, None, None, box="unknown")], now=5 * MINUTE)
    assert (box["state"], box["last"], box["low"], box["box"]) == ("no_data", None, None, "")


def test_records_are_found_by_site_and_time_whatever_the_clock(office: Office):
    kiosk, other = office.kiosk(), office.kiosk("kiosk-2", site="elsewhere")
    kiosk.wake("boot-2", MORNING - 3 * MINUTE)
    office.accept(kiosk, kiosk.write("cold_box.measured", body(), MORNING, who="machine"))
    office.accept(other, other.write("cold_box.measured", body(last=90, state="too_warm"), MORNING, who="machine"))
    office.accept(other, other.opened(MORNING))
    with office.db.read() as conn:
        assert [one["k"] for one in cold_box.measured(conn, sites=[SITE, "elsewhere"], since=MORNING)] == ["kiosk-2"]
        found = cold_box.measured(conn, sites=[SITE, "elsewhere"], since=0)
        assert [(one["k"], one["sure"], one["last"]) for one in found] == [
            ("kiosk-1", "unknown", 48),
            ("kiosk-2", "synced", 90),
        ]
        if conn.dialect.name != "sqlite":  # the other plans by what a table holds
            return
        compiled = cold_box.asked(["x"], 0).compile(conn, compile_kwargs={"render_postcompile": True})
        plan = conn.exec_driver_sql(f"EXPLAIN QUERY PLAN {compiled}", tuple(compiled.params.values())).all()
    assert "ix_record_cold_box" in str(plan)


def test_the_page_says_what_is_wrong_first_and_which_site_has_no_logger(db):
    office = WebOffice(db)
    browser = office.browser("manager")
    page = browser.get("/console/cold-boxes").text
    assert "không có cảm biến" in page
    nurse = office.nurse
    for minutes, told in (
        (0, body()),
        (10, body("too_warm", 86)),
        (20, body("too_warm", 104)),
        (50, body("in_range", 71)),
    ):
        office.accept(nurse, nurse.write("cold_box.measured", told, MORNING + minutes * MINUTE, who="machine"))
    page = browser.get("/console/cold-boxes").text
    assert "không có cảm biến</span>" not in page
    for text in ("7,1 °C", "10 phút trước", "10,4 °C", "05/10/2021 08:10", "05/10/2021 08:50", "quá ấm", ">40<"):
        assert text in page, text
    assert "7.1 °C" in browser.get("/console/cold-boxes?lang=en&days=7").text
    browser = office.browser("manager")
    assert "Số phút sai nhiệt độ" in browser.get("/console/cold-boxes?save=csv").text
    office.clock.now += 40 * MINUTE
    assert "cảm biến không báo về" in office.browser("manager").get("/console/cold-boxes?state=silent").text
    for odd in ("?days=999", "?days=x", "?state=never", "?sort=-high&page=9"):
        assert browser.get("/console/cold-boxes" + odd).status_code == 200, odd
    with office.db.write() as conn:
        office.account(conn, "khac", unit="79", role="manager", must_change=False, password="mot cau de nho 2021")
    assert "box-01" not in office.browser("khac").get("/console/cold-boxes").text
