"""Reactions after vaccination: who was struck where, how bad, what became of them, whether anybody saw the alarm; counts to report."""

import csv
import io

from flask import Blueprint, Response, render_template, request

from protocol.records import GRADES, REACTION_OUTCOMES
from server import aefi, people
from server.accounts import ADMIN, AUDITOR, MANAGER, OFFICER
from server.imports.export import guarded
from server.pages import forms, frame, rulebook, shown, terms
from server.pages.access import page, staff
from server.pages.services import services
from server.pages.words import tr

WHO = (OFFICER, MANAGER, AUDITOR, ADMIN)
# Who may open a person's record from here.
OPENS = (OFFICER, AUDITOR, ADMIN)
blueprint = Blueprint("reactions", __name__, url_prefix="/console/reactions")


@page(blueprint, "", roles=WHO)
def reactions() -> str:
    """Reactions at the sites in care; `first`, `last` and `open` in the address narrow it. No names."""
    first, last = _days()
    only_open = request.args.get("open", "") == "1"
    with services().db.read() as conn:
        sites = frame.sites_of(conn, staff())
        rows = aefi.at_sites(conn, places=list(sites), first=first, last=last, only_open=only_open)
        counts = aefi.report(conn, places=list(sites), first=first, last=last)
        known = {row["person"]: people.by_key(conn, row["person"]) for row in rows}
    refs = {person: one["ref"] if one else "" for person, one in known.items()}
    return render_template(
        "console/reactions.html", rows=rows, counts=counts, sites=sites, first=first, last=last, only_open=only_open,
        unseen=aefi.unseen, refs=refs, may_open=staff().role in OPENS, grades=GRADES, outcomes=REACTION_OUTCOMES,
    )  # fmt: skip


@page(blueprint, "/report.csv", roles=WHO)
def report() -> Response:
    """The counts of the same days and sites, one line a site, for the report forms."""
    first, last = _days()
    with services().db.read() as conn:
        sites = frame.sites_of(conn, staff())
        counts = aefi.report(conn, places=list(sites), first=first, last=last)
    text = io.StringIO()
    writer = csv.writer(text)
    symptoms = [row["code"] for row in rulebook.symptoms().values()]
    writer.writerow(
        [
            tr("Injection site"), tr("Cases"), tr(terms.SEVERITIES["common"]), tr(terms.SEVERITIES["severe"]),
            *(tr("Anaphylaxis %(grade)s", grade=grade) for grade in GRADES),
            *(tr(terms.REACTION_OUTCOMES[word]) for word in REACTION_OUTCOMES),
            *(shown.symptom(code) for code in symptoms),
        ]
    )  # fmt: skip
    for row in counts:
        writer.writerow(
            [
                guarded(sites[row["site"]]), row["cases"], row["common"], row["severe"], *row["grades"].values(),
                *row["outcomes"].values(), *(row["symptoms"].get(code, 0) for code in symptoms),
            ]
        )  # fmt: skip
    name = f"reactions-{first}-{last}.csv"
    # A byte order mark, or spreadsheets read Vietnamese as something else.
    return Response(
        "\ufeff" + text.getvalue(),
        mimetype="text/csv",
        headers={"Content-Disposition": f"attachment; filename={name}"},
    )


def _days() -> tuple[str, str]:
    last = forms.read_day(request.args.get("last", "")) or shown.today()
    first = forms.read_day(request.args.get("first", "")) or last
    return min(first, last), last
