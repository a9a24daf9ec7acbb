"""The books of a site's day, and closing it: which numbers must agree, which differ. Pure; asks nobody.

Doses drawn from opened vials less waste = doses = people released = slips; nobody is left in the line, no vial stands open.
"""

from __future__ import annotations

from collections.abc import Container, Iterable
from dataclasses import dataclass
from typing import Any

from kiosk.outcome import Fact, Notice, Outcome, say
from protocol import visit

# People who are still on their way through the site.
INSIDE = (visit.WAITING, visit.CALLED, visit.CLEARED, visit.READY)
Body = dict[str, Any]


@dataclass(frozen=True)
class Line:
    """One number of the books and the one it must equal."""

    name: str
    found: int
    due: int

    @property
    def agrees(self) -> bool:
        """Does it?"""
        return self.found == self.due


def books(visits: Iterable[Body], *, opened: Iterable[Body], closed: Iterable[Body]) -> tuple[Line, ...]:
    """The day's books, in the order in which a lead goes through them.

    `visits`: of the day, the whole site's as held here; `opened`, `closed`: bodies of `vial.opened`, `vial.closed`.
    """
    people = list(visits)
    vials = {body["vial"]: body for body in opened}
    away = {body["vial"]: body for body in closed}
    doses = [one for one in people if "dose" in one]
    released = [one for one in doses if one["state"] == visit.LEFT]
    slips = [one for one in released if one.get("printed", {}).get("dose")]
    drawn = sum(int(body["doses_per_vial"]) for body in vials.values())
    waste = sum(int(body["waste"]) for body in away.values())
    # What a vial gave beyond its name is drawn too.
    extra = sum(
        max(int(body["given"]) - int(vials[vial]["doses_per_vial"]), 0) for vial, body in away.items() if vial in vials
    )
    return (
        Line("inside", len([one for one in people if one["state"] in INSIDE]), 0),
        Line("open_vials", len(vials.keys() - away.keys()), 0),
        Line("drawn", drawn - waste + extra, len(doses)),
        Line("released", len(released), len(doses)),
        Line("slips", len(slips), len(doses)),
    )


def day_of_books(
    today: str, before: str, *, night: bool, opened: Container[str], closed: Container[str], served: Container[str]
) -> str:
    """Whose books the lead looks at: `today`, or by night the day `before` when the session is that one's.

    `opened`, `closed`, `served`: days that were opened, that were closed, on which people checked in here.
    """
    if not night or today in opened:
        return today
    if before in opened:
        # Closed already, it stays in view until somebody is served on the new day.
        return today if before in closed and today in served else before
    return before if before in served and before not in closed else today


def close(lines: tuple[Line, ...], *, site_day: str, day: str, doses: int, reason: str) -> Outcome:
    """Close the day `day`. Books that differ are closed with a reason only; the record says which numbers did."""
    differs = [line.name for line in lines if not line.agrees]
    if differs and not reason.strip():
        return say("reason_needed", "warn")
    figures = {line.name: max(line.found, 0) for line in lines} | {"doses": doses}
    body = {"figures": figures, "differs": differs, "reason": reason.strip(), "site_day": site_day, "day": day}
    return Outcome(
        facts=(Fact("site.closed", body),),
        screen="queue",
        notice=Notice("day_closed_differing" if differs else "day_closed", {}, "warn" if differs else "info"),
    )
