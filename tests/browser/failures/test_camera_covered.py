"""F20: something lies on the lens."""

import pytest

from tests.browser.failures.ward import Ward

pytestmark = pytest.mark.browser


def test_camera_covered(ward: Ward) -> None:
    ward.hands.pull("camera", "covered")
    ward.await_tile("camera", "dark")
    ward.look("camera_covered", screen="welcome", says="ống kính")
    ward.state_page("camera_covered", what="camera", state="dark", to_do="Bỏ vật che ống kính")
    ward.hands.pull("camera", "uncovered")
    ward.await_tile("camera", "ready")
