"""F20: the camera is absent, covered or pulled. The hand scanner and typing go on, and it comes back by itself."""

from provisioning.stage import wait_until
from tests.kiosk.made import CARD
from tests.kiosk.whole import WAIT_S, Whole


def camera_is(whole: Whole, *states: str) -> bool:
    return wait_until(lambda: whole.kiosk.devices()["camera"] in states, timeout_s=WAIT_S)


def test_camera_pulled_and_back(whole: Whole):
    """F20, I14."""
    whole.settings |= {"camera": "fake", "printer": "none"}
    whole.start()
    assert camera_is(whole, "ready")
    whole.hands.pull("camera", "unplugged")
    assert camera_is(whole, "absent")
    assert whole.check_in().tickets[0] == "A-001"
    whole.home()
    whole.hands.pull("camera", "plugged")
    assert camera_is(whole, "ready")
    whole.hands.pull("card", CARD.replace("075079001234", "075079005555"))
    assert whole.hands.wait_for("confirm").screen == "confirm"
    assert whole.hands.touch("yes").tickets[0] == "A-002"


def test_lens_covered(whole: Whole):
    """F20: black frames are named."""
    whole.settings |= {"camera": "fake", "printer": "none"}
    whole.start()
    whole.hands.pull("camera", "covered")
    assert camera_is(whole, "dark")
    whole.hands.pull("camera", "uncovered")
    assert camera_is(whole, "ready")


def test_no_camera_and_no_reader_at_all(whole: Whole):
    """F20: what is left is typing."""
    whole.settings |= {"camera": "none", "reader": "none", "printer": "none"}
    whole.start()
    whole.hands.touch("no_code")
    page = whole.hands.touch(
        "typed", name="Trần Thị Bình", dob_day="", dob_month="", dob_year="1950", sex="F", doc_no="271234567", phone=""
    )
    assert page.screen == "confirm"
    assert whole.hands.touch("yes").screen == "ticket"
