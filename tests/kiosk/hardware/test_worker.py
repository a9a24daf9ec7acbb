"""The one kind of thread: it repeats, survives a bad step, ends when told, and shouts when it does not."""

import logging
import threading
import time

import pytest

from kiosk.hardware.worker import Worker, ZombieThread


def test_repeats_until_stopped():
    steps = []
    worker = Worker("repeat", lambda: steps.append(threading.current_thread().name), interval_s=0.001)
    worker.start()
    until = time.monotonic() + 3
    while len(steps) < 3 and time.monotonic() < until:
        time.sleep(0.005)
    worker.stop()
    assert not worker.is_running
    assert set(steps) == {"tram-repeat"}
    count = len(steps)
    time.sleep(0.02)
    assert len(steps) == count


def test_a_bad_step_is_logged_and_tried_again(caplog):
    outcomes = iter([RuntimeError("first"), ValueError("second"), None])
    done = threading.Event()

    def step() -> None:
        outcome = next(outcomes, None)
        if outcome is None:
            done.set()
            return
        raise outcome

    worker = Worker("trouble", step, interval_s=0.001)
    with caplog.at_level(logging.ERROR):
        worker.start()
        assert done.wait(3)
        worker.stop()
    assert [record.getMessage() for record in caplog.records] == ["tram-trouble: step failed"] * 2
    assert caplog.records[0].exc_info is not None


def test_shouts_when_it_does_not_end():
    release = threading.Event()
    entered = threading.Event()

    def step() -> None:
        entered.set()
        release.wait(5)

    worker = Worker("stuck", step, interval_s=0.001)
    worker.start()
    assert entered.wait(3)
    with pytest.raises(ZombieThread, match="tram-stuck"):
        worker.stop(timeout_s=0.05)
    release.set()
    worker.stop()


def test_can_start_again_but_not_twice():
    worker = Worker("again", lambda: None, interval_s=0.001)
    worker.stop()
    worker.start()
    with pytest.raises(RuntimeError, match="already runs"):
        worker.start()
    worker.stop()
    worker.start()
    worker.stop()
