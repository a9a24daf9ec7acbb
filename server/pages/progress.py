"""Progress: doses by day, site, vaccine and dose number, all sums over the counters (G16)."""

from flask import Blueprint, render_template, request

from server import reporting
from server.pages import forms, frame, shown, terms
from server.pages.access import ANY_ROLE, page, staff
from server.pages.services import services

DAYS_SHOWN = 14
blueprint = Blueprint("progress", __name__, url_prefix="/console/progress")


@page(blueprint, "", roles=ANY_ROLE)
def progress() -> str:
    """The figures up to `day` of the sites in care, or of the one named by `place` in the address."""
    day, place = request.args.get("day", ""), request.args.get("place", "")
    day = forms.read_day(day) or shown.today()
    with services().db.read() as conn:
        sites = frame.sites_of(conn, staff())
        places = [place] if place in sites else list(sites)
        figures = reporting.progress(conn, day, places=places)
    by_day = figures["by_day"][-DAYS_SHOWN:]
    return render_template(
        "console/progress.html", figures=figures, by_day=by_day, most=max((row["doses"] for row in by_day), default=1),
        day=day, place=place, sites=sites, now=services().clock.wall_ms(), names=terms.DAY_FIGURES,
    )  # fmt: skip
