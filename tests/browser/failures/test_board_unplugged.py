"""F25: lamp and cold-box board are gone; no data is not in range."""

import pytest

from tests.browser.failures.ward import Ward

pytestmark = pytest.mark.browser


def test_board_unplugged(ward: Ward) -> None:
    ward.hands.pull("board", "unplugged")
    ward.await_tile("board", "disconnected")
    ward.look("board_unplugged", screen="welcome", says="Mất bảng đèn")
    ward.state_page("board_unplugged", what="board", state="disconnected", to_do="Xem nhiệt kế của hòm lạnh.")
    ward.hands.pull("board", "plugged")
    ward.await_tile("board", "ready")
