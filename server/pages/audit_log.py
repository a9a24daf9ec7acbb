"""Who looked at what: the audit's latest rows, for those who watch over it (F3)."""

from flask import Blueprint, render_template
from werkzeug.wrappers import Response

from protocol import cccd
from server import audit, scope
from server.accounts import ADMIN, AUDITOR
from server.pages import frame, shown, tables, terms
from server.pages.access import page, staff
from server.pages.services import services
from server.pages.tables import Choice, Column, Table
from server.pages.words import mark, tr

# As many of the chain's latest rows are read on every look; `python -m server audit` reads all.
CHECKED_ROWS = 2000
blueprint = Blueprint("audit_log", __name__, url_prefix="/console/audit")


@page(blueprint, "", roles=(AUDITOR, ADMIN))
def entries() -> str | Response:
    """What accounts in care did, latest first; `act` and the page stand in the address; whether the latest rows are whole."""
    table = _table()
    asked = tables.ask(table)
    act = asked.chosen["act"]
    with services().db.read() as conn:
        within = scope.looks(frame.care(conn, staff()))
        found = audit.entries(conn, act=act, within=within, limit=asked.limit, offset=asked.offset)
        total = audit.count(conn, act=act, within=within)
        whole = audit.broken_at(conn, last=CHECKED_ROWS) is None
    view = tables.slice_of(table, asked, [{**vars(row), "object": _masked(row.object)} for row in found], total=total)
    if asked.save:
        return tables.save(view)
    return render_template("console/audit.html", view=view, whole=whole)


def _masked(name: str) -> str:
    kind, colon, number = name.partition(":")
    return f"{kind}: {cccd.mask(number)}" if colon and number.isdigit() else name


def _table() -> Table:
    return Table(
        name="audit",
        columns=(
            Column(name="when", heading=mark("When"), sorts=False, text=lambda row: shown.moment(row["at"])),
            Column(name="who", heading=mark("Who"), sorts=False, text=lambda row: str(row["account"])),
            Column(
                name="what", heading=mark("What"), sorts=False, text=lambda row: tr(str(terms.ACTS.get(row["act"], row["act"])))
            ),
            Column(name="whose", heading=mark("Whose"), sorts=False, text=lambda row: str(row["object"])),
        ),
        choices=(
            Choice(name="act", label=mark("What"), blank=mark("everything"), options=tables.words_of(terms.ACTS)),
        ),
    )  # fmt: skip
