"""Today at the sites: how many came, were screened, got a dose and left, and how fresh these figures are.

And which sites have opened and closed their day, with what differs.
"""

from typing import Any

from flask import Blueprint, render_template, request

from server import fleet, reporting, site_days, staff_watch
from server.pages import forms, frame, shown
from server.pages.access import ANY_ROLE, page, staff
from server.pages.services import services

blueprint = Blueprint("today", __name__, url_prefix="/console")


@page(blueprint, "/", roles=ANY_ROLE)
def today() -> str:
    """The day's figures of every site in the unit's care."""
    day = request.args.get("day", "")
    day = forms.read_day(day) or shown.today()
    with services().db.read() as conn:
        sites = frame.sites_of(conn, staff())
        found = {row["place"]: row for row in reporting.at_sites(conn, day, places=list(sites))}
        ended = reporting.outcomes(conn, day, places=list(sites))
        days = site_days.of_day(conn, day, sites=list(sites))
        looks = len(staff_watch.found(conn, sites=sites, first=day, last=day))
        heard: dict[str, int] = {}
        for writer in fleet.writers(conn):
            heard[writer["site"]] = max(heard.get(writer["site"], 0), writer["heard_at"])
    blank = {"screened": {}, "checked_in": 0, "doses": 0, "left": 0, "aefi": 0}
    rows = [
        {**blank, **found.get(code, {}), "code": code, "name": name, "heard_at": heard.get(code) or None}
        for code, name in sites.items()
    ]
    for row in rows:
        row["screened_all"] = sum(row["screened"].values())
    totals = {name: sum(row[name] for row in rows) for name in ("checked_in", "screened_all", "doses", "left", "aefi")}
    for row in ended:
        row["name"] = sites[row["place"]]
    return render_template(
        "console/today.html",
        day=day,
        is_today=day == shown.today(),
        rows=rows,
        totals=totals,
        ended=ended,
        looks=looks,
        readiness=[_ready(row, days.get(row["code"])) for row in rows if row["checked_in"] or row["code"] in days],
    )


def _ready(row: dict[str, Any], told: dict[str, Any] | None) -> dict[str, Any]:
    """How a site began and ended its day; a site that only served people has done neither."""
    found = {"name": row["name"], "opened_at": None, "closed_at": None, "team": 0, "drills": 0, "reason": ""}
    if told is None:
        return {**found, "lots": [], "failures": [], "nobody": False, "differences": [], "closed_reason": ""}
    return {
        **found,
        **{name: told[name] for name in ("opened_at", "closed_at", "reason", "closed_reason")},
        "team": len(told["team"]),
        "nobody": "team" in told["differs"],
        "drills": len(told["drills"]),
        "lots": site_days.lots_differing(told),
        "failures": site_days.drill_failures(told),
        "differences": site_days.differences(told),
    }
