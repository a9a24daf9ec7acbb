"""Kiosks as the centre sees them: when last heard, what they still owe, what of theirs needs a look."""

from flask import Blueprint, render_template

from server import fleet
from server.accounts import ADMIN, AUDITOR, MANAGER
from server.pages import frame
from server.pages.access import page, staff
from server.pages.services import services

# A kiosk says something every minute while it is connected; after this it is worth a call.
QUIET_MS = 15 * 60_000
blueprint = Blueprint("kiosks", __name__, url_prefix="/console/kiosks")


@page(blueprint, "", roles=(MANAGER, AUDITOR, ADMIN))
def kiosks() -> str:
    """The kiosks of the sites in care."""
    parts, who = services(), staff()
    with parts.db.read() as conn:
        sites = frame.sites_of(conn, who)
        rows = [row for row in fleet.writers(conn) if row["site"] in sites]
        mine = {row["k"] for row in rows}
        waiting = [row for row in fleet.quarantine(conn) if who.role == ADMIN or row["k"] in mine]
    now = parts.clock.wall_ms()
    for row in rows:
        row["quiet"] = not row["revoked_at"] and now - row["heard_at"] > QUIET_MS
    return render_template("console/kiosks.html", rows=rows, sites=sites, waiting=waiting)
