"""What this touchscreen shows right now. Lives in memory only: nothing here is a fact, a restart begins at the welcome."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from typing import Any

from kiosk.outcome import Notice

WELCOME = "welcome"
# Screens a citizen may see without staff; every other screen needs somebody signed in.
CITIZEN = ("welcome", "type_id", "confirm", "ticket", "sign_in", "status")
# A citizen's screen falls back to the welcome after so many seconds without a touch (look.md: 20 s).
IDLE_S = {"type_id": 90, "confirm": 40, "ticket": 20, "sign_in": 40}
# Staff left the screen: it locks after a minute (fault F96); the board of observation stays readable longer.
LOCK_S = {"observation": 600}
LOCK_ELSE_S = 60
# Whoever was locked out finds their page again for so long; then it begins as for anybody.
RESUME_MS = 15 * 60_000
# How long a sentence stands on the welcome page; a warning that nobody asked for first has to find somebody.
NOTICE_MS, UNASKED_MS = 15_000, 600_000


@dataclass(frozen=True)
class Locked:
    """The page that a lock covered, for the same person's next sign-in. In memory only."""

    staff: str
    station: str
    screen: str
    pending: dict[str, Any]
    at: int


@dataclass
class Front:
    """The state of the touchscreen. `touched`: ticks of the last act; `wrong`: wrong PINs in a row.

    `told_at`: ticks of the last sentence that no act asked for.
    """

    screen: str = WELCOME
    pending: dict[str, Any] = field(default_factory=dict)
    notice: Notice | None = None
    staff: dict[str, Any] | None = None
    proof: str = "pin"
    station: str | None = None
    badge: dict[str, Any] | None = None
    version: int = 1
    token: str = field(default_factory=lambda: secrets.token_hex(8))
    touched: int = 0
    told_at: int | None = None
    wrong: int = 0
    wait_until: int = 0
    last: dict[str, Any] | None = None
    locked: Locked | None = None

    def show(self, screen: str, pending: dict[str, Any] | None = None) -> None:
        """Go to a screen."""
        self.screen = screen
        self.pending = pending or {}

    def fresh(self) -> None:
        """After any act: pages shown before are stale, their buttons do nothing."""
        self.version += 1
        self.token = secrets.token_hex(8)

    def changed(self) -> None:
        """Something to look at changed, but the person's screen is the same: buttons stay good."""
        self.version += 1

    def tell(self, notice: Notice, now: int) -> None:
        """Show a sentence that no act asked for."""
        if notice != self.notice:
            self.notice, self.told_at = notice, now
            self.changed()

    def is_told(self, now: int) -> bool:
        """Has the sentence on the welcome page stood there long enough?"""
        if self.screen != WELCOME or self.notice is None:
            return False
        if self.told_at is None or self.told_at <= self.touched:
            return now - self.touched > NOTICE_MS
        return now - self.told_at > (NOTICE_MS if self.notice.tone == "info" else UNASKED_MS)

    def lock(self) -> None:
        """Cover the page; the same person finds it again."""
        staff, station = self.staff, self.station
        covered = Locked(staff["id"], station, self.screen, self.pending, self.touched) if staff and station else None
        self.leave()
        self.locked = covered

    def unlocked(self, staff: str, now: int) -> Locked | None:
        """What was covered, if it was this person's and not too long ago. Asked once: the next sign-in is another."""
        covered, self.locked = self.locked, None
        return covered if covered and covered.staff == staff and now - covered.at < RESUME_MS else None

    def leave(self) -> None:
        """Forget the person and whoever was signed in; nothing of them stays on the screen."""
        self.staff = None
        self.station = None
        self.badge = None
        self.notice = None
        self.locked = None
        self.show(WELCOME)
