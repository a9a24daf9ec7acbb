"""Cold boxes of the sites in care: the last temperature of each and how old it is, times out of range, sites without a logger."""

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, render_template
from werkzeug.wrappers import Response

from server import cold_box, fleet
from server.accounts import ADMIN, AUDITOR, MANAGER
from server.pages import frame, shown, tables
from server.pages.access import page, staff
from server.pages.services import services
from server.pages.tables import Choice, Column, Table
from server.pages.words import language, mark, tr

DAY_MS = 86_400_000
DAYS = (("1", mark("the last 24 hours")), ("7", mark("the last 7 days")))
NEVER = "never"
STATES = {
    "too_warm": mark("too warm"),
    "too_cold": mark("too cold"),
    "no_data": mark("no data"),
    cold_box.SILENT: mark("logger silent"),
    NEVER: mark("no logger"),
    "in_range": mark("in range"),
}
SPANS = {
    "too_warm": mark("too warm"),
    "too_cold": mark("too cold"),
    cold_box.MIXED: mark("too warm and too cold"),
    "no_data": mark("no data"),
    cold_box.UNRECORDED: mark("not recorded"),
}
blueprint = Blueprint("cold_box", __name__, url_prefix="/console/cold-boxes")


@page(blueprint, "", roles=(MANAGER, AUDITOR, ADMIN))
def boxes() -> str | Response:
    """The boxes, what wants a hand first; `state`, `place`, `days` and the order stand in the address."""
    parts = services()
    now = parts.clock.wall_ms()
    with parts.db.read() as conn:
        sites = frame.sites_of(conn, staff())
        table = _table(sites)
        asked = tables.ask(table)
        since = now - int(asked.chosen["days"] or "1") * DAY_MS
        found = cold_box.boxes(cold_box.measured(conn, sites=sites, since=since), now=now)
        with_kiosks = {row["site"] for row in fleet.writers(conn) if row["site"] in sites and not row["revoked_at"]}
    blank: dict[str, Any] = {
        "k": "",
        "box": "",
        "state": NEVER,
        "last": None,
        "at": None,
        "sure": "",
        "low": None,
        "high": None,
        "spans": [],
    }
    rows = [*found, *({**blank, "site": site} for site in sorted(with_kiosks - {row["site"] for row in found}))]
    order = list(STATES)
    rows.sort(key=lambda row: (order.index(row["state"]), shown.place(row["site"], sites), row["k"]))
    view = tables.show(table, asked, rows)
    if asked.save:
        return tables.save(view)
    spans = sorted(((span, row) for row in view.rows for span in row["spans"]), key=lambda pair: -pair[0]["from_at"])
    return render_template(
        "console/cold_box.html", view=view, sites=sites, states=STATES, span_words=SPANS, spans=spans, degrees=_degrees,
        minutes_out=_minutes_out,
    )  # fmt: skip


def _degrees(tenths_c: int | None) -> str:
    if tenths_c is None:
        return ""
    text = f"{tenths_c / 10:.1f}"
    return f"{text.replace('.', ',') if language() == 'vi' else text} °C"


def _minutes_out(row: Mapping[str, Any]) -> int:
    """Minutes of the period in which this box was measured out of range."""
    return sum(span["minutes"] for span in row["spans"] if span["what"] in ("too_warm", "too_cold", cold_box.MIXED))


def _table(sites: dict[str, str]) -> Table:
    return Table(
        name="cold-boxes",
        columns=(
            Column(name="site", heading=mark("Injection site"), text=lambda row: shown.place(row["site"], sites)),
            Column(name="kiosk", heading=mark("Kiosk"), text=lambda row: str(row["k"])),
            Column(name="box", heading=mark("Cold box"), text=lambda row: str(row["box"])),
            Column(name="state", heading=mark("State"), text=lambda row: tr(STATES[row["state"]])),
            Column(
                name="last", heading=mark("Last temperature"), number=True, text=lambda row: _degrees(row["last"]),
                by=lambda row: -1000 if row["last"] is None else row["last"],
            ),
            Column(
                name="at", heading=mark("Measured"), text=lambda row: shown.moment(row["at"]), by=lambda row: row["at"] or 0,
            ),
            Column(
                name="low", heading=mark("Lowest"), number=True, text=lambda row: _degrees(row["low"]),
                by=lambda row: row["low"] or 0,
            ),
            Column(
                name="high", heading=mark("Highest"), number=True, text=lambda row: _degrees(row["high"]),
                by=lambda row: row["high"] or 0,
            ),
            Column(name="out", heading=mark("Minutes out of range"), number=True, text=_minutes_out),
        ),
        choices=(
            Choice(
                name="state", label=mark("State"), blank=mark("all"), of=lambda row: str(row["state"]),
                options=tables.words_of(STATES),
            ),
            Choice(
                name="place", label=mark("Injection site"), blank=mark("All sites"), of=lambda row: str(row["site"]),
                options=list(sites.items()),
            ),
            Choice(
                name="days", label=mark("Days"), blank=mark("the last 24 hours"), options=[(code, tr(text)) for code, text in DAYS],
                first="1", every="1",
            ),
        ),
    )  # fmt: skip
