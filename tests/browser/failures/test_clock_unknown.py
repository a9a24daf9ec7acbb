"""F35: nobody has told the kiosk the time. The clock shows a sign, the machine's page what to do; the work goes on."""

import json

import pytest

from tests.browser.failures.ward import Ward

pytestmark = pytest.mark.browser


def test_clock_unknown(ward: Ward) -> None:
    place = ward.whole.clock
    sure = json.loads(place.read_text("utf-8"))
    place.write_text(json.dumps({**sure, "sure": "unknown"}), "utf-8")
    ward.await_tile("clock", "unknown")
    ward.look("clock_unknown", screen="welcome", says="≈")
    ward.state_page("clock_unknown", what="clock", state="unknown", to_do="nối mạng một phút")
    place.write_text(json.dumps(sure), "utf-8")
    ward.await_tile("clock", "synced")
