"""Stock: what is on hand per site and lot, what came in, and entering a receipt (G9)."""

import secrets
from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from server import audit, inventory
from server.accounts import ADMIN, AUDITOR, MANAGER
from server.pages import frame, rulebook, shown
from server.pages.access import page, staff
from server.pages.forms import Form
from server.pages.services import services

blueprint = Blueprint("stock", __name__, url_prefix="/console/stock")


@page(blueprint, "", roles=(MANAGER, AUDITOR, ADMIN))
def stock() -> str:
    """On hand per site and lot; `place` and `lot` in the address narrow it."""
    place, lot = request.args.get("place", ""), request.args.get("lot", "").strip()
    with services().db.read() as conn:
        sites = frame.sites_of(conn, staff())
        places = [place] if place in sites else list(sites)
        rows = [row for row in inventory.on_hand(conn, places=places) if lot.casefold() in row["lot"].casefold()]
        receipts = inventory.receipts(conn, places=places, limit=20)
    return render_template(
        "console/stock.html", rows=rows, receipts=receipts, sites=sites, place=place, lot=lot, today=shown.today(),
        total=sum(row["on_hand"] for row in rows),
    )  # fmt: skip


@page(blueprint, "/receive", roles=(MANAGER, ADMIN), post=True)
def receive() -> str | Response | tuple[str, int]:
    """Enter a receipt. Its name is made with the form, so that sending it twice enters it once."""
    with services().db.read() as conn:
        sites = frame.sites_of(conn, staff())
    if request.method == "GET":
        return _receive_form(sites, {"receipt": f"gr-{secrets.token_hex(8)}", "doses_per_vial": "10"}, {})
    form = Form(request.form)
    receipt = form.name("receipt")
    body = {
        "receipt": receipt,
        "vaccine": form.choice("vaccine", rulebook.vaccines()),
        "lot": form.word("lot").upper(),
        "expiry": form.day("expiry", today="", past=False),
        "place": form.choice("place", sites),
        "vials": form.number("vials", low=1, high=1_000_000),
        "doses_per_vial": form.number("doses_per_vial", low=1, high=100),
        "document": form.text("document", limit=80, required=False),
    }
    if form.faults:
        return _receive_form(sites, request.form.to_dict(), form.faults), 422
    parts = services()
    now, who = parts.clock.wall_ms(), staff().login

    def enter(conn: Any) -> None:
        if not parts.ledger.records_of(conn, "receipt", receipt):
            parts.ledger.append(conn, "stock.received", body, who=who, now=now)
            audit.note(conn, at=now, account=who, act="receive_stock", object=receipt)

    parts.ledger.transact(enter)
    return redirect(url_for("stock.stock", entered=body["lot"]), code=303)


def _receive_form(sites: dict[str, str], values: dict[str, str], faults: dict[str, str]) -> str:
    vaccines = sorted(rulebook.vaccines().items(), key=lambda pair: pair[1])
    return render_template("console/receive.html", sites=sites, vaccines=vaccines, values=values, faults=faults)
