"""When messages wait for the morning, and which do not: `data/quiet_hours.json`, each row with its period. Pure.

One-time codes are no messages: who asks for one at night gets it.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from protocol.clocktext import VIETNAM_OFFSET_MIN, day_of, time_of


def only(
    periods: Iterable[Mapping[str, Any]], now: int, *, offset_min: int = VIETNAM_OFFSET_MIN
) -> tuple[str, ...] | None:
    """The templates that may be sent at `now` (UTC ms); None: every one.

    A period: `from` and `to` (days, `to` the last one or absent), `start` and `end` (`HH:MM`, over midnight when `end`
    is the earlier; the end itself is loud), `urgent` (templates). The one that begins last holds.
    """
    day, time = day_of(now, offset_min), time_of(now, offset_min)
    standing = [one for one in periods if one["from"] <= day <= one.get("to", day)]
    if not standing:
        return None
    held = max(standing, key=lambda one: str(one["from"]))
    start, end = held["start"], held["end"]
    quiet = start <= time < end if start <= end else time >= start or time < end
    return tuple(held["urgent"]) if quiet else None
