"""The scripted day in small: devices, screens, broker, server as processes; an outage and a kill in the middle."""

from pathlib import Path

import pytest

from provisioning.day import run_day

pytestmark = [pytest.mark.integration, pytest.mark.timeout(240)]


def test_day_with_outage_and_kill(tmp_path: Path) -> None:
    """F39, F45, F46, F53, I1, I3, I9, I17: nothing the screens confirmed is lost or doubled; the books balance."""
    account = run_day(tmp_path / "day", people=8, kiosks=2, outage=True)
    assert account["kills"] == 1
    assert account["drained"]
    assert (account["lost"], account["doubled"]) == (0, 0)
    assert account["confirmed"] == account["on_server"] == 8 * 4
    assert account["stock_before"] - account["stock_after"] == account["doses"] == 8
    # A ticket and a result slip for each, but for the one that was on its way when the kiosk was killed.
    assert 8 * 2 - 1 <= account["slips"] <= 8 * 2
    assert account["rebuild_identical"]
