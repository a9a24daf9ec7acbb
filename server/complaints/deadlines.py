"""When a complaint is due. The deadlines are data with their periods (server/data/sla.json; domain.md 5.4)."""

from collections.abc import Mapping, Sequence
from typing import Any

from protocol.clocktext import DAY_MS, VIETNAM_OFFSET_MIN, day_number, day_of
from protocol.rules import in_force

HOUR_MS = 3_600_000

# Entries of `sla.json`: `from`, `to` (days, `to` optional), `hours`, `source`, `legacy_due` (a day, optional).
Deadlines = Sequence[Mapping[str, Any]]


def due_at(filed_at: int, deadlines: Deadlines) -> int:
    """When a complaint filed at `filed_at` is due (UTC ms).

    One filed before the first entry holds is a legacy case: due by the end of that entry's `legacy_due` day.
    """
    filed_on = day_of(filed_at)
    holding = in_force(list(deadlines), filed_on)
    if holding:
        return int(filed_at + holding[-1]["hours"] * HOUR_MS)
    first = min(deadlines, key=lambda entry: str(entry["from"]))
    return end_of(first["legacy_due"])


def end_of(day: str) -> int:
    """The instant at which `day` ends in Viet Nam (UTC ms)."""
    return int((day_number(day) + 1) * DAY_MS - VIETNAM_OFFSET_MIN * 60_000)
