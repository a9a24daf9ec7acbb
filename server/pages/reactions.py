"""Reactions after vaccination: who was struck where, how bad, what became of them, whether anybody saw the alarm; counts to report."""

import csv
import io
from collections.abc import Mapping, Sequence
from typing import Any

from flask import Blueprint, Response, render_template, request

from protocol import clocktext
from protocol.records import GRADES, REACTION_OUTCOMES
from server import aefi, people
from server.accounts import ADMIN, AUDITOR, MANAGER, OFFICER
from server.imports.export import guarded
from server.pages import forms, frame, rulebook, shown, tables, terms
from server.pages.access import page, staff
from server.pages.services import services
from server.pages.tables import Choice, Column, Table
from server.pages.words import mark, tr

WHO = (OFFICER, MANAGER, AUDITOR, ADMIN)
# Who may open a person's record from here.
OPENS = (OFFICER, AUDITOR, ADMIN)
OPEN_DAYS = 30
blueprint = Blueprint("reactions", __name__, url_prefix="/console/reactions")


@page(blueprint, "", roles=WHO)
def reactions() -> str | Response:
    """Reactions at the sites in care; days, choices and order in the address narrow and sort it. No names."""
    first, last = _days()
    with services().db.read() as conn:
        sites = frame.sites_of(conn, staff())
        table = _table(sites)
        asked = tables.ask(table)
        found = aefi.at_sites(
            conn, places=list(sites), first=first, last=last, only_open=bool(asked.chosen["open"]), limit=tables.MOST
        )
        view = tables.show(table, asked, found)
        counts = aefi.report(conn, places=list(sites), first=first, last=last)
        known = {row["person"]: people.by_key(conn, row["person"]) for row in view.rows} if not asked.save else {}
    if asked.save:
        return tables.save(view)
    refs = {person: one["ref"] if one else "" for person, one in known.items()}
    return render_template(
        "console/reactions.html", view=view, counts=counts, sites=sites, first=first, last=last,
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


def _days_before(day: str, n: int) -> str:
    return str(clocktext.day_of((clocktext.day_number(day) - n) * clocktext.DAY_MS, 0))


def _days() -> tuple[str, str]:
    last = forms.read_day(request.args.get("last", "")) or shown.today()
    # What is still open is looked for further back: the alarm on every page leads here, also to last evening's.
    usual = _days_before(last, OPEN_DAYS) if request.args.get("open") and not request.args.get("first") else last
    first = forms.read_day(request.args.get("first", "")) or usual
    return min(first, last), last


def _alarm(row: Mapping[str, Any]) -> str:
    if not row["rang"]:
        return "–"
    if row["seen_at"]:
        return tr("seen")
    return tr("nobody has seen it") if aefi.unseen(row) else tr("over, unseen")


def _words(codes: Sequence[str], say: Any) -> str:
    return ", ".join(say(code) for code in codes)


def _table(sites: dict[str, str]) -> Table:
    outcomes = tables.words_of(terms.REACTION_OUTCOMES)
    return Table(
        name="reactions",
        kept=("first", "last"),
        columns=(
            Column(
                name="when", heading=mark("When"), text=lambda row: shown.moment(row["reported_at"]),
                by=lambda row: row["reported_at"],
            ),
            Column(name="place", heading=mark("Injection site"), text=lambda row: shown.place(row["site"], sites)),
            Column(
                name="severity", heading=mark("Severity"), text=lambda row: tr(terms.SEVERITIES[row["severity"]]),
                by=lambda row: (row["severity"] == "severe", row["grade"]),
            ),
            Column(name="grade", heading=mark("Grade of anaphylaxis"), listed=False, text=lambda row: str(row["grade"])),
            Column(
                name="symptoms", heading=mark("Symptoms"), sorts=False, text=lambda row: _words(row["symptoms"], shown.symptom)
            ),
            Column(
                name="onset", heading=mark("Minutes after the dose"), listed=False,
                text=lambda row: "" if row["onset_min"] is None else int(row["onset_min"]),
            ),
            Column(
                name="treatment", heading=mark("Treatment"), listed=False,
                text=lambda row: _words(row["treatment"], shown.treatment),
            ),
            Column(
                name="outcome", heading=mark("Outcome"), text=lambda row: tr(terms.REACTION_OUTCOMES[row["outcome"] or "treating"])
            ),
            Column(name="alarm", heading=mark("Alarm"), text=_alarm),
            Column(
                name="followed", heading=mark("Followed up"), text=lambda row: shown.moment(row["followed_at"]) or "–",
                by=lambda row: row["followed_at"] or 0,
            ),
        ),
        choices=(
            Choice(
                name="open", label=mark("Which"), blank=mark("All cases"), options=[("1", tr("Not closed yet"))],
            ),
            Choice(
                name="place", label=mark("Injection site"), blank=mark("All sites"), of=lambda row: str(row["site"]),
                options=list(sites.items()),
            ),
            Choice(
                name="severity", label=mark("Severity"), blank=mark("all"), of=lambda row: str(row["severity"]),
                options=tables.words_of(terms.SEVERITIES),
            ),
            Choice(
                name="outcome", label=mark("Outcome"), blank=mark("all"),
                of=lambda row: str(row["outcome"] or "treating"), options=outcomes,
            ),
        ),
    )  # fmt: skip
