"""The machine stands in the sun: its page says so; the citizens' screen does not trouble them with it."""

import pytest

from tests.browser.failures.ward import Ward

pytestmark = pytest.mark.browser


def test_machine_hot(ward: Ward) -> None:
    ward.hands.pull("heat", "hot")
    ward.state_page("machine_hot", what="heat", state="hot", to_do="Chuyển vào bóng mát")
    ward.hands.pull("heat", "cool")
    ward.await_tile("heat", "cool")
