"""One account at two kiosks: what is a walk to the next desk, and what are two people with one PIN."""

from protocol import shared_login

MINUTE = 60000
A = ("trang-dai", "kiosk-01")
B = ("trang-dai", "kiosk-02")
FAR = ("tan-phu", "kiosk-07")


def acts(*rows):
    """Acts as `(minute, place)`."""
    return [(int(minute * MINUTE), place[0], place[1]) for minute, place in rows]


def found(*rows):
    """The minutes of the clashes, as `[(before, after)]`."""
    return [(one[0] // MINUTE, other[0] // MINUTE) for one, other in shared_login.clashes(acts(*rows))]


def test_nobody_and_one_desk():
    assert shared_login.clashes([]) == []
    assert found((0, A), (1, A), (2, A)) == []


def test_a_walk_to_the_next_desk_is_nothing():
    assert found((0, A), (1, B), (2, B)) == []


def test_back_and_forth_is_two_people():
    assert found((0, A), (1, B), (2, A), (3, B)) == [(1, 2), (2, 3)]


def test_back_after_a_while_is_one_person():
    assert found((0, A), (5, B), (10, A)) == [(5, 10)]
    assert found((0, A), (5, B), (11, A)) == []


def test_a_third_desk_between_hides_nothing():
    assert found((0, A), (1, B), (2, ("trang-dai", "kiosk-03")), (3, A)) == [(2, 3)]


def test_two_sites_within_half_an_hour():
    assert found((0, A), (30, FAR)) == [(0, 30)]
    assert found((0, A), (31, FAR)) == []


def test_two_kiosks_of_one_name_at_two_sites():
    assert found((0, ("trang-dai", "kiosk-01")), (5, ("tan-phu", "kiosk-01"))) == [(0, 5)]


def test_order_of_arrival_enters_nowhere():
    told = acts((0, A), (1, B), (2, A), (3, B), (20, FAR))
    assert shared_login.clashes(told[::-1]) == shared_login.clashes(told)


def test_what_whoever_unlocks_here_is_told():
    told = acts((0, A), (3, B), (4, A))
    assert shared_login.elsewhere(told, k="kiosk-01", now=5 * MINUTE) == (3 * MINUTE, B[0], B[1])
    assert shared_login.elsewhere(told, k="kiosk-01", now=14 * MINUTE) is None
    # The other kiosk's clock may run a little ahead of ours.
    assert shared_login.elsewhere(told, k="kiosk-01", now=1 * MINUTE) == (3 * MINUTE, B[0], B[1])
    assert shared_login.elsewhere(acts((0, A)), k="kiosk-01", now=MINUTE) is None
