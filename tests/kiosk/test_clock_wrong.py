"""F35, F36, F37: a clock at 1970, one that jumps, a zone that changes. Nothing is refused, nobody leaves the line."""

import pytest

from kiosk.desk.loop import ALIVE_EVERY_MS
from kiosk.observation import OBSERVE_S
from protocol.clocktext import time_of
from tests.kiosk.made import CARD, MORNING, OTHER_CARD, Made
from tests.kiosk.whole import list_rows

DAY_MS = 86_400_000
YEAR_MS = 365 * DAY_MS


def issued(made: Made, wall: int) -> None:
    """The centre's last signed word was at `wall`."""
    rows = [{**row, "version": 8, "issued": wall} for row in list_rows({"site": {"name": "Trạm"}})]
    made.desk.call(lambda: made.desk.lists_arrived(rows))


@pytest.mark.parametrize("wall", [0, 5_000, MORNING - YEAR_MS, MORNING + YEAR_MS, MORNING - 3_600_000])
def test_no_act_is_refused(made: Made, wall: int):
    """F35, I6: the whole road at whatever time; each record says how sure the clock was."""
    made.clock.wall, made.clock.sure = wall, "unknown"
    made.check_in()
    made.screen()
    view = made.dose(reason="đồng hồ sai", override_code="1009", override_pin="246810")
    assert view["screen"] == "dosed", view["notice"]
    assert view["clock"]["sure"] is False
    assert {record.t["sure"] for record in made.records()[1:]} == {"unknown"}
    assert made.records()[-1].t["wall"] == wall


@pytest.mark.parametrize("jump", [-3_600_000, YEAR_MS, -YEAR_MS, 10 * 60_000])
def test_jump_at_every_step(quick_folder, jump: int):
    """F35: between any two acts the clock steps; order is by number and the hybrid clock, which never goes back."""
    for step in range(4):
        (quick_folder / str(step)).mkdir()
        made = Made(quick_folder / str(step))
        moves = [made.check_in, made.screen, made.dose]
        for number, move in enumerate(moves):
            if number == step:
                made.clock.wall += jump
            move(**({"reason": "x", "override_code": "1009", "override_pin": "246810"} if move == made.dose else {}))
        assert made.kinds().count("dose.given") == 1, (step, made.touch.view()["notice"])
        stamps = [record.t["hlc"] for record in made.records()]
        assert stamps == sorted(stamps)
        made.close()


def test_people_checked_in_before_the_clock_was_set_stay_in_the_line(made: Made):
    """F35: a Pi wakes in 1970, three people check in, then the network sets the clock."""
    made.clock.wall, made.clock.sure = 10_000, "unknown"
    made.check_in()
    made.check_in(OTHER_CARD)
    made.clock.pass_s(60)
    made.clock.wall, made.clock.sure = MORNING, "synced"
    made.scan(CARD)
    view = made.act("yes")
    assert (view["data"]["ticket"], view["data"]["again"], view["data"]["before"]) == ("A-001", True, 0)
    made.act("done")
    made.sign_in("1002")
    assert [one["ticket"] for one in made.touch.view()["data"]["people"]] == ["A-001", "A-002"]
    third = CARD.replace("075079001234", "075079005555")
    made.act("sign_out")
    made.scan(third)
    assert made.act("yes")["data"]["ticket"] == "A-003", "two people never hold one number"


def test_reboot_with_a_dead_clock_keeps_the_day(made: Made):
    """F35: the power fails at noon and the Pi wakes in 1970 without a network: it is still the day of the last record."""
    issued(made, MORNING - DAY_MS)
    made.check_in()
    made.clock.boot, made.clock.mono = "boot-2", 3_000
    made.clock.wall, made.clock.sure = 3_000, "unknown"
    made.restart()
    made.sign_in("1002")
    assert [one["ticket"] for one in made.touch.view()["data"]["people"]] == ["A-001"]
    assert made.records()[-1].session == "2021-10-03"
    assert made.records()[-1].t["wall"] == 3_000, "the record itself keeps what the clock said"


def test_record_far_ahead_of_the_centre_does_not_set_the_day(made: Made):
    """F35: once wrong by a year, the day does not stay a year ahead for ever."""
    issued(made, MORNING - DAY_MS)
    made.clock.wall, made.clock.sure = MORNING + YEAR_MS, "unknown"
    made.check_in()
    assert made.desk.today() == "2022-10-03"
    made.clock.wall = MORNING + 1000
    assert made.desk.today() == "2021-10-03"


def test_synced_clock_is_believed_whatever_was_recorded(made: Made):
    issued(made, MORNING + YEAR_MS)
    assert made.desk.today() == "2021-10-03"


@pytest.mark.parametrize("jump", [-YEAR_MS, -60_000, 60_000, YEAR_MS])
def test_observation_is_monotonic(made: Made, jump: int):
    """F36, I7: half-way the wall clock jumps; the board still asks for exactly the other half."""
    made.check_in()
    made.screen()
    made.dose()
    made.act("next")
    made.act("observation")
    made.clock.pass_s(OBSERVE_S / 2)
    made.clock.wall += jump
    tile = made.touch.view()["data"]["tiles"][0]
    assert (tile["left_s"], tile["done"]) == (OBSERVE_S // 2, False)
    made.clock.pass_s(OBSERVE_S / 2)
    view = made.act("release", visit=tile["visit"])
    assert view["screen"] == "released"
    assert made.records()[-1].body == {**made.records()[-1].body, "observed_s": OBSERVE_S, "outcome": "well"}


def test_reboot_with_a_clock_a_year_ahead_before_does_not_end_it_early(made: Made):
    """F36, I7: an earlier boot with a wrong clock must not be counted as time since the dose."""
    made.clock.boot, made.clock.wall = "boot-2", MORNING + YEAR_MS
    made.restart()
    made.desk.call(lambda: made.store.mark_alive("boot-2", 9_000_000, MORNING + YEAR_MS))
    made.clock.boot, made.clock.wall = "boot-3", MORNING
    made.restart()
    made.check_in()
    made.screen()
    made.dose()
    made.clock.boot, made.clock.mono = "boot-4", 1_000
    made.restart()
    made.sign_in("1004")
    assert made.touch.view()["data"]["tiles"][0]["left_s"] > OBSERVE_S - 60


@pytest.mark.parametrize("zone", ["UTC", "America/New_York", "Pacific/Kiritimati"])
def test_zone_of_the_machine_does_not_matter(made: Made, zone: str, monkeypatch: pytest.MonkeyPatch):
    """F37: the campaign day and the time shown are Viet Nam's."""
    monkeypatch.setenv("TZ", zone)
    view = made.touch.view()
    assert (view["clock"]["day"], view["clock"]["time"], view["clock"]["weekday"]) == ("03/10/2021", "09:42", 6)


def soon(made: Made) -> list[str]:
    """The kinds of the records once the desk has had its look at the clock."""
    made.clock.patience += ALIVE_EVERY_MS + 1
    made.desk.call(made.desk._tick)
    return made.kinds()


def test_a_clock_that_has_learnt_the_time_says_so_once(made: Made):
    """F35, I7: the centre dates the morning by this record, also when nobody touches the kiosk again."""
    assert "clock.synced" not in soon(made)
    made.clock.wall, made.clock.sure = 10_000, "unknown"
    made.check_in()
    assert "clock.synced" not in soon(made)
    made.clock.wall, made.clock.sure = MORNING, "synced"
    assert soon(made)[-1] == "clock.synced"
    assert made.records()[-1].body == {"was": "unknown"}
    assert soon(made).count("clock.synced") == 1
    made.restart()
    assert soon(made).count("clock.synced") == 1


def test_a_boot_that_recorded_nothing_has_nothing_to_date(made: Made):
    made.clock.sure = "holdover"
    made.check_in()
    made.clock.boot, made.clock.sure = "boot-2", "synced"
    made.restart()
    assert "clock.synced" not in soon(made)


def test_it_says_so_after_a_restart_in_the_same_boot(made: Made):
    made.clock.sure = "holdover"
    made.check_in()
    made.restart()
    made.clock.sure = "synced"
    assert soon(made)[-1] == "clock.synced"


def test_what_the_centre_can_read_by_now_leaves_the_screen(made: Made):
    """I16: the statuses of an acknowledgement are all that stand; a fork alone stays."""
    made.desk.call(lambda: made.desk.safe(1, [(1, "quarantined", "future"), (2, "quarantined", "future")]))
    assert made.touch.view()["sync"]["quarantined"] == 2
    made.desk.call(lambda: made.desk.safe(1, [(2, "quarantined", "future"), (1, "fork", "other_bytes")]))
    assert made.touch.view()["sync"]["quarantined"] == 1
    made.desk.call(lambda: made.desk.safe(1, []))
    assert made.touch.view()["sync"]["quarantined"] == 0
    assert made.store.db.conn.execute("SELECT word FROM quarantined").fetchall()[0][0] == "fork"


def test_midnight_takes_nobody_off_the_line_or_the_board(made: Made):
    """A session runs past midnight: who came before it is called, dosed, observed and released after it."""
    made.clock.pass_s(23 * 3600 + 40 * 60 - local_s(made))
    made.check_in(CARD)
    made.check_in(OTHER_CARD)
    made.screen()
    made.act("sign_out")
    made.clock.pass_s(40 * 60)
    made.scan(OTHER_CARD)
    view = made.act("yes")
    assert (view["data"]["ticket"], view["data"]["again"]) == ("A-002", True)
    made.act("done")
    third = CARD.replace("075079001234", "075079005555")
    made.scan(third)
    assert made.act("yes")["data"]["ticket"] == "A-003", "numbers of people who still wait are not given again"
    made.act("done")
    made.dose()
    made.act("next")
    made.clock.pass_s(OBSERVE_S)
    made.sign_in("1004")
    (tile,) = made.touch.view()["data"]["tiles"]
    made.act("release", visit=tile["visit"])
    assert made.kinds().count("visit.left") == 1
    made.sign_in("1002")
    assert [one["ticket"] for one in made.touch.view()["data"]["people"]] == ["A-002", "A-003"]


def test_in_the_morning_a_visit_that_nobody_ended_is_of_yesterday(made: Made):
    made.clock.pass_s(23 * 3600 - local_s(made))
    made.check_in(CARD)
    made.clock.pass_s(6 * 3600)
    made.check_in(OTHER_CARD)
    made.sign_in("1002")
    assert [one["ticket"] for one in made.touch.view()["data"]["people"]] == ["A-001"]
    assert made.touch.view()["data"]["people"][0]["name"].startswith("Lê")


def local_s(made: Made) -> int:
    """Seconds since midnight at the site."""
    hours, minutes = time_of(made.clock.wall).split(":")
    return (int(hours) * 60 + int(minutes)) * 60
