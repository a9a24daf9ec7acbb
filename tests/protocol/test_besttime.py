"""The best time of records whose clock did not know: from the anchor of their boot, with a bound that grows."""

from protocol.besttime import DRIFT_PPM, anchor_of, best, best_times, better

NOON = 1633237200000


def told(wall, mono, sure, err=0):
    return {"wall": wall, "mono": mono, "boot": "b-1", "sure": sure, "err": err, "hlc": [wall, 0]}


def test_only_a_synced_clock_anchors():
    assert anchor_of(told(NOON, 60000, "synced", 2000)) == (2000, 60000, NOON)
    assert anchor_of(told(NOON, 60000, "holdover", 2000)) is None
    assert anchor_of(told(5000, 60000, "unknown")) is None


def test_a_record_of_1970_gets_the_time_of_its_boot():
    anchor = (2000, 14400000, NOON)
    assert best(told(3000, 0, "unknown"), anchor) == (NOON - 14400000, "repaired", 2000 + 2880)
    assert best(told(3000, 0, "holdover", 5), anchor)[1] == "repaired"


def test_after_the_anchor_as_before_it():
    assert best(told(7, 10000000, "unknown"), (50, 5000000, NOON)) == (NOON + 5000000, "repaired", 50 + 1000)


def test_a_synced_record_keeps_its_own_time():
    assert best(told(NOON, 1, "synced", 50), (0, 0, 0)) == (NOON, "synced", 50)


def test_without_an_anchor_the_clock_said_what_it_said():
    assert best(told(3000, 1, "unknown"), None) == (3000, "unknown", 0)
    assert best(told(3000, 1, "holdover", 9), None) == (3000, "holdover", 9)


def test_the_bound_is_never_rounded_down():
    assert best(told(0, 1, "unknown"), (0, 0, NOON)) == (NOON + 1, "repaired", 1)
    assert best(told(0, 1000000, "unknown"), (0, 0, NOON))[2] == DRIFT_PPM
    assert best(told(0, 0, "unknown"), (0, 0, NOON)) == (NOON, "repaired", 0)


def test_no_time_before_1970():
    assert best(told(0, 0, "unknown"), (0, 10, 5))[0] == 0


def test_the_best_anchor_is_a_minimum():
    first, later, sharper = (2000, 10, 1000), (2000, 20, 1010), (50, 30, 1020)
    for held, offered, wins in (
        (None, None, None),
        (None, first, first),
        (first, None, first),
        (first, later, first),
        (later, first, first),
        (first, sharper, sharper),
        (sharper, first, sharper),
    ):
        assert better(held, offered) == wins


def test_a_whole_boot_in_any_order():
    morning = [told(1000, 1000, "unknown"), told(9000, 9000, "unknown"), told(NOON, 20000, "synced", 20)]
    morning.append(told(NOON + 5000, 25000, "synced", 20))
    expected = [(NOON - 19000, "repaired", 24), (NOON - 11000, "repaired", 23), (NOON, "synced", 20)]
    expected.append((NOON + 5000, "synced", 20))
    assert best_times(morning) == expected
    assert list(reversed(best_times(list(reversed(morning))))) == expected
    assert best_times([]) == []
