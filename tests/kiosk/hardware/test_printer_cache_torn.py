"""The printer library's cache file, cut short by a full disk or a power cut: the printer works all the same (F26, F29)."""

import os
import pickle
import subprocess
import sys
from pathlib import Path

import pytest

# In a process of its own: the library is imported once.
OPEN = """
import sys
from kiosk.hardware.escpos_line import EscposLine, LineLost
line = EscposLine(kind="serial", address="/dev/none", baud=9600, width_dots=576, write_s=1, capabilities_dir=sys.argv[1])
try:
    line.open()
except LineLost:
    print("no such device")
"""


@pytest.mark.parametrize("left", [b"", b"\x00" * 4096, b"\x80\x04\x95\xff\xff"])
def test_a_torn_cache_is_made_anew(tmp_path: Path, left: bytes) -> None:
    version = ".".join(map(str, sys.version_info[:3]))
    cache = tmp_path / f"{version}.capabilities.pickle"
    cache.write_bytes(left)
    # Inherited from a program whose folder is gone.
    inherited = {**os.environ, "ESCPOS_CAPABILITIES_PICKLE_DIR": str(tmp_path / "gone")}
    command = (sys.executable, "-c", OPEN, str(tmp_path))
    done = subprocess.run(command, check=True, capture_output=True, timeout=60, env=inherited)
    assert done.stdout.strip() == b"no such device"
    assert pickle.loads(cache.read_bytes())["profiles"]  # noqa: S301 - made by the library a moment ago
