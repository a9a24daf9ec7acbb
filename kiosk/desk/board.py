"""The board of observation at this desk: tiles, release, reactions, and the alarm that crosses the site. No rule stands here.

An alarm is nothing but the visit's own records: neighbours' copies bring it, `alarm.seen` ends it everywhere.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from kiosk import observation
from kiosk.desk.dosing import next_copy
from kiosk.desk.loop import Desk
from kiosk.outcome import Outcome, say
from protocol import visit
from protocol.clocktext import time_of

Form = dict[str, Any]
Visit = dict[str, Any]


def _visit(desk: Desk, form: Form) -> Visit | None:
    return desk.store.visit(str(form.get("visit", "")) or desk.front.pending.get("visit", ""))


def observed_ms(desk: Desk, one: Visit) -> int:
    """Monotonic time since the dose."""
    return _since_ms(desk, one["dose"])


def _since_ms(desk: Desk, stamp: dict[str, Any]) -> int:
    moment = desk.moment()
    return observation.elapsed_ms(stamp, boot=moment.boot, mono=moment.mono, boots=desk.store.boots())


def release(desk: Desk, form: Form, *, early: bool = False) -> Outcome:
    """End an observation."""
    one = _visit(desk, form)
    if one is None or "dose" not in one:
        return say("wrong_state", "warn")
    return observation.release(
        one,
        observed_ms=observed_ms(desk, one),
        early_reason=str(form.get("reason", "")) if early else None,
        copy=next_copy(desk, one),
    )


def react(desk: Desk, form: Form) -> Outcome:
    """Open the reaction report of a person; what is known already is followed up instead."""
    one = _visit(desk, form)
    if one is None:
        return say("wrong_state", "warn")
    known = [aefi for aefi, reaction in one.get("reactions", {}).items() if "reported" in reaction]
    if known:
        return Outcome(screen="follow_up", pending={"visit": one["visit"], "aefi": known[-1]})
    return Outcome(screen="reaction", pending={"visit": one["visit"]})


def returned(desk: Desk, visit_id: str) -> Outcome:
    """Somebody dosed at this site stands at the board with a code of theirs, perhaps days after they left."""
    one = desk.store.visit(visit_id) if visit_id else None
    return react(desk, {"visit": visit_id}) if one is not None and "dose" in one else say("not_here_today", "warn")


def alarm(desk: Desk, form: Form) -> Outcome:
    """The red button."""
    one = _visit(desk, form)
    if one is None or "dose" not in one:
        return say("wrong_state", "warn")
    return observation.alarm(one, aefi=_fresh(desk), observed_ms=observed_ms(desk, one))


def report(desk: Desk, form: Form) -> Outcome:
    """An adverse event after injection."""
    one = _visit(desk, {})
    if one is None:
        return say("wrong_state", "warn")
    return observation.report(
        one,
        severity=str(form.get("severity", "")),
        symptoms=_chosen(form, "symptoms"),
        note=str(form.get("note", "")),
        aefi=_fresh(desk),
        listed=desk.lists.symptoms,
        onset=str(form.get("onset_min", "")),
    )


def follow_up(desk: Desk, form: Form) -> Outcome:
    """What is known later of a reaction."""
    one = _visit(desk, {})
    if one is None:
        return say("wrong_state", "warn")
    return observation.follow_up(
        one,
        aefi=desk.front.pending.get("aefi", ""),
        form={**form, "symptoms": _chosen(form, "symptoms"), "treatment": _chosen(form, "treatment")},
        symptoms=desk.lists.symptoms,
        grades=desk.lists.grades,
        treatments=desk.lists.treatments,
    )


def seen(desk: Desk, form: Form) -> Outcome:
    """Whoever is signed in here knows of an alarm."""
    aefi = str(form.get("aefi", ""))
    one = next((one for one in desk.visits_today() if aefi in one.get("reactions", {})), None)
    if one is None or desk.front.staff is None:
        return say("wrong_state", "warn")
    return observation.see(one, aefi=aefi, who=desk.front.staff["id"])


def tiles(desk: Desk) -> Iterator[tuple[Visit, dict[str, Any]]]:
    """Everybody under observation at the site, who needs a look first: the visit, and what its tile says."""
    found = []
    for one in desk.visits_today():
        if one["state"] != visit.OBSERVING or "dose" not in one:
            continue
        left = observation.left_s(observed_ms(desk, one))
        severities = [each.get("severity", "") for each in one.get("reactions", {}).values()] or [one.get("reaction")]
        tile = {
            "initials": initials(one["identity"]["name"]),
            "left_s": left,
            "done": left == 0,
            "dosed_at": time_of(one["dose"]["wall"], desk.lists.offset_min),
            "home": one.get("home", ""),
            "reaction": observation.SEVERE if observation.SEVERE in severities else next(filter(None, severities), ""),
            "told": [_told(desk, each) for each in one.get("reactions", {}).values() if "reported" in each],
        }
        found.append((one, tile))
    found.sort(key=lambda pair: (not pair[1]["reaction"], pair[1]["left_s"]))
    yield from found


def initials(name: str) -> str:
    """`Nguyễn Văn An` as `N.V.A.`: the room reads the board."""
    return "".join(word[0] + "." for word in name.split())


def reaction_of(desk: Desk, one: Visit) -> dict[str, Any] | None:
    """The reaction at hand, with every field that is not known yet left empty."""
    reaction = one.get("reactions", {}).get(desk.front.pending.get("aefi", ""))
    if reaction is None or "reported" not in reaction:
        return None
    blank: dict[str, Any] = {"symptoms": [], "treatment": [], "grade": "", "outcome": "", "note": "", "onset_min": None}
    return {**blank, **{key: reaction[key] for key in (*blank, "severity") if key in reaction}, **_told(desk, reaction)}


def choices(desk: Desk) -> dict[str, Any]:
    """What a follow-up chooses from: the site's list as the centre sent it."""
    return {"symptoms": desk.lists.symptoms, "grades": desk.lists.grades, "treatments": desk.lists.treatments}


def alarms(desk: Desk, today: list[Visit]) -> list[dict[str, Any]]:
    """Reactions of today's visits that call the site now, oldest first. Ticket and kiosk only: the banner stands before citizens too."""
    who = desk.front.staff["id"] if desk.front.staff else ""
    found = []
    for one in today:
        for aefi, reaction in one.get("reactions", {}).items():
            if "reported" not in reaction:
                continue
            rung = _since_ms(desk, reaction["reported"])
            if observation.rings(reaction, rung_ms=rung):
                found.append(
                    {
                        "aefi": aefi,
                        "ticket": one["ticket"],
                        "kiosk": reaction["reported"].get("k", desk.log.k),
                        "minutes": rung // 60_000,
                        "mine": reaction["reported"]["who"] == who,
                        "here": "k" not in reaction["reported"],
                        "may_see": bool(who) and reaction["reported"]["who"] != who,
                    }
                )
    return sorted(found, key=lambda row: (-row["minutes"], row["aefi"]))


def _told(desk: Desk, reaction: dict[str, Any]) -> dict[str, Any]:
    """Who reported a reaction and who knows of it, by name and time."""
    offset = desk.lists.offset_min
    return {
        "severity": reaction["severity"],
        "grade": reaction.get("grade", ""),
        "reported_at": time_of(reaction["reported"]["wall"], offset),
        "seen": [{"who": desk.lists.staff_name(each["who"]), "at": time_of(each["wall"], offset)}
                 for each in reaction.get("seen", ())],
    }  # fmt: skip


def _chosen(form: Form, name: str) -> list[str]:
    value = form.get(name, [])
    return [value] if isinstance(value, str) else list(value)


def _fresh(desk: Desk) -> str:
    return "e-" + desk.mint(16).lower()
