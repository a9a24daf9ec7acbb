"""Numbered print jobs: what the printer's thread takes, and what became of it. "Sent" is never "printed" (I12).

States: waiting → sending → printed | failed | unknown. A copy that failed on the way is followed by the next copy of
the same slip as soon as the printer is ready; a copy of unknown fate waits for a person to say.
"""

from __future__ import annotations

from typing import Any

from kiosk import checkin, slip
from kiosk.desk.loop import MACHINE, Desk
from kiosk.observation import OBSERVE_S
from kiosk.outcome import Fact, Notice, Outcome, Print
from kiosk.slip_picture import DoseSlipWords, TicketWords
from kiosk.store import Batch
from protocol.clocktext import DAY_MS, day_of, time_of

Words = TicketWords | DoseSlipWords


def recover(desk: Desk) -> None:
    """At start: a job that was being sent when the power went is of unknown fate; the record says so."""
    for job in desk.store.prints("sending"):
        done(desk, job, "unknown")


def take(desk: Desk) -> tuple[dict[str, Any], Words] | None:
    """The next job with its words, durably marked as being sent; None when nothing waits."""
    for job in desk.store.prints("waiting"):
        visit = desk.store.visit(job["visit"])
        if visit is None or (job["what"] == "dose" and "dose" not in visit):
            desk.store.commit(Batch(prints=({**job, "state": "failed"},)))
            continue
        job["state"] = "sending"
        desk.store.commit(Batch(prints=(job,)))
        return job, words(desk, visit, job)
    return None


def done(desk: Desk, job: dict[str, Any], result: str) -> None:
    """What became of a job. The fact is recorded; a failed copy is ordered again under the next number."""
    state = "printed" if result == "printed" else "unknown" if result == "unknown" else "failed"
    again = (Print(job["slip"], job["visit"], job["what"], job["copy"] + 1),) if state == "failed" else ()
    body = {"slip": job["slip"], "visit": job["visit"], "what": job["what"], "copy": job["copy"], "result": result}
    desk.write(Outcome(facts=(Fact("slip.printed", body),), prints=again), who=MACHINE, jobs=({**job, "state": state},))
    if state != "printed" and desk.front.staff is not None:
        desk.front.notice = Notice("print_failed", {"status": result}, "warn")
    desk.front.changed()


def words(desk: Desk, visit: dict[str, Any], job: dict[str, Any]) -> Words:
    """The words of a job's slip."""
    site = desk.lists.site
    if job["what"] == "ticket":
        before, minutes = checkin.wait_estimate(
            desk.store.visits(visit["day"]), visit_id=visit["visit"], now_wall=desk.moment().wall
        )
        return slip.ticket_words(visit, site, before=before, minutes=minutes, copy=job["copy"], demo=desk.demo)
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
    )
