"""F1: the roll has ended."""

import pytest

from tests.browser.failures.ward import Ward

pytestmark = pytest.mark.browser


def test_printer_no_paper(ward: Ward) -> None:
    ward.hands.pull("paper", "out")
    ward.await_tile("paper", "out")
    ward.look("printer_no_paper", screen="welcome", says="Hết giấy")
    ward.state_page("printer_no_paper", what="paper", state="out", to_do="Thay cuộn giấy, đóng nắp")
    ward.hands.pull("paper", "loaded")
    ward.await_tile("paper", "there")
