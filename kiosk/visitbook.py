"""The kiosk's reading of its own visits: folds one record into one visit. Pure; a rebuild folds them all again."""

from __future__ import annotations

from typing import Any

from protocol import visit as visits
from protocol.clocktext import day_of

Visit = dict[str, Any]


def fold(
    before: Visit | None, *, kind: str, body: dict[str, Any], t: dict[str, Any], who: dict[str, str], offset_min: int
) -> Visit | None:
    """The visit after a record; None when the record belongs to no visit or to one never checked in here.

    `t` and `who` as in the record's envelope.
    """
    if "visit" not in body:
        return before
    if kind == "visit.checked_in":
        before = _opened(body, t, offset_min)
    if before is None:
        return None
    after = dict(before)
    after["state"] = (
        visits.fold(before["state"], visits.event_of(kind, body))[0] if kind != "visit.checked_in" else visits.WAITING
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


def _opened(body: dict[str, Any], t: dict[str, Any], offset_min: int) -> Visit:
    return {
        "visit": body["visit"],
        "day": day_of(t["wall"], offset_min),
        "ticket": body["ticket"],
        "person": body["person"],
        "identity": body["identity"],
        "appointment": body.get("appointment", ""),
        "slip": body["slip"],
        "checked_in": {"wall": t["wall"], "mono": t["mono"], "boot": t["boot"]},
        "state": visits.NEW,
    }
