"""The QR reader's contract, over the serial driver on a pseudo-terminal, and on a real reader where there is one.

KIOSK_TEST_QR=/dev/ttyACM0 runs the suite's quiet part on the real one (nobody scans for it).
"""

import fcntl
import os
import time
from itertools import pairwise
from random import Random

import pytest

from kiosk.hardware.qr_reader import QR_READER_STATUSES, QRReaderFeed
from kiosk.hardware.qr_reader_serial import SerialQRReader
from kiosk.hardware.scan import MAX_SCAN_BYTES
from tests.kiosk.hardware.vietnamese import card_payload


def now_ms() -> int:
    return time.monotonic_ns() // 1_000_000


@pytest.fixture
def reader(fake_reader):
    driver = SerialQRReader(path=fake_reader.path, now_ms=now_ms)
    assert driver.poll() == []
    yield driver
    driver.close()


def scans(reader, count: int, within_s: float = 3.0) -> list:
    found, until = [], time.monotonic() + within_s
    while len(found) < count and time.monotonic() < until:
        found += reader.poll()
    return found + reader.poll()


@pytest.fixture(params=["pty", "real"])
def any_reader(request, fake_reader, tmp_path_factory):
    if request.param == "pty":
        driver = SerialQRReader(path=fake_reader.path, now_ms=now_ms)
        yield driver
        driver.close()
        return
    path = os.environ.get("KIOSK_TEST_QR")
    if not path:
        pytest.skip("no real QR reader: set KIOSK_TEST_QR")
    with (tmp_path_factory.getbasetemp().parent / "qr.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # two test runs must not share one device
        driver = SerialQRReader(path=path, now_ms=now_ms)
        yield driver
        driver.close()


def test_polls_shortly_and_is_ready(any_reader):
    took = []
    for _ in range(3):
        begun = time.monotonic()
        assert any_reader.poll() == []
        took.append(time.monotonic() - begun)
    assert min(took) < 0.5
    assert any_reader.status() == "ready"
    any_reader.close()
    assert any_reader.status() in QR_READER_STATUSES
    assert any_reader.poll() == []
    assert any_reader.status() == "ready"


def test_scans_byte_for_byte(reader, fake_reader):
    random = Random(7)
    for _ in range(40):
        payload = card_payload(random)
        fake_reader.scan(payload, random.choice([b"\r", b"\n", b"\r\n"]))
        [scan] = scans(reader, 1)
        assert (scan.data, scan.source) == (payload, "reader")


def test_pieces(reader, fake_reader):
    """F8."""
    payload = card_payload(Random(8))
    fake_reader.scan_in_pieces(payload, [1, 30, 31, 90], pause_s=0.03)
    [scan] = scans(reader, 1)
    assert scan.data == payload


def test_two_glued(reader, fake_reader):
    """F9."""
    fake_reader.scan(b"first\rsecond")
    assert [scan.data for scan in scans(reader, 2)] == [b"first", b"second"]


def test_without_terminator(reader, fake_reader):
    fake_reader.scan(b"no end", terminator=b"")
    [scan] = scans(reader, 1)
    assert scan.data == b"no end"


def test_control_bytes_come_through_unchanged(reader, fake_reader):
    """F12: NUL, ESC and GS are the desk's to refuse; the terminal must not eat or change them."""
    payload = bytes(set(range(256)) - {10, 13})
    fake_reader.scan(payload)
    [scan] = scans(reader, 1)
    assert scan.data == payload


def test_too_long(reader, fake_reader):
    """F13: 3 kB and 7 kB: one scan each, cut, so that the desk can answer with a sentence."""
    for length in (3_000, 7_000):
        fake_reader.scan(b"Q" * length)
        [scan] = scans(reader, 1)
        assert scan.is_too_long
        assert len(scan.data) == MAX_SCAN_BYTES + 1


def test_wrong_speed_is_a_hint(reader, fake_reader):
    """F10, F17: two frames of noise in a row; a good one takes the hint away."""
    for _ in range(2):
        fake_reader.scan(b"\xff\x81\x80\xfe\xb3")
        assert len(scans(reader, 1)) == 1
    assert reader.status() == "check_settings"
    fake_reader.scan("Lê Ngọc Giang".encode())
    scans(reader, 1)
    assert reader.status() == "ready"


def test_unplugged_and_back(reader, fake_reader):
    fake_reader.unplug()
    assert reader.poll() == []
    assert reader.status() == "disconnected"
    fake_reader.plug()
    until = time.monotonic() + 3
    while reader.status() != "ready" and time.monotonic() < until:
        reader.poll()
        time.sleep(0.02)
    fake_reader.scan(b"back")
    assert [scan.data for scan in scans(reader, 1)] == [b"back"]


def test_waits_longer_and_longer_for_a_reader_that_is_not_there(tmp_path, clock):
    driver = SerialQRReader(path=str(tmp_path / "nothing"), now_ms=clock)
    tries = []
    real_drop = driver._drop

    def drop(now_ms: int) -> None:
        tries.append(now_ms)
        real_drop(now_ms)

    driver._drop = drop
    for _ in range(400):
        assert driver.poll() == []
        clock.pass_ms(50)
    waits = [later - earlier for earlier, later in pairwise(tries)]
    assert waits[0] == 250
    assert waits == sorted(waits)
    assert waits[-1] == 5_000


def test_setup_bytes_go_out_at_each_opening(fake_reader):
    """F17: every start sends the expected settings."""
    driver = SerialQRReader(path=fake_reader.path, now_ms=now_ms, setup=b"$SETUP\r")
    driver.poll()
    assert os.read(fake_reader._device_end, 64) == b"$SETUP\r"
    driver.close()


def test_feed_reports_changes_only(reader, fake_reader):
    found, statuses = [], []
    feed = QRReaderFeed(reader, found.append, statuses.append)
    for _ in range(3):
        feed.step()
    fake_reader.scan(b"one")
    until = time.monotonic() + 3
    while not found and time.monotonic() < until:
        feed.step()
    fake_reader.unplug()
    feed.step()
    feed.step()
    assert [scan.data for scan in found] == [b"one"]
    assert statuses == ["ready", "disconnected"]
    feed.close()
