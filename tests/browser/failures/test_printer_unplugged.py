"""F4: the cable is pulled."""

import pytest

from tests.browser.failures.ward import Ward

pytestmark = pytest.mark.browser


def test_printer_unplugged(ward: Ward) -> None:
    ward.hands.pull("printer", "unplugged")
    ward.await_tile("printer", "disconnected")
    ward.look("printer_unplugged", screen="welcome", says="Mất máy in")
    ward.state_page("printer_unplugged", what="printer", state="disconnected", to_do="Kiểm tra nguồn và dây.")
    ward.hands.pull("printer", "plugged")
    ward.await_tile("printer", "ready")
