"""Accounts of the own unit and of those below: made, described, moved, disabled, reset; the own sessions; the team."""

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, abort, redirect, render_template, request, url_for
from sqlalchemy import Connection
from werkzeug.wrappers import Response

from protocol.clocktext import DAY_MS
from server import accounts, audit, delegation, units
from server.accounts import ADMIN, POSTS
from server.errors import Refused
from server.pages import access, collating, frame, tables, terms
from server.pages.access import ANY_ROLE, page, staff
from server.pages.forms import Form
from server.pages.services import services
from server.pages.tables import Choice, Column, Table
from server.pages.words import mark, tr
from server.scope import Scope

# Units offered in a list; below a whole province stand more than anybody scrolls through, so a code may be typed.
MOST_UNITS = 400
ACTS = ("save", "disable", "enable", "reset", "end_sessions")
# The state of an account, as the list tells it.
STATES = {
    "used": mark("in use"),
    "new": mark("first password not changed yet"),
    "off": mark("out of use"),
}
blueprint = Blueprint("accounts", __name__, url_prefix="/console/accounts")


@page(blueprint, "", roles=(ADMIN,), post=True)
def listing() -> str | Response:
    """Every account in care. A name that is searched for comes as a form and stays in the session."""
    table = _table()
    if request.method == "POST":
        return tables.remember(table)
    with services().db.read() as conn:
        rows = delegation.listed(conn, frame.care(conn, staff()))
    view = tables.show(table, tables.ask(table), rows)
    if view.asked.save:
        return tables.save(view)
    return render_template("console/accounts.html", view=view, alone=len(rows) == 1, state_of=_state_of)


@page(blueprint, "/new", roles=(ADMIN,), post=True)
def new() -> str | tuple[str, int]:
    """Make an account. Its first password stands in the answer and nowhere else."""
    parts, who, now = services(), staff(), services().clock.wall_ms()
    if request.method == "GET":
        return _form("console/account_new.html", {}, {})
    form = Form(request.form)
    person = {"login": form.word("login").lower(), **_person(form)}
    role = form.choice("role", delegation.GRANTS[who.role])
    made = None
    if not form.faults:
        try:
            with parts.db.write() as conn:
                held = frame.care(conn, who)
                unit = units.find(conn, form.word("unit"), day=held.day)
                made = delegation.make(
                    conn, held, who=who, passwords=parts.passwords, unit=unit, role=role, now=now, **person
                )
        except Refused as refused:
            form.faults[refused.field or "login"] = tr(refused.sentence)
    if made is None:
        return _form("console/account_new.html", request.form.to_dict(), form.faults), 422
    return _first_password(person["login"], made[1], made[0])


@page(blueprint, "/<int:account>", roles=(ADMIN,), post=True)
def account(account: int) -> str | Response | tuple[str, int]:
    """One account: change it, take it out of use, give it a new first password, sign it out everywhere."""
    parts, who, now = services(), staff(), services().clock.wall_ms()
    form = Form(request.form)
    act = request.form.get("act", "")
    with parts.db.write() as conn:
        held = frame.care(conn, who)
        row = delegation.find(conn, held, who, account)
        if row is None:
            abort(404)
        sessions = accounts.sessions_of(conn, account_id=account, now=now)
        if request.method == "POST":
            if act not in ACTS:
                abort(400)
            if act == "reset":
                first = delegation.reset(conn, by=who.login, passwords=parts.passwords, row=row, now=now)
                return _first_password(row["login"], first, account)
            if act == "save":
                _save(conn, held, form, row, now)
            else:
                {"disable": delegation.disable, "enable": delegation.enable, "end_sessions": delegation.end_sessions}[
                    act
                ](conn, who=who, row=row, now=now)
            if not form.faults:
                return redirect(url_for("accounts.account", account=account, done=act), code=303)
    values = {**row, **request.form.to_dict()}
    page_ = _form("console/account.html", values, form.faults, row=row, sessions=sessions)
    return (page_, 422) if form.faults else page_


@page(blueprint, "/sessions", roles=ANY_ROLE, post=True)
def sessions() -> str | Response:
    """Where the own account is signed in; each, or all others, can be ended here."""
    parts, who, now = services(), staff(), services().clock.wall_ms()
    own = access.current().id
    if request.method == "POST":
        with parts.db.write() as conn:
            for row in accounts.sessions_of(conn, account_id=who.id, now=now):
                if row["id"] != own and request.form.get("session", "") in ("", row["id"]):
                    accounts.end_sessions(conn, account_id=who.id, only=row["id"])
            audit.note(conn, at=now, account=who.login, act="sessions_ended", object=who.login)
        return redirect(url_for("accounts.sessions"), code=303)
    with parts.db.read() as conn:
        rows = accounts.sessions_of(conn, account_id=who.id, now=now)
    return render_template("console/sessions.html", rows=rows, own=own, most=accounts.MOST_SESSIONS)


@page(blueprint, "/team", roles=ANY_ROLE)
def team() -> str:
    """The people of the own unit by their posts, and who helps with the system, from the own unit upward (C5, C13)."""
    with services().db.read() as conn:
        held = frame.care(conn, staff())
        over = units.above(conn, held.unit, day=held.day) if held.unit is not None else []
        people, support = delegation.team(conn, held.unit, over) if held.unit is not None else ([], [])
    return render_template("console/team.html", people=people, support=support)


def _save(conn: Connection, held: Scope, form: Form, row: dict[str, Any], now: int) -> None:
    who, person = staff(), _person(form)
    role = form.choice("role", delegation.GRANTS[who.role])
    unit = units.find(conn, form.word("unit"), day=held.day)
    if form.faults:
        return
    try:
        delegation.move(conn, held, who=who, row=row, unit=unit, role=role, now=now)
    except Refused as refused:
        form.faults[refused.field] = tr(refused.sentence)
        return
    delegation.describe(conn, who=who, row=row, now=now, **person)


def _person(form: Form) -> dict[str, str]:
    email = form.text("email", limit=120)
    if email and ("@" not in email[1:-1] or " " in email):
        form.faults["email"] = tr("Please write an e-mail address.")
    return {
        "name": form.text("name", limit=120),
        "email": email,
        "phone": form.text("phone", limit=20, required=False),
        "post": form.choice("post", POSTS),
    }


def _first_password(login: str, password: str, number: int) -> str:
    days = accounts.FIRST_LASTS_MS // DAY_MS
    return render_template("console/first_password.html", login=login, password=password, number=number, days=days)


def _form(template: str, values: dict[str, Any], faults: dict[str, str], **more: Any) -> str:
    with services().db.read() as conn:
        held = frame.care(conn, staff())
        offered = delegation.units_for(conn, held, most=MOST_UNITS)
    roles = [(role, tr(terms.ROLES[role])) for role in delegation.GRANTS[staff().role]]
    return render_template(
        template, values=values, faults=faults, roles=roles, posts=[(post, tr(terms.POSTS[post])) for post in POSTS],
        units=[(unit.code, f"{unit.name} ({unit.code})") for unit in offered], **more,
    )  # fmt: skip


def _state_of(row: Mapping[str, Any]) -> str:
    if row["disabled_at"]:
        return "off"
    return "new" if row["must_change"] else "used"


def _table() -> Table:
    return Table(
        name="accounts",
        personal=True,
        find=mark("Login, name or unit"),
        columns=(
            Column(name="login", heading=mark("Login"), text=lambda row: str(row["login"])),
            Column(
                name="name", heading=mark("Full name"), text=lambda row: str(row["name"]),
                by=lambda row: collating.name_key(row["name"]),
            ),
            Column(name="email", heading=mark("E-mail"), listed=False, text=lambda row: str(row["email"])),
            Column(name="role", heading=mark("Role"), text=lambda row: tr(terms.ROLES[row["role"]])),
            Column(name="post", heading=mark("Post"), listed=False, text=lambda row: tr(terms.POSTS[row["post"]])),
            Column(name="unit", heading=mark("Unit"), text=lambda row: str(row["unit_name"] or row["unit"])),
            Column(name="state", heading=mark("State"), text=lambda row: tr(STATES[_state_of(row)])),
        ),
        choices=(
            Choice(
                name="role", label=mark("Role"), blank=mark("all"), of=lambda row: str(row["role"]),
                options=tables.words_of(terms.ROLES),
            ),
            Choice(name="state", label=mark("State"), blank=mark("all"), of=_state_of, options=tables.words_of(STATES)),
        ),
    )  # fmt: skip
