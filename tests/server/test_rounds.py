"""One step again and again: at once while there is more, after a fault too, and an end when told."""

import threading
import time

from server.rounds import Rounds

WAIT_S = 20


def test_a_fault_does_not_end_the_rounds_and_more_is_done_at_once(caplog):
    left = [True, ValueError("a row nobody thought of"), True, True, False]
    said = list(reversed(left))
    enough = threading.Event()

    def step():
        one = said.pop() if said else False
        if not said:
            enough.set()
        if isinstance(one, Exception):
            raise one
        return one

    rounds = Rounds("letters", step, every_s=0.01)
    rounds.start()
    assert enough.wait(WAIT_S)
    assert rounds.alive()
    rounds.stop()
    assert not rounds.alive()
    assert caplog.messages == ["letters_step_failed"]


def test_nothing_to_do_waits_and_a_stop_is_heard_in_the_wait():
    seen = threading.Event()
    rounds = Rounds("idle", seen.set, every_s=3600)
    rounds.start()
    assert seen.wait(WAIT_S)
    begun = time.monotonic()
    rounds.stop()
    assert time.monotonic() - begun < WAIT_S
    assert not rounds.alive()


def test_rounds_that_were_never_begun_can_be_ended():
    Rounds("never", lambda: None, every_s=1).stop()
