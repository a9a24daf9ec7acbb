"""The I/O board at a whole kiosk: lamp and buzzer follow the screen, the button calls, the cold box is recorded (F25)."""

import time

import pytest

from kiosk.cold_box import ALARM_MS
from tests.kiosk.whole import WAIT_S, Whole


@pytest.fixture
def whole(tmp_path):
    made = Whole(tmp_path)
    made.settings["board"] = "fake"
    made.start()
    yield made
    made.stop()


def until(what, within_s=2 * WAIT_S):
    end = time.monotonic() + within_s
    while time.monotonic() < end:
        found = what()
        if found:
            return found
        time.sleep(0.02)
    raise AssertionError(f"not within {within_s} s")


def measured(whole):
    return [record.body for record in whole.records() if record.kind == "cold_box.measured"]


def states(whole):
    return [body["state"] for body in measured(whole)]


def test_lamp_and_buzzer_say_accepted_and_the_slip_shortens_the_wait(whole):
    board = whole.bench._board
    until(lambda: whole.kiosk.devices().get("board") == "ready")
    page = whole.check_in()
    assert page.screen == "ticket"
    until(lambda: "green" in board.lamps and 1760 in board.sounds)
    whole.bench.pull("slip", "hanging")
    until(lambda: board.lamp == "off")
    whole.bench.pull("slip", "taken")
    assert whole.hands.wait_for("welcome").screen == "welcome"


def test_the_button_calls_the_next_person(whole):
    until(lambda: whole.kiosk.devices().get("board") == "ready")
    whole.check_in()
    whole.sign_in("1002")
    until(lambda: whole.bench.pull("button", "pressed") or whole.hands.wait_for("screening").screen == "screening")


def test_the_cold_box_is_recorded_and_no_data_is_never_in_range(whole):
    until(lambda: states(whole) == ["in_range"])
    body = measured(whole)[0]
    assert (body["box"], body["last"], body["fault"]) == ("box-demo", 50, "")
    assert len(body["proof"]["mac"]) == 64
    whole.bench.pull("cold_box", "12.0")
    until(lambda: states(whole)[-1] == "too_warm")
    whole.bench.pull("board", "unplugged")
    until(lambda: whole.kiosk.devices().get("board") == "disconnected")
    whole.bench.pull("time", str(ALARM_MS // 60_000))
    until(lambda: states(whole)[-1] == "no_data")
    assert measured(whole)[-1]["fault"] == "board"
    until(lambda: "Không có nhiệt độ hòm lạnh" in whole.hands.whole())
    whole.bench.pull("board", "plugged")
    whole.bench.pull("cold_box", "4.5")
    until(lambda: states(whole)[-1] == "in_range")


def test_a_kiosk_without_a_board_says_nothing_of_one(tmp_path):
    made = Whole(tmp_path)
    made.start()
    try:
        assert "board" not in made.kiosk.devices()
        assert made.kiosk._desk.cold_box is None
        assert "Hòm lạnh" not in made.hands.whole()
    finally:
        made.stop()
