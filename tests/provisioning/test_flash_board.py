"""What is flashed onto an I/O board: all that the firmware imports, nothing of the pins elsewhere, the key kept."""

import ast
import json
import os

import pytest
from click.testing import CliRunner

from protocol.errors import ProtocolError
from provisioning import flash_board

FIRMWARE = flash_board.ROOT / "kiosk" / "hardware" / "firmware"
# What MicroPython for the Pico brings itself.
BUILT_IN = {
    "binascii", "hashlib", "json", "machine", "micropython", "onewire", "select", "struct", "sys", "time",
}  # fmt: skip


def imported(path):
    found = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            found |= {node.module} | {f"{node.module}.{alias.name}" for alias in node.names}
    return found


def test_all_that_is_imported_is_flashed_or_built_in():
    flashed = {file.removesuffix(".py").replace("/", ".") for file in flash_board.FILES}
    for file in flash_board.FILES:
        for name in imported(flash_board.ROOT / file):
            known = name in BUILT_IN or name in flashed or name.rpartition(".")[0] in flashed
            assert known or name == "protocol", f"{file} imports {name}"


def test_only_pins_touches_the_board():
    for path in FIRMWARE.glob("*.py"):
        assert bool(imported(path) & {"machine", "onewire"}) == (path.name == "pins.py"), path.name


def test_the_layout_holds_name_and_key_and_starts(tmp_path):
    flash_board.lay_out(tmp_path, name="box-01", key=b"k" * 32)
    assert json.loads((tmp_path / "board.json").read_text("utf-8")) == {"name": "box-01", "key": (b"k" * 32).hex()}
    assert (tmp_path / "main.py").read_text("utf-8").endswith("run()\n")
    assert not (tmp_path / "kiosk/hardware/firmware/levers.py").exists()
    for package in flash_board.PACKAGES:
        assert (tmp_path / package / "__init__.py").read_bytes() == b""


def test_a_name_that_no_frame_can_say_is_refused(tmp_path):
    for name in ("", "hộp lạnh", "a" * 17):
        with pytest.raises(ProtocolError):
            flash_board.lay_out(tmp_path, name=name, key=bytes(32))


def test_the_key_is_made_once_and_kept_to_its_owner(tmp_path):
    path = tmp_path / "kit" / "board.key"
    key = flash_board.board_key(path)
    assert len(key) == 32
    assert flash_board.board_key(path) == key
    assert os.stat(path).st_mode & 0o077 == 0  # noqa: PTH116


def test_a_dry_run_says_the_commands_and_no_key(tmp_path):
    done = CliRunner().invoke(flash_board.main, ["--name", "box-01", "--kit", str(tmp_path), "--dry-run"])
    assert done.exit_code == 0, done.output
    assert "mpremote connect auto fs cp" in done.output
    assert done.output.rstrip().endswith("reset")
    assert (tmp_path / "board.key").read_text("utf-8").strip() not in done.output
    wrong = CliRunner().invoke(flash_board.main, ["--name", "a b", "--kit", str(tmp_path), "--dry-run"])
    assert wrong.exit_code == 2
