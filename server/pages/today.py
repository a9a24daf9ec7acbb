"""Today at the sites: how many came, were screened, got a dose and left, and how fresh these figures are."""

from flask import Blueprint, render_template, request

from server import fleet, reporting
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
        "console/today.html", day=day, is_today=day == shown.today(), rows=rows, totals=totals, ended=ended
    )
