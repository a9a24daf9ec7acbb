"""The second factor in the browser: setting it up with an app, its code after every password, codes on paper."""

import segno
from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from server import accounts, audit, second_factor, signing_in
from server.accounts import Account
from server.pages import access
from server.pages.access import ANY_ROLE, page, staff
from server.pages.services import services
from server.pages.shown import hour
from server.pages.sign_in import inside
from server.pages.words import tr

# Where the secret waits in the session until its first code was right.
WAITING = "second_factor"
blueprint = Blueprint("second_factor", __name__, url_prefix="/console/second-factor")


@page(blueprint, "/code", roles=ANY_ROLE, post=True)
def code() -> str | Response | tuple[str, int]:
    """The code of this moment, after the password; wrong ones count like wrong passwords."""
    who, after = staff(), request.values.get("next", "")
    if not access.current().half:
        return redirect(inside(after), code=303)
    if request.method == "GET":
        return render_template("console/code.html", after=after, fault="")
    parts, now = services(), services().clock.wall_ms()
    with parts.db.write() as conn:
        until = accounts.locked_until(conn, account_id=who.id)
        good = until <= now and second_factor.take(
            conn, who=who, code=request.form.get("code", "")[:80], key=parts.key, now=now
        )
        if good:
            accounts.clear_misses(conn, account_id=who.id)
            audit.note(conn, at=now, account=who.login, act="sign_in", object=who.login)
        elif until <= now:
            until = accounts.count_miss(conn, account_id=who.id, now=now)
            audit.note(conn, at=now, account=who.login, act="code_missed", object=who.login)
    if not good:
        fault = tr("This code is not right, or it was used already. Wait for the next one.")
        if until > now:
            fault = tr("Too many wrong codes. Please wait until %(time)s.", time=hour(until + 59_999))
        return render_template("console/code.html", after=after, fault=fault), 422
    access.begin(who)
    return redirect(inside(after), code=303)


@page(blueprint, "", roles=ANY_ROLE, post=True)
def set_up() -> str | Response | tuple[str, int]:
    """Set up an app, or another one instead; the paper codes are shown once, in the answer to the right code.

    Whoever need not do it now (a session may be hours old, its browser left alone) shows again what signed them in.
    """
    parts, who, now = services(), staff(), services().clock.wall_ms()
    if request.method == "GET":
        sealed = str(access.recall().get(WAITING, "")) or second_factor.seal(second_factor.new_secret(), key=parts.key)
        access.keep({**access.recall(), WAITING: sealed})
        return _form(who, sealed, {})
    sealed = str(access.recall().get(WAITING, ""))
    secret = second_factor.unseal(sealed, key=parts.key) if sealed else None
    if secret is None:
        return redirect(url_for("second_factor.set_up"), code=303)
    typed = "".join(request.form.get("code", "")[:20].split())
    step = second_factor.step_of(secret, typed, now=now)
    if step is None:
        return _form(who, sealed, {"code": tr("This code is not right. Is the clock of your phone right?")}), 422
    fault = _not_again(who, now) if _asks_again(who) else {}
    if fault:
        return _form(who, sealed, fault), 422
    with parts.db.write() as conn:
        codes = second_factor.enable(conn, who=who, sealed=sealed, step=step)
        accounts.end_sessions(conn, account_id=who.id)
        audit.note(conn, at=now, account=who.login, act="second_factor_set", object=who.login)
    access.begin(who)
    return render_template("console/paper_codes.html", codes=codes)


def _required(who: Account) -> bool:
    return second_factor.required(who.role, of=services().config.second_factor_roles)


def _asks_again(who: Account) -> bool:
    return who.second_factor or not _required(who)


def _not_again(who: Account, now: int) -> dict[str, str]:
    # Wrong ones count like at the sign-in: a browser left alone is no place to guess.
    parts = services()
    with parts.db.read() as conn:
        password = request.form.get("password", "")
        proof = signing_in.prove(conn, passwords=parts.passwords, login=who.login, password=password, now=now)
    with parts.db.write() as conn:
        until, missed = accounts.locked_until(conn, account_id=who.id), ""
        if until <= now and not proof.good:
            missed, fault = "sign_in_missed", {"password": tr("The current password is not right.")}
        elif until <= now and who.second_factor:
            old = request.form.get("old", "")[:80]
            if not second_factor.take(conn, who=who, code=old, key=parts.key, now=now):
                fault = {"old": tr("This code is not right, or it was used already. Wait for the next one.")}
                missed = "code_missed"
        if missed:
            until = accounts.count_miss(conn, account_id=who.id, now=now)
            audit.note(conn, at=now, account=who.login, act=missed, object=who.login)
    if until > now:
        return {"password": tr("Too many wrong passwords. Please wait until %(time)s.", time=hour(until + 59_999))}
    return fault if missed else {}


def _form(who: Account, sealed: str, faults: dict[str, str]) -> str:
    parts = services()
    secret = second_factor.unseal(sealed, key=parts.key)
    if secret is None:  # the server's key was changed since the page was opened
        secret = second_factor.new_secret()
        access.keep({**access.recall(), WAITING: second_factor.seal(secret, key=parts.key)})
    picture = segno.make(second_factor.address(secret, login=who.login), error="m").svg_data_uri(
        scale=5, border=3, light="#fff"
    )
    with parts.db.read() as conn:
        paper = second_factor.left(conn, who=who)
    return render_template(
        "console/second_factor.html", picture=picture, typed=second_factor.typed_secret(secret), faults=faults,
        required=_required(who), already=who.second_factor, again=_asks_again(who), paper=paper,
    )  # fmt: skip
