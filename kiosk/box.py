"""Which machine this is: one line that another machine does not have, for the enrolment. Reads; keeps nothing."""

from __future__ import annotations

import hashlib
from pathlib import Path

# A Raspberry Pi's own serial number; then what the operating system made up at its first start.
SERIAL = "sys/firmware/devicetree/base/serial-number"
MACHINE = "etc/machine-id"
SIGNS = 32


def hardware_id(root: Path = Path("/")) -> str:
    """The id of the machine whose files lie in `root`; empty where none can be read.

    A digest: a machine-id is to be kept to the machine (machine-id(5)), and a serial number is nobody's affair.
    """
    for name in (SERIAL, MACHINE):
        try:
            text = (root / name).read_text("ascii").strip("\0 \n")
        except (OSError, ValueError):
            continue
        if text:
            return hashlib.sha256(f"tram {text}".encode()).hexdigest()[:SIGNS]
    return ""
