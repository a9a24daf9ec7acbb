"""Which broker next: the site's hub first, the centre when the hub is dead, and back. Pure; opens nothing.

Rule: addresses are tried in order, each once before the wait; a lost connection begins at the first again; one that
stands at a later address looks from time to time whether the first answers.
"""

from __future__ import annotations

Address = tuple[str, int]
# Between two looks whether the first address answers again; doubled each time, so that a hub which answers and does not
# serve costs a kiosk its connection ever more seldom.
LOOK_FIRST_MS = 5_000
LOOK_LAST_MS = 120_000


class Brokers:
    """Addresses in the order of preference. Times are monotonic milliseconds."""

    def __init__(self, addresses: tuple[Address, ...]) -> None:
        self._addresses = addresses
        self._at = 0
        self._look_at = 0
        self._look_wait = LOOK_FIRST_MS

    @property
    def address(self) -> Address:
        """Where to connect, or where we are."""
        return self._addresses[self._at]

    @property
    def first(self) -> Address:
        """The one preferred."""
        return self._addresses[0]

    def served(self, now: int) -> None:
        """The connection stands: subscribed, not only accepted."""
        if self._at:
            self._look_later(now)
        else:
            self._look_wait = LOOK_FIRST_MS

    def failed(self, *, stood: bool) -> bool:
        """A connection was lost (`stood`) or never came. Is there another address to try before waiting?"""
        self._at = 0 if stood else (self._at + 1) % len(self._addresses)
        return self._at != 0

    def look_due(self, now: int) -> bool:
        """Is it time to see whether the first address answers?"""
        return self._at != 0 and now >= self._look_at

    def looked(self, now: int, *, answers: bool) -> bool:
        """What the look found. True: leave the present connection and go to the first."""
        if answers:
            self._at = 0
        else:
            self._look_later(now)
        return answers

    def _look_later(self, now: int) -> None:
        self._look_at = now + self._look_wait
        self._look_wait = min(self._look_wait * 2, LOOK_LAST_MS)
