"""What a kiosk prepares before it is a fact: today's opening, the drill, loose sheets for the printer. In memory only.

A restart begins it anew; what counts is in the records, of which `told` is the present reading. Decides nothing.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field

from kiosk.drill import Drill
from kiosk.sheet_picture import SheetWords


@dataclass(frozen=True)
class Told:
    """What the records held here say of a day at this site. `team`: staff id to role; `drilled`: kiosks; times UTC ms."""

    day: str = ""
    opened_at: int = 0
    closed_at: int = 0
    team: dict[str, str] = field(default_factory=dict)
    drilled: tuple[str, ...] = ()
    # The day before was opened and never closed, as far as is known here.
    left_open: bool = False


@dataclass
class Draft:
    """`team`: staff id to role, None until somebody looked; `counts`: lot to vials; `sheets`: `(what, words)` to print."""

    team: dict[str, str] | None = None
    counts: dict[str, int] = field(default_factory=dict)
    drill: Drill = field(default_factory=Drill)
    sheets: deque[tuple[str, SheetWords]] = field(default_factory=deque)
    told: Told = field(default_factory=Told)
    # The paper list on a stick: `off`, `no_stick`, `written` (the last time at `list_at`, HH:MM) or `failed`.
    list_file: str = "off"
    list_at: str = ""
