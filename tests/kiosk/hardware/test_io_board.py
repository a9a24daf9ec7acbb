"""The I/O board's contract: the serial driver on a pty, with the fake and with the firmware on real MicroPython behind it.

KIOSK_TEST_IO_BOARD=/dev/ttyACM0 with KIOSK_TEST_IO_BOARD_KEY=hex runs the quiet part on a real one.
"""

import fcntl
import os
import shutil
import time

import pytest

from kiosk.hardware.io_board import IO_BOARD_STATUSES, IOBoard, IOBoardFeed, Pressed, Reading, Signal, Slip
from kiosk.hardware.io_board_fake import FakeIOBoard, PtyLine
from kiosk.hardware.io_board_serial import SerialIOBoard
from protocol import boardlink
from tests.kiosk.hardware.micropython_board import SCRIPT, MicroPythonBoard

WAIT_S = 25.0


def now_ms() -> int:
    return time.monotonic_ns() // 1_000_000


@pytest.fixture(scope="module", params=["fake", "micropython"])
def far_end(request):
    """The board's end of the wire; one for the module, for MicroPython takes a second to start."""
    if request.param == "micropython":
        if shutil.which("node") is None or not (SCRIPT.parent / "node_modules").exists():
            pytest.skip("no node, or MicroPython is not installed in tests/protocol")
        board = MicroPythonBoard()
    else:
        board = FakeIOBoard()
    yield board
    board.close()


@pytest.fixture
def device(far_end):
    far_end.set_temperature(50)
    far_end.take_slip()
    return far_end


@pytest.fixture
def driver(device):
    made = SerialIOBoard(path=device.path, key=device.key, now_ms=now_ms)
    until(made, lambda _events: made.status() == "ready")
    yield made
    made.close()


def until(driver, is_enough, within_s=WAIT_S):
    """Poll until `is_enough(events so far)`; the events."""
    events, end = [], time.monotonic() + within_s
    while time.monotonic() < end:
        events += driver.poll()
        if is_enough(events):
            return events
    raise AssertionError(f"waited {within_s} s; status {driver.status()}, events {events}")


def readings(events):
    return [event for event in events if isinstance(event, Reading)]


def test_the_contract_itself_does_nothing():
    bare = IOBoard()
    for act in (bare.poll, bare.status, bare.close, lambda: bare.show(Signal())):
        with pytest.raises(NotImplementedError):
            act()


def test_each_press_is_one_event(driver, device):
    pressed = []
    for _ in range(2):
        device.press()
        pressed += until(driver, lambda events: Pressed() in events)
    assert [event for event in pressed if isinstance(event, Pressed)] == [Pressed(), Pressed()]


def test_slip_hangs_and_is_taken(driver, device):
    device.put_slip()
    until(driver, lambda events: Slip(True) in events)
    device.take_slip()
    assert Slip(True) not in until(driver, lambda events: Slip(False) in events)


def test_readings_are_signed_and_count(driver, device):
    device.set_temperature(-7)
    found = readings(until(driver, lambda events: any(one.tenths_c == -7 for one in readings(events))))[-1]
    assert found.fault == ""
    values = {"boot": found.boot, "n": found.n, "up_s": found.up_s, "tenths_c": -7, "fault": ""}
    assert boardlink.mac(device.key, boardlink.signed_part(found.box, values)).hex() == found.mac


@pytest.mark.parametrize("fault", ["absent", "garbage"])
def test_a_sensor_that_fails_is_no_temperature(driver, device, fault):
    if fault == "garbage":
        device.set_temperature(boardlink.POWER_ON_TENTHS_C)
    else:
        device.break_sensor()
    found = readings(until(driver, lambda events: any(one.fault == fault for one in readings(events))))[-1]
    assert found.tenths_c is None


def test_lamp_and_buzzer_say_it_and_stop(driver, device):
    driver.show(Signal("green", 0, "accepted", 5))
    until(driver, lambda _events: device.lamp == "green" and 1760 in device.sounds)
    until(driver, lambda _events: device.lamp == "off" and device.sounds[-1:] in ([], [0]))
    driver.show(Signal("red", 2, "refused"))
    until(driver, lambda _events: device.lamp == "red" and 330 in device.sounds)
    until(driver, lambda _events: device.lamp == "off")
    until(driver, lambda _events: device.lamp == "red")
    driver.show(Signal())
    until(driver, lambda _events: device.lamp == "off")


def test_an_alarm_outlives_a_restart_of_the_board(driver, device):
    driver.show(Signal("red", 0, "alarm"))
    until(driver, lambda _events: device.lamp == "red" and 1175 in device.sounds)
    device.restart()
    until(driver, lambda _events: device.lamp == "red" and set(device.sounds[-2:]) & {1175, 784})
    driver.show(Signal())
    until(driver, lambda _events: device.lamp == "off" and device.sounds[-1:] in ([], [0]))


def test_noise_on_the_wire_costs_nothing(driver, device):
    device.noise(bytes(range(256)) * 3)
    device.press()
    until(driver, lambda events: Pressed() in events)
    assert driver.status() == "ready"


def test_unplugged_and_back(driver, device):
    device.unplug()
    until(driver, lambda _events: driver.status() == "disconnected")
    device.plug()
    until(driver, lambda _events: driver.status() == "ready")
    device.set_temperature(61)
    until(driver, lambda events: any(one.tenths_c == 61 for one in readings(events)))


def test_a_board_with_another_key_gives_no_temperature(device):
    stranger = SerialIOBoard(path=device.path, key=bytes(32), now_ms=now_ms)
    try:
        assert readings(until(stranger, lambda _events: stranger.status() == "wrong_key")) == []
        device.press()
        until(stranger, lambda events: Pressed() in events)
    finally:
        stranger.close()


def test_lamp_goes_out_when_the_kiosk_is_silent(device):
    driver = SerialIOBoard(path=device.path, key=device.key, now_ms=now_ms)
    until(driver, lambda _events: driver.status() == "ready")
    driver.show(Signal("green"))
    until(driver, lambda _events: device.lamp == "green")
    driver.close()
    end = time.monotonic() + WAIT_S
    while device.lamp != "off" and time.monotonic() < end:
        time.sleep(0.05)
    assert device.lamp == "off"


def test_a_port_on_which_nobody_speaks_is_silent(clock):
    line = PtyLine()
    driver = SerialIOBoard(path=line.path, key=bytes(32), now_ms=clock)
    try:
        assert driver.status() == "disconnected"
        assert driver.poll() == []
        assert driver.status() == "silent"
        line.write(b"\x00" + boardlink.Link().send("alive", echo=0, bad=0))
        until(driver, lambda _events: driver.status() == "ready")
        clock.pass_ms(4000)
        assert driver.status() == "silent"
    finally:
        driver.close()
        line.close()


def test_the_feed_tells_status_on_change_only(driver, device):
    told, events = [], []
    feed = IOBoardFeed(driver, events.append, told.append)
    end = time.monotonic() + WAIT_S
    device.press()
    while Pressed() not in events and time.monotonic() < end:
        feed.step()
    assert told == ["ready"]
    assert Pressed() in events
    feed.close()
    assert driver.status() == "disconnected"


def test_a_real_board_answers(tmp_path_factory):
    path, key = os.environ.get("KIOSK_TEST_IO_BOARD"), os.environ.get("KIOSK_TEST_IO_BOARD_KEY", "")
    if not path:
        pytest.skip("no real I/O board: set KIOSK_TEST_IO_BOARD and KIOSK_TEST_IO_BOARD_KEY")
    with (tmp_path_factory.getbasetemp().parent / "io_board.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # two test runs must not share one device
        real = SerialIOBoard(path=path, key=bytes.fromhex(key), now_ms=now_ms)
        until(real, lambda _events: real.status() == "ready")
        assert readings(until(real, readings))[0].n >= 1
        real.close()
        assert real.status() in IO_BOARD_STATUSES
