"""Certificates whose time is over, the broker's and the kiosk's own: nothing is lost, a new one is taken as it comes."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from kiosk.hardware.cable import Cable
from provisioning.broker import HOST
from provisioning.stage import wait_until
from server.pki import kiosk_home
from tests.kiosk.small_centre import SmallCentre
from tests.kiosk.test_sync import WAIT_S, Line
from tests.kiosk.whole import NAME, SHARD, SITE
from tests.processes.hardship import Certificate

pytestmark = [pytest.mark.integration, pytest.mark.timeout(120)]


@pytest.fixture
def line(quick_folder: Path) -> Iterator[Line]:
    made = Line(quick_folder)
    with made.broker, made.centre:
        made.whole.start()
        assert wait_until(lambda: made.desk.online, timeout_s=WAIT_S)
        assert made.safe()
        yield made
        made.whole.stop()


def said(line: Line) -> int:
    """How much the broker's log says by now."""
    return line.broker.log.stat().st_size


def refused(line: Line, word: bytes, *, since: int) -> bool:
    """Does the broker's log tell, after its first `since` bytes, of a handshake that failed so?"""
    return wait_until(lambda: word in line.broker.log.read_bytes()[since:], timeout_s=WAIT_S)


def test_the_brokers_has_expired(line: Line):
    """F57: the kiosk does not speak to it, works on, and is back when the broker has a good one."""
    certificate = Certificate(
        line.whole.keys, place=line.broker.place, stem="broker", name="broker", names=("localhost", HOST)
    )
    # The centre's own client would try as well, and paho drops a socket open at each refusal.
    line.centre.__exit__()
    line.broker.stop()
    certificate.expire()
    line.broker.start()
    line.write(5)
    assert wait_until(lambda: not line.desk.online, timeout_s=WAIT_S)
    assert "5 chờ gửi" in line.whole.hands.whole()
    # What the kiosk says of it; the broker's log tells only of those attempts whose alert still reached it.
    assert wait_until(lambda: line.desk.condition.away_why == "expired", timeout_s=WAIT_S)
    assert "Chứng thư đã hết hạn." in line.whole.hands.touch("status").text
    line.whole.hands.touch("back")
    line.broker.stop()
    certificate.renew()
    line.broker.start()
    again = SmallCentre(line.whole.keys, port=line.broker.port, shard=SHARD, site=SITE)
    again.ledger = line.centre.ledger
    line.centre = again
    with again:
        assert line.safe()


def test_the_kiosks_own_has_expired(line: Line):
    """F58: the broker lets it in no more; a new certificate put into its kit is taken at the next try, without a restart."""
    kit = kiosk_home(line.whole.keys, NAME) / "kit"
    certificate = Certificate(line.whole.keys, place=kit, stem="client", name=line.whole.writer.identity)
    (cable,) = line.whole.bench._cables
    assert isinstance(cable, Cable)
    cable.cut()
    certificate.expire()
    before = said(line)
    cable.mend()
    assert refused(line, b"certificate verify failed", since=before)
    line.write(5)
    assert "5 chờ gửi" in line.whole.hands.whole()
    certificate.renew()
    assert line.safe()
