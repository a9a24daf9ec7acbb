"""A citizen's printed slip at an officer's desk: its code typed, scanned or photographed brings a lost dose back (F31).

The slip's own signature decides, as it does for kiosks; an officer's word alone enters nothing here.
"""

from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from sqlalchemy import Connection
from werkzeug.wrappers import Response

from protocol import cccd, slip_code
from protocol.errors import ProtocolError
from server import attachments, audit, fleet, people, slip_photos, slips
from server.accounts import ADMIN, OFFICER
from server.errors import Refused
from server.ledger import intake
from server.pages import frame
from server.pages.access import page, staff
from server.pages.services import services
from server.pages.words import mark, tr

LONGEST = 4_000
UPLOAD_BYTES = 3 * attachments.MAX_BYTES
# Why a slip is not believed, in the reader's words; the codes are `intake.distrust_slip`'s.
REASONS = {
    "slip_unknown_writer": mark("No kiosk of the register has made this slip. It may come from another system."),
    "slip_forged": mark("The signature does not fit what the slip says: it was changed, or no kiosk made it."),
    "slip_revoked": mark("The slip is dated after its kiosk was withdrawn. It proves nothing."),
}
blueprint = Blueprint("paper", __name__, url_prefix="/console/people/slip")


@page(blueprint, "", roles=(OFFICER, ADMIN), post=True, max_bytes=UPLOAD_BYTES)
def slip() -> str | Response | tuple[str, int]:
    """Read a slip, show what it says, and on `sure` keep its word once."""
    if request.method == "GET":
        return _form()
    try:
        code = _code_given()
        value = slip_code.decode(code)[0]
    except (Refused, ProtocolError) as wrong:
        fault = tr(wrong.sentence) if isinstance(wrong, Refused) else tr("This is not the code of a result slip.")
        return _form(fault=fault), 422
    parts = services()
    body = {"slip": value["s"], "person": value["p"], "code": code}

    def enter(conn: Connection) -> str:
        reason = _doubt(conn, body, value)
        if not reason and not slips.by_number(conn, value["s"]):
            now, who = parts.clock.wall_ms(), staff().login
            parts.ledger.append(conn, "dose.recovered", body, who=who, now=now)
            audit.note(conn, at=now, account=who, act="recover_dose", object=value["p"])
        return reason

    if request.form.get("sure"):
        if parts.ledger.transact(enter):
            return _form(fault=tr("This slip cannot be entered any more. Please read it again.")), 422
        with parts.db.read() as conn:
            known = people.by_key(conn, value["p"])
        return redirect(url_for("people.person", ref=known["ref"] if known else ""), code=303)
    with parts.db.write() as conn:
        reason = _doubt(conn, body, value)
        held = slips.by_number(conn, value["s"])
        known = people.by_key(conn, held["person"]) if held and not reason else None
        audit.note(conn, at=parts.clock.wall_ms(), account=staff().login, act="read_slip", object=value["p"])
        places = frame.place_names(conn)
    shown = {**value, "number": slip_code.show_number(value["s"]), "masked": cccd.mask(value["p"].partition(":")[2])}
    return _form(code=code, shown=shown, fault=reason, known=known, places=places)


def _form(**given: Any) -> str:
    blank: dict[str, Any] = {"code": "", "shown": None, "fault": "", "known": None, "places": {}}
    return render_template("console/slip.html", **{**blank, **given})


def _doubt(conn: Connection, body: dict[str, str], value: dict[str, Any]) -> str:
    """Why this slip is not to be entered here, as a sentence; empty when it may be."""
    reason = intake.distrust_slip(body, fleet.writer(conn, value["k"]))
    if reason:
        return tr(REASONS[reason])
    if not frame.care(conn, staff()).holds(value["x"]):
        return tr("The dose was given at a site outside your unit. Its own unit can enter it.")
    return ""


def _code_given() -> str:
    # A blank is a letter of base 45, also at the end; a line's end is the scanner's.
    typed = request.form.get("code", "")[:LONGEST].strip("\r\n\t")
    upload = request.files.get("photo")
    if typed or upload is None or not upload.filename:
        return typed
    data = upload.read()
    upload.close()
    return slip_photos.code_on(attachments.take(data).content)
