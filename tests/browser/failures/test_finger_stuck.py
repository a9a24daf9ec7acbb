"""F23: a stuck finger or a ghost touch: only pressing and letting go on the same button acts."""

import pytest

from tests.browser.failures.ward import Ward
from tests.kiosk.made import OTHER_CARD

pytestmark = pytest.mark.browser


def test_finger_stuck(ward: Ward) -> None:
    ward.hands.pull("scan", OTHER_CARD)
    assert ward.hands.wait_for("confirm").screen == "confirm"
    ward.look("finger_stuck", screen="confirm", says="Lê Thị Mỹ Duyên", displays=("800x480",))
    page = ward.page
    box = page.locator("[data-act=yes]:visible").first.bounding_box()
    middle = (box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    # It lies on the button and stays, then slides off: nothing.
    page.mouse.move(*middle)
    page.mouse.down()
    page.wait_for_selector("[data-act=yes].pressed")
    page.mouse.move(middle[0], 30)
    page.mouse.up()
    # It comes down elsewhere and is let go on the button: nothing.
    page.mouse.move(middle[0], 30)
    page.mouse.down()
    page.mouse.move(*middle)
    page.mouse.up()
    assert ward.hands.look().screen == "confirm"
    page.mouse.move(*middle)
    page.mouse.down()
    page.mouse.up()
    assert ward.hands.wait_for("ticket").screen == "ticket"
    # In the browser too: a page still on its way would come in the middle of the next test's first look.
    page.wait_for_selector("body[data-ready][data-screen=ticket]")
    ward.hands.touch("done")
