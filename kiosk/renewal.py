"""When this kiosk asks for a certificate with a later end, and where: over its connection, or at the centre's door.

The machine's own clock decides, as in TLS; a wrong one asks needlessly, at most once an hour. Sends nothing itself over MQTT.
"""

from __future__ import annotations

import logging
from pathlib import Path

from kiosk import enrolment
from kiosk.clock import Clock
from kiosk.errors import EnrolmentRefused
from protocol import enrolling
from protocol.clocktext import DAY_MS

log = logging.getLogger(__name__)
ASK_EVERY_MS = 3_600_000
# At the door a kiosk stands whose work does not get away: more often.
DOOR_EVERY_MS = 60_000


class Renewal:
    """One kit's certificate. `clock`: the machine's own, whatever a demonstration plays."""

    def __init__(self, *, kit: Path, k: str, hardware: str, door: tuple[str, int] | None, clock: Clock) -> None:
        self._kit, self._k, self._hardware, self._door = kit, k, hardware, door
        self._clock = clock
        self._ask_at = 0
        self._door_at = 0
        self.until = enrolment.certificate_until(kit)

    def ask(self) -> bytes | None:
        """What to send on `up` now, if the end is near."""
        if not self._is_near() or self._clock.ticks() < self._ask_at:
            return None
        # A hand may have put another one into the kit meanwhile.
        self.until = enrolment.certificate_until(self._kit)
        if not self._is_near():
            return None
        self._ask_at = self._clock.ticks() + ASK_EVERY_MS
        line, signature = enrolment.request_renewal(self._kit, k=self._k, hardware=self._hardware)
        return line + b"\n" + signature + b"\n"

    def answered(self, line: bytes, signature: bytes) -> None:
        """The centre's answer; taken when it is the centre's and later than what is held."""
        enrolment.take_certificate(self._kit, line, signature)
        self.until = enrolment.certificate_until(self._kit)

    def at_door(self) -> bool:
        """No broker lets us in: is the certificate over, and did the door give another?"""
        self.until = enrolment.certificate_until(self._kit)
        ticks = self._clock.ticks()
        if self._door is None or ticks < self._door_at or self.until > self._clock.now().wall:
            return False
        self._door_at = ticks + DOOR_EVERY_MS
        try:
            renewed = enrolment.renew_at_door(self._kit, self._door, k=self._k, hardware=self._hardware)
        except EnrolmentRefused as refused:
            log.warning("renewal_refused word=%s", refused.word)
            return False
        self.until = enrolment.certificate_until(self._kit)
        return renewed

    def _is_near(self) -> bool:
        return self._clock.now().wall > self.until - enrolling.RENEW_DAYS * DAY_MS
