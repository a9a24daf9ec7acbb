"""A computer with levers: the Pi's driver over a folder that looks like /sys. Says nothing a Pi would not say."""

import tempfile
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import Self

from kiosk.hardware.machine import Machine
from kiosk.hardware.machine_pi import CARDS, HEAT, LIFE, SPARE, THROTTLED, PiMachine
from kiosk.status import Machine as Reading

WORDS = {"good": "0x0", "poor": "0x50005", "was_poor": "0x50000"}

ROOMY_MB = 21_400


class FakeMachine(Machine):
    """Levers: `set_power`, `set_heat`, `set_free_mb`, `set_wear`. Its files go with `close()`."""

    def __init__(self, *, folder: Path) -> None:
        """`folder`: where it exists at all; the room told is the lever's, not this machine's."""
        self._files = tempfile.TemporaryDirectory(prefix="tram-machine-")
        self._root = Path(self._files.name)
        self._driver = PiMachine(folder=folder, root=self._root, command="")
        self._free_mb = ROOMY_MB
        self.set_power("good")
        self.set_heat(452)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def set_power(self, word: str) -> None:
        """`good`, `poor` (a weak cable now), `was_poor`."""
        self._put(THROTTLED, WORDS[word])

    def set_heat(self, tenths_c: int) -> None:
        """The processor's temperature."""
        self._put(HEAT, str(tenths_c * 100))

    def set_free_mb(self, free_mb: int) -> None:
        """Room on the memory card as it is told."""
        self._free_mb = free_mb

    def set_wear(self, life: int, spare: int) -> None:
        """What an eMMC's two figures say: `life` 0 (nothing) to 11, `spare` 0 to 3."""
        self._put(f"{CARDS}/mmcblk0/{LIFE}", f"0x01 0x{life:02x}")
        self._put(f"{CARDS}/mmcblk0/{SPARE}", f"0x{spare:02x}")

    def read(self) -> Reading:
        """Say how the computer is now."""
        return replace(self._driver.read(), free_mb=self._free_mb)

    def close(self) -> None:
        """Take the files away."""
        self._files.cleanup()

    def _put(self, name: str, text: str) -> None:
        place = self._root / name
        place.parent.mkdir(parents=True, exist_ok=True)
        fresh = place.with_suffix(".new")
        fresh.write_text(text + "\n", "ascii")
        fresh.replace(place)
