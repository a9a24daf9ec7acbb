"""How the machine is: every state has a level and words, the gravest stands first, the terminal says what the page says."""

import json
import threading

import pytest
from click.testing import CliRunner
from werkzeug.serving import make_server

from kiosk import doctor, status
from kiosk.__main__ import main
from kiosk.clock import SystemClock
from kiosk.config import Config, load
from kiosk.hardware.camera import CAMERA_STATUSES
from kiosk.hardware.io_board import IO_BOARD_STATUSES
from kiosk.hardware.machine_fake import FakeMachine
from kiosk.hardware.printer import PRINTER_STATUSES
from kiosk.hardware.qr_reader import QR_READER_STATUSES
from kiosk.screens.pages import create_screens
from kiosk.screens.status_words import LISTS, MARKS, SAYS, SYMBOLS, TITLES, TO_DO, tile_words
from kiosk.screens.words import load_words
from kiosk.status import Facts, Machine, tiles
from provisioning.stage import wait_until
from tests.kiosk.made import Made
from tests.kiosk.screens.sample_status import HEALTHY, ILL
from tests.kiosk.screens.shown_desk import ShownDesk
from tests.kiosk.whole import Whole

VI = load_words()["vi"]


def tile(what: str, **changes: object) -> status.Tile:
    return next(one for one in tiles(Facts(**{**HEALTHY, **changes})) if one.what == what)


def test_every_state_has_words_and_every_word_has_a_state():
    keys = {f"{what}.{state}" for what, states in status.STATES.items() for state in states}
    assert set(SAYS) == keys
    assert set(TO_DO) <= keys
    assert set(TITLES) == set(SYMBOLS) == set(status.STATES)
    assert set(MARKS) == set(status.LEVELS)
    assert set(LISTS) == {*status.LISTS, status.TEXTS}


def test_every_word_of_a_device_has_a_tile():
    """A word that a driver may say and the page does not know would be shown as unknown."""
    assert set(PRINTER_STATUSES) <= set(status.DEVICES["printer"])
    assert set(CAMERA_STATUSES) <= set(status.DEVICES["camera"])
    assert set(QR_READER_STATUSES) <= set(status.DEVICES["reader"])
    assert set(IO_BOARD_STATUSES) <= set(status.DEVICES["board"])


def test_what_needs_a_hand_says_what_to_do():
    for changes in ({}, ILL):
        for one in tiles(Facts(**{**HEALTHY, **changes})):
            assert one.state in status.STATES[one.what]
            said = tile_words({"what": one.what, "state": one.state, "level": one.level, "values": one.values}, VI)
            assert said["title"]
            assert said["says"]
            assert "…" not in said["says"], one
            assert bool(said["to_do"]) == (one.level in (status.BAD, status.WATCH)), one


def test_a_healthy_machine_has_no_red_tile():
    found = tiles(Facts(**HEALTHY))
    assert status.worst(found) == status.GOOD
    assert {one.what for one in found} == set(status.STATES) - {"board"}


def test_the_gravest_stands_first():
    found = [one.level for one in tiles(Facts(**{**HEALTHY, **ILL}))]
    assert found == sorted(found, key=status.LEVELS.index)
    assert found[0] == status.BAD


@pytest.mark.parametrize(
    ("what", "changes", "state", "level"),
    [
        ("paper", {"devices": {**HEALTHY["devices"], "printer": "no_paper"}}, "out", "bad"),
        ("paper", {"devices": {**HEALTHY["devices"], "printer": "disconnected"}}, "unknown", "none"),
        ("printer", {"devices": {**HEALTHY["devices"], "printer": "jammed"}}, "unknown", "bad"),
        ("printer", {"fitted": frozenset()}, "unused", "none"),
        ("disk", {"machine": Machine(free_mb=399)}, "filling", "watch"),
        ("disk", {"machine": Machine(free_mb=400)}, "roomy", "good"),
        ("disk", {"machine": Machine(free_mb=199)}, "full", "bad"),
        ("disk", {"refuses": True}, "refuses", "bad"),
        ("disk", {"salvaged": True}, "salvaged", "watch"),
        ("clock", {"sure": "holdover", "err_ms": 3_500}, "holdover", "good"),
        ("clock", {"sure": "holdover", "err_ms": 60_000}, "drifting", "watch"),
        ("clock", {"sure": "unknown"}, "unknown", "watch"),
        ("network", {"network": "cut"}, "cut", "watch"),
        ("backlog", {"waiting": 3, "oldest_min": 59}, "moving", "good"),
        ("backlog", {"waiting": 3, "oldest_min": 1, "network": "cut"}, "waiting", "watch"),
        ("backlog", {"waiting": 3, "oldest_min": 1440}, "old", "bad"),
        ("backlog", {"quarantined": 2}, "quarantined", "bad"),
        ("power", {"machine": Machine("was_poor")}, "was_poor", "watch"),
        ("wear", {"machine": Machine(wear="worn", worn_pct=90)}, "worn", "watch"),
        ("wear", {"machine": Machine(wear="spent")}, "spent", "bad"),
        ("heat", {"machine": Machine(tenths_c=799)}, "warm", "watch"),
        ("heat", {"machine": Machine(tenths_c=800)}, "hot", "bad"),
        ("version", {"running": False}, "stopped", "bad"),
    ],
)
def test_tile(what: str, changes: dict, state: str, level: str):
    found = tile(what, **changes)
    assert (found.state, found.level) == (state, level)


def test_a_list_that_never_came_is_missing_and_its_age_counts_from_the_centres_last_word():
    ages = {"staff": 8 * 24 * 60, "lots": 25 * 60, "rules": 5}
    found = {
        one.values["list"]: one.state
        for one in tiles(Facts(**{**HEALTHY, "lists_age_min": ages}))
        if one.what == "list"
    }
    assert found == {"staff": "old", "lots": "ageing", "rules": "fresh", "forms": "missing", "appointments": "missing"}


def test_the_page_of_a_desk(made: Made):
    """Anybody may look, nothing of a person is on it, and back leads home."""
    made.check_in()
    view = made.act("status")
    assert view["screen"] == "status"
    assert "Nguyễn" not in str(view["data"])
    states = {one["what"]: one["state"] for one in view["data"]["tiles"]}
    assert states["backlog"] == "waiting"
    assert states["clock"] == "synced"
    assert states["network"] == "cut"
    made.touch.machine(Machine("poor", 500, 9_000))
    states = {one["what"]: one["state"] for one in made.touch.view()["data"]["tiles"]}
    assert (states["power"], states["disk"]) == ("poor", "roomy")
    assert made.act("back")["screen"] == "welcome"


def test_staff_come_back_to_their_queue(made: Made):
    made.sign_in("1003", "injection")
    made.act("status")
    assert made.act("back")["screen"] == "queue"


def test_doctor_says_what_the_running_kiosks_page_says(whole: Whole):
    whole.settings |= {"machine": "fake"}
    whole.start()
    whole.bench.pull("paper", "out")
    whole.hands.touch("status")
    port = int(whole.kiosk.url.rstrip("/").rpartition(":")[2])
    config = load(whole.toml)
    running = Config({**config.values, "screen_port": port}, config.beside)
    with FakeMachine(folder=whole.data) as machine:

        def examined():
            return doctor.examine(running, clock=SystemClock(), machine=machine)

        assert wait_until(lambda: examined()["tiles"][0]["what"] == "paper", timeout_s=20)
        line = doctor.lines(examined(), VI)[0]
    assert line.startswith("✘ Giấy")
    assert "Thay cuộn giấy" in line
    page = whole.hands.look()
    assert page.screen == "status"
    assert "Đã hết cuộn giấy." in page.text


def test_doctor_without_a_running_kiosk(whole: Whole):
    """It says that none runs, tells what the disk knows, and a script sees the trouble by the exit code."""
    whole.prepare()
    said = CliRunner().invoke(main, ["doctor", "--config", str(whole.toml), "--lang", "en"])
    assert said.exit_code == 1
    assert "✘ Program" in said.output
    assert "Not running" in said.output
    assert "Lots:" in said.output
    told = CliRunner().invoke(main, ["doctor", "--config", str(whole.toml), "--json"])
    assert json.loads(told.output)["worst"] == "bad"
    whole.database.write_bytes(b"not a database" * 1000)
    said = CliRunner().invoke(main, ["doctor", "--config", str(whole.toml), "--lang", "en"])
    assert "✘ Memory card" in said.output


def test_doctor_of_a_healthy_machine_ends_with_zero(tmp_path, machine_free_port):
    (tmp_path / "kiosk.toml").write_text(f"screen_port = {machine_free_port}\n", "utf-8")
    said = CliRunner().invoke(main, ["doctor", "--config", str(tmp_path / "kiosk.toml")])
    assert said.exit_code == 0
    assert "✘" not in said.output
    assert "✔" in said.output


def test_doctor_of_a_kiosk_that_is_nobody_yet(tmp_path):
    """A new machine waits for its enrolment code: no card is broken there and no program is missing."""
    path = tmp_path / "kiosk.toml"
    path.write_text(f'screen_port = 0\nkit = "{tmp_path / "kit"}"\n', "utf-8")
    said = CliRunner().invoke(main, ["doctor", "--config", str(path)])
    assert (said.exit_code, said.output) == (1, "✘ Máy này chưa được đăng ký.\n")
    told = CliRunner().invoke(main, ["doctor", "--config", str(path), "--json"])
    assert json.loads(told.output) == {"tiles": [], "worst": "bad", "enrolled": False}


@pytest.fixture
def machine_free_port():
    """A port where a healthy kiosk's pages answer."""
    server = make_server("127.0.0.1", 0, create_screens(desk=ShownDesk()))
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield server.server_port
    server.shutdown()
    thread.join()
    server.server_close()
