"""Signing in and out, and the change of the first password, which comes before anything else (C6)."""

from flask import Blueprint, abort, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from server import audit, limits, signing_in
from server.accounts import PUBLIC
from server.errors import Refused
from server.pages import access
from server.pages.access import ANY_ROLE, page, staff
from server.pages.services import services
from server.pages.shown import hour
from server.pages.words import tr

# A hall of staff behind one address signs in within minutes of opening; a guesser needs thousands of tries.
TRIES = limits.Limit(name="sign_in", most=60, window_ms=300_000)
blueprint = Blueprint("sign_in", __name__, url_prefix="/console")


@page(blueprint, "/sign-in", roles=(PUBLIC,), post=True)
def sign_in() -> str | Response | tuple[str, int]:
    """Login and password; five misses make this login wait."""
    after = request.values.get("next", "")
    if request.method == "GET":
        return render_template("console/sign_in.html", after=after, login="", fault="")
    parts, now = services(), services().clock.wall_ms()
    login = request.form.get("login", "")
    with parts.db.write() as conn:
        free = limits.take(conn, TRIES, who=request.remote_addr or "", now=now)
    if not free:
        abort(429)
    with parts.db.read() as conn:
        password = request.form.get("password", "")
        proof = signing_in.prove(conn, passwords=parts.passwords, login=login, password=password, now=now)
    with parts.db.write() as conn:
        tried = signing_in.sign_in(conn, login=login, proof=proof, now=now)
        if tried.account is not None and not tried.account.second_factor:
            audit.note(conn, at=now, account=tried.account.login, act="sign_in", object=tried.account.login)
        if tried.missed:  # what was typed as a login that nobody has may be a password: it is written nowhere
            audit.note(conn, at=now, account=tried.missed, act="sign_in_missed", object=tried.missed)
    if tried.account is None:
        fault = tr("Login or password is not right.")
        if tried.late:
            fault = tr("This first password was not used in time. Ask whoever gave it to you for a new one.")
        if tried.locked_until:
            fault = tr("Too many wrong passwords. Please wait until %(time)s.", time=hour(tried.locked_until + 59_999))
        return render_template("console/sign_in.html", after=after, login=login, fault=fault), 422
    if tried.account.second_factor:
        access.begin(tried.account, half=True)
        return redirect(url_for("second_factor.code", next=after or None), code=303)
    access.begin(tried.account)
    if tried.account.must_change:
        return redirect(url_for("sign_in.password"), code=303)
    return redirect(inside(after), code=303)


def inside(after: str) -> str:
    """Where to go after signing in: `after`, if it is a path of our own console, else today's page."""
    # A link must not send somebody who just signed in to a stranger's page.
    return after if after.startswith("/console/") and "\\" not in after else url_for("today.today")


@page(blueprint, "/sign-out", roles=ANY_ROLE, post=True)
def sign_out() -> Response:
    """End the session."""
    if request.method == "POST":
        access.end()
    return redirect(url_for("sign_in.sign_in"), code=303)


@page(blueprint, "/password", roles=ANY_ROLE, post=True)
def password() -> str | Response | tuple[str, int]:
    """Change the own password; all other sessions of the account end with it."""
    who = staff()
    if request.method == "GET":
        return render_template("console/password.html", faults={}, first=who.must_change)
    parts, now = services(), services().clock.wall_ms()
    new = request.form.get("new", "")
    faults: dict[str, str] = {}
    if new != request.form.get("again", ""):
        faults["again"] = tr("The two new passwords are not the same.")
    else:
        try:
            with parts.db.read() as conn:
                current = request.form.get("current", "")
                chosen = signing_in.choose_password(conn, passwords=parts.passwords, who=who, current=current, new=new)
            with parts.db.write() as conn:
                if chosen is not None and signing_in.change_password(conn, who=who, chosen=chosen):
                    audit.note(conn, at=now, account=who.login, act="password_changed", object=who.login)
                else:
                    faults["current"] = tr("The current password is not right.")
        except Refused as refused:
            faults["new"] = tr(refused.sentence)
    if faults:
        return render_template("console/password.html", faults=faults, first=who.must_change), 422
    access.begin(who)
    return redirect(url_for("today.today"), code=303)
