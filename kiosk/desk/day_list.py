"""The desk's side of the paper list: gathers the day as held here, orders it on the roll, hands it to whoever writes files."""

from __future__ import annotations

from typing import Any

from kiosk import day_list
from kiosk.desk.loop import Desk
from kiosk.outcome import Notice, Outcome
from kiosk.sheet_picture import SheetWords

WHAT = "list"


def now(desk: Desk) -> day_list.DayList:
    """The list at this moment."""
    return day_list.of_day(
        desk.visits_today(),
        desk.lists.appointments,
        site=str(desk.lists.site["name"]),
        day=desk.today(),
        wall=desk.moment().wall,
        offset_min=desk.lists.offset_min,
        vaccine_name=desk.lists.vaccine_name,
        demo=desk.demo,
    )


def shown(desk: Desk) -> dict[str, Any]:
    """`list_rows`: people on it; `list_file`, `list_at`: how it stands with the stick."""
    return {"list_rows": len(now(desk).rows), "list_file": desk.draft.list_file, "list_at": desk.draft.list_at}


def order(desk: Desk, _form: dict[str, Any]) -> Outcome:
    """Print it on the roll."""
    one = now(desk)
    rows = tuple(
        (
            " · ".join(part for part in (row.ticket or row.appointment, row.name, row.year) if part),
            " · ".join(part for part in (row.state, row.dose) if part),
        )
        for row in one.rows
    )
    words = SheetWords(
        site_name=one.site, title=day_list.TITLE, when=one.heading, lines=(one.sums,), rows=rows, demo=one.demo
    )
    desk.draft.sheets.append((WHAT, words))
    return Outcome(notice=Notice("list_ordered", {"count": len(rows)}))


def file_of(one: day_list.DayList, *, names: bool) -> tuple[str, day_list.DayList]:
    """The name of its file and what may stand in it. `names`: may people's names?"""
    return f"{one.day}-{one.cutoff.replace(':', '')}", one if names else day_list.without_names(one)


def written(desk: Desk, state: str) -> None:
    """What became of the file on the stick."""
    moment = desk.moment()
    desk.draft.list_file = state
    if state == "written":
        desk.draft.list_at = moment.time(desk.lists.offset_min)
    desk.front.changed()
