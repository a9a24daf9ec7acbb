"""What one make of printer can do, read from PRINTERS.toml. Data only; it opens no printer."""

import tomllib
from dataclasses import dataclass
from pathlib import Path

TABLE = Path(__file__).with_name("PRINTERS.toml")


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """A row of PRINTERS.toml; its head says what each member means. `dots`: by paper in mm."""

    name: str
    about: str
    dots: dict[int, int]
    baud: int
    centres: bool
    doubles: bool
    knife: str
    feed_lines: int
    clears: bool
    mm_per_s: int


class UnknownProfile(LookupError):
    """The settings name a printer, or a paper for it, that the table does not hold."""


def profiles() -> dict[str, Profile]:
    """Every row by its name."""
    rows = tomllib.loads(TABLE.read_text("utf-8"))
    return {
        name: Profile(name=name, **{**row, "dots": {int(mm): dots for mm, dots in row["dots"].items()}})
        for name, row in rows.items()
    }


def profile(name: str, *, paper_mm: int) -> tuple[Profile, int]:
    """The row `name` and its dots on this paper; raise UnknownProfile when there is no such row or paper."""
    known = profiles()
    if name not in known:
        raise UnknownProfile(f"printer_profile {name!r}; known: {', '.join(sorted(known))}")
    row = known[name]
    if paper_mm not in row.dots:
        raise UnknownProfile(f"{name} takes no paper of {paper_mm} mm; it takes {sorted(row.dots)}")
    # In sixteens, so that codes can be sent as double dots.
    return row, row.dots[paper_mm] // 16 * 16
