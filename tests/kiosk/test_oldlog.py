"""What is offered of a log nobody writes in any more: asked at every connection, bounded, never begun anew mid-way."""

from kiosk.oldlog import OldLog
from protocol.delivery import HELLO_EVERY_MS, RETRY_FIRST_MS, WINDOW

HEAD = "a" * 64


def test_it_asks_first_and_says_nothing_more_when_all_is_there():
    old = OldLog("i", last=100, head=HEAD, held=False)
    old.connected(0)
    assert old.poll(0) == [("hello", 0, 0)]
    assert old.poll(1) == []
    assert old.answered(HEAD, 5)
    assert old.held
    assert old.poll(6) == []
    assert old.poll(HELLO_EVERY_MS) == [("hello", 0, 0)]


def test_it_offers_all_newest_first_one_window_a_second_and_asks_again():
    old = OldLog("i", last=WINDOW + 10, head=HEAD, held=False)
    old.connected(0)
    old.poll(0)
    assert not old.answered("", 1)
    assert old.poll(1) == [], "the answer has its time to come"
    assert old.poll(RETRY_FIRST_MS) == [("send", 11, WINDOW + 10)]
    old.connected(RETRY_FIRST_MS + 500)
    assert old.poll(RETRY_FIRST_MS + 500) == [("hello", 0, 0)], "a lost connection does not begin the pass anew"
    old.answered("", RETRY_FIRST_MS + 501)
    assert old.poll(2 * RETRY_FIRST_MS) == [("send", 1, 10)]
    asked = 3 * RETRY_FIRST_MS
    assert old.poll(asked) == [("hello", 0, 0)]
    assert not old.answered("b" * 64, asked)
    assert old.poll(asked) == [], "the other branch's head is the answer to another machine"
    assert not old.answered("", asked)
    assert old.poll(asked) == [("send", 11, WINDOW + 10)]
    assert old.answered(HEAD, asked + 1)
    assert old.poll(asked + RETRY_FIRST_MS + 1) == []


def test_an_acknowledgement_of_records_says_nothing_and_a_centre_put_back_gets_all_again():
    old = OldLog("i", last=3, head=HEAD, held=True)
    old.connected(0)
    assert not old.answered(None, 0)
    assert old.held
    assert old.answered("", 1)
    assert not old.held
    assert ("send", 1, 3) in old.poll(1)


def test_an_answer_to_the_other_machine_with_this_card_says_nothing_of_ours():
    old = OldLog("a1", last=3, head="ours", held=False)
    assert old.answered("ours", 0)
    assert not old.answered("theirs", 1)
    assert old.held
    assert old.answered("", 2)
    assert not old.held
