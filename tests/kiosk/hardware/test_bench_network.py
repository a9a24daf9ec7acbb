"""The bench's network lever: pulled, silent both ways, silent one way, plugged again."""

from pathlib import Path

import pytest

from kiosk.hardware.bench import VirtualBench
from kiosk.hardware.cable import BLACKHOLE, CUT, FLOWING, TO_CLIENT, TO_SERVER, Cable
from kiosk.screens.bench import POSITIONS
from kiosk.screens.levers import LEVERS


@pytest.fixture
def cable():
    with Cable("127.0.0.1", 1) as running:
        yield running


def test_each_position_of_the_network(cable: Cable, tmp_path: Path):
    """F45, F47, F48: what `make faults` does to a kiosk's cable is one lever of its bench."""
    bench = VirtualBench(camera=None, reader=None, printer=None, cables=(cable,), slips=tmp_path, cards=None, skip=None)
    wanted = {
        "pulled": (CUT, {TO_SERVER, TO_CLIENT}),
        "silent": (BLACKHOLE, {TO_SERVER, TO_CLIENT}),
        "silent_up": (BLACKHOLE, {TO_SERVER}),
        "silent_down": (BLACKHOLE, {TO_CLIENT}),
        "plugged": (FLOWING, set()),
    }
    assert set(POSITIONS["network"]) == set(wanted)
    for value, (state, blocked) in wanted.items():
        bench.pull("network", value)
        assert bench.levers()["network"] == value
        assert value in LEVERS
        assert cable.state == state
        if state != CUT:
            assert set(cable._blocked) == blocked
