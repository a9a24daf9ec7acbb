"""Who looked at what: the audit's latest rows, for those who watch over it (F3)."""

from flask import Blueprint, render_template, request

from protocol import cccd
from server import audit, scope
from server.accounts import ADMIN, AUDITOR
from server.pages import frame
from server.pages.access import page, staff
from server.pages.services import services

PAGE_ROWS = 200
# As many of the chain's latest rows are read on every look; `python -m server audit` reads all.
CHECKED_ROWS = 2000
blueprint = Blueprint("audit_log", __name__, url_prefix="/console/audit")


@page(blueprint, "", roles=(AUDITOR, ADMIN))
def entries() -> str:
    """What accounts in care did, latest first, by pages; whether the chain's latest rows are whole."""
    number = max(1, request.args.get("page", 1, type=int))
    with services().db.read() as conn:
        within = scope.looks(frame.care(conn, staff()))
        rows = audit.entries(conn, within=within, limit=PAGE_ROWS, offset=(number - 1) * PAGE_ROWS)
        last = -(-audit.count(conn, within=within) // PAGE_ROWS) or 1
        whole = audit.broken_at(conn, last=CHECKED_ROWS) is None
    shown = [(row, _masked(row.object)) for row in rows]
    return render_template("console/audit.html", rows=shown, whole=whole, page=number, last=last)


def _masked(name: str) -> str:
    kind, colon, number = name.partition(":")
    return f"{kind}: {cccd.mask(number)}" if colon and number.isdigit() else name
