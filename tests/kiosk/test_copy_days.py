"""Who stands in line on which day, here and at the neighbours, whoever's clock lies and whenever power or network was away."""

from dataclasses import replace
from pathlib import Path

import pytest

from kiosk.clock import Moment
from kiosk.copy_days import MOST_LATE_MS, Days
from protocol.clocktext import DAY_MS
from protocol.envelope import Record
from tests.kiosk.made import MORNING, OTHER_CARD, Made
from tests.kiosk.site import Site

HOUR_MS = 3_600_000
HOUR_S = 3_600
YEAR_MS = 365 * DAY_MS
VIETNAM_MIN = 420
UP_MS = 30 * HOUR_MS


def moment(*, ahead: int = 0, sure: str = "synced") -> Moment:
    """This morning at a kiosk whose clock runs ahead so far."""
    return Moment(MORNING + ahead, UP_MS, "b", sure, 0)


def hello(boot: str, mono: int, *, wall: int = MORNING, sure: str = "synced") -> dict[str, object]:
    """Of a hello what tells the time."""
    return {"boot": boot, "mono": mono, "wall": wall, "sure": sure}


def record(wall: int, *, mono: int = 1, sure: str = "synced") -> Record:
    """One that its writer wrote at this time by its own clocks, in its boot "a"."""
    names = ("k", "inc", "seq", "prev", "site", "session", "who", "ref", "kind", "body")
    t = {"wall": wall, "sure": sure, "err": 0, "boot": "a", "mono": mono, "hlc": [wall, 0]}
    return Record({**dict.fromkeys(names, ""), "k": "kiosk-01", "t": t}, b"")


def in_line(kiosk: Made) -> list[str]:
    return [one["visit"] for one in kiosk.desk.call(kiosk.desk.visits_today)]


@pytest.mark.parametrize("ahead", [-YEAR_MS, -DAY_MS, 0, DAY_MS, YEAR_MS])
@pytest.mark.parametrize("sure", ["synced", "unknown"])
def test_how_late_a_record_is_says_its_writers_monotonic_clock(ahead: int, sure: str):
    """Whatever was set meanwhile, here or there."""
    days = Days(lambda: VIETNAM_MIN)
    days.hello("kiosk-01", hello("a", 15 * HOUR_MS), moment())
    # A captured hello that comes once more makes nothing younger; a clone's boot is another.
    days.hello("kiosk-01", hello("a", HOUR_MS), moment())
    days.hello("kiosk-01", hello("c", 90 * HOUR_MS), moment())
    days.hello("kiosk-02", hello("a", 90 * HOUR_MS), moment())
    assert days.late(record(MORNING + ahead, mono=HOUR_MS, sure=sure), moment(ahead=-ahead)) == 14 * HOUR_MS
    months = replace(moment(ahead=-ahead), mono=UP_MS + 2 * MOST_LATE_MS)
    assert days.late(record(MORNING + ahead, mono=HOUR_MS, sure=sure), months) == 14 * HOUR_MS + 2 * MOST_LATE_MS


@pytest.mark.parametrize(
    ("told", "sure", "at", "known"),
    [
        ("synced", "synced", MORNING + 1, 0),
        ("synced", "synced", MORNING - MOST_LATE_MS - 1, 0),
        ("synced", "unknown", MORNING - HOUR_MS, 0),
        ("unknown", "synced", MORNING - HOUR_MS, 0),
        ("holdover", "holdover", MORNING - HOUR_MS, HOUR_MS),
    ],
)
def test_of_an_earlier_boot_wall_clocks_tell_it_if_somebody_vouches_for_both(told: str, sure: str, at: int, known: int):
    """A Raspberry Pi begins with the time at which it was switched off, and nobody vouches for it."""
    days = Days(lambda: VIETNAM_MIN)
    assert days.late(record(at, sure=told), moment(sure=sure)) == known


def test_a_writers_clock_that_is_wrong_all_the_time_makes_no_past_of_this_morning():
    """Found by the simulation (schedule 36,251): four hours back, at eight, it was the night before."""
    days = Days(lambda: VIETNAM_MIN)
    wrong = MORNING - 4 * HOUR_MS
    days.hello("kiosk-01", hello("after", 2 * HOUR_MS, wall=wrong), moment())
    assert days.late(record(wrong - 3 * HOUR_MS), moment()) == 3 * HOUR_MS
    # A captured hello, or one of a time that nobody vouches for, changes nothing; a release without `mono` is believed as it comes.
    days.hello("kiosk-01", hello("after", HOUR_MS, wall=wrong - HOUR_MS), moment())
    days.hello("kiosk-01", hello("after", 3 * HOUR_MS, wall=5, sure="unknown"), moment())
    assert days.late(record(wrong - 3 * HOUR_MS), moment()) == 3 * HOUR_MS
    days.hello("kiosk-01", {"boot": "older", "wall": MORNING, "sure": "synced"}, moment())
    assert days.late(record(MORNING - HOUR_MS), moment()) == HOUR_MS


def test_of_two_machines_under_one_name_the_one_a_day_ahead_does_not_date_what_the_other_writes():
    """Found by the simulation (schedule 17,138): a copied card's people of this morning left the neighbours' lines."""
    days = Days(lambda: VIETNAM_MIN)
    days.hello("kiosk-01", hello("days ago", 50 * HOUR_MS, wall=MORNING + DAY_MS), moment())
    assert days.late(record(MORNING), moment()) == 0, "a day old, and that machine has run for two"
    # It was switched off before that boot, or began again since.
    assert days.late(record(MORNING + DAY_MS - 51 * HOUR_MS), moment()) == 51 * HOUR_MS
    soon = replace(moment(ahead=HOUR_MS), mono=UP_MS + HOUR_MS)
    assert days.late(record(MORNING + DAY_MS + HOUR_MS // 2), soon) == HOUR_MS // 2


def test_on_a_kiosk_a_day_ahead_the_centre_says_how_late_a_record_of_somebody_unheard_is():
    """Found by the simulation (schedule 48,725): whoever came this morning left its line as of yesterday."""
    days = Days(lambda: VIETNAM_MIN)
    days.centre_said(MORNING, moment(ahead=DAY_MS))
    assert days.late(record(MORNING - HOUR_MS), moment(ahead=DAY_MS)) == HOUR_MS


@pytest.mark.parametrize("ahead", [0, HOUR_MS, DAY_MS, YEAR_MS])
def test_a_day_begins_at_four_also_where_the_clock_is_a_year_ahead(ahead: int):
    """I20: found by the simulation (schedule 3,154): there no copy was ever of the past."""
    days = Days(lambda: VIETNAM_MIN)
    days.centre_said(MORNING, moment(ahead=ahead))
    dawn = days.dawn(moment(ahead=ahead))
    four = MORNING - (MORNING + 3 * HOUR_MS) % DAY_MS
    assert dawn is not None
    assert (dawn.day, dawn.wall) == ("2021-10-03", four)
    # An hour is believed: it may be the word that came late.
    assert UP_MS - dawn.mono == MORNING - four + (ahead if ahead == HOUR_MS else 0)


def test_no_day_ends_while_nobody_vouches_for_the_time():
    days = Days(lambda: VIETNAM_MIN)
    assert days.dawn(moment()) is None, "the centre has said nothing yet"
    days.centre_said(MORNING, moment())
    assert days.dawn(moment(sure="unknown")) is None


def test_an_evening_without_the_network_is_not_in_the_neighbours_line_of_the_next_day(site: Site):
    """Offered in the morning, it came in the morning; the people went home in the evening."""
    first, second = site.kiosks
    site.unplug(first.k)
    site.pass_s(9 * HOUR_S)
    evening = first.check_in()
    site.pass_s(14 * HOUR_S)
    site.plug_in(first)
    morning = first.check_in(OTHER_CARD)
    site.run(60)
    assert second.store.visit(evening) is not None
    assert in_line(second) == in_line(first) == [morning]


@pytest.mark.parametrize("known", [True, False])
def test_whoever_came_while_the_clock_was_unknown_stays_in_line_after_a_power_cut(made: Made, known: bool):
    """F35, F26: found by the simulation (schedule 245): the clock was set right, and people left the line unseen, their timers too."""
    made.clock.wall, made.clock.sure = MORNING - 3 * DAY_MS, "unknown"
    made.clock.boot, made.clock.mono = "boot-2", 60_000
    made.restart()
    visit = made.check_in()
    made.clock.pass_s(HOUR_S)
    if known:
        made.clock.wall, made.clock.sure = MORNING, "synced"
    made.desk.call(lambda: made.store.mark_alive("boot-2", made.clock.mono, made.clock.wall if known else 0))
    made.clock.boot, made.clock.mono, made.clock.wall = "boot-3", 60_000, MORNING + 60_000
    made.clock.sure = "unknown"
    made.restart()
    made.clock.sure = "synced"
    assert in_line(made) == [visit]
    made.clock.pass_s(24 * HOUR_S)
    assert in_line(made) == []


def test_a_kiosk_that_begins_again_keeps_the_people_of_a_neighbour_in_1970(site: Site):
    """Its own boots tell when they came."""
    first, second = site.kiosks
    first.clock.wall, first.clock.sure = 60_000, "unknown"
    visit = first.check_in()
    site.run(5)
    clock = second.clock
    second.desk.call(lambda: second.store.mark_alive(clock.boot, clock.mono, clock.wall))
    clock.pass_s(600)
    clock.boot, clock.mono = "boot-2", 5_000
    second.restart()
    assert in_line(second) == [visit]


def test_people_of_a_burnt_kiosk_stand_in_the_line_of_whoever_was_cut_off_then(quick_folder: Path):
    """Found by the simulation (schedule 4,352): one neighbour knew of them, the other never heard."""
    site = Site(quick_folder, 3)
    first, second, third = site.kiosks
    site.unplug(third.k)
    visit = first.check_in()
    site.run(10)
    site.unplug(first.k)
    site.plug_in(third)
    site.run(300)
    assert (in_line(second), in_line(third)) == ([visit], []), "its writer may come back and offer them itself"
    site.run(500)
    assert in_line(third) == [visit]
    site.close()


@pytest.mark.parametrize("cut", [False, True])
def test_people_of_a_morning_in_1970_are_offered_to_whoever_was_cut_off_then(site: Site, cut: bool):
    """Found by the simulation (schedules 29,725 and 33,559): the centre had them, so the neighbour was given the day by the wall clock."""
    first, second = site.kiosks
    site.unplug(second.k)
    site.pass_s(48 * HOUR_S)
    clock = first.clock
    clock.wall, clock.sure = 60_000, "unknown"
    visit = first.check_in()
    clock.pass_s(600)
    if cut:
        first.desk.call(lambda: first.store.mark_alive(clock.boot, clock.mono, 0))
        clock.boot, clock.mono = "boot-2", 30_000
        first.restart()
    clock.wall, clock.sure = second.clock.wall, "synced"
    later = first.check_in(OTHER_CARD)
    first.desk.call(lambda: first.desk.safe(first.desk.log.seq, []))
    site.plug_in(first)
    site.plug_in(second)
    site.run(90)
    assert in_line(second) == in_line(first) == [visit, later]


def test_a_day_long_past_is_not_offered_again(site: Site):
    """A kiosk that comes back is given the day, not the campaign."""
    first, second = site.kiosks
    site.unplug(second.k)
    past = first.check_in()
    first.desk.call(lambda: first.desk.safe(first.desk.log.seq, []))
    site.pass_s(48 * HOUR_S)
    today = first.check_in(OTHER_CARD)
    site.plug_in(first)
    site.plug_in(second)
    site.run(90)
    held = [second.store.visit(visit) is not None for visit in (past, today)]
    assert held == [False, True]
