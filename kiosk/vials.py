"""Opened vials as records tell them: what each has given, how long it stands open, which one a dose is drawn from. Pure.

Hours run on the monotonic clock of the boot in which the vial was opened. Over a restart the longer of what the boots have
lived and what the wall clock says counts: a vial is rather put away too early (time without power spoils it too).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from kiosk.outcome import Fact, Notice, Outcome, say
from protocol import records
from protocol.envelope import Record

HOUR_MS = 3_600_000
# What a person chooses; an empty vial puts itself away when the next one is opened.
REASONS = records.VIAL_ENDS


@dataclass(frozen=True)
class Opening:
    """When a vial was opened: `wall` UTC ms and its certainty; `boot`, `mono` of this kiosk (for a neighbour's: when told)."""

    wall: int
    sure: str
    boot: str
    mono: int


@dataclass(frozen=True)
class Vial:
    """One opened vial. `k`: the neighbour that opened it, empty for this kiosk's own; `used`: doses drawn from it."""

    vial: str
    vaccine: str
    lot: str
    expiry: str
    doses: int
    used: int
    k: str
    opened: Opening

    @property
    def left(self) -> int:
        """Nominal doses not yet drawn; never below zero."""
        return max(self.doses - self.used, 0)


@dataclass
class Book:
    """All vials spoken of, whatever order their records came in. A dose given twice over counts once."""

    _opened: dict[str, tuple[Record, str, Opening]] = field(default_factory=dict)
    _given: dict[str, set[str]] = field(default_factory=dict)
    _undone: set[str] = field(default_factory=set)
    _closed: set[str] = field(default_factory=set)

    def take(self, record: Record, *, k: str, boot: str, mono: int) -> None:
        """One more record. `k`: whose, empty for our own; `boot`, `mono`: this kiosk's, as in `Opening`."""
        body = record.body
        vial = body.get("vial")
        if not isinstance(vial, str):
            return
        if record.kind == "vial.opened":
            opening = Opening(record.t["wall"], record.t["sure"], boot, mono)
            self._opened.setdefault(vial, (record, k, opening))
        elif record.kind == "dose.given":
            self._given.setdefault(vial, set()).add(body["dose"])
        elif record.kind == "dose.undone":
            self._undone.add(body["dose"])
        elif record.kind == "vial.closed":
            self._closed.add(vial)

    def standing(self) -> list[Vial]:
        """The vials that stand open, the first opened first."""
        found = []
        for vial, (record, k, opening) in self._opened.items():
            if vial in self._closed:
                continue
            body = record.body
            used = len(self._given.get(vial, set()) - self._undone)
            found.append(
                Vial(vial, body["vaccine"], body["lot"], body["expiry"], body["doses_per_vial"], used, k, opening)
            )
        return sorted(found, key=lambda one: (one.opened.wall, one.vial))


def open_ms(vial: Vial, *, lived_ms: int, boot: str, wall: int, sure: str) -> int:
    """For how long a vial has stood open. `lived_ms`: monotonic time since, over boots; the rest: this instant."""
    if vial.opened.boot == boot and not vial.k:
        return lived_ms
    known = sure != "unknown" and vial.opened.sure != "unknown"
    return max(lived_ms, wall - vial.opened.wall if known else 0)


def minutes_left(passed_ms: int, hours: int | None) -> int | None:
    """Whole minutes a vial is still good for, 0 when none; None for a vaccine without such a limit."""
    return None if hours is None else max((hours * HOUR_MS - passed_ms) // 60_000, 0)


def pick(standing: Iterable[Vial], lot: str, *, too_long: frozenset[str]) -> Vial | None:
    """The opened vial that the next dose of a lot is drawn from, of this kiosk's own; None to open a new one.

    One that is good goes first. One open for too long is not passed over in silence: somebody holding it would draw from it.
    """
    ours = [one for one in standing if one.lot == lot and not one.k and one.left]
    good = [one for one in ours if one.vial not in too_long]
    return next(iter(good or ours), None)


def opened(lot: dict[str, Any], *, vial: str, doses: int, gtin: str = "", serial: str = "") -> Fact:
    """The record of a vial opened now. `lot`: `vaccine`, `lot`, `expiry`; `gtin`, `serial`: as scanned, or empty."""
    body: dict[str, Any] = {key: lot[key] for key in ("vaccine", "lot", "expiry")}
    body.update(vial=vial, doses_per_vial=doses)
    body.update({key: value for key, value in (("gtin", gtin), ("serial", serial)) if value})
    return Fact("vial.opened", body)


def closed(vial: Vial, reason: str, note: str = "") -> Fact:
    """The record of a vial put away."""
    body = {
        "vial": vial.vial, "vaccine": vial.vaccine, "lot": vial.lot, "given": vial.used, "waste": vial.left,
        "reason": reason, "note": note,
    }  # fmt: skip
    return Fact("vial.closed", body)


def end(vial: Vial | None, reason: str, note: str) -> Outcome:
    """Somebody puts a vial away. Doses still in it are waste, and waste has a reason."""
    if vial is None:
        return say("wrong_state", "warn")
    if reason not in REASONS or (reason == "empty" and vial.left):
        return say("need_reason", "warn")
    notice = Notice("vial_ended", {"lot": vial.lot, "given": vial.used, "waste": vial.left})
    return Outcome(facts=(closed(vial, reason, note.strip()),), screen="vials", pending={}, notice=notice)
