"""F30: the card refuses to write. The screen says that nothing was saved, and gives the same page back to try again."""

import pytest

from kiosk.store import connect
from tests.browser.failures.ward import Ward
from tests.kiosk.made import CARD

pytestmark = pytest.mark.browser


def test_card_refuses(ward: Ward) -> None:
    ward.hands.pull("scan", CARD)
    assert ward.hands.wait_for("confirm").screen == "confirm"
    db = connect(ward.whole.database).conn
    db.execute("BEGIN IMMEDIATE")
    try:
        try:
            page = ward.hands.touch("yes")
        except RuntimeError:
            # On a slow machine the desk may wait ten seconds for the card: a person goes back to the screen.
            page = ward.hands.look()
    finally:
        db.rollback()
        db.close()
    assert page.screen == "trouble"
    assert ward.tiles()["disk"] == "refuses"
    ward.look("card_refuses", screen="trouble", says="CHƯA được lưu")
    assert ward.hands.touch("retry").screen == "confirm"
    assert ward.hands.touch("yes").screen == "ticket"
    assert ward.tiles()["disk"] == "roomy"
    ward.hands.touch("done")
