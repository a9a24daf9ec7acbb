"""Observation after injection (theo dõi sau tiêm): 30 minutes of monotonic time, release, reactions. Pure decisions."""

from __future__ import annotations

from typing import Any

from kiosk.outcome import Fact, Notice, Outcome, Print, say
from protocol import visit
from protocol.errors import WrongTransition
from protocol.records import GRADES, REACTION_OUTCOMES, SEVERITIES

# QĐ 3588/QĐ-BYT: at least 30 minutes at the site (domain.md 2.1). I7: never shorter by any clock's jump.
OBSERVE_S = 1800
# What a record may say (`protocol.records`): a visit forgotten for days can still be ended.
MOST_OBSERVED_S = 1_000_000
# Days, when somebody comes back with it.
MOST_ONSET_MIN = 99_999
# An alarm that nobody saw for so long is no longer loud at the site; the centre has told others by then.
ALARM_S = 1800
SEVERE = "severe"
OPEN = REACTION_OUTCOMES[0]


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


def release(one: dict[str, Any], *, observed_ms: int, early_reason: str | None, copy: int) -> Outcome:
    """End an observation and print `copy` of the result slip. Before time is up it takes a reason (`early_reason` not None)."""
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
        "dose": dose["dose"],
    }
    return Outcome(
        facts=(Fact("visit.left", body),),
        screen="released",
        pending={"visit": one["visit"]},
        notice=Notice("released"),
        prints=(Print(dose["slip"], one["visit"], "dose", copy),),
    )


def report(
    one: dict[str, Any],
    *,
    severity: str,
    symptoms: list[str],
    note: str,
    aefi: str,
    listed: list[dict[str, Any]],
    onset: str = "",
) -> Outcome:
    """An adverse event after injection (phản ứng sau tiêm). `aefi`: a fresh id; `listed`: known symptoms.

    `onset`: minutes after the needle, as typed. A severe one rings at once; what else is known is asked after that.
    """
    known = _known(symptoms, listed)
    if severity not in SEVERITIES:
        return say("missing_answer", "warn", field="severity")
    if not known:
        return say("missing_answer", "warn", field="symptoms")
    if any(row["code"] in known and row.get("severity") == SEVERE for row in listed):
        # Hard to breathe is never a common reaction, whichever tile was touched.
        severity = SEVERE
    minutes = _minutes(onset)
    if minutes is None and onset.strip():
        return say("bad_number", "warn", field="onset_min")
    said = {"severity": severity, "symptoms": known, "note": note.strip()[:500]}
    return _reported(one, aefi, said if minutes is None else {**said, "onset_min": minutes})


def alarm(one: dict[str, Any], *, aefi: str, observed_ms: int) -> Outcome:
    """The red button: one touch and the site knows; what it is, is asked after that."""
    onset = min(observed_ms // 60_000, MOST_ONSET_MIN)
    return _reported(one, aefi, {"severity": SEVERE, "symptoms": [], "note": "", "onset_min": onset})


def follow_up(
    one: dict[str, Any], *, aefi: str, form: dict[str, Any], symptoms: list[dict[str, Any]],
    grades: list[dict[str, Any]], treatments: list[dict[str, Any]],
) -> Outcome:  # fmt: skip
    """What is known later of a reaction. A grade that its list calls severe makes the reaction severe.

    `form`: `severity` (`common` when it is not severe after all), `symptoms`, `grade` (empty: no anaphylaxis),
    `treatment`, `outcome`, `note` as touched.
    """
    reaction = one.get("reactions", {}).get(aefi)
    dose = one.get("dose")
    if reaction is None or dose is None:
        return say("wrong_state", "warn")
    outcome, grade = str(form.get("outcome", "")), str(form.get("grade", ""))
    severity = "common" if form.get("severity") == "common" else reaction["severity"]
    if outcome not in REACTION_OUTCOMES:
        return say("missing_answer", "warn", field="outcome")
    row = next((known for known in grades if known["code"] == grade and grade in GRADES), None)
    if row is not None and row.get("severity") == SEVERE:
        severity = SEVERE
    body = {
        "aefi": aefi,
        "visit": one["visit"],
        "dose": dose["dose"],
        "person": one["person"],
        "severity": severity,
        "symptoms": _known(form.get("symptoms", []), symptoms),
        "note": str(form.get("note", "")).strip()[:500],
        "treatment": _known(form.get("treatment", []), treatments),
        "outcome": outcome,
    }
    if row is not None:
        body["grade"] = grade
    if "onset_min" in reaction:
        body["onset_min"] = reaction["onset_min"]
    return Outcome(facts=(Fact("aefi.followed_up", body),), screen="observation", notice=Notice("followed_up"))


def see(one: dict[str, Any], *, aefi: str, who: str) -> Outcome:
    """Somebody else of the staff knows of the alarm. Whoever raised it is no witness of their own call."""
    reaction = one.get("reactions", {}).get(aefi)
    if reaction is None or "reported" not in reaction:
        return say("wrong_state", "warn")
    if reaction["reported"]["who"] == who:
        return say("own_alarm", "warn")
    if any(seen["who"] == who for seen in reaction.get("seen", ())):
        return Outcome()
    return Outcome(facts=(Fact("alarm.seen", {"aefi": aefi, "visit": one["visit"]}),))


def rings(reaction: dict[str, Any], *, rung_ms: int) -> bool:
    """Does a reaction still call the site? Until somebody has seen it, it is over, or no longer severe; at most ALARM_S.

    `rung_ms`: monotonic time since the report, or since its record came here.
    """
    return (
        "reported" in reaction
        and reaction["severity"] == SEVERE
        and not reaction.get("seen")
        and reaction.get("outcome", OPEN) == OPEN
        and rung_ms < ALARM_S * 1000
    )


def _reported(one: dict[str, Any], aefi: str, said: dict[str, Any]) -> Outcome:
    dose = one.get("dose")
    if dose is None:
        return say("wrong_state", "warn")
    try:
        visit.step(one["state"], "react")
    except WrongTransition:
        return say("wrong_state", "warn")
    facts = (
        Fact(
            "aefi.reported",
            {"aefi": aefi, "visit": one["visit"], "dose": dose["dose"], "person": one["person"], **said},
        ),
    )
    if said["severity"] != SEVERE:
        return Outcome(facts=facts, screen="observation", notice=Notice("reported"))
    pending = {"visit": one["visit"], "aefi": aefi}
    return Outcome(facts=facts, screen="follow_up", pending=pending, notice=Notice("alarm_raised", {}, "warn"))


def _known(words: Any, listed: list[dict[str, Any]]) -> list[str]:
    codes = {row["code"] for row in listed}
    chosen = [words] if isinstance(words, str) else list(words)
    # Twenty are what a record takes; in their order, each once.
    return [word for word in dict.fromkeys(chosen) if word in codes][:20]


def _minutes(typed: str) -> int | None:
    text = typed.strip()
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 5 and int(text) <= MOST_ONSET_MIN else None
