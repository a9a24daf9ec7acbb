"""Numbered print jobs: what the printer's thread takes, and what became of it. "Sent" is never "printed" (I12).

States: waiting → sending → printed | failed | unknown. A copy that failed on the way is followed by the next copy of
the same slip as soon as the printer is ready; a copy of unknown fate waits for a person to say.
"""

from __future__ import annotations

import logging
from typing import Any

from kiosk import slip
from kiosk.desk import arrival, drill
from kiosk.desk.loop import MACHINE, Desk
from kiosk.errors import NotWritten
from kiosk.observation import OBSERVE_S
from kiosk.outcome import Fact, Notice, Outcome, Print
from kiosk.sheet_picture import SheetWords
from kiosk.slip_picture import DoseSlipWords, TicketWords
from kiosk.store import Batch
from protocol.clocktext import DAY_MS, day_of, time_of

log = logging.getLogger(__name__)
Words = TicketWords | DoseSlipWords | SheetWords
# What is printed of no visit.
LOOSE = (drill.WHAT, "list")
# A printer that says "ready" and fails every time must not fill the log with copies all night.
AUTO_COPIES = 3


def recover(desk: Desk) -> None:
    """At start: a job that was being sent when the power went is of unknown fate; the record says so."""
    for job in desk.store.prints("sending"):
        done(desk, job, "unknown")


def take(desk: Desk) -> tuple[dict[str, Any], Words] | None:
    """The next job with its words, durably marked as being sent; None when nothing waits or the disk refuses."""
    try:
        _settle(desk)
        # A person's slip before any loose sheet.
        return _next(desk) or _loose(desk)
    except NotWritten:
        log.exception("print_not_taken")
        return None


def _loose(desk: Desk) -> tuple[dict[str, Any], Words] | None:
    """A sheet that is nobody's slip: ordered in memory, never recorded, lost with a restart and asked for again."""
    if not desk.draft.sheets:
        return None
    what, words = desk.draft.sheets.popleft()
    return {"what": what}, words


def _next(desk: Desk) -> tuple[dict[str, Any], Words] | None:
    for job in desk.store.prints("waiting"):
        visit = desk.store.visit(job["visit"])
        if visit is None or (job["what"] == "dose" and not _dose_of(visit, job) and not _void(visit, job)):
            desk.store.commit(Batch(prints=({**job, "state": "failed"},)))
            continue
        said = words(desk, visit, job)
        job["state"] = "sending"
        desk.store.commit(Batch(prints=(job,)))
        return job, said
    return None


def done(desk: Desk, job: dict[str, Any], result: str) -> None:
    """What became of a job. The fact is recorded as soon as the disk takes it, and before anything else is printed.

    A failed copy is ordered again under the next number, up to AUTO_COPIES; then a person decides.
    """
    if job["what"] in LOOSE:
        if job["what"] == drill.WHAT:
            drill.printed(desk, result)
    else:
        desk.printed.append((job, result))
        try:
            _settle(desk)
        except NotWritten:
            log.exception("print_result_not_written")
    if result != "printed" and desk.front.staff is not None:
        desk.front.notice = Notice("print_failed", {"status": result}, "warn")
    desk.front.changed()


def _settle(desk: Desk) -> None:
    """Write what became of jobs. `NotWritten` leaves the rest for the next time; a restart calls them unknown."""
    while desk.printed:
        _write(desk, *desk.printed[0])
        desk.printed.pop(0)


def _write(desk: Desk, job: dict[str, Any], result: str) -> None:
    state = "printed" if result == "printed" else "unknown" if result == "unknown" else "failed"
    order = state == "failed" and job["copy"] < AUTO_COPIES
    again = (Print(job["slip"], job["visit"], job["what"], job["copy"] + 1),) if order else ()
    body = {"slip": job["slip"], "visit": job["visit"], "what": job["what"], "copy": job["copy"], "result": result}
    desk.write(Outcome(facts=(Fact("slip.printed", body),), prints=again), who=MACHINE, jobs=({**job, "state": state},))


def _dose_of(visit: dict[str, Any], job: dict[str, Any]) -> bool:
    """Does the visit still have the dose of this slip?"""
    return bool(visit.get("dose", {}).get("slip") == job["slip"])


def _void(visit: dict[str, Any], job: dict[str, Any]) -> dict[str, Any] | None:
    """The undoing of the dose whose slip a job prints: what then comes out tells earlier copies void."""
    undone: dict[str, Any] = visit.get("undone") or {}
    return undone if job["what"] == "dose" and (undone.get("was") or {}).get("slip") == job["slip"] else None


def words(desk: Desk, visit: dict[str, Any], job: dict[str, Any]) -> Words:
    """The words of a job's slip."""
    site, told = desk.lists.site, desk.lists.texts
    if job["what"] == "ticket":
        before, minutes = arrival.wait(desk, visit, desk.moment())
        return slip.ticket_words(
            visit, site, before=before, minutes=minutes, copy=job["copy"], demo=desk.demo, told=told
        )
    if void := _void(visit, job):
        name = desk.lists.vaccine_name(void["was"]["vaccine"])
        return slip.void_words(visit, site, void, vaccine_name=name, copy=job["copy"], demo=desk.demo)
    dose = visit["dose"]
    facts = desk.lists.rules["vaccines"].get(dose["vaccine"], {})
    due = (
        day_of(dose["wall"] + facts["min_days"] * DAY_MS, desk.lists.offset_min)
        if facts.get("min_days") and dose["dose_no"] < facts.get("doses", 0)
        else ""
    )
    return slip.dose_words(
        visit,
        site,
        vaccine_name=desk.lists.vaccine_name(dose["vaccine"]),
        injector=desk.lists.initials(dose["who"]),
        until=time_of(dose["wall"] + OBSERVE_S * 1000, desk.lists.offset_min),
        next_due=due,
        code=desk.store.code(dose["slip"]),
        copy=job["copy"],
        demo=desk.demo,
        told=told,
    )
