"""The detector of leaked threads sees what it must see."""

import threading

import pytest

from tests.conftest import leaked_threads


@pytest.mark.parametrize(
    ("name", "daemon", "leaks"),
    [("printer", False, True), ("tram-sync", True, True), ("library", True, False)],
)
def test_thread_left_running(name, daemon, leaks):
    before = set(threading.enumerate())
    stop = threading.Event()
    thread = threading.Thread(target=stop.wait, name=name, daemon=daemon)
    thread.start()
    try:
        assert bool(leaked_threads(before)) is leaks
    finally:
        stop.set()
        thread.join()
    assert leaked_threads(before) == []
