"""F3, F4: the cable is pulled before, during and after a job. Nothing counts as printed that was not."""

import pytest

from provisioning.stage import wait_until
from tests.kiosk.whole import WAIT_S, Whole


def test_unplugged_before(whole: Whole):
    """F4, I1, I14: recording goes on; the slip comes when the cable is back."""
    whole.start()
    whole.hands.pull("printer", "unplugged")
    assert wait_until(lambda: whole.kiosk.devices()["printer"] == "disconnected", timeout_s=WAIT_S)
    assert whole.check_in().screen == "ticket"
    whole.hands.pull("printer", "plugged")
    printed = whole.wait_for_record("slip.printed")
    assert [one.body["result"] for one in printed] == ["printed"]


def test_unplugged_during(whole: Whole):
    """F4, I12: what became of it is recorded, and a whole slip comes in the end."""
    whole.start()
    whole.printer.go_slow(3000)
    whole.check_in()
    assert wait_until(lambda: whole.kiosk.devices()["printer"] == "busy", timeout_s=WAIT_S)
    whole.printer.unplug()
    first = whole.wait_for_record("slip.printed")[0].body
    assert first["result"] in ("disconnected", "unknown")
    whole.printer.plug()
    whole.printer.behave()
    if first["result"] == "disconnected":
        assert whole.wait_for_record("slip.printed", 2)[1].body["copy"] == 2


@pytest.mark.timeout(120)
def test_swallowed(whole: Whole):
    """F3: bytes accepted, nothing printed, no answer: never "printed"; a person decides, so no copy by itself."""
    whole.start()
    assert wait_until(lambda: whole.kiosk.devices()["printer"] == "ready", timeout_s=WAIT_S)
    whole.printer.go_slow(3000)
    whole.check_in()
    assert wait_until(lambda: whole.kiosk.devices()["printer"] == "busy", timeout_s=WAIT_S)
    whole.printer.swallow()
    result = whole.wait_for_record("slip.printed")[0].body["result"]
    assert result in ("unknown", "disconnected")
    assert "printed" not in {record.body["result"] for record in whole.wait_for_record("slip.printed")}
