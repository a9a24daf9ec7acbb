"""A Raspberry Pi's own files: undervoltage, temperature, free bytes. Reads; changes nothing.

Two places tell of undervoltage: the kernel's hwmon device `rpi_volt` (now only), and the firmware's word
`get_throttled`, bit 0 now and bit 16 since the start (0x50005 after a weak cable), as a file or by `vcgencmd`.
"""

import shutil
import subprocess
from pathlib import Path

from kiosk.hardware.machine import Machine
from kiosk.status import MEGABYTE
from kiosk.status import Machine as Reading

POOR_NOW, POOR_SINCE_START = 0x1, 0x10000
COMMAND_S = 2.0
THROTTLED = "sys/devices/platform/soc/soc:firmware/get_throttled"
HEAT = "sys/class/thermal/thermal_zone0/temp"


class PiMachine(Machine):
    """`folder`: on the file system whose room counts; `root`: where /sys lies; `command`: `vcgencmd`, empty for none."""

    def __init__(self, *, folder: Path, root: Path = Path("/"), command: str | None = None) -> None:
        self._folder = folder
        self._root = root
        self._command = shutil.which("vcgencmd") or "" if command is None else command

    def read(self) -> Reading:
        """Say how the computer is now."""
        heat = _number(self._root / HEAT, 10)
        return Reading(power=self._power(), tenths_c=None if heat is None else heat // 100, free_mb=self._free_mb())

    def close(self) -> None:
        """Nothing is held."""

    def _free_mb(self) -> int | None:
        try:
            return shutil.disk_usage(self._folder).free // MEGABYTE
        except OSError:
            return None

    def _power(self) -> str:
        bits = _number(self._root / THROTTLED, 16)
        if bits is None and self._command:
            bits = self._asked()
        if bits is not None:
            return "poor" if bits & POOR_NOW else "was_poor" if bits & POOR_SINCE_START else "good"
        alarm = self._alarm()
        return "unknown" if alarm is None else "poor" if alarm else "good"

    def _alarm(self) -> int | None:
        for place in sorted((self._root / "sys/class/hwmon").glob("hwmon*")):
            try:
                if (place / "name").read_text("ascii").strip() == "rpi_volt":
                    return _number(place / "in0_lcrit_alarm", 10)
            except (OSError, ValueError):
                continue
        return None

    def _asked(self) -> int | None:
        try:
            said = subprocess.run(  # noqa: S603 - the maker's own program, nothing of a person in it
                (self._command, "get_throttled"), capture_output=True, text=True, timeout=COMMAND_S, check=True
            ).stdout
            return int(said.strip().removeprefix("throttled="), 16)
        except (OSError, ValueError, subprocess.SubprocessError):
            return None


def _number(path: Path, base: int) -> int | None:
    try:
        return int(path.read_text("ascii").strip(), base)
    except (OSError, ValueError):
        return None
