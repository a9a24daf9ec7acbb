"""Whose turn it is: one line of appointments, priority and walk-ins, and an honest guess at the wait. Pure; rules are data.

The rule: everybody is placed by the time of their check-in; a priority group or an appointment kept gives a head start of
so many minutes (the site's list, member `queue`). So nobody is passed by anybody who comes later than that: none starves.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from protocol import rules, visit
from protocol.claims import lane_of

Visit = dict[str, Any]
MINUTE_MS = 60_000
HOUR_MS = 60 * MINUTE_MS
# Fewer people screened within the hour say too little about the next one.
LEAST_KNOWN = 5
# People hear "about 25 minutes": nobody knows it better.
STEP_MIN = 5


def head_start_min(one: Visit, rule: dict[str, Any]) -> int:
    """Minutes by which a visit stands further ahead than its check-in: the larger of what priority and appointment give.

    `rule`: `priority_min`, `appointment_min`, and `window_min`: an appointment counts if the person came so near to it.
    """
    found = int(rule.get("priority_min", 0)) if one.get("priority") else 0
    at = str(one.get("appointment", ""))
    if at.isascii() and at.isdigit():
        kept = abs(int(one["checked_in"]["wall"]) - int(at)) <= int(rule.get("window_min", 0)) * MINUTE_MS
        found = max(found, int(rule.get("appointment_min", 0)) if kept else 0)
    return found


def order(waiting: Iterable[Visit], rule: dict[str, Any] | None = None) -> list[Visit]:
    """A site's waiting people as one line: placed by check-in less head start, then lane and ticket.

    Within a lane time never runs back: a kiosk whose clock is wrong moves its whole lane, not two of its tickets against
    each other.
    """
    latest: dict[str, int] = {}
    placed = []
    for one in sorted(waiting, key=_ticket):
        lane = lane_of(str(one["ticket"]))
        since = latest[lane] = max(latest.get(lane, 0), int(one["checked_in"]["wall"]))
        placed.append((since - head_start_min(one, rule or {}) * MINUTE_MS, lane, _ticket(one), one))
    placed.sort(key=lambda row: row[:3])
    return [row[3] for row in placed]


def _ticket(one: Visit) -> tuple[int, str]:
    ticket = str(one["ticket"])
    return (len(ticket), ticket)


def groups(listed: Iterable[dict[str, Any]], today: str) -> list[dict[str, Any]]:
    """The priority groups in force today: `code`, `vi`, `en`, and `age_min` where age alone decides."""
    return list(rules.in_force(list(listed), today))


def by_age(listed: Iterable[dict[str, Any]], dob: str, today: str) -> str:
    """The group a person belongs to by age alone; empty when none, or when the birth is unknown."""
    age = rules.age_on(dob, today)
    return next((str(one["code"]) for one in groups(listed, today) if "age_min" in one and age >= one["age_min"]), "")


def wait(
    visits_today: list[Visit], *, visit_id: str, now_wall: int, rule: dict[str, Any], shared: bool
) -> tuple[int, int | None]:
    """`(people before, minutes)`; the minutes are None when the last hour tells too little.

    From how many were screened within the hour, over the time since the first of them: a pause makes it longer at once.
    `shared`: the site has one line; else each kiosk's lane is served by itself.
    """
    me = next((one for one in visits_today if one["visit"] == visit_id), None)
    if me is None or me["state"] != visit.WAITING:
        return 0, None
    line = [
        one for one in visits_today if one["state"] == visit.WAITING and (shared or one.get("home") == me.get("home"))
    ]
    before = [one["visit"] for one in order(line, rule)].index(visit_id)
    return before, minutes(visits_today, before=before, now_wall=now_wall, shared=shared)


def minutes(visits_today: list[Visit], *, before: int, now_wall: int, shared: bool) -> int | None:
    """How long `before` people take, in steps of five minutes; None when the last hour tells too little."""
    done = [
        int(one["screened"]["wall"])
        for one in visits_today
        if "screened" in one
        and (shared or "k" not in one["screened"])
        and 0 <= now_wall - one["screened"]["wall"] < HOUR_MS
    ]
    if len(done) < LEAST_KNOWN:
        return None
    # The first of them began the count, it was not waited for: the others took the time since.
    each_ms = (now_wall - min(done)) / (len(done) - 1)
    return max(-(-int(before * each_ms) // (STEP_MIN * MINUTE_MS)), 1) * STEP_MIN
