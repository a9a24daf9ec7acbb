"""Days and times without datetime, midnight at UTC+7, and the hybrid clock."""

from protocol.clocktext import DAY_MS, MAX_AHEAD_MS, civil, day_number, day_of, day_shown, hlc_meet, hlc_next, time_of

# 3 October 2021, 00:00 in Viet Nam.
MIDNIGHT = 1633194000000


def test_known_days():
    for number, day in (
        (0, (1970, 1, 1)),
        (-1, (1969, 12, 31)),
        (18903, (2021, 10, 3)),
        (11016, (2000, 2, 29)),
        (11017, (2000, 3, 1)),
        (-25509, (1900, 2, 28)),
        (-25508, (1900, 3, 1)),
        (-43829, (1850, 1, 1)),
        (2932896, (9999, 12, 31)),
    ):
        assert civil(number) == day
        assert day_number("%04d-%02d-%02d" % day) == number


def test_every_day_of_a_century_follows_the_one_before():
    before = civil(-36600)
    for number in range(-36599, 20000, 1):
        day = civil(number)
        assert day > before
        before = day


def test_midnight_is_seven_hours_before_utc():
    assert (day_of(MIDNIGHT - 1), time_of(MIDNIGHT - 1)) == ("2021-10-02", "23:59")
    assert (day_of(MIDNIGHT), time_of(MIDNIGHT)) == ("2021-10-03", "00:00")
    assert (day_of(MIDNIGHT + DAY_MS - 1), time_of(MIDNIGHT + DAY_MS - 1)) == ("2021-10-03", "23:59")


def test_other_countries_pass_their_offset():
    assert (day_of(MIDNIGHT, 0), time_of(MIDNIGHT, 0)) == ("2021-10-02", "17:00")
    assert (day_of(MIDNIGHT, 345), time_of(MIDNIGHT, 345)) == ("2021-10-02", "22:45")
    assert (day_of(0, -300), time_of(0, -300)) == ("1969-12-31", "19:00")


def test_days_as_people_write_them():
    assert day_shown("1979-04-14") == "14/04/1979"
    assert day_shown("1950") == "1950"
    assert day_shown("") == ""


def test_the_hybrid_clock_never_goes_back():
    clock = (1000, 0)
    for wall, after in ((1001, (1001, 0)), (1001, (1001, 1)), (900, (1001, 2)), (1002, (1002, 0))):
        clock = hlc_next(clock, wall)
        assert clock == after
    assert hlc_next([1000, 4], 1000) == (1000, 5)


def test_a_remote_clock_is_met():
    assert hlc_meet((1000, 0), [1000, 3], 1000, "synced") == (1000, 3)
    assert hlc_meet([1000, 4], [1000, 3], 1000, "holdover") == (1000, 4)
    assert hlc_meet((1000, 0), (900, 9), 1000, "synced") == (1000, 0)


def test_a_remote_clock_far_ahead_is_not_adopted():
    edge = 1000 + MAX_AHEAD_MS
    assert hlc_meet((1000, 0), [edge, 0], 1000, "synced") == (edge, 0)
    assert hlc_meet((1000, 0), [edge + 1, 0], 1000, "synced") == (1000, 0)


def test_an_uncertain_clock_is_not_adopted():
    assert hlc_meet((1000, 0), [1001, 0], 1000, "unknown") == (1000, 0)
