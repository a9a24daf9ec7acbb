"""The computer itself: the Pi's files and the fake with its levers, through one contract; F24's words of the firmware."""

import pytest

from kiosk.hardware.machine import MACHINE_POWERS, MACHINE_WEARS, MachineFeed
from kiosk.hardware.machine_fake import FakeMachine
from kiosk.hardware.machine_pi import CARDS, HEAT, LIFE, SPARE, THROTTLED, PiMachine
from kiosk.status import POWER, WEAR, Machine


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
    assert reading.wear in MACHINE_WEARS
    assert set(MACHINE_WEARS) == set(WEAR)
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


@pytest.mark.parametrize(
    ("life", "spare", "wear", "percent"),
    [
        ("0x01 0x02", "0x01", "fresh", 20),
        ("0x08 0x01", "0x01", "fresh", 80),
        ("0x09 0x01", "0x01", "worn", 90),
        ("0x01 0x01", "0x02", "worn", 10),
        ("0x0b 0x01", "0x01", "spent", 100),
        ("0x01 0x01", "0x03", "spent", 10),
        ("0x00 0x00", "0x00", "unknown", None),
        ("0x00 0x00", "0x01", "fresh", None),
        ("rubbish", "", "unknown", None),
    ],
)
def test_what_an_emmc_says_of_its_life(tmp_path, life, spare, wear, percent):
    """F43: two figures in hexadecimal, the worse of them counts; zero says nothing."""
    put(tmp_path, f"{CARDS}/mmcblk0/{LIFE}", life + "\n")
    put(tmp_path, f"{CARDS}/mmcblk0/{SPARE}", spare + "\n")
    reading = PiMachine(folder=tmp_path, root=tmp_path, command="").read()
    assert (reading.wear, reading.worn_pct) == (wear, percent)


def test_a_card_that_says_nothing_of_its_life_is_no_trouble(tmp_path):
    """A plain SD card: the kernel shows its folder and neither file."""
    put(tmp_path, f"{CARDS}/mmcblk0/device/type", "SD\n")
    reading = PiMachine(folder=tmp_path, root=tmp_path, command="").read()
    assert (reading.wear, reading.worn_pct) == ("unknown", None)


def test_levers(tmp_path):
    with FakeMachine(folder=tmp_path) as machine:
        machine.set_power("poor")
        machine.set_heat(840)
        machine.set_free_mb(120)
        assert machine.read() == Machine("poor", 840, 120)
        machine.set_wear(9, 1)
        assert machine.read() == Machine("poor", 840, 120, "worn", 90)


def test_the_step_tells_changes_only(tmp_path):
    told = []
    with FakeMachine(folder=tmp_path) as machine:
        feed = MachineFeed(machine, told.append)
        feed.step()
        feed.step()
        machine.set_power("poor")
        feed.step()
    assert [one.power for one in told] == ["good", "poor"]
