"""To which day of the site a neighbour's record belongs: how late it came, and when the first day began that is not past.

A record's age is told by its writer's monotonic clock, which no hand sets; a day's beginning by the centre's signed word and our
clock. No sockets and no clock.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from kiosk.clock import Moment
from kiosk.neighbours import Dawn
from kiosk.visitbook import NIGHT_MS
from protocol.clocktext import DAY_MS, day_of
from protocol.envelope import Record

# Longer than any kiosk lies in a cupboard between two rounds of a campaign: what seems older was written before its clock was set.
MOST_LATE_MS = 180 * DAY_MS
# A word of the centre is never so late: brokers keep nothing, connections end after minutes.
WORD_LATE_MS = 12 * 3_600_000
UNKNOWN = "unknown"


class Days:
    """For one thread. `offset_min`: the site's distance from UTC in minutes."""

    def __init__(self, offset_min: Callable[[], int]) -> None:
        """Nothing heard yet."""
        self._offset_min = offset_min
        # How far the monotonic clock of a neighbour's boot is ahead of ours, by the hello that came soonest after it was said.
        self._ahead: dict[tuple[str, str], int] = {}
        # Each neighbour's boot, how long it ran, and how far its wall clock was ahead of our monotonic one, when it last said.
        self._walls: dict[str, tuple[str, int, int]] = {}
        # The latest time the centre has signed since these programs began; how far its time lies behind our monotonic one, by the
        # word that came soonest after it was signed.
        self._centre_at = 0
        self._behind: int | None = None

    def hello(self, k: str, hello: dict[str, Any], moment: Moment) -> None:
        """What a neighbour's clocks say now. Of an older release its hello says nothing of the monotonic one."""
        if "mono" in hello:
            boot = (k, hello["boot"])
            ahead = hello["mono"] - moment.mono
            self._ahead[boot] = max(ahead, self._ahead.get(boot, ahead))
        ran = hello.get("mono", 0)
        before = self._walls.get(k, ("", 0, 0))
        if hello["sure"] != UNKNOWN and (before[0] != hello["boot"] or before[1] <= ran):
            self._walls[k] = (hello["boot"], ran, hello["wall"] - moment.mono)

    def centre_said(self, signed: int, moment: Moment) -> None:
        """A verified word of the centre bears this time (wall ms)."""
        self._centre_at = max(self._centre_at, signed)
        behind = moment.mono - signed
        self._behind = behind if self._behind is None else min(self._behind, behind)

    def late(self, record: Record, moment: Moment) -> int:
        """How long ago its writer wrote it (ms); 0 when nothing sensible is known.

        Written after the last contact of an evening, it comes in the morning and is not of that morning. What was written before
        its kiosk began again is dated by its writer's wall clock then and now, for one that is always wrong by the same hours tells
        ages right; of a writer not heard since, by ours or the centre's. If somebody vouched for both.
        """
        ahead = self._ahead.get((record.k, record.t["boot"]))
        if ahead is not None:
            return max(moment.mono + ahead - int(record.t["mono"]), 0)
        wall, sure = self._now(moment), moment.sure
        by_writer = self._by_writer(record, moment)
        if by_writer is not None:
            wall, sure = by_writer, ""
        late: int = wall - record.t["wall"]
        return late if UNKNOWN not in (record.t["sure"], sure) and 0 < late <= MOST_LATE_MS else 0

    def _by_writer(self, record: Record, moment: Moment) -> int | None:
        """Its writer's wall clock now; None where nothing was heard, or where it is not this record's writer that was heard.

        What another boot wrote is older than the boot we heard, or younger than the word we heard of it. What is neither comes
        from another machine under this name: of a copied card's two one may run a day ahead.
        """
        if record.k not in self._walls:
            return None
        boot, ran, ahead = self._walls[record.k]
        wall: int = moment.mono + ahead
        # An older release's hello does not say how long it ran.
        runs = moment.mono + self._ahead.get((record.k, boot), -moment.mono)
        return None if runs - ran < wall - record.t["wall"] < runs else wall

    def dawn(self, moment: Moment) -> Dawn | None:
        """The first day not past by our clock and the centre's signed word alike (as retention); None while nobody vouches for the time.

        The centre may say at noon that a day has begun: when it began is reckoned back from `_now`.
        """
        known = min(moment.wall, self._centre_at)
        if moment.sure == UNKNOWN or known <= NIGHT_MS or self._behind is None:
            return None
        wall = self.dawn_of(known)
        return Dawn(day_of(wall, self._offset_min()), wall, moment.boot, moment.mono - (self._now(moment) - wall))

    def _now(self, moment: Moment) -> int:
        """The later of the two clocks, but the centre's where ours runs ahead of it by more than any word can be late."""
        if self._behind is None:
            return moment.wall
        centre = moment.mono - self._behind
        later = max(moment.wall, self._centre_at)
        return centre if later - centre > WORD_LATE_MS else later

    def dawn_of(self, wall: int) -> int:
        """When the day of `wall` began at the site."""
        shift = self._offset_min() * 60_000 - NIGHT_MS
        return (wall + shift) // DAY_MS * DAY_MS - shift
