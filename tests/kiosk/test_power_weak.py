"""F24: undervoltage. The screen says so, the camera rests first while a hand scanner is there, and comes back."""

import json

from kiosk.status import Machine
from kiosk.telemetry import CHANGED_MS, Telemetry
from provisioning.stage import wait_until
from tests.kiosk.made import CARD, Made
from tests.kiosk.whole import WAIT_S, Whole


def test_the_camera_rests_and_the_scanner_reads_on(whole: Whole):
    whole.settings |= {"machine": "fake", "camera": "fake"}
    whole.start()
    devices = whole.kiosk.devices
    assert wait_until(lambda: devices()["camera"] == "ready" and devices()["reader"] == "ready", timeout_s=WAIT_S)
    whole.bench.pull("power", "poor")
    assert wait_until(lambda: devices()["camera"] == "resting", timeout_s=WAIT_S)
    assert "Nguồn điện yếu" in whole.hands.whole()
    assert whole.check_in(CARD).screen == "ticket"
    whole.bench.pull("power", "good")
    assert wait_until(lambda: whole.kiosk._desk.condition.machine.power == "good", timeout_s=WAIT_S)
    whole.kiosk._desk.condition.weak_until = 0
    assert wait_until(lambda: devices()["camera"] == "ready", timeout_s=WAIT_S)


def test_without_a_scanner_the_camera_goes_on_and_after_a_dip_it_rests_a_minute(made: Made):
    made.touch.machine(Machine(power="poor"))
    made.touch.view()
    assert not made.touch.camera_rests
    made.touch.device("reader", "ready")
    made.touch.view()
    assert made.touch.camera_rests
    made.touch.machine(Machine(power="was_poor"))
    made.touch.view()
    made.clock.patience += 59_000
    assert made.touch.camera_rests
    made.clock.patience += 2_000
    assert not made.touch.camera_rests


def test_the_centre_is_told_of_weak_power_and_of_a_worn_card(made: Made):
    """F24, F43: in the word that goes up on `state`, at once when it changes."""
    telemetry = Telemetry(made.desk)

    def said(now: int) -> dict:
        word = made.desk.call(lambda: telemetry.due(now))
        return json.loads(word) if word else {}

    first = said(1)
    assert (first["power"], first["wear"], first["worn_pct"]) == ("unknown", "unknown", -1)
    made.touch.machine(Machine(power="poor", wear="worn", worn_pct=90))
    made.touch.view()
    second = said(1 + CHANGED_MS)
    assert (second["power"], second["wear"], second["worn_pct"]) == ("poor", "worn", 90)
    assert said(2 + CHANGED_MS) == {}, "nothing new"
