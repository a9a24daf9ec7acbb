"""Progress: doses by day, site, vaccine and dose number, all sums over the counters (G16)."""

from flask import Blueprint, render_template, request
from werkzeug.wrappers import Response

from server import reporting
from server.pages import forms, frame, rulebook, shown, tables, terms
from server.pages.access import ANY_ROLE, page, staff
from server.pages.services import services
from server.pages.tables import Choice, Column, Table
from server.pages.words import mark

DAYS_SHOWN = 14
blueprint = Blueprint("progress", __name__, url_prefix="/console/progress")


@page(blueprint, "", roles=ANY_ROLE)
def progress() -> str | Response:
    """The figures up to `day` of the sites in care, or of the one named by `place` in the address."""
    day = forms.read_day(request.args.get("day", "")) or shown.today()
    with services().db.read() as conn:
        sites = frame.sites_of(conn, staff())
        table = _table(sites)
        asked = tables.ask(table)
        place = asked.chosen["place"]
        places = [place] if place else list(sites)
        figures = reporting.progress(conn, day, places=places)
    view = tables.show(table, asked, figures["by_item"])
    if asked.save:
        return tables.save(view)
    by_day = figures["by_day"][-DAYS_SHOWN:]
    return render_template(
        "console/progress.html", figures=figures, by_day=by_day, most=max((row["doses"] for row in by_day), default=1),
        day=day, view=view, sites=sites, now=services().clock.wall_ms(), names=terms.DAY_FIGURES,
    )  # fmt: skip


def _table(sites: dict[str, str]) -> Table:
    return Table(
        name="progress",
        kept=("day",),
        columns=(
            Column(name="site", heading=mark("Injection site"), text=lambda row: shown.place(row["place"], sites)),
            Column(name="vaccine", heading=mark("Vaccine"), text=lambda row: shown.vaccine(row["vaccine"])),
            Column(name="dose", heading=mark("Dose"), text=lambda row: int(row["dose_no"])),
            Column(name="doses", heading=mark("Doses given"), number=True, text=lambda row: int(row["doses"])),
        ),
        choices=(
            Choice(name="place", label=mark("Injection site"), blank=mark("All sites"), options=list(sites.items())),
            Choice(
                name="vaccine", label=mark("Vaccine"), blank=mark("all"), of=lambda row: str(row["vaccine"]),
                options=sorted(rulebook.vaccines().items(), key=lambda pair: pair[1]),
            ),
        ),
    )  # fmt: skip
