"""What neighbours state to hold, the writer's reading of it, and what is offered again (protocol.md, The site without Internet)."""

from protocol import canon
from protocol.delivery import WINDOW
from protocol.errors import ProtocolError
from protocol.held import ALIVE_MS, MAX_RUNS, ORDER, Beside, extend, make_held, read_held
from tests.protocol.raising import raises

INC = "00000000000000b2"


def chain(first, last, start="p"):
    """Rows `(seq, digest, prev)` whose digests are made up."""
    before = start
    for seq in range(first, last + 1):
        digest = start + str(seq)
        yield (seq, digest, before)
        before = digest


def test_runs_follow_the_chain_and_break_at_holes():
    runs = []
    extend(runs, list(chain(1, 4)) + list(chain(7, 9)))
    assert runs == [[1, 4, "p4"], [7, 9, "p9"]]
    extend(runs, [(10, "p10", "p9")])
    assert runs == [[1, 4, "p4"], [7, 10, "p10"]]
    # The number alone does not continue a run: another branch is a run of its own.
    extend(runs, [(11, "q11", "q10"), (12, "q12", "q11")])
    assert runs[-1] == [11, 12, "q12"]


def test_a_fork_shows_both_branches():
    runs = []
    extend(runs, sorted(list(chain(1, 5)) + [(4, "q4", "p3"), (5, "q5", "q4")]))
    assert [run[2] for run in runs] == ["p5", "q5"]


def test_a_statement_reads_back_and_fits():
    runs = [("kiosk-%02d" % number, INC, 1, number, "a" * 64) for number in range(1, MAX_RUNS + 9)]
    line = make_held("kiosk-01", runs)
    value = read_held(line)
    assert len(value["runs"]) == MAX_RUNS and value["runs"][-1]["last"] == MAX_RUNS + 8
    long = [("k" * 64, INC, 1, 2**53 - 2, "a" * 64)] * MAX_RUNS
    assert len(make_held("kiosk-01", long)) <= canon.MAX_RECORD


def test_a_bent_statement_is_refused():
    good = {"held": 1, "v": 1, "k": "k", "runs": [{"k": "k", "inc": INC, "first": 3, "last": 2, "digest": "a" * 64}]}
    assert raises(ProtocolError, read_held, canon.write(good, ORDER)).code == "bad_range"
    for change in ({"runs": 7}, {"runs": [{}]}, {"k": ""}, {"held": 2}):
        assert raises(ProtocolError, read_held, canon.write(dict(good, **change), ORDER))
    assert raises(ProtocolError, read_held, b"\xff")


def test_the_mark_joins_what_several_neighbours_hold():
    beside = Beside(INC)
    assert beside.mark(3) == 3
    beside.told("b", [(1, 6)], 0)
    beside.told("c", [(7, 9), (12, 20)], 0)
    assert beside.mark(3) == 9
    assert beside.mark(0) == 9
    beside.told("c", [], 1)
    assert beside.mark(0) == 6


def test_nothing_is_offered_to_nobody():
    beside = Beside(INC)
    assert beside.poll(0, 1, 500, 64) == []
    beside.told("b", [(1, 3)], 0)
    assert beside.poll(ALIVE_MS + 1, 1, 500, 64) == []


def test_beyond_the_outbox_window_new_records_go_at_once():
    """The centre is away: its window of 64 is full, and the neighbour is to have the day all the same."""
    beside = Beside(INC)
    beside.told("b", [(1, 64)], 0)
    assert beside.poll(0, 1, 64, 64) == []
    assert beside.poll(1, 1, 66, 64) == [(65, 66)]
    assert beside.poll(2, 1, 66, 64) == []
    assert beside.poll(3, 1, 300, 64) == [(67, 66 + WINDOW)]


def test_what_lies_sealed_keeps_nothing_behind_it_from_a_neighbour():
    """A day of 1970 is sealed but for the people in line: more numbers than a window lie between them."""
    beside = Beside(INC)
    beside.told("b", [(5, 6), (301, 310)], 0)
    assert beside.poll(0, 5, 310, 310) == [(7, 6 + WINDOW)]
    beside = Beside(INC)
    beside.told("b", [(5, 6), (301, 310)], 0)
    assert beside.poll(0, 5, 310, 310, [(7, 298)]) == [(299, 300)]
    beside.told("b", [(5, 6), (299, 310)], 10000)
    assert beside.poll(20000, 5, 310, 310, [(7, 298)]) == []


def test_what_a_neighbour_lacks_is_offered_again_with_a_growing_wait():
    beside = Beside(INC)
    beside.told("b", [(1, 3), (6, 10)], 0)
    beside.told("c", [(1, 8)], 0)
    times = [now for now in range(0, 60000, 500) if beside.poll(now, 1, 10, 10)]
    assert 3 <= len(times) <= 7
    gaps = [times[at + 1] - times[at] for at in range(len(times) - 1)]
    assert gaps == sorted(gaps)
    beside.told("b", [(1, 10)], 60000)
    assert beside.poll(200000, 1, 10, 10) == []
    beside.told("b", [(1, 10)], 200000)
    beside.told("c", [(1, 4)], 200000)
    assert beside.poll(400000, 1, 10, 10) == []
    assert beside.poll(300000, 1, 10, 10) == [(5, 10)]
    beside.told("b", [(1, 10)], 500000)
    beside.told("c", [(1, 10)], 500000)
    assert beside.poll(600000, 1, 10, 10) == []
