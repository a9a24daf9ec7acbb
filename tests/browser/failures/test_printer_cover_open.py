"""F1: the cover stands open."""

import pytest

from tests.browser.failures.ward import Ward

pytestmark = pytest.mark.browser


def test_printer_cover_open(ward: Ward) -> None:
    ward.hands.pull("cover", "open")
    ward.await_tile("printer", "cover_open")
    ward.look("printer_cover_open", screen="welcome", says="nắp")
    ward.state_page("printer_cover_open", what="printer", state="cover_open", to_do="Đóng nắp đến khi nghe tiếng tách.")
    ward.hands.pull("cover", "closed")
    ward.await_tile("printer", "ready")
