"""Stock: what is on hand per site and lot, what came in, and entering a receipt (G9)."""

import secrets
from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from server import audit, inventory
from server.accounts import ADMIN, AUDITOR, MANAGER
from server.pages import frame, rulebook, shown, tables
from server.pages.access import page, staff
from server.pages.forms import Form
from server.pages.services import services
from server.pages.tables import Choice, Column, Table
from server.pages.words import mark

blueprint = Blueprint("stock", __name__, url_prefix="/console/stock")


@page(blueprint, "", roles=(MANAGER, AUDITOR, ADMIN))
def stock() -> str | Response:
    """On hand per site and lot; `place`, `vaccine` and `find` in the address narrow it."""
    with services().db.read() as conn:
        sites = frame.sites_of(conn, staff())
        table = _table(sites)
        asked = tables.ask(table)
        place = asked.chosen["place"]
        places = [place] if place else list(sites)
        view = tables.show(table, asked, inventory.on_hand(conn, places=places, limit=tables.MOST))
        receipts = inventory.receipts(conn, places=places, limit=20)
    if asked.save:
        return tables.save(view)
    return render_template(
        "console/stock.html", view=view, receipts=receipts, sites=sites, today=shown.today(),
        total=sum(row["on_hand"] for row in view.fitting),
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


def _table(sites: dict[str, str]) -> Table:
    return Table(
        name="stock",
        find=mark("Lot number"),
        columns=(
            Column(name="lot", heading=mark("Lot number"), text=lambda row: str(row["lot"])),
            Column(name="vaccine", heading=mark("Vaccine"), text=lambda row: shown.vaccine(row["vaccine"])),
            Column(name="place", heading=mark("Injection site"), text=lambda row: shown.place(row["place"], sites)),
            Column(
                name="expiry", heading=mark("Use before"), text=lambda row: shown.day(row["expiry"]),
                by=lambda row: row["expiry"],
            ),
            *(
                Column(name=name, heading=heading, number=True, text=lambda row, name=name: int(row[name]))  # type: ignore[misc]
                for name, heading in (
                    ("received", mark("Came in")), ("used", mark("Used")), ("wasted", mark("Wasted")), ("on_hand", mark("On hand")),
                )
            ),
        ),
        choices=(
            Choice(name="place", label=mark("Injection site"), blank=mark("All sites"), options=list(sites.items())),
            Choice(
                name="vaccine", label=mark("Vaccine"), blank=mark("all"), of=lambda row: str(row["vaccine"]),
                options=sorted(rulebook.vaccines().items(), key=lambda pair: pair[1]),
            ),
        ),
    )  # fmt: skip
