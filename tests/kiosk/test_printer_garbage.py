"""F6: the printer answers garbage. Unknown is not ready: nothing is sent to it, and the screen says to look at it."""

from provisioning.stage import wait_until
from tests.kiosk.whole import WAIT_S, Whole


def test_garbage_is_never_ready(whole: Whole):
    """F6, I12, I14."""
    whole.start()
    whole.printer.answer_garbage()
    assert wait_until(lambda: whole.kiosk.devices()["printer"] in ("unknown", "disconnected"), timeout_s=WAIT_S)
    assert whole.check_in().screen == "ticket"
    assert "slip.printed" not in whole.kinds()
    whole.printer.behave()
    assert whole.wait_for_record("slip.printed")[0].body["result"] == "printed"
