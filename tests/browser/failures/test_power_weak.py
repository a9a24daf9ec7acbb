"""F24: undervoltage."""

import pytest

from tests.browser.failures.ward import Ward

pytestmark = pytest.mark.browser


def test_power_weak(ward: Ward) -> None:
    ward.hands.pull("power", "poor")
    ward.await_tile("power", "poor")
    ward.look("power_weak", screen="welcome", says="Nguồn điện yếu")
    ward.state_page("power_weak", what="power", state="poor", to_do="Rút bớt thiết bị")
    ward.hands.pull("power", "good")
    ward.await_tile("power", "good")
