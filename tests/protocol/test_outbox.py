"""The sending end: window, silence and retry, holes, lower marks. Time is handed in; nothing sleeps."""

from protocol.delivery import HELLO_EVERY_MS, RETRY_FIRST_MS, RETRY_LAST_MS, SLOWEST_MS, WINDOW
from protocol.errors import ProtocolError
from protocol.inbox import read_hello
from protocol.outbox import Outbox, make_hello
from tests.protocol.examples import INC, hello, hello_line
from tests.protocol.raising import raises

HELLO = ("hello", 0, 0)


def outbox(last=10, committed=0):
    box = Outbox("kiosk-01", INC, last=last, committed=committed)
    box.connected(0)
    return box


def ack(committed, need=(), **members):
    value = {"k": "kiosk-01", "inc": INC, "committed": committed, "need": [list(hole) for hole in need]}
    value.update(members)
    return value


def sends(steps):
    return [(first, last) for what, first, last in steps if what == "send"]


def test_nothing_is_sent_without_a_connection():
    box = Outbox("kiosk-01", INC, last=10, committed=0)
    assert box.poll(0, 0.5) == []
    box.connected(0)
    assert box.poll(0, 0.5) == [HELLO, ("send", 1, 10)]
    box.disconnected()
    assert box.poll(999999, 0.5) == []


def test_sending_goes_on_from_the_stored_mark():
    assert sends(outbox(last=10, committed=7).poll(0, 0)) == [(8, 10)]


def test_an_empty_log_says_hello_only():
    box = outbox(last=0)
    assert box.poll(0, 0) == [HELLO]
    assert box.backlog() == 0


def test_hello_comes_at_once_and_every_minute():
    box = outbox(last=0)
    assert box.poll(0, 0) == [HELLO]
    assert box.poll(HELLO_EVERY_MS - 1, 0) == []
    assert box.poll(HELLO_EVERY_MS, 0) == [HELLO]
    box.disconnected()
    box.connected(HELLO_EVERY_MS + 5)
    assert box.poll(HELLO_EVERY_MS + 5, 0) == [HELLO]


def test_new_records_are_sent_once():
    box = outbox(last=2)
    box.poll(0, 0)
    assert sends(box.poll(1, 0)) == []
    box.appended(4)
    box.appended(3)
    assert sends(box.poll(2, 0)) == [(3, 4)]
    assert box.backlog() == 4


def test_no_more_than_a_window_is_under_way():
    box = outbox(last=200)
    assert sends(box.poll(0, 0)) == [(1, WINDOW)]
    assert sends(box.poll(1, 0)) == []
    assert box.acked(ack(10), 2)
    assert sends(box.poll(2, 0)) == [(WINDOW + 1, WINDOW + 10)]
    assert box.backlog() == 190


def test_only_the_mark_makes_safe():
    box = outbox(last=10)
    box.poll(0, 0)
    assert not box.acked(ack(0, [(1, 3)]), 1)
    assert box.committed == 0
    assert box.acked(ack(4), 2)
    assert not box.acked(ack(4), 3)
    assert (box.committed, box.backlog()) == (4, 6)


def test_silence_sends_the_window_again_after_a_growing_wait():
    box = outbox(last=5)
    box.poll(0, 0.999)
    waits = []
    sent_at = 0
    now = 0
    while len(waits) < 9:
        now += 100
        if sends(box.poll(now, 0.999)):
            waits.append(now - sent_at)
            sent_at = now
    assert waits == sorted(waits)
    assert waits[0] < 2 * RETRY_FIRST_MS + 100
    assert RETRY_LAST_MS < waits[-1] <= RETRY_FIRST_MS + RETRY_LAST_MS


def test_chance_jitters_the_wait():
    for chance, due in ((0, RETRY_FIRST_MS), (0.5, RETRY_FIRST_MS * 3 // 2)):
        box = outbox(last=5)
        box.poll(0, chance)
        assert sends(box.poll(due - 1, chance)) == []
        assert sends(box.poll(due, chance)) == [(1, 5)]


def test_progress_resets_the_wait():
    box = outbox(last=100)
    now = 0
    for _ in range(400):
        box.poll(now, 0.9)
        now += 1000
    while not sends(box.poll(now, 0.9)):
        now += 100
    now += 50
    box.acked(ack(3), now)
    assert sends(box.poll(now, 0.9)) == [(65, 67)]
    assert sends(box.poll(now + RETRY_FIRST_MS - 1, 0.9)) == []
    assert sends(box.poll(now + RETRY_FIRST_MS, 0.9)) == [(4, 67)]


def test_a_centre_that_answers_late_is_not_asked_again_at_once():
    """F65: five hundred kiosks that sent everything again each second made the centre's line six times as long."""
    for took, patience in ((50, RETRY_FIRST_MS), (4000, 8000), (300000, SLOWEST_MS)):
        box = outbox(last=200)
        box.poll(0, 0)
        sent_at = 0
        now = 0
        while now < took:
            now += 50
            if sends(box.poll(now, 0)):
                sent_at = now
        box.acked(ack(16), sent_at + took)
        now = sent_at + took
        assert sends(box.poll(now, 0)) == [(WINDOW + 1, WINDOW + 16)]
        assert sends(box.poll(now + patience - 1, 0)) == []
        assert sends(box.poll(now + patience, 0)) == [(17, WINDOW + 16)]
        now += patience
        box.acked(ack(80), now + 100)
        assert sends(box.poll(now + 100, 0)) == [(81, 144)]
        assert sends(box.poll(now + 100 + RETRY_FIRST_MS, 0)) == [(81, 144)], "a quick answer teaches again"


def test_reconnecting_sends_what_was_under_way():
    box = outbox(last=5)
    box.poll(0, 0)
    box.acked(ack(2), 1)
    box.disconnected()
    box.connected(50)
    assert sends(box.poll(50, 0)) == [(3, 5)]


def test_a_hole_is_filled_at_once():
    box = outbox(last=10)
    box.poll(0, 0)
    box.acked(ack(2, [(3, 4), (6, 6)]), 10)
    assert sends(box.poll(11, 0)) == [(3, 4), (6, 6)]
    assert sends(box.poll(12, 0)) == []


def test_a_burst_of_acknowledgements_fills_a_hole_once():
    box = outbox(last=10)
    box.poll(0, 0.9)
    sent = []
    for now in range(10, 60):
        box.acked(ack(0, [(3, 4)]), now)
        sent += sends(box.poll(now, 0.9))
    assert sent == [(3, 4)]
    box.acked(ack(0, [(3, 4)]), 10 + RETRY_FIRST_MS)
    assert sends(box.poll(10 + RETRY_FIRST_MS, 0.9)) == [(3, 4)]


def test_the_records_under_way_are_no_hole():
    box = outbox(last=10)
    box.poll(0, 0.5)
    box.acked(ack(0, [(1, 10)]), 10)
    assert sends(box.poll(10, 0.5)) == []
    box.appended(300)
    box.acked(ack(0, [(1, 300)]), 11)
    assert sends(box.poll(11, 0.5)) == [(11, WINDOW)]


def test_a_hole_beyond_the_window_waits_for_its_turn():
    box = outbox(last=300)
    box.poll(0, 0)
    box.acked(ack(60), 1)
    box.poll(1, 0)
    box.acked(ack(0, [(1, 20), (90, 95)]), 2)
    assert sends(box.poll(2, 0)) == [(1, WINDOW)]


def test_a_lower_mark_is_believed():
    box = outbox(last=100, committed=0)
    box.poll(0, 0)
    box.acked(ack(64), 1)
    box.poll(1, 0)
    box.acked(ack(100), 2)
    assert box.backlog() == 0
    assert sends(box.poll(3, 0)) == []
    assert box.acked(ack(30), 4)
    assert box.backlog() == 70
    assert sends(box.poll(4, 0)) == [(31, 94)]


def test_acknowledgements_of_others_change_nothing():
    box = outbox(last=10)
    for foreign in (ack(4, k="kiosk-02"), ack(4, inc="f" * 16), ack(11)):
        assert not box.acked(foreign, 1)
    assert box.committed == 0


def test_an_acknowledgement_ahead_of_what_was_sent_here_is_believed():
    box = outbox(last=100)
    assert box.acked(ack(80), 0)
    assert sends(box.poll(0, 0)) == [(81, 100)]


def test_a_hello_is_checked_before_it_is_sent():
    assert read_hello(hello_line())["app"] == "1.0.0"
    arguments = hello(app="1.0 beta")
    assert raises(ProtocolError, make_hello, **arguments).field == "app"


def test_a_hole_below_the_mark_is_not_sent():
    box = outbox(last=10)
    box.poll(0, 0.9)
    box.acked(ack(4, [(1, 2)]), 10)
    assert sends(box.poll(10, 0.9)) == []


def test_a_mark_over_another_record_than_ours_is_not_believed():
    """F44, F77: a clone that wrote as many records as the other must not take the other's mark for its own."""
    box = outbox(last=10)
    box.poll(0, 0)
    assert not box.acked(ack(10, head="aa"), 1, "bb")
    assert box.forked
    assert box.backlog() == 10
    assert outbox(last=10).acked(ack(10, head="aa"), 1, "aa")
    assert outbox(last=10).acked(ack(10, head=""), 1, "bb")


def test_a_mark_beyond_our_last_number_tells_of_a_fork():
    box = outbox(last=10)
    assert not box.acked(ack(11), 1)
    assert box.forked


def test_a_fork_believes_no_mark_neither_a_later_one_nor_an_earlier():
    """F77, F78: what was acknowledged may have been ours, and a server put back may have taken the other's since."""
    box = outbox(last=10, committed=4)
    assert box.acked(ack(6, status=[["5", "fork", "other_bytes"]]), 1, "aa")
    assert box.forked
    assert not box.acked(ack(9, head="aa"), 2, "aa")
    assert box.committed == 0
    assert box.backlog() == 10


def test_a_fork_sends_all_of_its_records_window_by_window_and_again():
    box = Outbox("kiosk-01", INC, last=150, committed=10, forked=True)
    assert box.forked
    box.connected(0)
    sent = []
    now = 0
    while len(sent) < 5:
        sent += sends(box.poll(now, 0))
        now += 1000
    assert sent == [(75, 138), (139, 150), (1, 64), (65, 128), (129, 150)]


def test_a_fork_sends_fresh_records_first():
    box = Outbox("kiosk-01", INC, last=150, committed=10, forked=True)
    box.connected(0)
    box.poll(0, 0)
    box.appended(152)
    assert sends(box.poll(1, 0)) == [(151, 152)]


def test_clones_that_throw_each_other_off_the_broker_get_all_windows_through():
    """F64, F77: no silence is ever long enough, but each connection carries the next window."""
    box = Outbox("kiosk-01", INC, last=150, committed=0, forked=True)
    sent = []
    for now in range(0, 60, 10):
        box.connected(now)
        sent += sends(box.poll(now, 0.9))
        box.disconnected()
    assert sent == [(65, 128), (129, 150), (1, 64), (65, 128), (129, 150), (1, 64)]


def test_a_damaged_copy_is_replaced_once_a_minute_while_a_status_names_it():
    """F52: the number is covered, so nothing waits for it; but our bytes are not there yet."""
    box = outbox(last=10)
    box.poll(0, 0)
    status = [["7", "quarantined", "bad_signature"], ["8", "quarantined", "future"], ["99", "quarantined", "not_json"]]
    assert box.acked(ack(10, status=status), 1)
    assert sends(box.poll(2, 0)) == [(7, 7)]
    box.acked(ack(10, status=status), 3)
    assert sends(box.poll(4, 0)) == []
    assert sends(box.poll(2 + HELLO_EVERY_MS, 0)) == [(7, 7)]
    box.acked(ack(10, status=[]), 5 + HELLO_EVERY_MS)
    assert sends(box.poll(3 + 2 * HELLO_EVERY_MS, 0)) == []


def test_a_status_that_names_no_number_of_ours_changes_nothing():
    box = outbox(last=10)
    box.poll(0, 0)
    box.acked(
        ack(10, status=[["", "quarantined", "not_json"], ["0", "quarantined", "x"], ["7x", "quarantined", "x"]]), 1
    )
    assert sends(box.poll(2, 0)) == []


def test_what_is_deleted_here_is_never_offered():
    """I10: a server without any memory asks from number 1; what outlived its month in a backup is gone."""
    box = Outbox("kiosk-01", INC, last=200, committed=150, gone=100)
    box.connected(0)
    assert sends(box.poll(0, 0)) == [(151, 200)]
    assert box.acked(ack(0, [(1, 200)]), 10)
    assert box.backlog() == 100
    assert sends(box.poll(10, 0)) == [(101, 164)]
    box.acked(ack(0, [(1, 100), (102, 102)]), 500)
    assert sends(box.poll(500, 0)) == [(102, 102)]


def test_a_log_of_which_all_is_deleted_sends_nothing():
    box = Outbox("kiosk-01", INC, last=20, committed=20)
    box.dropped(20)
    box.dropped(5)
    box.connected(0)
    box.acked(ack(0, [(1, 20)]), 10)
    assert box.gone == 20
    assert box.backlog() == 0
    assert sends(box.poll(10, 0)) == []


def test_a_fork_begins_behind_what_is_deleted():
    box = Outbox("kiosk-01", INC, last=130, committed=0, forked=True, gone=50)
    box.connected(0)
    first = sends(box.poll(0, 0))
    box.connected(100_000)
    assert first + sends(box.poll(100_000, 0)) == [(115, 130), (51, 114)]


def test_a_hello_tells_what_is_deleted():
    line = make_hello(
        k="kiosk-01", inc=INC, first=5, last=9, head="5f" * 32, boot="b", wall=1, sure="synced", app="x", gone=4
    )
    assert read_hello(line)["gone"] == 4
    assert "gone" not in read_hello(hello_line())
