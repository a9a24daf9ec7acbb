"""Kiosks as the centre sees them: when last heard, what they still owe and since when, what of theirs needs a look."""

from typing import Any

from flask import Blueprint, abort, redirect, render_template, request, url_for
from sqlalchemy import Connection
from werkzeug.wrappers import Response

from server import audit, boxes, enrolment, fleet
from server.accounts import ADMIN, AUDITOR, MANAGER, Account
from server.pages import frame, kiosk_tables, tables, terms
from server.pages.access import page, staff
from server.pages.forms import Form
from server.pages.services import services
from server.pages.words import tr

# Who was turned away in the last week is listed.
AWAY_MS = 7 * 86_400_000
ACTS = ("revoke", "group")
MOST_GROUP = 32
blueprint = Blueprint("kiosks", __name__, url_prefix="/console/kiosks")


@page(blueprint, "", roles=(MANAGER, AUDITOR, ADMIN))
def kiosks() -> str | Response:
    """The kiosks of the sites in care, the silent first; `state`, `place`, `find` and the order stand in the address."""
    parts, who = services(), staff()
    with parts.db.read() as conn:
        sites = frame.sites_of(conn, who)
        rows = [row for row in fleet.writers(conn) if row["site"] in sites]
        reasons = fleet.reasons(conn, **_care(conn, who))
        now = parts.clock.wall_ms()
        rows = fleet.ordered(conn, rows, now=now)
        codes = enrolment.codes(conn, sites=list(sites), now=now)
        away = [row for row in boxes.turned_away(conn, since=now - AWAY_MS) if _sees_away(who, row, sites)]
    table = kiosk_tables.fleet_table(sites)
    view = tables.show(table, tables.ask(table), rows)
    if view.asked.save:
        return tables.save(view)
    return render_template(
        "console/kiosks.html", view=view, sites=sites, concerns=fleet.concerns(rows, now=now), reasons=_told(reasons),
        codes=codes, away=away, words=terms,
    )  # fmt: skip


@page(blueprint, "/of/<k>", roles=(MANAGER, AUDITOR, ADMIN), post=True)
def kiosk(k: str) -> str | Response | tuple[str, int]:
    """One kiosk: how it is, which version its group is to run, and taking its trust away."""
    parts, who, now = services(), staff(), services().clock.wall_ms()
    with parts.db.read() as conn:
        sites = frame.sites_of(conn, who)
        found = [row for row in fleet.writers(conn) if row["site"] in sites and row["k"] == k]
        rows = fleet.ordered(conn, found, now=now)
        away = [one for one in boxes.turned_away(conn, since=now - AWAY_MS) if k in (one["who"], *one["about"].split())]
    if not rows:
        abort(404)
    fault = ""
    if request.method == "POST":
        if who.role != ADMIN:
            abort(403)
        act = request.form.get("act", "")
        if act not in ACTS:
            abort(400)
        fault = {"revoke": _revoke, "group": _group}[act](rows[0], who.login, now)
        if not fault:
            return redirect(url_for("kiosks.kiosk", k=k, done=act), code=303)
    shown = render_template(
        "console/kiosk.html", row=rows[0], sites=sites, concerns=fleet.concerns(rows, now=now), words=terms, fault=fault,
        away=away, may_change=who.role == ADMIN, may_revoke=parts.enrolment is not None,
    )  # fmt: skip
    return (shown, 422) if fault else shown


def _revoke(row: dict[str, Any], login: str, now: int) -> str:
    """Broker, ledger and the site's keys, in the time that a file and a message take."""
    parts = services()
    if request.form.get("name", "").strip() != row["k"]:
        return tr("Please write the kiosk’s name, so that no other is meant.")
    if parts.enrolment is None:
        return tr("This server does not hold the authority’s key.")
    with parts.db.write() as conn:
        parts.enrolment.revoke(conn, k=row["k"], by=login, now=now)
    parts.enrolment.write_acl()
    return ""


def _group(row: dict[str, Any], login: str, now: int) -> str:
    form = Form(request.form)
    grp = form.name("grp")
    if form.faults or len(grp) > MOST_GROUP:
        return tr("A name has small letters, digits and hyphens, 32 at most.")
    parts = services()
    with parts.db.write() as conn:
        boxes.put(conn, row["k"], grp=grp)
        audit.note(conn, at=now, account=login, act="kiosk_group", object=f"kiosk {row['k']} {grp}")
    return ""


def _sees_away(who: Account, row: dict[str, Any], sites: dict[str, str]) -> bool:
    # A stranger belongs to no site: an administrator sees it, as in the quarantine.
    return row["site"] in sites or (not row["site"] and who.role == ADMIN)


@page(blueprint, "/quarantine", roles=(MANAGER, AUDITOR, ADMIN))
def quarantine() -> str | Response:
    """What the server could not take, oldest first; `reason`, order and page stand in the address. Never the bytes."""
    with services().db.read() as conn:
        care = _care(conn, staff())
        reasons = fleet.reasons(conn, **care)
        table = kiosk_tables.quarantine_table(reasons)
        asked = tables.ask(table)
        reason = asked.chosen["reason"]
        if asked.sort or asked.find:
            view = tables.show(table, asked, fleet.quarantine(conn, **care, reason=reason, limit=tables.MOST))
        else:
            rows = fleet.quarantine(conn, **care, reason=reason, limit=asked.limit, offset=asked.offset)
            total = reasons.get(reason, 0) if reason else sum(reasons.values())
            view = tables.slice_of(table, asked, rows, total=total)
    if asked.save:
        return tables.save(view)
    return render_template(
        "console/quarantine.html", view=view, reasons=_told(reasons), reason=reason, words=terms.QUARANTINE_REASONS,
        may_open=staff().role == ADMIN,
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
