"""A Raspberry Pi's own files: undervoltage, temperature, free bytes, the memory card's life. Reads; changes nothing.

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
# What an eMMC says of itself (JEDEC JESD84-B51, EXT_CSD 267 to 269); the kernel shows it for no plain SD card. `life_time`
# has two figures, 1 to 10 in steps of ten hundredths used up, 11 beyond; `pre_eol_info` 1 normal, 2 of the spare blocks 80 %
# are used up, 3 urgent. 0 is "not said" in both.
CARDS = "sys/block"
LIFE, SPARE = "device/life_time", "device/pre_eol_info"
WORN_LIFE, SPENT_LIFE = 9, 11
WORN_SPARE, SPENT_SPARE = 2, 3


class PiMachine(Machine):
    """`folder`: on the file system whose room counts; `root`: where /sys lies; `command`: `vcgencmd`, empty for none."""

    def __init__(self, *, folder: Path, root: Path = Path("/"), command: str | None = None) -> None:
        self._folder = folder
        self._root = root
        self._command = shutil.which("vcgencmd") or "" if command is None else command

    def read(self) -> Reading:
        """Say how the computer is now."""
        heat = _number(self._root / HEAT, 10)
        wear, worn_pct = self._wear()
        return Reading(
            power=self._power(), tenths_c=None if heat is None else heat // 100, free_mb=self._free_mb(), wear=wear,
            worn_pct=worn_pct,
        )  # fmt: skip

    def close(self) -> None:
        """Nothing is held."""

    def _free_mb(self) -> int | None:
        try:
            return shutil.disk_usage(self._folder).free // MEGABYTE
        except OSError:
            return None

    def _wear(self) -> tuple[str, int | None]:
        lives, spares = [0], [0]
        for card in sorted((self._root / CARDS).glob("mmcblk*")):
            lives += _numbers(card / LIFE)
            spares += _numbers(card / SPARE)
        life, spare = max(lives), max(spares)
        if not life and not spare:
            return "unknown", None
        spent, worn = life >= SPENT_LIFE or spare >= SPENT_SPARE, life >= WORN_LIFE or spare >= WORN_SPARE
        return "spent" if spent else "worn" if worn else "fresh", min(life, 10) * 10 or None

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


def _numbers(path: Path) -> list[int]:
    try:
        return [int(word, 16) for word in path.read_text("ascii").split()]
    except (OSError, ValueError):
        return []
