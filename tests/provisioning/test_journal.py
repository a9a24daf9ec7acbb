"""F41: a flood of lines fills no memory card. A real journald with the kiosk's limits, in a mount namespace of its own."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.provisioning import flooded_journal

CONF = Path(__file__).parents[2] / "provisioning" / "systemd" / "journald.conf.d" / "tram.conf"
APART = ("unshare", "--map-root-user", "--mount")
FLOOD_MB = 64
# Of files that are closed, and of the one that is being written.
ROOM_MB, FILE_MB = 32, 8


def may_mount() -> bool:
    """Has this machine journald, and may we have folders of our own?"""
    if not flooded_journal.JOURNALD.exists() or not all(map(shutil.which, ("unshare", "journalctl", "mount"))):
        return False
    tried = subprocess.run((*APART, "mount", "-t", "tmpfs", "tmpfs", "/run"), capture_output=True, check=False)
    return tried.returncode == 0


@pytest.mark.integration
@pytest.mark.timeout(120)
def test_a_flood_of_lines_stays_in_its_room_and_off_the_card():
    if not may_mount():
        pytest.skip("no journald here, or no namespaces for us")
    asked = (*APART, sys.executable, str(Path(flooded_journal.__file__)), str(CONF), str(FLOOD_MB))
    said = subprocess.run(asked, capture_output=True, text=True, check=True, timeout=100)
    told = json.loads(said.stdout)
    most_mb = told["most"] / 1024 / 1024
    assert ROOM_MB / 2 < most_mb <= ROOM_MB + FILE_MB, "and the flood was a flood"
    assert told["left"] >= 64 * 1024 * 1024
    assert told["card"] == 0, "nothing is written where the card would be"
