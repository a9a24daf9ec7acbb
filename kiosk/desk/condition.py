"""How the desk's own machine stands: what the settings name, power and room, why the centre is away, the kept-back room."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from dataclasses import dataclass, field

from kiosk.errors import NotWritten
from kiosk.outcome import Fact
from kiosk.reserve import Reserve
from kiosk.status import ROOM_MB, Machine, has_room
from kiosk.store import Batch, Store

log = logging.getLogger(__name__)
WEAK_MS = 60_000
# A person who has no ticket yet can be sent to paper; a dose in an arm cannot.
MAY_WAIT = frozenset({"visit.checked_in"})


@dataclass
class Condition:
    """`fitted`: devices that the settings name; `away_why`: a word of `status.NETWORK`, for while the centre is away.

    `refuses`: the disk refused the last write; `salvaged`: a damaged store lies beside ours; `reserve`: room
    given up for what cannot wait (fault F29).
    """

    fitted: frozenset[str] = frozenset({"printer", "reader", "camera"})
    room_mb: int = ROOM_MB
    reserve: Reserve | None = None
    machine: Machine = field(default_factory=Machine)
    away_why: str = "cut"
    refuses: bool = False
    salvaged: bool = False
    # Our own rows found rotten by the nightly look and not mended yet, as `(inc, seq)` (fault F32); how many were, ever.
    rotten: frozenset[tuple[str, int]] = frozenset()
    mended: int = 0
    # Until when (ticks) the power counts as weak after its last dip.
    weak_until: int = 0

    def is_weak(self, now: int) -> bool:
        """Is the power too weak, or was it a moment ago? It dips many times a minute on a bad cable."""
        return self.machine.power == "poor" or now < self.weak_until

    def has_room(self) -> bool:
        """May a new person be checked in?"""
        return has_room(self.machine.free_mb, self.room_mb)

    def keep_room(self) -> None:
        """Keep the room back (again) when there is plenty."""
        if self.reserve is not None and not self.reserve.held and self.has_room():
            self.reserve.make()

    def commit(self, store: Store, batch: Batch, facts: Iterable[Fact]) -> None:
        """Make a batch durable; on a full disk what cannot wait takes the room that was kept back. `NotWritten`."""
        try:
            store.commit(batch)
        except NotWritten:
            self.refuses = True
            waits = {fact.kind for fact in facts} & MAY_WAIT
            if waits or self.reserve is None or not self.reserve.give_up():
                raise
            log.warning("reserve_given_up")
            store.commit(batch)
        self.refuses = False
