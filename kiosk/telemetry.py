"""What this kiosk says of itself on `state`: devices, clock, backlog, room, version, certificate. Retained; never a record.

Said when the connection stands, when something changed, and each half minute. Nothing of a person is in it.
"""

from __future__ import annotations

from typing import Any

from kiosk.config import APP
from kiosk.desk.loop import Desk
from protocol import canon

EVERY_MS = 30_000
# A device that flutters is told of this often at most.
CHANGED_MS = 2_000
ORDER = ("state",)


class Telemetry:
    """`fixed`: what does not change while the program runs, such as `hardware`. Times are monotonic milliseconds."""

    def __init__(self, desk: Desk, **fixed: Any) -> None:
        self._desk = desk
        self._fixed = fixed
        self._said: dict[str, Any] = {}
        self._at = 0
        # How often the broker has refused us since the start: nobody else would tell.
        self.refused = 0
        self.certificate_until = 0

    def connected(self) -> None:
        """A new connection: it is said anew at once."""
        self._at = 0

    def due(self, now: int) -> bytes | None:
        """The word to say now, if any."""
        if now < self._at - EVERY_MS + CHANGED_MS:
            return None
        told = self._changing()
        if now < self._at and told == self._said:
            return None
        self._said, self._at = told, now + EVERY_MS
        moment = self._desk.moment()
        desk = self._desk
        ages = desk.lists.ages_min(moment.wall)
        whole = {
            "state": "online", "app": APP, "inc": desk.log.inc, **self._fixed, **told,
            "wall": max(moment.wall, 0), "err": moment.err, "seq": desk.log.seq,
            "waiting": desk.log.seq - desk.committed + desk.owed[0],
            "lists_min": max(ages.values(), default=-1),
            "free_mb": -1 if desk.condition.machine.free_mb is None else desk.condition.machine.free_mb,
            "worn_pct": -1 if desk.condition.machine.worn_pct is None else desk.condition.machine.worn_pct,
        }  # fmt: skip
        return bytes(canon.write(whole, ORDER))

    def _changing(self) -> dict[str, Any]:
        desk = self._desk
        return {
            **{name: desk.devices.get(name, "unused") for name in ("printer", "camera", "reader")},
            "sure": desk.moment().sure,
            "power": desk.condition.machine.power,
            "wear": desk.condition.machine.wear,
            "refused": self.refused,
            "certificate_until": self.certificate_until,
        }
