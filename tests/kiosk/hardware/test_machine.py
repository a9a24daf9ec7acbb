"""The computer itself: the Pi's files and the fake with its levers, through one contract; F24's words of the firmware."""

import pytest

from kiosk.hardware.machine import MACHINE_POWERS, MachineFeed
from kiosk.hardware.machine_fake import FakeMachine
from kiosk.hardware.machine_pi import HEAT, THROTTLED, PiMachine
from kiosk.status import POWER, Machine


def put(root, name, text):
    place = root / name
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_text(text)


@pytest.fixture(params=["pi", "fake"])
def machine(request, tmp_path):
    if request.param == "fake":
        made = FakeMachine(folder=tmp_path)
    else:
        put(tmp_path, THROTTLED, "0\n")
        made = PiMachine(folder=tmp_path, root=tmp_path, command="")
    yield made
    made.close()


def test_contract(machine):
    reading = machine.read()
    assert reading.power in MACHINE_POWERS
    assert set(MACHINE_POWERS) == set(POWER)
    assert reading.free_mb > 0
    assert machine.read() == reading or machine.read().free_mb != reading.free_mb


@pytest.mark.parametrize(
    ("word", "power"),
    [
        ("0", "good"),
        ("50005", "poor"),
        ("0x50005", "poor"),
        ("50000", "was_poor"),
        ("0x1", "poor"),
        ("rubbish", "unknown"),
        ("", "unknown"),
    ],
)
def test_the_firmwares_word(tmp_path, word, power):
    """F24: bit 0 is now, bit 16 since the start."""
    put(tmp_path, THROTTLED, word + "\n")
    assert PiMachine(folder=tmp_path, root=tmp_path, command="").read().power == power


def test_the_kernels_alarm_counts_where_the_firmware_says_nothing(tmp_path):
    put(tmp_path, "sys/class/hwmon/hwmon0/name", "cpu_thermal\n")
    put(tmp_path, "sys/class/hwmon/hwmon1/name", "rpi_volt\n")
    for alarm, power in (("0", "good"), ("1", "poor")):
        put(tmp_path, "sys/class/hwmon/hwmon1/in0_lcrit_alarm", alarm + "\n")
        assert PiMachine(folder=tmp_path, root=tmp_path, command="").read().power == power


@pytest.mark.parametrize(("script", "power"), [("echo throttled=0x50005", "poor"), ("exit 255", "unknown")])
def test_the_makers_program_is_asked_where_there_is_no_file(tmp_path, script, power):
    command = tmp_path / "vcgencmd"
    command.write_text(f"#!/bin/sh\n{script}\n")
    command.chmod(0o755)
    assert PiMachine(folder=tmp_path, root=tmp_path, command=str(command)).read().power == power


def test_a_computer_that_tells_nothing_is_unknown_and_not_in_trouble(tmp_path):
    reading = PiMachine(folder=tmp_path / "nowhere", root=tmp_path, command="").read()
    assert reading == Machine("unknown", None, None)
    put(tmp_path, HEAT, "45277\n")
    assert PiMachine(folder=tmp_path, root=tmp_path, command="").read().tenths_c == 452


def test_levers(tmp_path):
    with FakeMachine(folder=tmp_path) as machine:
        machine.set_power("poor")
        machine.set_heat(840)
        machine.set_free_mb(120)
        assert machine.read() == Machine("poor", 840, 120)


def test_the_step_tells_changes_only(tmp_path):
    told = []
    with FakeMachine(folder=tmp_path) as machine:
        feed = MachineFeed(machine, told.append)
        feed.step()
        feed.step()
        machine.set_power("poor")
        feed.step()
    assert [one.power for one in told] == ["good", "poor"]
