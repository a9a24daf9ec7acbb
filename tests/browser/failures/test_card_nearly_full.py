"""F29: no new check-in on a card that is nearly full; the person is told where to go."""

import pytest

from tests.browser.failures.ward import Ward
from tests.kiosk.made import CARD

pytestmark = pytest.mark.browser


def test_card_nearly_full(ward: Ward) -> None:
    ward.hands.pull("disk", "full")
    ward.state_page("card_nearly_full", what="disk", state="full", to_do="Không nhận người mới ở máy này")
    ward.hands.pull("scan", CARD)
    assert ward.hands.wait_for("confirm").screen == "confirm"
    assert ward.hands.touch("yes").screen == "confirm"
    ward.look("card_nearly_full", screen="confirm", says="Mời quý vị sang máy khác.")
    ward.hands.pull("disk", "roomy")
    ward.await_tile("disk", "roomy")
    assert ward.hands.touch("no").screen == "welcome"
