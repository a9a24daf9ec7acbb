"""The site's day as the records held here tell it, ours and the neighbours': opened, closed, team, drills. Decides nothing."""

from __future__ import annotations

from kiosk.desk import reading
from kiosk.desk.draft import Told
from kiosk.desk.loop import Desk
from protocol import site_day
from protocol.clocktext import DAY_MS, day_number, day_of
from protocol.envelope import Record

KINDS = ("site.opened", "site.closed", "site.drilled", "team.changed")


def read(desk: Desk) -> None:
    """Read anew what is told of today."""
    desk.draft.told = told(desk, desk.today())
    desk.front.changed()


def tick(desk: Desk) -> None:
    """A new day begins with nothing told of it."""
    if desk.draft.told.day != desk.today():
        desk.draft.team, desk.draft.counts = None, {}
        read(desk)


def told(desk: Desk, day: str) -> Told:
    """What is told of `day`: the first opening, the last closing, the latest team."""
    name = site_day.name_of(desk.log.site, day)
    opened = [one for one in _sorted(desk, "site.opened") if one.body["site_day"] == name]
    changed = [one for one in _sorted(desk, "team.changed") if one.body["site_day"] == name]
    teams = sorted((*opened, *changed), key=Record.sort_key)
    ended = closings(desk, day)
    return Told(
        day=day,
        opened_at=opened[0].t["wall"] if opened else 0,
        closed_at=ended[-1].t["wall"] if ended else 0,
        team={one["id"]: one["role"] for one in teams[-1].body["team"]} if teams else {},
        drilled=tuple(sorted({one.k for one in _sorted(desk, "site.drilled") if one.body["site_day"] == name})),
        left_open=_left_open(desk, day),
    )


def closings(desk: Desk, day: str) -> list[Record]:
    """The records that closed `day`, in order. One of the first release closed the day on which it was written."""
    return [one for one in _sorted(desk, "site.closed") if one.body.get("day", one.session) == day]


def day_before(day: str) -> str:
    """The day before a day."""
    return str(day_of((day_number(day) - 1) * DAY_MS, 0))


def _left_open(desk: Desk, day: str) -> bool:
    before = day_before(day)
    was = any(one.body["day"] == before for one in _sorted(desk, "site.opened"))
    return was and not closings(desk, before)


def _sorted(desk: Desk, kind: str) -> list[Record]:
    return sorted(reading.told(desk.store, kind), key=Record.sort_key)
