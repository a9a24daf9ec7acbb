"""What a cold box's thermometer tells over time: a record every ten minutes, an alarm after half an hour. Pure.

No data is a state of its own, never "in range" (fault F25); a gap never ends what was wrong before it (domain.md 7).
All times are monotonic milliseconds.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

from kiosk.outcome import Fact
from protocol import rules

# domain.md 7: sampled at least every ten minutes; a warning to the people there after thirty.
RECORD_EVERY_MS = 10 * 60_000
ALARM_MS = 30 * 60_000
# A board says its temperature every ten seconds; after six that did not come there is no data.
NO_DATA_MS = 60_000


@dataclass(frozen=True)
class Measured:
    """One reading. `tenths_c`: None with a `fault`; `proof`: `boot`, `n`, `up_s`, `mac` as the board signed it."""

    box: str
    tenths_c: int | None
    fault: str = ""
    proof: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class ColdBox:
    """`since`: when the span of the next record began; `heard`: when the last temperature came, or the beginning.

    `bad_since`: since when it has not been in range, without an end by a gap; None while all is well.
    `state`: the word of `records.COLD_BOX_STATES` last told.
    """

    since: int
    heard: int
    box: str = "unknown"
    readings: int = 0
    low: int | None = None
    high: int | None = None
    last: int | None = None
    gap_ms: int = 0
    fault: str = "board"
    proof: dict[str, Any] = field(default_factory=dict)
    bad_since: int | None = None
    state: str = "no_data"


def begin(now: int) -> ColdBox:
    """Nothing measured yet."""
    return ColdBox(since=now, heard=now, bad_since=now)


def taken(box: ColdBox, reading: Measured, now: int) -> ColdBox:
    """The state after a reading."""
    if reading.tenths_c is None:
        return replace(box, box=reading.box, fault=reading.fault)
    found = reading.tenths_c
    return replace(
        box,
        box=reading.box,
        readings=box.readings + 1,
        low=found if box.low is None else min(box.low, found),
        high=found if box.high is None else max(box.high, found),
        last=found,
        gap_ms=max(box.gap_ms, now - max(box.heard, box.since)),
        heard=now,
        fault="",
        proof=reading.proof,
    )


def step(box: ColdBox, now: int) -> tuple[ColdBox, tuple[Fact, ...]]:
    """The state at `now`, and a record when ten minutes are over or the state has become another."""
    state = rules.cold_box_state(None if now - box.heard > NO_DATA_MS or box.last is None else box.last)
    if box.last is None and now - box.heard <= NO_DATA_MS:
        return box, ()  # just begun: the first reading is on its way
    bad_since = None if state == "in_range" else now if box.bad_since is None else box.bad_since
    changed = replace(box, state=state, bad_since=bad_since)
    if now - box.since < RECORD_EVERY_MS and state == box.state:
        return changed, ()
    body: dict[str, Any] = {
        "box": changed.box,
        "span_s": (now - box.since) // 1000,
        "readings": box.readings,
        "gap_s": max(box.gap_ms, now - max(box.heard, box.since)) // 1000,
        "state": state,
        "fault": (box.fault or "board") if state == "no_data" else "",
    }
    if box.readings:
        body |= {"low": box.low, "high": box.high, "last": box.last}
        if box.proof:
            body["proof"] = box.proof
    after = replace(changed, since=now, readings=0, low=None, high=None, gap_ms=0)
    return after, (Fact("cold_box.measured", body),)


def is_alarm(box: ColdBox, now: int) -> bool:
    """Whether somebody has to act: half an hour without one temperature in range."""
    return box.bad_since is not None and now - box.bad_since >= ALARM_MS


def shown(box: ColdBox, now: int) -> dict[str, Any]:
    """For the screen: `state`, `tenths_c` (None without data), `minutes` it has not been in range, `alarm`."""
    minutes = (now - box.bad_since) // 60_000 if box.bad_since is not None else 0
    tenths_c = None if box.state == "no_data" else box.last
    return {"state": box.state, "tenths_c": tenths_c, "minutes": minutes, "alarm": is_alarm(box, now)}
