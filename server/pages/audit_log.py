"""Who looked at what: the audit's latest rows, for those who watch over it (F3)."""

from flask import Blueprint, render_template

from protocol import cccd
from server import audit
from server.accounts import ADMIN, AUDITOR
from server.pages.access import page
from server.pages.services import services

blueprint = Blueprint("audit_log", __name__, url_prefix="/console/audit")


@page(blueprint, "", roles=(AUDITOR, ADMIN))
def entries() -> str:
    """The latest two hundred rows and whether the chain is whole."""
    with services().db.read() as conn:
        rows = audit.entries(conn)
        whole = audit.broken_at(conn) is None
    shown = [(row, _masked(row.object)) for row in rows]
    return render_template("console/audit.html", rows=shown, whole=whole)


def _masked(name: str) -> str:
    kind, colon, number = name.partition(":")
    return f"{kind}: {cccd.mask(number)}" if colon and number.isdigit() else name
