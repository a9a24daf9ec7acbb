"""Kiosks as the centre sees them: when last heard, what they still owe and since when, what of theirs needs a look."""

from typing import Any

from flask import Blueprint, abort, render_template, request
from sqlalchemy import Connection

from server import audit, fleet
from server.accounts import ADMIN, AUDITOR, MANAGER, Account
from server.pages import frame, terms
from server.pages.access import page, staff
from server.pages.services import services

PAGE_ROWS = 100
blueprint = Blueprint("kiosks", __name__, url_prefix="/console/kiosks")


@page(blueprint, "", roles=(MANAGER, AUDITOR, ADMIN))
def kiosks() -> str:
    """The kiosks of the sites in care."""
    parts, who = services(), staff()
    with parts.db.read() as conn:
        sites = frame.sites_of(conn, who)
        rows = [row for row in fleet.writers(conn) if row["site"] in sites]
        reasons = fleet.reasons(conn, **_care(conn, who))
    now = parts.clock.wall_ms()
    for row in rows:
        row["quiet"] = not row["revoked_at"] and now - row["heard_at"] > fleet.SILENT_MS
    concerns = fleet.concerns(rows, now=now)
    return render_template("console/kiosks.html", rows=rows, sites=sites, concerns=concerns, reasons=_told(reasons))


@page(blueprint, "/quarantine", roles=(MANAGER, AUDITOR, ADMIN))
def quarantine() -> str:
    """What the server could not take, by reason, oldest first; `reason` and `page` stand in the address. Never the bytes."""
    reason = request.args.get("reason", "")
    number = max(1, request.args.get("page", 1, type=int))
    with services().db.read() as conn:
        care = _care(conn, staff())
        reasons = fleet.reasons(conn, **care)
        rows = fleet.quarantine(conn, **care, reason=reason, limit=PAGE_ROWS, offset=(number - 1) * PAGE_ROWS)
    total = reasons.get(reason, 0) if reason else sum(reasons.values())
    return render_template(
        "console/quarantine.html", rows=rows, reasons=_told(reasons), reason=reason, total=total, page=number,
        last=-(-total // PAGE_ROWS) or 1, words=terms.QUARANTINE_REASONS, may_open=staff().role == ADMIN,
    )  # fmt: skip


@page(blueprint, "/quarantine/<int:number>", roles=(ADMIN,))
def quarantined(number: int) -> str:
    """One of them with its bytes. They can hold a person's data: only administrators, and every look is noted."""
    parts = services()
    with parts.db.write() as conn:
        row = fleet.quarantined(conn, number)
        known = row is not None and row["k"] is not None and fleet.writer(conn, row["k"]) is not None
        if row is None or (known and row["k"] not in _care(conn, staff())["ks"]):
            abort(404)
        audit.note(
            conn, at=parts.clock.wall_ms(), account=staff().login, act="view_quarantine", object=f"quarantine {number}"
        )
    text = bytes(row["payload"]).decode("utf-8", "backslashreplace")
    return render_template("console/quarantined.html", row=row, text=text, words=terms.QUARANTINE_REASONS)


def _care(conn: Connection, who: Account) -> dict[str, Any]:
    """Whose quarantine this account sees: its sites' writers'; an administrator also what nobody enrolled sent."""
    sites = frame.sites_of(conn, who)
    ks = [row["k"] for row in fleet.writers(conn) if row["site"] in sites]
    return {"ks": ks, "strangers": who.role == ADMIN}


def _told(reasons: dict[str, int]) -> list[tuple[str, int]]:
    return sorted(reasons.items(), key=lambda pair: (-pair[1], pair[0]))
