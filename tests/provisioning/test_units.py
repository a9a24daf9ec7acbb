"""The systemd units and udev rules: well formed, never giving up, pointing at programs that exist."""

import configparser
import re
import shutil
import subprocess
from pathlib import Path

import pytest
from click.testing import CliRunner

from kiosk.__main__ import main as kiosk
from server.__main__ import main as server

FOLDER = Path(__file__).parents[2] / "provisioning"
JOURNAL = FOLDER / "systemd" / "journald.conf.d" / "tram.conf"
UNITS = sorted(path for path in (FOLDER / "systemd").rglob("*") if path.is_file() and path != JOURNAL)
SERVICES = [path for path in UNITS if path.name.startswith("tram-") and path.suffix == ".service"]
ONCE = ("tram-broker-acl.service", "tram-migrate.service", "tram-backup.service", "tram-duplicates.service")
LASTING = [path for path in SERVICES if path.name not in ONCE]
NIGHTLY = [f"tram-{name}.{kind}" for name in ("backup", "duplicates") for kind in ("service", "timer")]
OURS = [path for path in SERVICES if "python -m " in path.read_text("ascii")]
KEY = r'(?:SUBSYSTEM|KERNEL|KERNELS|ATTRS?\{idVendor\}|ENV\{\w+\}|SYMLINK|GROUP|MODE)(?:==|\+=|=)"[^"]+"'


def read(path):
    # Names are case-sensitive and may repeat; the last wins here, which is enough to look at.
    unit = configparser.RawConfigParser(strict=False, delimiters="=", comment_prefixes="#")
    unit.optionxform = str
    unit.read_string(path.read_text("ascii").replace("\\\n", " "))
    return unit


@pytest.mark.parametrize("path", UNITS, ids=lambda path: path.name)
def test_sections_are_known(path):
    assert set(read(path).sections()) <= {"Unit", "Service", "Path", "Mount", "Timer", "Install"}, path.name


@pytest.mark.parametrize("path", LASTING, ids=lambda path: path.name)
def test_lasting_services_are_restarted_for_ever_and_dump_no_core(path):
    unit = read(path)
    assert unit["Service"]["Restart"] == "always"
    assert unit["Unit"]["StartLimitIntervalSec"] == "0"
    assert unit["Service"]["LimitCORE"] == "0"
    assert unit["Service"]["User"] != "root"
    assert unit["Service"]["UMask"] == "0077"


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd is not installed")
def test_systemd_itself_understands_every_unit():
    """All it may complain of is that our programs are not installed on this machine."""
    units = [path for path in UNITS if path.parent.name == "systemd" and path.suffix != ".conf"]
    told = subprocess.run(
        ("systemd-analyze", "verify", "--man=no", *map(str, units)),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    lines = [
        line for line in told.stderr.splitlines() if not line.endswith("is not executable: No such file or directory")
    ]
    assert [line for line in lines if "tram" in line or "provisioning" in line] == []


def test_kiosk_has_a_watchdog_and_waits_for_no_network():
    kiosk = read(FOLDER / "systemd" / "tram-kiosk.service")
    assert kiosk["Service"]["Type"] == "notify"
    assert int(kiosk["Service"]["WatchdogSec"]) <= 60
    assert "network" not in kiosk["Unit"]["After"]


def test_the_screen_keeps_nothing_on_the_card():
    command = read(FOLDER / "systemd" / "tram-kiosk-screen.service")["Service"]["ExecStart"]
    assert "--incognito" in command
    assert "--user-data-dir=/run/" in command
    assert "--disk-cache-dir=/run/" in command


@pytest.mark.parametrize("path", OURS, ids=lambda path: path.name)
def test_commands_are_our_programs_and_understood_by_them(path):
    program, *words = read(path)["Service"]["ExecStart"].partition(" -m ")[2].replace("%i", "1").split()
    # With --help behind it a command parses all that stands before, and does nothing.
    given = [word for word in words if not word.endswith(".toml") and word != "--config"]
    assert len(words) - len(given) == 2, "settings by name"
    at = words.index("--config")
    folders = {"kiosk": kiosk, "server": server}
    result = CliRunner().invoke(folders[program], [*words[:at], "--config", "/dev/null", *words[at + 2 :], "--help"])
    assert result.exit_code == 0, result.output


def test_broker_override_replaces_debians_command():
    text = (FOLDER / "systemd" / "mosquitto.service.d" / "tram.conf").read_text("ascii")
    assert "\nExecStart=\nExecStart=/usr/sbin/mosquitto -c " in text


def test_acl_travels_from_the_server_to_the_broker():
    watched = read(FOLDER / "systemd" / "tram-broker-acl.path")["Path"]["PathChanged"]
    carried = (FOLDER / "systemd" / "tram-broker-acl.service").read_text("ascii")
    assert "mv /etc/tram/broker/crl.pem.new /etc/tram/broker/crl.pem\n" in carried
    template = (FOLDER / "install.sh").read_text("utf-8")
    assert f" {watched} /etc/tram/broker/acl.new" in carried
    assert "mv /etc/tram/broker/acl.new /etc/tram/broker/acl\n" in carried
    told = [line for line in carried.splitlines() if line.startswith("ExecStart=")]
    assert told == [*told[:5], "ExecStart=/usr/bin/sleep 2", *told[:5]], "the broker may forget the first signal"
    assert "s|${FOLDER}|/etc/tram/broker|" in template


def test_the_installer_brings_every_unit():
    """Each is put in its place by a name or a pattern; credentials are the operator's."""
    script = (
        (FOLDER / "install.sh")
        .read_text("utf-8")
        .replace("tram-{backup,duplicates}.{service,timer}", " ".join(NIGHTLY))
    )
    for path in UNITS:
        assert path.name in script or path.name == "tram-credentials.conf", path.name


def test_the_installer_is_bash_and_says_how_it_is_used():
    script = FOLDER / "install.sh"
    assert subprocess.run(("bash", "-n", script), check=False, timeout=30).returncode == 0
    told = subprocess.run((script,), capture_output=True, text=True, check=False, timeout=30)
    assert told.returncode == 2
    assert all(f"install.sh {kind}" in told.stdout for kind in ("centre", "kiosk", "hub"))
    wrong = subprocess.run((script, "kiosk", "--kti", "x"), capture_output=True, text=True, check=False, timeout=30)
    assert (wrong.returncode, wrong.stderr) == (1, "install: unknown: --kti\n")


def test_udev_rules_are_well_formed_and_name_each_device():
    text = (FOLDER / "udev" / "60-tram.rules").read_text("ascii")
    rules = [line for line in text.splitlines() if line and not line.startswith("#")]
    for rule in rules:
        assert re.fullmatch(rf"{KEY}(?:, {KEY})*", rule), rule
    assert set(re.findall(r'SYMLINK\+="([^"]+)"', text)) == {"tram/qr", "tram/printer", "tram/board"}


def test_serial_devices_are_hidden_from_modem_manager():
    for line in (FOLDER / "udev" / "60-tram.rules").read_text("ascii").splitlines():
        if line.startswith('SUBSYSTEM=="tty"'):
            assert 'ENV{ID_MM_DEVICE_IGNORE}="1"' in line


def test_the_journal_cannot_fill_the_card():
    """F41: it lives in memory, is small, and a flood of lines is cut off."""
    journal = read(JOURNAL)["Journal"]
    assert journal["Storage"] == "volatile"
    assert int(journal["RuntimeMaxUse"].removesuffix("M")) <= 64
    assert int(journal["RateLimitBurst"]) <= 10_000
    assert "journald.conf.d" in (FOLDER / "README.md").read_text("utf-8")
