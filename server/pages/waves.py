"""New versions in waves: which group is to have which version, to what share, how far it is; halting it."""

from typing import Any

from flask import Blueprint, abort, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from server import audit, boxes, fleet, waves
from server.accounts import ADMIN, AUDITOR, MANAGER
from server.pages import frame, terms
from server.pages.access import page, staff
from server.pages.forms import Form
from server.pages.services import services
from server.pages.words import tr

blueprint = Blueprint("waves", __name__, url_prefix="/console/kiosks")
ACTS = ("set", "halt", "go_on")
MOST_VERSION = 64


@page(blueprint, "/versions", roles=(MANAGER, AUDITOR, ADMIN), post=True)
def versions() -> str | Response | tuple[str, int]:
    """Each group of the kiosks in care and its wave; administrators set and halt it."""
    parts, who, now = services(), staff(), services().clock.wall_ms()
    with parts.db.read() as conn:
        sites = frame.sites_of(conn, who)
        everyone = fleet.writers(conn)
        rows = fleet.ordered(conn, [row for row in everyone if row["site"] in sites], now=now)
        held, wanted = boxes.every(conn), boxes.wanted(conn)
    groups = waves.progress(wanted, rows)
    # A wave moves all kiosks of its group: it is set by whoever has all of them in care.
    foreign = {
        held.get(row["k"], {"grp": boxes.EVERYBODY})["grp"]
        for row in everyone
        if row["site"] not in sites and not row["revoked_at"] and row["k"] != parts.config.desk
    }
    mine = [one["grp"] for one in groups if one["grp"] not in foreign]
    form = Form(request.form)
    if request.method == "POST":
        if who.role != ADMIN:
            abort(403)
        act, grp = request.form.get("act", ""), request.form.get("grp", "")
        if act not in ACTS or grp not in mine:
            abort(400)
        _act(form, act, grp, login=who.login, now=now)
        if not form.faults:
            return redirect(url_for("waves.versions"), code=303)
    shown = render_template(
        "console/waves.html", groups=groups, mine=mine if who.role == ADMIN else [], faults=form.faults, words=terms,
        values=request.form.to_dict(), shares=[(str(n), tr("%(n)s %% of the kiosks", n=n)) for n in waves.SHARES],
    )  # fmt: skip
    return (shown, 422) if form.faults else shown


def _act(form: Form, act: str, grp: str, *, login: str, now: int) -> None:
    fields: dict[str, Any] = {}
    if act == "set":
        fields = {
            "version": form.text("version", limit=MOST_VERSION),
            "share": int(form.choice("share", [str(n) for n in waves.SHARES]) or 0),
        }
        if form.faults:
            return
    with services().db.write() as conn:
        if act == "set":
            boxes.want(conn, grp=grp, by=login, now=now, **fields)
        elif not waves.halt(conn, grp=grp, at=now if act == "halt" else None):
            abort(400)
        said = f" {fields['version']} {fields['share']}%" if fields else ""
        audit.note(conn, at=now, account=login, act=f"wave_{act}", object=f"group {grp}{said}")
