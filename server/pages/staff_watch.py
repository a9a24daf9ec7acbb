"""Accounts of staff that want a look: used after they were revoked, or at two kiosks at the same time. Names staff, no citizen."""

from flask import Blueprint, render_template
from werkzeug.wrappers import Response

from protocol.clocktext import DAY_MS, day_of
from server import staff_watch
from server.accounts import ADMIN, AUDITOR, MANAGER, OFFICER
from server.pages import frame, shown, tables
from server.pages.access import page, staff
from server.pages.services import services
from server.pages.tables import Choice, Column, Table
from server.pages.words import mark, tr

DAYS = (("1", mark("today")), ("7", mark("the last 7 days")), ("31", mark("the last 31 days")))
WHATS = {
    staff_watch.REVOKED: mark("used after it was revoked"),
    staff_watch.SHARED: mark("used at two kiosks at the same time"),
}
blueprint = Blueprint("staff_watch", __name__, url_prefix="/console/staff")


@page(blueprint, "", roles=(OFFICER, MANAGER, AUDITOR, ADMIN))
def accounts() -> str | Response:
    """The list; `what`, `days`, `find` and the order stand in the address."""
    parts = services()
    with parts.db.read() as conn:
        sites = frame.sites_of(conn, staff())
        table = _table(sites)
        asked = tables.ask(table)
        since = parts.clock.wall_ms() - (int(asked.chosen["days"] or "7") - 1) * DAY_MS
        first = str(day_of(since, parts.config.day_offset_min))
        rows = staff_watch.found(conn, sites=sites, first=first, last=shown.today())
    view = tables.show(table, asked, rows)
    if asked.save:
        return tables.save(view)
    return render_template("console/staff_watch.html", view=view, sites=sites, whats=WHATS)


def _table(sites: dict[str, str]) -> Table:
    return Table(
        name="staff",
        find=mark("Name or code"),
        columns=(
            Column(
                name="when", heading=mark("When"), text=lambda row: f"{shown.moment(row['first_at'])} – {shown.hour(row['last_at'])}",
                by=lambda row: row["last_at"],
            ),
            Column(name="who", heading=mark("Who"), text=lambda row: str(row["name"] or row["who"])),
            Column(name="code", heading=mark("Code"), listed=False, text=lambda row: str(row["who"])),
            Column(name="what", heading=mark("What"), text=lambda row: tr(WHATS[row["what"]])),
            Column(
                name="place", heading=mark("Injection site"),
                text=lambda row: ", ".join(shown.place(site, sites) for site in row["sites"]),
            ),
            Column(name="kiosks", heading=mark("Kiosks"), text=lambda row: ", ".join(row["kiosks"])),
            Column(name="doses", heading=mark("Doses"), number=True, text=lambda row: int(row["doses"])),
        ),
        choices=(
            Choice(
                name="what", label=mark("What"), blank=mark("all"), of=lambda row: str(row["what"]),
                options=tables.words_of(WHATS),
            ),
            Choice(
                name="days", label=mark("Days"), blank=mark("the last 7 days"), options=[(code, tr(text)) for code, text in DAYS],
                first="7", every="7",
            ),
        ),
    )  # fmt: skip
