"""The kiosk's reading of its own visits: folds one record into one visit. Pure; a rebuild folds them all again."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from protocol import envelope
from protocol import visit as table
from protocol.errors import UnknownKind

Visit = dict[str, Any]


def fold(
    before: Visit | None, *, kind: str, body: dict[str, Any], t: dict[str, Any], who: dict[str, str], session: str
) -> Visit | None:
    """The visit after a record; None when the record belongs to no visit or to one never checked in here.

    `t`, `who` and `session` as in the record's envelope: the session is the visit's campaign day, because the wall
    clock alone may have been wrong (fault F35).
    """
    if "visit" not in body:
        return before
    if kind == "visit.checked_in":
        before = _opened(body, t, session)
    if before is None:
        return None
    after = dict(before)
    after["state"] = (
        table.fold(before["state"], table.event_of(kind, body))[0] if kind != "visit.checked_in" else table.WAITING
    )
    stamp = {"wall": t["wall"], "mono": t["mono"], "boot": t["boot"], "who": who["id"]}
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
        after["dose"] = {**stamp, **{key: body[key] for key in ("dose", "vaccine", "lot", "expiry", "dose_no", "slip")}}
    elif kind == "dose.undone":
        after["undone"] = {**stamp, "reason": body["reason"]}
        after.pop("dose", None)
    elif kind == "aefi.reported":
        after["reaction"] = body["severity"]
    elif kind == "visit.left":
        after["left"] = {**stamp, "outcome": body["outcome"], "observed_s": body["observed_s"]}
    elif kind == "slip.printed" and body["result"] == "printed":
        after["printed"] = {**before.get("printed", {}), body["what"]: body["copy"]}
    return after


def rebuilt(lines: Iterable[bytes]) -> dict[str, Visit]:
    """Every visit folded anew from the records, in the order they were made."""
    visits: dict[str, Visit] = {}
    for line in lines:
        try:
            record = envelope.parse(line)
        except UnknownKind:
            # Written by a newer release before a roll-back (F42): it stays in the log and says nothing to this one.
            continue
        visit = str(record.body.get("visit", ""))
        after = fold(
            visits.get(visit), kind=record.kind, body=record.body, t=record.t, who=record.who, session=record.session
        )
        if visit and after:
            visits[visit] = after
    return visits


def _opened(body: dict[str, Any], t: dict[str, Any], session: str) -> Visit:
    return {
        "visit": body["visit"],
        "day": session,
        "ticket": body["ticket"],
        "person": body["person"],
        "identity": body["identity"],
        "appointment": body.get("appointment", ""),
        "slip": body["slip"],
        "checked_in": {"wall": t["wall"], "mono": t["mono"], "boot": t["boot"]},
        "state": table.NEW,
    }
