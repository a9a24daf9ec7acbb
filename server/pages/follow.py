"""Citizens follow a complaint by its number, like a parcel; the page shows no name and no number of a person."""

from flask import Blueprint, abort, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from protocol import slip_code
from server import limits
from server.accounts import PUBLIC
from server.complaints import queries
from server.crypto import MINTED_SIGNS
from server.pages import access, rulebook
from server.pages.access import page
from server.pages.services import services
from server.pages.words import language, tr

MISSES = limits.Limit(name="complaint_number", most=30, window_ms=900_000)
PREFIX = "PA-"
blueprint = Blueprint("follow", __name__, url_prefix="/complaints")


@page(blueprint, "", roles=(PUBLIC,), post=True)
def find() -> str | Response:
    """Ask for the number."""
    if request.method == "GET":
        return render_template("portal/find.html", number="", faults={})
    return redirect(url_for("follow.status", number=read_number(request.form.get("number", ""))), code=303)


@page(blueprint, "/<number>", roles=(PUBLIC,))
def status(number: str) -> str | tuple[str, int]:
    """Where a complaint is, and what happens next by when."""
    parts = services()
    now = parts.clock.wall_ms()
    with parts.db.read() as conn:
        row = queries.get(conn, number)
    if row is None:
        with parts.db.write() as conn:
            if not limits.take(conn, MISSES, who=request.remote_addr or "", now=now):
                abort(429)
        faults = {"number": tr("There is no complaint of this number. Check it in the message we sent you.")}
        return render_template("portal/find.html", number=number.removeprefix(PREFIX), faults=faults), 404
    complaint = {
        name: row[name] for name in ("category", "state", "filed_at", "due_at", "decided_at", "reason", "reopened_at")
    }
    return render_template(
        "portal/follow.html",
        complaint={**complaint, "number": row["complaint"]},
        phone=row["phone"],
        reason=rulebook.reason(row["reason_code"])[language()] if row["reason_code"] else "",
        late=row["due_at"] < now,
        new=access.recall().get("sent") == row["complaint"] and row["state"] == "new",
    )


def read_number(typed: str) -> str:
    """A complaint's number as typed: capitals, blanks and dashes do not matter, O is 0 and I is 1."""
    letters = "".join(char for char in slip_code.read_number(typed[:40]) if char.isalnum() and char.isascii())
    # Eight signs are the number itself: one in a thousand begins with PA.
    return PREFIX + (letters if len(letters) == MINTED_SIGNS else letters.removeprefix("PA"))
