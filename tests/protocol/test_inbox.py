"""The receiving end: Ranges against a plain set, hello and acknowledgement written, read and refused."""

from protocol import canon, inbox
from protocol.errors import ProtocolError
from protocol.inbox import Ranges, make_ack, read_ack, read_hello
from tests.protocol.dice import Dice
from tests.protocol.examples import HASH, INC, ack, ack_line, changed, hello_line
from tests.protocol.raising import raises


def model(numbers, last):
    """`(committed, missing, spans)` of a set of numbers, worked out one number at a time."""
    committed = 0
    while committed + 1 in numbers:
        committed += 1
    missing, spans = [], []
    for number in range(1, max(list(numbers) + [last]) + 1):
        rows = spans if number in numbers else missing
        if rows and rows[-1][1] == number - 1:
            rows[-1][1] = number
        else:
            rows.append([number, number])
    return committed, missing, spans


def foreign_ack(**members):
    value = changed(canon.read(ack_line(), inbox.ACK_ORDER), **members)
    error = raises(ProtocolError, read_ack, canon.write(value, inbox.ACK_ORDER))
    return (error.code, error.field)


def foreign_hello(**members):
    value = changed(canon.read(hello_line(), inbox.HELLO_ORDER), **members)
    error = raises(ProtocolError, read_hello, canon.write(value, inbox.HELLO_ORDER))
    return (error.code, error.field)


def test_ranges_agree_with_a_set_in_any_order():
    for seed in range(60):
        dice = Dice(seed)
        ranges, numbers = Ranges(), set()
        for _ in range(dice.below(60)):
            number = 1 + dice.below(40)
            assert ranges.add(number) == (number not in numbers)
            numbers.add(number)
            last = dice.below(50)
            assert (ranges.committed(), ranges.missing(last), ranges.spans) == model(numbers, last)


def test_every_order_of_arrival_ends_in_one_range():
    for seed in range(20):
        ranges = Ranges()
        for number in Dice(seed).shuffled(range(1, 101)):
            assert ranges.add(number)
        assert ranges.spans == [[1, 100]]
        assert not ranges.add(50)


def test_filling_from_the_beginning():
    for seed in range(60):
        dice = Dice(seed)
        ranges, numbers = Ranges(), set()
        for _ in range(dice.below(40)):
            number = 1 + dice.below(40)
            ranges.add(number)
            numbers.add(number)
        upto = dice.below(50)
        ranges.fill(upto)
        numbers |= set(range(1, upto + 1))
        assert (ranges.committed(), ranges.missing(60), ranges.spans) == model(numbers, 60)


def test_joining_left_right_and_both():
    ranges = Ranges()
    for number, spans in (
        (5, [[5, 5]]),
        (3, [[3, 3], [5, 5]]),
        (6, [[3, 3], [5, 6]]),
        (2, [[2, 3], [5, 6]]),
        (4, [[2, 6]]),
        (1, [[1, 6]]),
    ):
        assert ranges.add(number)
        assert ranges.spans == spans


def test_empty_ranges_miss_everything():
    assert Ranges().committed() == 0
    assert Ranges().missing(0) == []
    assert Ranges().missing(3) == [[1, 3]]


def test_the_mark_is_contiguous_and_never_the_highest():
    ranges = Ranges([[1, 4], [6, 9]])
    assert ranges.committed() == 4
    assert ranges.missing(0) == [[5, 5]]
    assert ranges.missing(12) == [[5, 5], [10, 12]]
    assert Ranges([[2, 9]]).committed() == 0


def test_ranges_read_back_from_a_store_are_their_own():
    stored = [(1, 2), (4, 4)]
    ranges = Ranges(stored)
    ranges.add(3)
    assert ranges.spans == [[1, 4]]
    assert stored == [(1, 2), (4, 4)]


def test_an_acknowledgement_reads_back():
    value = read_ack(ack_line())
    assert (value["k"], value["inc"], value["committed"]) == ("kiosk-01", INC, 4)
    assert value["need"] == [[5, 5], [7, 7], [9, 9]]
    assert value["status"] == [["6", "quarantined", "unknown_kind"]]
    assert (value["archived"], value["head"]) == (2, HASH)
    assert ack_line().startswith(b'{"ack":1,"v":1,"k":"kiosk-01","inc":"00c0ffee12345678","committed":4,')


def test_an_acknowledgement_names_a_bounded_number_of_holes():
    covered = Ranges([[number, number] for number in range(2, 400, 2)])
    assert len(read_ack(ack_line(covered=covered))["need"]) == inbox.MAX_NEED


def test_an_acknowledgement_always_fits():
    many = [[str(number), "quarantined", "ế" * 64] for number in range(500)]
    line = ack_line(status=many)
    assert len(line) <= canon.MAX_RECORD
    kept = read_ack(line)["status"]
    assert kept
    assert kept == many[: len(kept)]
    short = [[str(number), "fork", ""] for number in range(500)]
    assert read_ack(ack_line(status=short))["status"] == short[: inbox.MAX_STATUS]


def test_only_an_acknowledgement_of_carried_records_names_what_is_here():
    assert "here" not in read_ack(ack_line())
    assert "here" not in read_ack(ack_line(here=[]))
    many = ["%064x" % number for number in range(inbox.MAX_HERE + 9)]
    long = [[str(number), "quarantined", "ế" * 64] for number in range(500)]
    value = read_ack(ack_line(here=many, status=long))
    assert value["here"] == many[: inbox.MAX_HERE]
    assert value["status"]
    assert foreign_ack(here=["A" * 64]) == ("bad_character", "here")


def test_an_acknowledgement_that_nobody_could_read_is_not_made():
    for members in ({"status": [["6", "quarantined"]]}, {"status": [["6", "x" * 65, ""]]}, {"now": -1}, {"head": None}):
        arguments = ack()
        arguments.update(members)
        assert raises(ProtocolError, make_ack, **arguments)


def test_foreign_acknowledgements_are_refused():
    assert foreign_ack(ack=2) == ("out_of_range", "ack")
    assert foreign_ack(committed=-1) == ("out_of_range", "committed")
    assert foreign_ack(need=[[3, 2]]) == ("bad_range", "need")
    assert foreign_ack(need=[[3]]) == ("bad_range", "need")
    assert foreign_ack(need=[[1, 1]] * 33) == ("too_many", "need")
    assert foreign_ack(status=[["6", "fork"]]) == ("bad_length", "status")
    assert foreign_ack(inc=None) == ("missing", "inc")
    assert raises(ProtocolError, read_ack, hello_line())
    assert raises(ProtocolError, read_ack, b"")


def test_a_hello_reads_back_and_is_told_from_a_record():
    value = read_hello(hello_line())
    assert (value["first"], value["last"], value["sure"]) == (5, 9, "holdover")
    assert inbox.is_hello(hello_line())
    assert not inbox.is_hello(ack_line())
    assert not inbox.is_hello(b"")


def test_foreign_hellos_are_refused():
    assert foreign_hello(hello=0) == ("out_of_range", "hello")
    assert foreign_hello(first=0) == ("out_of_range", "first")
    assert foreign_hello(head="") == ("bad_length", "head")
    assert foreign_hello(sure="surely") == ("unknown_word", "sure")
    assert foreign_hello(boot=None) == ("missing", "boot")


def test_a_newer_hello_may_say_more():
    value = changed(canon.read(hello_line(), inbox.HELLO_ORDER), v=2, humidity=40)
    assert read_hello(canon.write(value, inbox.HELLO_ORDER))["humidity"] == 40


def test_whole_is_said_only_where_it_was_asked_for():
    said = {"k": "kiosk-01", "inc": "0" * 16, "covered": Ranges(), "last": 0, "status": [], "archived": 0, "now": 0}
    assert "whole" not in inbox.read_ack(inbox.make_ack(**said, head=""))
    assert inbox.read_ack(inbox.make_ack(**said, head="", whole=""))["whole"] == ""
    assert inbox.read_ack(inbox.make_ack(**said, head="", whole="a" * 64))["whole"] == "a" * 64
