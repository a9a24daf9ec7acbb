"""The kiosk's clocks: wall time with its certainty, and time since boot. Nothing else reads the system's clock.

A Raspberry Pi has no clock when it wakes; `sure` says how far the wall time may be trusted (protocol.md, Clocks).
"""

from __future__ import annotations

import json
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from protocol.besttime import DRIFT_PPM
from protocol.clocktext import day_of, time_of

SYNCHRONISED = Path("/run/systemd/timesync/synchronized")
BOOT_ID = Path("/proc/sys/kernel/random/boot_id")
# I7: `synced` is within 2 s.
SYNCED_ERROR_MS = 2000


@dataclass(frozen=True)
class Moment:
    """One instant. `wall`: UTC ms; `mono`: ms since boot; `boot`: which boot; `sure`: synced, holdover, unknown; `err`: ms.

    An unknown time has no bound: its `err` of 0 says nothing.
    """

    wall: int
    mono: int
    boot: str
    sure: str
    err: int

    def day(self, offset_min: int) -> str:
        """The campaign day at the site."""
        return day_of(self.wall, offset_min)

    def time(self, offset_min: int) -> str:
        """The time of day at the site, HH:MM."""
        return time_of(self.wall, offset_min)


class Clock(Protocol):
    """What every clock answers."""

    def now(self) -> Moment:
        """This instant."""

    def ticks(self) -> int:
        """Milliseconds for people's patience."""


class SystemClock:
    """The Pi's own clocks."""

    def __init__(self) -> None:
        """Reads the boot id once: it cannot change while the process lives."""
        self._boot = BOOT_ID.read_text(encoding="ascii").strip().replace("-", "")[:16]
        self._synced_at: int | None = None

    def now(self) -> Moment:
        """This instant."""
        mono = time.clock_gettime_ns(time.CLOCK_BOOTTIME) // 1_000_000
        wall = time.time_ns() // 1_000_000
        if SYNCHRONISED.exists():
            self._synced_at = mono
            return Moment(wall, mono, self._boot, "synced", SYNCED_ERROR_MS)
        if self._synced_at is None:
            return Moment(wall, mono, self._boot, "unknown", 0)
        drift = (mono - self._synced_at) * DRIFT_PPM // 1_000_000
        return Moment(wall, mono, self._boot, "holdover", SYNCED_ERROR_MS + drift)

    def ticks(self) -> int:
        """Milliseconds for people's patience (idle screens, waits): never demonstration time."""
        return time.monotonic_ns() // 1_000_000


class DemoClock:
    """A clock for demonstrations: one small file, shared by all programs, says from when and how fast time runs.

    The file: `{"real": ms, "wall": ms, "mono": ms, "speed": n}`, and `"sure"` when nobody vouches for the time.
    The screens say DEMO while it is used.
    """

    def __init__(self, path: Path) -> None:
        """`path`: the shared file."""
        self._path = path
        self._stamp = -1
        self._base: dict[str, Any] = {"real": 0, "wall": 0, "mono": 0, "speed": 1}

    def now(self) -> Moment:
        """This instant of the demonstration's day."""
        stamp = self._path.stat().st_mtime_ns
        if stamp != self._stamp:
            self._base = json.loads(self._path.read_text(encoding="utf-8"))
            self._stamp = stamp
        passed = (time.time_ns() // 1_000_000 - self._base["real"]) * self._base["speed"]
        sure = self._base.get("sure", "synced")
        err = SYNCED_ERROR_MS if sure == "synced" else 0
        return Moment(self._base["wall"] + passed, self._base["mono"] + passed, "demo", sure, err)

    def ticks(self) -> int:
        """Milliseconds for people's patience: real time even when the day runs fast."""
        return time.monotonic_ns() // 1_000_000

    def skip(self, milliseconds: int) -> None:
        """Move everybody's time forward."""
        moment = self.now()
        base = {
            "real": time.time_ns() // 1_000_000,
            "wall": moment.wall + milliseconds,
            "mono": moment.mono + milliseconds,
            "speed": self._base["speed"],
        }
        fresh = self._path.with_suffix(".new")
        fresh.write_text(json.dumps(base), encoding="utf-8")
        fresh.replace(self._path)
