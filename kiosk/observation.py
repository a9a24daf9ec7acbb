"""Observation after injection (theo dõi sau tiêm): 30 minutes of monotonic time, release, reactions. Pure decisions."""

from __future__ import annotations

from typing import Any

from kiosk.outcome import Fact, Notice, Outcome, Print, say
from protocol import visit
from protocol.errors import WrongTransition

# QĐ 3588/QĐ-BYT: at least 30 minutes at the site (domain.md 2.1). I7: never shorter by any clock's jump.
OBSERVE_S = 1800
# What a record may say (`protocol.records`): a visit forgotten for days can still be ended.
MOST_OBSERVED_S = 1_000_000


def elapsed_ms(since: dict[str, Any], *, boot: str, mono: int, boots: list[dict[str, Any]]) -> int:
    """Monotonic time since an act, across restarts: time without power does not count, so it is never too long.

    `since`: `{"boot", "mono"}` of the act; `boots`: every boot's `boot`, `first_mono`, `last_mono`, oldest first.
    """
    if since["boot"] == boot:
        return max(mono - int(since["mono"]), 0)
    passed = 0
    seen = False
    for life in boots:
        if life["boot"] == since["boot"]:
            passed += max(life["last_mono"] - int(since["mono"]), 0)
            seen = True
        elif life["boot"] == boot:
            passed += max(mono - life["first_mono"], 0)
        elif seen:
            passed += life["last_mono"] - life["first_mono"]
    return passed if seen else 0


def left_s(observed_ms: int) -> int:
    """Seconds still to observe, rounded up."""
    return max(-(-(OBSERVE_S * 1000 - observed_ms) // 1000), 0)


def release(one: dict[str, Any], *, observed_ms: int, early_reason: str | None) -> Outcome:
    """End an observation and print the result slip. Before time is up it takes a reason (`early_reason` not None)."""
    dose = one.get("dose")
    if dose is None or one["state"] != visit.OBSERVING:
        return say("wrong_state", "warn")
    early = left_s(observed_ms) > 0
    if early and early_reason is None:
        return Outcome(screen="release_early", pending={"visit": one["visit"]})
    if early and not (early_reason or "").strip():
        return say("need_reason", "warn")
    outcome = "early" if early else "reaction" if one.get("reaction") else "well"
    body = {
        "visit": one["visit"],
        "person": one["person"],
        "observed_s": min(observed_ms // 1000, MOST_OBSERVED_S),
        "outcome": outcome,
    }
    return Outcome(
        facts=(Fact("visit.left", body),),
        screen="released",
        pending={"visit": one["visit"]},
        notice=Notice("released"),
        prints=(Print(dose["slip"], one["visit"], "dose"),),
    )


def report(
    one: dict[str, Any], *, severity: str, symptoms: list[str], note: str, aefi: str, listed: list[dict[str, Any]]
) -> Outcome:
    """An adverse event after injection (phản ứng sau tiêm). `aefi`: a fresh id; `listed`: known symptoms."""
    codes = {symptom["code"] for symptom in listed}
    known = [word for word in symptoms if word in codes]
    if severity not in ("common", "severe") or not known:
        return say("missing_answer", "warn", field="symptoms")
    dose = one.get("dose")
    if dose is None:
        return say("wrong_state", "warn")
    try:
        visit.step(one["state"], "react")
    except WrongTransition:
        return say("wrong_state", "warn")
    body = {
        "aefi": aefi,
        "visit": one["visit"],
        "dose": dose["dose"],
        "person": one["person"],
        "severity": severity,
        "symptoms": known,
        "note": note.strip()[:500],
    }
    return Outcome(facts=(Fact("aefi.reported", body),), screen="observation", notice=Notice("reported"))
