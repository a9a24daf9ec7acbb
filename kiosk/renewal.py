"""When this kiosk asks for a certificate with a later end, and where: over its connection, or at the centre's door.

It asks when a third of the certificate's life is left, later by a part of its own, so that kiosks made on one day do not
ask on one day. The machine's own clock decides, as in TLS; a wrong one asks needlessly, at most once an hour. Sends
nothing itself over MQTT.
"""

from __future__ import annotations

import logging
from pathlib import Path

from kiosk import enrolment
from kiosk.clock import Clock
from kiosk.errors import EnrolmentRefused
from protocol import canon
from protocol.clocktext import DAY_MS

log = logging.getLogger(__name__)
ASK_EVERY_MS = 3_600_000
# At the door a kiosk stands whose work does not get away: more often.
DOOR_EVERY_MS = 60_000
# Of its life so much is left when it is asked anew: a site may be without a network for a season. Those made together
# ask over a thirtieth of it: two months for five years.
LEFT, SPREAD = 3, 30
# Kiosks that come out of the cupboard on one morning are all overdue: each waits for its moment within four hours, but
# for those with so little left that the next session might be too late.
SPREAD_MS = 4 * 3_600_000
URGENT_MS = 7 * DAY_MS


def share_of(k: str) -> float:
    """A kiosk's own part, from 0 to 1: the same for ever, and other kiosks have others."""
    return int(canon.digest(k.encode("ascii"))[:8], 16) / 2**32


def due_at(begun: int, until: int, share: float) -> int:
    """When a certificate of that life is to be asked anew, UTC ms."""
    life = until - begun
    return until - life // LEFT + int(life / SPREAD * share)


def patience_ms(left: int, share: float) -> int:
    """How long a kiosk whose certificate is due waits before it asks the first time; `left`: ms until the end."""
    return 0 if left < URGENT_MS else int(SPREAD_MS * share)


class Renewal:
    """One kit's certificate. `clock`: the machine's own, whatever a demonstration plays."""

    def __init__(self, *, kit: Path, k: str, hardware: str, door: tuple[str, int] | None, clock: Clock) -> None:
        self._kit, self._k, self._hardware, self._door = kit, k, hardware, door
        self._clock = clock
        self._share = share_of(k)
        # None while nothing is due.
        self._ask_at: int | None = None
        self._door_at = 0
        self._look()

    def ask(self) -> bytes | None:
        """What to send on `up` now, if the end is near."""
        now, ticks = self._clock.now().wall, self._clock.ticks()
        if now <= self._due_at:
            self._ask_at = None
            return None
        if self._ask_at is None:
            self._ask_at = ticks + patience_ms(self.until - now, self._share)
        if ticks < self._ask_at:
            return None
        # A hand may have put another one into the kit meanwhile.
        self._look()
        if now <= self._due_at:
            return None
        self._ask_at = ticks + ASK_EVERY_MS
        line, signature = enrolment.request_renewal(self._kit, k=self._k, hardware=self._hardware)
        return line + b"\n" + signature + b"\n"

    def answered(self, line: bytes, signature: bytes) -> None:
        """The centre's answer; taken when it is the centre's and later than what is held."""
        enrolment.take_certificate(self._kit, line, signature)
        self._look()

    def at_door(self) -> bool:
        """No broker lets us in: is the certificate over, and did the door give another?"""
        self._look()
        ticks = self._clock.ticks()
        if self._door is None or ticks < self._door_at or self.until > self._clock.now().wall:
            return False
        self._door_at = ticks + DOOR_EVERY_MS
        try:
            renewed = enrolment.renew_at_door(self._kit, self._door, k=self._k, hardware=self._hardware)
        except EnrolmentRefused as refused:
            log.warning("renewal_refused word=%s", refused.word)
            return False
        self._look()
        return renewed

    def _look(self) -> None:
        begun, self.until = enrolment.certificate_life(self._kit)
        self._due_at = due_at(begun, self.until, self._share)
