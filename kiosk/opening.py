"""Opening a site's day: team of the day, vials counted, drill. Says what is not as it should be. Pure; asks nobody.

Nobody has to wait for it: people may check in at a site that has not opened.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from kiosk.outcome import Fact, Notice, Outcome, say

# Without these nobody is to be vaccinated (domain.md 2.1: a doctor who screens, who injects, who observes).
NEEDED = ("screener", "injector", "observer")


@dataclass(frozen=True)
class Lot:
    """A lot on site: vials expected by the centre's list (None: it says no number) and counted (None: not yet)."""

    lot: str
    vaccine: str
    expected: int | None
    counted: int | None

    @property
    def agrees(self) -> bool:
        """Counted, and as expected where anybody expects anything?"""
        return self.counted is not None and self.expected in (None, self.counted)


def expected(row: Mapping[str, object], opened: int) -> int | None:
    """Unopened vials of a lot that must be there: what the list says of the morning, less `opened` since. None: unsaid."""
    doses, per_vial = row.get("on_hand"), row.get("doses_per_vial")
    if not isinstance(doses, int) or not isinstance(per_vial, int) or not per_vial:
        return None
    return max(doses // per_vial - opened, 0)


def missing(team: Mapping[str, str]) -> tuple[str, ...]:
    """The roles of which nobody is here. `team`: staff id to role."""
    return tuple(role for role in NEEDED if role not in team.values())


def differs(team: Mapping[str, str], lots: Iterable[Lot], *, drilled: bool) -> tuple[str, ...]:
    """What is not as it should be, as the record names it."""
    found = {"team": bool(missing(team)), "lots": not all(lot.agrees for lot in lots), "drill": not drilled}
    return tuple(name for name, wrong in found.items() if wrong)


def open_day(
    *, site_day: str, day: str, team: Mapping[str, str], lots: Iterable[Lot], drill: Mapping[str, str], drilled: bool,
    reason: str,
) -> Outcome:  # fmt: skip
    """Open the day. What differs is opened with a reason only, and stands in the record."""
    counted = tuple(lots)
    wrong = differs(team, counted, drilled=drilled)
    if wrong and not reason.strip():
        return say("opening_reason_needed", "warn")
    body = {
        "site_day": site_day,
        "day": day,
        "team": _listed(team),
        "lots": [
            {"lot": one.lot, "vaccine": one.vaccine, "counted": one.counted}
            | ({} if one.expected is None else {"expected": one.expected})
            for one in counted
            if one.counted is not None
        ],
        "drill": dict(drill),
        "differs": list(wrong),
        "reason": reason.strip(),
    }
    return Outcome(
        facts=(Fact("site.opened", body),),
        screen="queue",
        notice=Notice("day_opened_differing" if wrong else "day_opened", {}, "warn" if wrong else "info"),
    )


def change_team(*, site_day: str, team: Mapping[str, str]) -> Outcome:
    """Who is here from now on."""
    body = {"site_day": site_day, "team": _listed(team)}
    return Outcome(facts=(Fact("team.changed", body),), screen="opening", notice=Notice("team_changed"))


def _listed(team: Mapping[str, str]) -> list[dict[str, str]]:
    return [{"id": one, "role": role} for one, role in sorted(team.items())]
