"""The kiosk's reading of visits: its own records and its neighbours', folded. Pure; a rebuild folds them all again."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain
from typing import Any

from kiosk import parsed
from kiosk.boots import starts
from protocol import visit as table
from protocol.clocktext import DAY_MS, day_of
from protocol.envelope import Record
from protocol.errors import UnknownKind

Visit = dict[str, Any]
# What a report or a follow-up says of a reaction.
SAID = ("severity", "symptoms", "note", "grade", "onset_min", "treatment", "outcome")


@dataclass(frozen=True)
class Seen:
    """Whose record a neighbour's is, when it came here by this kiosk's own boot and monotonic clock, and how late (ms)."""

    k: str
    boot: str
    mono: int
    late: int = 0


# Until this hour of the night a session of the evening before goes on.
NIGHT_MS = 4 * 3_600_000
Told = tuple[Record, Seen | None]
DOSE_KEPT = ("dose", "vaccine", "lot", "expiry", "dose_no", "slip", "vial")


def fold(
    before: Visit | None,
    *,
    kind: str,
    body: dict[str, Any],
    t: Mapping[str, Any],
    who: dict[str, str],
    session: str,
    seen: Seen | None = None,
) -> Visit | None:
    """The visit after a record; None when the record belongs to no visit or to one never checked in.

    `t`, `who` and `session` as in the record's envelope: the session is the visit's campaign day, because the wall
    clock alone may have been wrong (fault F35). `seen`: for a neighbour's record; its stamps then count from its coming.
    """
    if "visit" not in body:
        return before
    stamp: dict[str, Any] = {"wall": t["wall"], "mono": t["mono"], "boot": t["boot"]}
    if seen is not None:
        # Of a stranger's boot this clock knows nothing. Since it came is never more than since it happened (I7).
        stamp.update(mono=seen.mono, boot=seen.boot, k=seen.k)
    if kind == "visit.checked_in":
        before = _opened(body, dict(stamp), session, seen)
    if before is None:
        return None
    after = dict(before)
    after["state"] = (
        table.fold(before["state"], table.event_of(kind, body))[0] if kind != "visit.checked_in" else table.WAITING
    )
    stamp["who"] = who["id"]
    if kind == "visit.called":
        after["called"] = {**stamp, "station": body["station"], "desk": body["desk"]}
    elif kind == "visit.screened":
        after["screened"] = {
            **stamp,
            "conclusion": body["conclusion"],
            "because": body["because"],
            "consent": body["consent"],
        }
    elif kind == "dose.given":
        after["dose"] = {**stamp, **{key: body[key] for key in DOSE_KEPT if key in body}}
    elif kind == "dose.undone":
        # With what was undone: its slip still has to be told void.
        after["undone"] = {**stamp, "reason": body["reason"], "was": after.pop("dose", None)}
    elif kind in ("aefi.reported", "aefi.followed_up", "alarm.seen"):
        after["reactions"] = {**before.get("reactions", {}), body["aefi"]: _reacted(before, kind, body, stamp)}
        after["reaction"] = body.get("severity", before.get("reaction", ""))
    elif kind == "visit.left":
        after["left"] = {**stamp, "outcome": body["outcome"], "observed_s": body["observed_s"]}
    elif kind == "slip.printed" and body["result"] == "printed":
        after["printed"] = {**before.get("printed", {}), body["what"]: body["copy"]}
    return after


def read(lines: Iterable[bytes], copies: Iterable[tuple[bytes, Seen]]) -> Visit | None:
    """One visit from all records of it, ours and neighbours'; None while nobody's check-in is here."""
    return _read(_parsed(lines, copies))


def rebuilt(lines: Iterable[bytes], copies: Iterable[tuple[bytes, Seen]] = ()) -> dict[str, Visit]:
    """Every visit read anew from our records' lines and neighbours'."""
    by_visit: dict[str, list[Told]] = {}
    for record, seen in _parsed(lines, copies):
        by_visit.setdefault(str(record.body.get("visit", "")), []).append((record, seen))
    found = {visit: _read(told) for visit, told in by_visit.items() if visit}
    return {visit: after for visit, after in found.items() if after is not None}


def _parsed(lines: Iterable[bytes], copies: Iterable[tuple[bytes, Seen]]) -> Iterator[Told]:
    ours: Iterable[tuple[bytes, Seen | None]] = ((line, None) for line in lines)
    for line, seen in chain(ours, copies):
        try:
            yield parsed.record(line), seen
        except UnknownKind:
            # Written by a newer release before a roll-back (F42): it stays in the log and says nothing to this one.
            continue


def _read(told: Iterable[Told]) -> Visit | None:
    # As the server reads it, whatever came first (I6) and however far apart the site's clocks are; only the check-in comes
    # before all else, for it is what opens the visit here.
    held = list(told)
    ordered = [held[position] for position in table.course([record for record, _seen in held])]
    opening = next((pair for pair in ordered if pair[0].kind == "visit.checked_in"), None)
    if opening is None:
        return None
    after: Visit | None = None
    for record, seen in (opening, *(pair for pair in ordered if pair[0].kind != "visit.checked_in")):
        after = fold(
            after, kind=record.kind, body=record.body, t=record.t, who=record.who, session=record.session, seen=seen
        )
    return after


def _reacted(before: Visit, kind: str, body: Mapping[str, Any], stamp: Mapping[str, Any]) -> Visit:
    """One reaction after a record of it. What followed up says holds, also when the report is read after it."""
    one = dict(before.get("reactions", {}).get(body["aefi"], {}))
    if kind == "alarm.seen":
        one["seen"] = [*one.get("seen", ()), {"who": stamp["who"], "wall": stamp["wall"]}]
        return one
    said = {name: body[name] for name in SAID if name in body}
    if kind == "aefi.followed_up":
        return {**one, **said, "followed": dict(stamp)}
    return {**said, **one, "reported": dict(stamp)}


def _opened(body: dict[str, Any], stamp: dict[str, Any], session: str, seen: Seen | None) -> Visit:
    opened: Visit = {
        "visit": body["visit"],
        "day": session,
        "ticket": body["ticket"],
        "person": body["person"],
        "identity": body["identity"],
        "appointment": body.get("appointment", ""),
        "slip": body["slip"],
        **{name: body[name] for name in ("priority", "face", "earlier") if name in body},
        "checked_in": stamp,
        "state": table.NEW,
    }
    if seen is not None:
        # The kiosk whose lane the visit stands in; absent for our own. How long before it came here it began.
        opened.update(home=seen.k, late=seen.late)
    return opened


def dated(
    found: Iterable[Visit], *, boot: str, mono: int, wall: int, offset_min: int, boots: Sequence[Mapping[str, Any]]
) -> list[Visit]:
    """The visits with the campaign day on whose line each stands now. `boot`, `mono`, `wall`: this instant.

    Begun since this boot, or in one of `boots` (`Store.boots`) in which somebody vouched for the clock, a visit's day comes from
    the monotonic clock, whatever the wall clock said then; a neighbour's began when it came here, less what it was late.
    In a boot that never knew the time it began no later than the boots since have lived: as long as it may be of today, whoever
    has not gone stays in line. Whoever is still at the site after midnight stands on the new day's line until the night is
    over (NIGHT_MS).
    """
    offset = offset_min * 60_000
    today, tonight = _day((wall + offset) // DAY_MS), _day((max(wall - NIGHT_MS, 0) + offset) // DAY_MS)
    known, latest = starts(boots, boot=boot, mono=mono, wall=wall)
    visits = []
    for one in found:
        day, since = one["day"], one["checked_in"]
        if since["boot"] in known:
            began = known[since["boot"]] + since["mono"] - one.get("late", 0)
            day = _day((max(began, 0) + offset) // DAY_MS)
        elif since["boot"] in latest and one["state"] in table.OPEN:
            day = max(day, _day((max(latest[since["boot"]] + since["mono"], 0) + offset) // DAY_MS))
        if day == tonight and one["state"] in table.OPEN:
            day = today
        visits.append(one if day == one["day"] else {**one, "day": day})
    return visits


@lru_cache(maxsize=64)
def _day(number: int) -> str:
    """`day_of` for a day number: each touch asks it of every visit of the day."""
    return day_of(number * DAY_MS, 0)
