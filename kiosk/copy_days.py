"""To which day of the site a neighbour's record belongs: how late it came, and when the first day began that is not past.

Clocks lie one at a time: a writer's age is told by that writer's clock alone, a day's beginning by the centre's signed word and
ours. No sockets and no clock.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from kiosk.clock import Moment
from kiosk.neighbours import Dawn
from protocol.clocktext import DAY_MS, day_of
from protocol.envelope import Record

# A session that runs past midnight keeps its people.
RESTS_MS = 4 * 3_600_000
# Longer than any kiosk of a site is without its network: what seems older was written before its clock was set.
MOST_LATE_MS = 60 * DAY_MS
# A word of the centre is never so late: brokers keep nothing, connections end after minutes.
WORD_LATE_MS = 12 * 3_600_000
UNKNOWN = "unknown"


class Days:
    """For one thread. `offset_min`: the site's distance from UTC in minutes."""

    def __init__(self, offset_min: Callable[[], int]) -> None:
        """Nothing heard yet."""
        self._offset_min = offset_min
        # What each neighbour's clock said in its last hello, and when: `(mono, wall, sure)`.
        self._clocks: dict[str, tuple[int, int, str]] = {}
        # The latest time the centre has signed since these programs began; how far its time lies behind our monotonic one, by the
        # word that came soonest after it was signed.
        self._centre_at = 0
        self._behind: int | None = None

    def hello(self, k: str, hello: dict[str, Any], moment: Moment) -> None:
        """What a neighbour's clock says now."""
        self._clocks[k] = (moment.mono, hello["wall"], hello["sure"])

    def centre_said(self, signed: int, moment: Moment) -> None:
        """A verified word of the centre bears this time (wall ms)."""
        self._centre_at = max(self._centre_at, signed)
        behind = moment.mono - signed
        self._behind = behind if self._behind is None else min(self._behind, behind)

    def late(self, record: Record, moment: Moment) -> int:
        """How long ago its writer wrote it (ms), by the writer's own clock, however wrong; 0 when nothing sensible is known.

        Written after the last contact of an evening, it comes in the morning and is not of that morning.
        """
        mono, wall, sure = self._clocks.get(record.k, (moment.mono, moment.wall, moment.sure))
        if UNKNOWN in (record.t["sure"], sure):
            return 0
        late: int = wall + moment.mono - mono - record.t["wall"]
        return late if 0 < late <= MOST_LATE_MS else 0

    def dawn(self, moment: Moment) -> Dawn | None:
        """The first day not past by our clock and the centre's signed word alike (as retention); None while nobody vouches for the time.

        The centre may say at noon that a day has begun: when it began is reckoned back from the later of the two clocks, and from
        the centre's alone when ours runs ahead of it by more than any word can be late.
        """
        known = min(moment.wall, self._centre_at)
        if moment.sure == UNKNOWN or known <= RESTS_MS or self._behind is None:
            return None
        wall = self.dawn_of(known)
        centre = moment.mono - self._behind
        later = max(moment.wall, self._centre_at)
        later = centre if later - centre > WORD_LATE_MS else later
        return Dawn(day_of(wall, self._offset_min()), wall, moment.boot, moment.mono - (later - wall))

    def dawn_of(self, wall: int) -> int:
        """When the day of `wall` began at the site."""
        shift = self._offset_min() * 60_000 - RESTS_MS
        return (wall + shift) // DAY_MS * DAY_MS - shift
