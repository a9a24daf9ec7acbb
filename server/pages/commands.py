"""Commands to kiosks: a message, a slip once more, a restart, a lot stopped; and how far each is, by the kiosk's own receipt."""

from typing import Any

from flask import Blueprint, abort, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from protocol.commands import MAX_TEXT
from server import audit, commands, fleet, reference
from server.accounts import ADMIN, AUDITOR, MANAGER
from server.pages import frame, terms
from server.pages.access import page, staff
from server.pages.forms import Form
from server.pages.services import services

blueprint = Blueprint("commands", __name__, url_prefix="/console/kiosks")
WHATS = ("message", "reprint", "restart")


@page(blueprint, "/of/<k>/commands", roles=(MANAGER, AUDITOR, ADMIN), post=True)
def told(k: str) -> str | Response | tuple[str, int]:
    """What one kiosk was told, and telling it something."""
    parts, who, now = services(), staff(), services().clock.wall_ms()
    with parts.db.read() as conn:
        sites = frame.sites_of(conn, who)
        row = fleet.writer(conn, k)
        if row is None or row["site"] not in sites:
            abort(404)
        rows = commands.of_kiosk(conn, k)
    form = Form(request.form)
    if request.method == "POST":
        if who.role == AUDITOR or row["revoked_at"]:
            abort(403)
        what = request.form.get("what", "")
        if what not in WHATS:
            abort(400)
        words = {
            "text": form.text("text", limit=MAX_TEXT) if what == "message" else "",
            "about": form.word("slip") if what == "reprint" else "",
        }
        if not form.faults:
            parts.ledger.transact(lambda conn: _tell(conn, ks=[k], what=what, by=who.login, now=now, **words))
            return redirect(url_for("commands.told", k=k), code=303)
    shown = render_template(
        "console/commands.html", row=row, rows=rows, sites=sites, words=terms, now=now, values=request.form.to_dict(),
        faults=form.faults, may_tell=who.role != AUDITOR and not row["revoked_at"],
    )  # fmt: skip
    return (shown, 422) if form.faults else shown


@page(blueprint, "/stop-lot", roles=(MANAGER, ADMIN), post=True)
def stop_lot() -> str | Response | tuple[str, int]:
    """Stop a lot at every site in care: in their lists, and by a command to each kiosk, at once or when it is back."""
    parts, who, now = services(), staff(), services().clock.wall_ms()
    with parts.db.read() as conn:
        sites = frame.sites_of(conn, who)
        lots = sorted(
            {row["lot"] for site in sites for row in reference.lots(conn, site=site, held={}) if not row["stopped"]}
        )
        ks = [row["k"] for row in fleet.writers(conn) if row["site"] in sites and not row["revoked_at"]]
    if request.method == "GET":
        return render_template("console/stop_lot.html", lots=[(lot, lot) for lot in lots], ks=ks, values={}, faults={})
    form = Form(request.form)
    lot = form.choice("lot", lots)
    if form.faults:
        values = request.form.to_dict()
        return render_template(
            "console/stop_lot.html", lots=[(one, one) for one in lots], ks=ks, values=values, faults=form.faults
        ), 422

    def stop(conn: Any) -> None:
        for site in sites:
            reference.put_item(conn, site=site, list_name=reference.STOPPED_LOTS, key=lot, value={"lot": lot})
        _tell(conn, ks=ks, what="stop_lot", by=who.login, now=now, about=lot)

    parts.ledger.transact(stop)
    return redirect(url_for("kiosks.kiosks", stopped=lot), code=303)


def _tell(conn: Any, *, ks: list[str], what: str, by: str, now: int, text: str = "", about: str = "") -> None:
    commands.issue(services().ledger, conn, ks=ks, what=what, by=by, now=now, text=text, about=about)
    for k in ks:
        audit.note(conn, at=now, account=by, act=f"command_{what}", object=f"kiosk {k}")
