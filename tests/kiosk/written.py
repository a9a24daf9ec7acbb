"""How many bytes a kiosk hands to its memory card for one person's way through the site, as the kernel counts them (F43)."""

from pathlib import Path

from kiosk.observation import OBSERVE_S
from tests.kiosk.made import Made

COUNTED = Path("/proc/self/io")


def written_bytes() -> int:
    """Bytes given to write calls so far, WAL and file alike; the card itself may write more, by its blocks."""
    return next(
        int(line.partition(": ")[2]) for line in COUNTED.read_text("ascii").splitlines() if line.startswith("wchar")
    )


def bytes_a_dose(made: Made, people: int) -> int:
    """Check-in, screening, dose, thirty minutes, release with its slip ordered: bytes for one of `people`."""
    before = written_bytes()
    for number in range(people):
        made.check_in(f"0750790012{number:02}||Người Thử {chr(65 + number)}|14041979|Nam|Biên Hòa, Đồng Nai|25062021")
        made.screen()
        made.dose(reason="đồng ý")
    made.act("next")
    made.clock.pass_s(OBSERVE_S)
    for _one in range(people):
        made.act("release", visit=made.act("observation")["data"]["tiles"][0]["visit"])
        made.act("next")
    return (written_bytes() - before) // people
