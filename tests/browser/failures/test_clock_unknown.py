"""F35: nobody has told the kiosk the time. The clock shows a sign, the machine's page what to do; the work goes on."""

import pytest

from tests.browser.failures.ward import Ward

pytestmark = pytest.mark.browser


def test_clock_unknown(ward: Ward) -> None:
    ward.whole.set_clock(sure="unknown")
    ward.await_tile("clock", "unknown")
    ward.look("clock_unknown", screen="welcome", says="≈")
    ward.state_page("clock_unknown", what="clock", state="unknown", to_do="nối mạng một phút")
    ward.whole.set_clock(sure="synced")
    ward.await_tile("clock", "synced")
