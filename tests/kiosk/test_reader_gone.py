"""The QR reader is pulled and plugged again: named on the screen, typing goes on, and it comes back by itself."""

from provisioning.stage import wait_until
from tests.kiosk.whole import WAIT_S, Whole


def test_reader_pulled_and_back(whole: Whole):
    """I14."""
    whole.settings["printer"] = "none"
    whole.start()
    reader = whole.bench._reader

    def reader_is(state: str) -> bool:
        return wait_until(lambda: whole.kiosk.devices()["reader"] == state, timeout_s=WAIT_S)

    assert reader_is("ready")
    reader.unplug()
    assert reader_is("disconnected")
    assert whole.hands.touch("no_code").screen == "type_id"
    reader.plug()
    assert reader_is("ready")
    assert whole.check_in().tickets[0] == "A-001"
