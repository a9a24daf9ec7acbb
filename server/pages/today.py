"""Today at the sites: how many came, were screened, got a dose and left, and how fresh these figures are.

And which sites have opened and closed their day, with what differs.
"""

from typing import Any

from flask import Blueprint, render_template, request
from werkzeug.wrappers import Response

from server import fleet, reporting, site_days, staff_watch
from server.pages import forms, frame, shown, tables
from server.pages.access import ANY_ROLE, page, staff
from server.pages.services import services
from server.pages.tables import Choice, Column, Table
from server.pages.words import mark, tr

# What became of the people of a day, as the table of outcomes has it.
OUTCOMES = (
    ("targets", mark("Checked in")), ("injected", mark("Injected")), ("referred", mark("Sent to hospital")),
    ("refused", mark("Did not agree")), ("deferred", mark("Postponed")), ("contraindicated", mark("Contraindicated")),
    ("gone", mark("Went away")), ("open", mark("Not finished")),
)  # fmt: skip
# Each site stands in three tables, and this page is the first that an old phone loads.
SITES_A_PAGE = 25
SERVED, LOOK = "served", "look"
blueprint = Blueprint("today", __name__, url_prefix="/console")


@page(blueprint, "/", roles=ANY_ROLE)
def today() -> str | Response:
    """The day's figures of every site in the unit's care; the table's own words narrow and sort the sites."""
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
    outcomes = {row["place"]: row for row in ended}
    for row in rows:
        row["screened_all"] = sum(row["screened"].values())
        row["ended"] = outcomes.get(row["code"])
        row["ready"] = _ready(row, days.get(row["code"])) if row["checked_in"] or row["code"] in days else None
    table = _table()
    view = tables.show(table, tables.ask(table), rows)
    if view.asked.save:
        return tables.save(view)
    totals = {name: sum(row[name] for row in rows) for name in ("checked_in", "screened_all", "doses", "left", "aefi")}
    return render_template(
        "console/today.html",
        day=day,
        is_today=day == shown.today(),
        view=view,
        any_site=bool(rows),
        totals=totals,
        outcomes=OUTCOMES,
        looks=looks,
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


def _state(row: tables.Row) -> str:
    """Does this site's day want a look? `look`, `served` or nothing."""
    ready = row["ready"]
    if ready is None:
        return ""
    wrong = ready["opened_at"] is None or ready["nobody"] or ready["lots"] or ready["failures"] or ready["differences"]
    return LOOK if wrong else SERVED


def _opened(row: tables.Row) -> str:
    ready = row["ready"]
    if ready is None:
        return ""
    return shown.moment(ready["opened_at"]) or tr("not opened properly")


def _closed(row: tables.Row) -> str:
    ready = row["ready"]
    if ready is None:
        return ""
    differing = "; " + tr("the books differ") if ready["differences"] else ""
    return (shown.moment(ready["closed_at"]) or tr("not closed")) + differing


def _table() -> Table:
    def figure(name: str, heading: str) -> Column:
        return Column(name=name, heading=heading, number=True, text=lambda row: int(row[name]))

    def outcome(name: str, heading: str) -> Column:
        return Column(
            name="ended_" + name,
            heading=heading,
            listed=False,
            text=lambda row: int(row["ended"][name]) if row["ended"] else 0,
        )

    return Table(
        name="today",
        kept=("day",),
        rows=SITES_A_PAGE,
        find=mark("Injection site"),
        columns=(
            Column(name="place", heading=mark("Injection site"), text=lambda row: str(row["name"])),
            figure("checked_in", mark("Checked in")),
            figure("screened_all", mark("Screened")),
            figure("doses", mark("Doses")),
            figure("left", mark("Finished")),
            figure("aefi", mark("Reactions")),
            Column(
                name="heard", heading=mark("Last word"), text=lambda row: shown.moment(row["heard_at"]),
                by=lambda row: row["heard_at"] or 0,
            ),
            Column(name="opening", heading=mark("Opening"), listed=False, text=_opened),
            Column(name="closing", heading=mark("Closing"), listed=False, text=_closed),
            *(outcome(name, heading) for name, heading in OUTCOMES[1:]),
        ),
        choices=(
            Choice(
                name="which", label=mark("Which"), blank=mark("All sites"), of=_state,
                options=[(LOOK, tr("Opening or closing wants a look")), (SERVED, tr("Opened, nothing differs"))],
            ),
        ),
    )  # fmt: skip
