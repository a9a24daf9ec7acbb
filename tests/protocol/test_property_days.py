"""Days and times against datetime, and the hybrid clock under any walk (CPython only: boards lack datetime)."""

from datetime import UTC, date, datetime, timedelta, timezone

from hypothesis import given
from hypothesis import strategies as st

from protocol import clocktext, fields, rules

EPOCH = date(1970, 1, 1)
# From 1850 to the year 9999, the last that both notations share.
NUMBERS = st.integers((date(1850, 1, 1) - EPOCH).days, (date(9999, 12, 31) - EPOCH).days)
CLOCKS = st.tuples(st.integers(0, 2**43), st.integers(0, 9))


@given(NUMBERS)
def test_civil_days(number):
    day = EPOCH + timedelta(days=number)
    assert clocktext.civil(number) == (day.year, day.month, day.day)
    assert clocktext.day_number(day.isoformat()) == number
    assert fields.is_day(day.isoformat())


def test_every_civil_day_of_a_person_alive():
    for number in range((date(1899, 1, 1) - EPOCH).days, (date(2101, 1, 1) - EPOCH).days):
        day = EPOCH + timedelta(days=number)
        assert clocktext.civil(number) == (day.year, day.month, day.day)
        assert clocktext.day_number(day.isoformat()) == number


@given(st.integers(1, 9999), st.integers(0, 15), st.integers(0, 35))
def test_a_day_is_a_day_of_the_calendar(year, month, number):
    try:
        date(year, month, number)
        real = year >= fields.MIN_YEAR
    except ValueError:
        real = False
    assert fields.is_day("%04d-%02d-%02d" % (year, month, number)) == real


@given(st.datetimes(datetime(1971, 1, 1), datetime(2200, 1, 1)), st.sampled_from([420, 0, 345, -300]))  # noqa: DTZ001
def test_times_of_day(moment, offset):
    moment = moment.replace(tzinfo=UTC)
    wall = (moment - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(milliseconds=1)
    local = moment.astimezone(timezone(timedelta(minutes=offset)))
    assert clocktext.day_of(wall, offset) == local.date().isoformat()
    assert clocktext.time_of(wall, offset) == local.strftime("%H:%M")


@given(NUMBERS, NUMBERS)
def test_age_grows_on_the_birthday(one, two):
    born, today = sorted((EPOCH + timedelta(days=one), EPOCH + timedelta(days=two)))
    years = today.year - born.year - ((today.month, today.day) < (born.month, born.day))
    assert rules.age_on(born.isoformat(), today.isoformat()) == years


@given(CLOCKS, st.lists(st.tuples(st.integers(0, 2**43), CLOCKS | st.none()), max_size=20))
def test_the_hybrid_clock_only_rises(last, walk):
    for wall, remote in walk:
        if remote is None:
            after = clocktext.hlc_next(last, wall)
            assert after > last
            assert after[0] >= wall
        else:
            after = clocktext.hlc_meet(last, list(remote), wall, "synced")
            assert last <= after <= max(last, remote)
            assert after[0] <= max(last[0], wall + clocktext.MAX_AHEAD_MS)
        last = after
