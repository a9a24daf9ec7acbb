"""Where kiosks are quiet or owe something, at a glance: a plan by province and district, drawn here, without any map service.

Not to scale: the official codes run from north to south, and so does the plan. The table below it says the same in words.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, render_template
from sqlalchemy import Connection

from protocol.clocktext import day_of
from server import fleet, reference, units
from server.accounts import ADMIN, AUDITOR, MANAGER
from server.pages import frame
from server.pages.access import page, staff
from server.pages.services import services
from server.pages.words import mark

blueprint = Blueprint("kiosk_map", __name__, url_prefix="/console/kiosks")
# The worst first: of a site with several kiosks this one is drawn. Each has a shape of its own, not a colour alone.
STATES = {
    "quiet": mark("quiet"),
    "owes": mark("owes records"),
    "trouble": mark("wants a hand"),
    "never": mark("never heard"),
    "good": mark("in order"),
}
# Beyond this many sites one sign stands for a district: a page of a country stays small.
MOST_SIGNS = 400
# In the plan's own units: a row's label, a sign's room, the plan's width.
LABEL, CELL, WIDTH, TITLE = 220, 34, 960, 34
IN_ROW = (WIDTH - LABEL) // CELL


@dataclass(frozen=True)
class Place:
    """Where a site is: names of province and district (or commune), and the codes they are ordered by."""

    province: str = ""
    district: str = ""
    order: tuple[str, str] = ("", "")


@page(blueprint, "/map", roles=(MANAGER, AUDITOR, ADMIN))
def plan() -> str:
    """The plan of the sites in care, and the same as a table."""
    parts, who, now = services(), staff(), services().clock.wall_ms()
    with parts.db.read() as conn:
        sites = frame.sites_of(conn, who)
        found = [row for row in fleet.writers(conn) if row["site"] in sites and not row["revoked_at"]]
        rows = fleet.ordered(conn, found, now=now)
        places = _places(conn, sorted({row["site"] for row in rows}), day=day_of(now, parts.config.day_offset_min))
    blocks = arrange(rows, places, sites, now=now)
    return render_template(
        "console/kiosk_map.html", blocks=blocks, states=STATES, width=WIDTH, label=LABEL, cell=CELL,
        height=blocks[-1]["bottom"] if blocks else 0,
    )  # fmt: skip


def state_of(row: Mapping[str, Any], *, now: int) -> str:
    """The word of `STATES` for a row of `fleet.ordered`."""
    late = any(now - gap[2] >= fleet.LATE_MS for log in row["logs"] for gap in log["gaps"])
    if not row["heard_at"]:
        return "never"
    if row["quiet"]:
        return "quiet"
    if late:
        return "owes"
    return "trouble" if row["trouble"] or row["forks"] or row["quarantined"] else "good"


def arrange(
    rows: Iterable[Mapping[str, Any]], places: Mapping[str, Place], sites: Mapping[str, str], *, now: int
) -> list[dict[str, Any]]:
    """Blocks of provinces from north to south: `name`, `top`, `bottom`, `rows`.

    A row is a district: `name`, `y`, `signs`, `kiosks`, and how many stand in each state under `counts`. A sign:
    `x`, `y`, `state`, `n` (kiosks), `name`, `site` (empty where it stands for a whole district).
    """
    by_place: dict[Place, dict[str, list[str]]] = {}
    for row in rows:
        there = by_place.setdefault(places.get(row["site"], Place()), {})
        there.setdefault(row["site"], []).append(state_of(row, now=now))
    crowded = sum(len(there) for there in by_place.values()) > MOST_SIGNS
    blocks: list[dict[str, Any]] = []
    y = 0
    # Places whose unit nobody knows stand last.
    for place in sorted(by_place, key=lambda one: (not one.province, one.order, one.district)):
        if not blocks or blocks[-1]["name"] != place.province:
            blocks.append({"name": place.province, "top": y, "rows": []})
            y += TITLE
        there = by_place[place]
        every = [state for states in there.values() for state in states]
        groups = {"": every} if crowded else dict(sorted(there.items(), key=lambda one: sites.get(one[0], one[0])))
        signs = [
            {
                "x": LABEL + at % IN_ROW * CELL, "y": y + at // IN_ROW * CELL, "n": len(states), "site": site,
                "state": worst(states), "name": sites.get(site, site) or place.district,
            }
            for at, (site, states) in enumerate(groups.items())
        ]  # fmt: skip
        counts = {state: every.count(state) for state in STATES}
        blocks[-1]["rows"].append(
            {"name": place.district, "y": y, "signs": signs, "kiosks": len(every), "counts": counts}
        )
        y += ((len(signs) - 1) // IN_ROW + 1) * CELL
        blocks[-1]["bottom"] = y
    return blocks


def worst(states: Sequence[str]) -> str:
    """The one of these states that wants somebody first."""
    return min(states, key=list(STATES).index)


def _places(conn: Connection, sites: Sequence[str], *, day: str) -> dict[str, Place]:
    found: dict[str, Place] = {}
    known: dict[str, Place] = {}
    for site in sites:
        row = reference.site_row(conn, site)
        code = row["unit"] if row else ""
        if code not in known:
            known[code] = _place(conn, code, day=day)
        found[site] = known[code]
    return found


def _place(conn: Connection, code: str, *, day: str) -> Place:
    unit = units.find(conn, code, day=day)
    if unit is None:
        return Place()
    over = {one.level: one for one in (unit, *units.above(conn, unit, day=day))}
    # Since 1 July 2025 there are no districts.
    province, district = over.get("province"), over.get("district") or over.get("commune")
    return Place(
        province.name if province else "",
        district.name if district else "",
        (province.code if province else "", district.code if district else ""),
    )
