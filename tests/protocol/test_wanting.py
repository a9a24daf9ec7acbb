"""A kiosk in a dead one's place: what it asks, whom, and when it asks another."""

from protocol.delivery import RETRY_FIRST_MS, WINDOW
from protocol.errors import ProtocolError
from protocol.held import ALIVE_MS
from protocol.wanting import CENTRE, Wanting, is_want, make_want, read_want
from tests.protocol.raising import raises

INC = "00c0ffee12345678"
DIGEST = "a" * 64


def run(k, first, last, inc=INC):
    return {"k": k, "inc": inc, "first": first, "last": last, "digest": DIGEST}


def test_a_question_reads_back_and_a_bent_one_is_refused():
    line = make_want("kiosk-06", ("kiosk-01", "kiosk-03", INC, 5, 68))
    assert is_want(line)
    assert read_want(line)["of"] == "kiosk-03"
    assert not is_want(b'{"held":1}')
    for bad in (line.replace(b'"first":5', b'"first":69'), line.replace(b'"of"', b'"no"'), b"{}", b""):
        assert raises(ProtocolError, read_want, bad)


def test_a_writer_asks_the_centre_for_its_own():
    told = read_want(make_want("kiosk-06", (CENTRE, "kiosk-06", INC, 7, 7)))
    assert (told["from"], told["of"], told["first"]) == (CENTRE, "kiosk-06", 7)


def test_only_wanted_writers_are_asked_for_window_by_window():
    wanting = Wanting()
    wanting.told("kiosk-01", [run("kiosk-03", 1, 100), run("kiosk-02", 1, 9)], 0)
    assert wanting.poll(0, set(), {}) is None
    assert wanting.logs(0) == {("kiosk-03", INC), ("kiosk-02", INC)}
    # The newest first: of what lies further back much is sealed, and nobody tells it.
    assert wanting.poll(0, {"kiosk-03"}, {}) == ("kiosk-01", "kiosk-03", INC, 101 - WINDOW, 100)
    # Half of the answer has come: the rest is asked for when there was time for it, the next window at once.
    assert wanting.poll(10, {"kiosk-03"}, {}) is None
    held = {("kiosk-03", INC): [[101 - WINDOW, 100, DIGEST]]}
    assert wanting.poll(20, {"kiosk-03"}, held) == ("kiosk-01", "kiosk-03", INC, 1, 100 - WINDOW)
    assert wanting.poll(30, {"kiosk-03"}, {("kiosk-03", INC): [[1, 100, DIGEST]]}) is None


def test_holes_between_runs_are_asked_for():
    wanting = Wanting()
    wanting.told("kiosk-01", [run("kiosk-03", 1, 20)], 0)
    held = {("kiosk-03", INC): [[6, 20, DIGEST], [1, 3, DIGEST]]}
    assert wanting.poll(0, {"kiosk-03"}, held) == ("kiosk-01", "kiosk-03", INC, 4, 5)


def test_what_nobody_tells_does_not_keep_from_asking_for_the_rest():
    """Sealed copies are stated, for they are there; told they are not. The log of another dead kiosk has its turn."""
    wanting = Wanting()
    wanting.told("kiosk-01", [run("kiosk-03", 1, 20), run("kiosk-04", 1, 9)], 0)
    held = {("kiosk-03", INC): [[11, 20, DIGEST]]}
    asked = {wanting.poll(now, {"kiosk-03", "kiosk-04"}, held) for now in range(0, 8 * RETRY_FIRST_MS, 100)}
    assert asked - {None} == {("kiosk-01", "kiosk-03", INC, 1, 10), ("kiosk-01", "kiosk-04", INC, 1, 9)}


def test_of_our_own_log_only_what_our_disk_has_spoilt_is_asked_for():
    wanting = Wanting()
    wanting.told("kiosk-01", [run("kiosk-06", 1, 20), run("kiosk-06", 1, 9, "11c0ffee12345678")], 0)
    spoilt = {("kiosk-06", INC): [[1, 6], [8, 1 << 53]]}
    assert wanting.poll(0, set(spoilt), spoilt) == ("kiosk-01", "kiosk-06", INC, 7, 7)


def test_silence_asks_another_neighbour_and_waits_longer_each_time():
    wanting = Wanting()
    for who in ("kiosk-01", "kiosk-02"):
        wanting.told(who, [run("kiosk-03", 1, 5)], 0)
    asked = []
    for now in range(0, 20 * RETRY_FIRST_MS, 100):
        ask = wanting.poll(now, {"kiosk-03"}, {})
        if ask is not None:
            asked.append((now, ask[0]))
    assert [who for _, who in asked[:3]] == ["kiosk-01", "kiosk-02", "kiosk-01"]
    gaps = [asked[at + 1][0] - asked[at][0] for at in range(len(asked) - 1)]
    assert gaps == sorted(gaps) and gaps[0] >= RETRY_FIRST_MS


def test_a_neighbour_that_fell_silent_is_not_asked_and_says_nothing():
    wanting = Wanting()
    wanting.told("kiosk-01", [run("kiosk-03", 1, 5), run("kiosk-03", 1, 2, "ffffffffffffffff")], 0)
    wanting.told("kiosk-02", [run("kiosk-03", 1, 3)], 0)
    assert wanting.stated(ALIVE_MS) == {"kiosk-03": 7}
    assert wanting.stated(ALIVE_MS + 1) == {}
    assert wanting.poll(ALIVE_MS + 1, {"kiosk-03"}, {}) is None


def test_the_writer_itself_is_never_asked_for_its_own_log():
    wanting = Wanting()
    wanting.told("kiosk-03", [run("kiosk-03", 1, 5)], 0)
    assert wanting.poll(0, {"kiosk-03"}, {}) is None
