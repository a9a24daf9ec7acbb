"""A broker that keeps one message and no more, or has hardly any memory: it drops silently, and nothing is lost (F54, F55)."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from provisioning.stage import wait_until
from tests.kiosk.test_sync import WAIT_S, Line
from tests.processes.bad_broker import BadBroker

pytestmark = [
    pytest.mark.integration,
    pytest.mark.timeout(120),
    # When a handshake fails, paho's own reconnecting (the centre's, here) leaves the socket to the collector.
    pytest.mark.filterwarnings("ignore:Exception ignored in. <ssl.SSLSocket:pytest.PytestUnraisableExceptionWarning"),
]


@pytest.fixture
def line(quick_folder: Path) -> Iterator[Line]:
    made = Line(quick_folder)
    made.broker = BadBroker(made.whole.keys, writers=[made.whole.writer], port=made.broker.port)
    with made.broker, made.centre:
        made.whole.start()
        assert wait_until(lambda: made.desk.online, timeout_s=WAIT_S)
        assert made.safe()
        yield made
        made.whole.stop()


def test_queues_of_one_message(line: Line):
    """F54: what it says it took and dropped comes again, while it is as narrow as before."""
    line.broker.begin("narrow")
    line.write(60)
    assert line.safe()


def test_hardly_any_memory(line: Line):
    """F55: it drops, refuses or dies; the records wait here until it has room again."""
    line.broker.begin("poor")
    line.write(30)

    def starved() -> bool:
        # One list is more than it has; said again, for the centre may have been on its way back to it.
        line.centre.publish_list("forms", b"x" * 100_000)
        return wait_until(lambda: b"out of memory" in line.broker.log.read_bytes(), timeout_s=1)

    assert wait_until(starved, timeout_s=WAIT_S)
    line.write(30)
    assert line.whole.hands.look().screen == "welcome"
    line.broker.begin()
    assert line.safe()
    assert [record.line for record in line.whole.records()] == list(line.centre.ledger[line.inc].values())
