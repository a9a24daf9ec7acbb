"""F20: the camera is gone; cards are read by hand."""

import pytest

from tests.browser.failures.ward import Ward

pytestmark = pytest.mark.browser


def test_camera_unplugged(ward: Ward) -> None:
    ward.hands.pull("camera", "unplugged")
    ward.await_tile("camera", "absent")
    ward.look("camera_unplugged", screen="welcome", says="đầu đọc cầm tay")
    ward.state_page("camera_unplugged", what="camera", state="absent", to_do="Dùng đầu đọc cầm tay; kiểm tra dây dẹt")
    ward.hands.pull("camera", "plugged")
    ward.await_tile("camera", "ready")
