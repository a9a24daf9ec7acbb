"""The hand scanner is gone; the camera reads cards."""

import pytest

from tests.browser.failures.ward import Ward

pytestmark = pytest.mark.browser


def test_reader_unplugged(ward: Ward) -> None:
    ward.hands.pull("reader", "unplugged")
    ward.await_tile("reader", "disconnected")
    ward.look("reader_unplugged", screen="welcome", says="Mất đầu đọc cầm tay")
    ward.state_page("reader_unplugged", what="reader", state="disconnected", to_do="Trong lúc đó dùng máy ảnh đọc thẻ.")
    ward.hands.pull("reader", "plugged")
    ward.await_tile("reader", "ready")
