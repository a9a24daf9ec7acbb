"""Planned sessions (G12, G13): the list, planning one with a preview, its team, inviting, cancelling, the list of its people."""

import secrets
from collections.abc import Sequence
from functools import partial
from typing import Any

from flask import Blueprint, abort, redirect, render_template, request, url_for
from sqlalchemy import Connection
from werkzeug.wrappers import Response

from protocol import fields
from server import audit, reference
from server.accounts import ADMIN, AUDITOR, MANAGER
from server.errors import Refused
from server.pages import collating, frame, rulebook, shown, terms
from server.pages import tables as lists
from server.pages.access import page, staff
from server.pages.forms import Form
from server.pages.services import services
from server.pages.session_form import FIRST_HOUR, GROUPS, LAST_HOUR, communes, fields_of, keeper, read, values_of
from server.pages.tables import Choice, Column, Table
from server.pages.words import mark, tr
from server.sessions import inviting, spread, tables, turnout
from server.sessions.judging import Judged
from server.sessions.keeping import Keeper, Telling
from server.sessions.plan import Planned

MAX_REASON = 200


blueprint = Blueprint("sessions", __name__, url_prefix="/console/sessions")


@page(blueprint, "", roles=(MANAGER, AUDITOR, ADMIN))
def listing() -> str | Response:
    """Sessions from today on, or with `past` those that are over, the latest first; the table's own words narrow it."""
    past, today = bool(request.args.get("past")), shown.today()
    with services().db.read() as conn:
        sites = frame.sites_of(conn, staff())
        rows = tables.listed(conn, sites=list(sites), today=today, past=past, limit=lists.MOST)
    table = _table(sites)
    view = lists.show(table, lists.ask(table), rows)
    if view.asked.save:
        return lists.save(view)
    return render_template(
        "console/planned_sessions.html", view=view, sites=sites, past=past, may_plan=_may_plan(), words=terms, today=today,
        people=sum(row["people"] for row in view.fitting),
    )  # fmt: skip


@page(blueprint, "/new", roles=(MANAGER, ADMIN), post=True)
def new() -> str | Response | tuple[str, int]:
    """Plan a session. Its name is made with the form: sending it twice plans one."""
    return _plan(None)


@page(blueprint, "/of/<session>/plan", roles=(MANAGER, ADMIN), post=True)
def change(session: str) -> str | Response | tuple[str, int]:
    """Change or move a planned session; who was invited is told."""
    with services().db.read() as conn:
        row = _in_care(conn, session)
    if row["state"] == tables.CANCELLED or row["day"] < shown.today():
        return redirect(url_for("sessions.one", session=session), code=303)
    return _plan(row)


@page(blueprint, "/of/<session>", roles=(MANAGER, AUDITOR, ADMIN), post=True)
def one(session: str) -> str | Response | tuple[str, int]:
    """One session: its hours, its team, what people were told; inviting and cancelling."""
    parts, who, now, today = services(), staff(), services().clock.wall_ms(), shown.today()
    form, fault = Form(request.form), ""
    with parts.db.read() as conn:
        row = _in_care(conn, session)
        team = _staff_of(conn, row["site"])
    if request.method == "POST":
        if who.role == AUDITOR:
            abort(403)
        keep, told = keeper(), Telling(by=who.login, now=now, today=today)
        act = request.form.get("act", "")
        if act == "cancel":
            reason = form.text("reason", limit=MAX_REASON)
            work = partial(keep.cancel, session=session, reason=reason, **told)
        elif act == "team":
            chosen = [one["id"] for one in team if one["id"] in request.form.getlist("team") and not one["revoked"]]
            work = partial(keep.set_team, session=session, team=chosen, **told)
        elif act == "invite":
            work = partial(keep.invite, session=session, **told)
        else:
            abort(400)
        if not form.faults:
            try:
                parts.ledger.transact(work)
            except Refused as refused:
                fault = tr(refused.sentence)
            else:
                return redirect(url_for("sessions.one", session=session, done=act), code=303)
    answer = _shown_one(row, team, fault=fault, faults=form.faults)
    return (answer, 422) if fault or form.faults else answer


@page(blueprint, "/of/<session>/people", roles=(MANAGER, AUDITOR, ADMIN), post=True)
def people(session: str) -> str | Response:
    """The list of a session's people, to be printed and carried to the site; the look is noted."""
    parts, table = services(), _people_table()
    if request.method == "POST":
        with parts.db.read() as conn:
            _in_care(conn, session)
        return lists.remember(table)
    with parts.db.write() as conn:
        row = _in_care(conn, session)
        sites = frame.sites_of(conn, staff())
        rows = tables.appointments(conn, session)
        come = turnout.states(conn, [each["person"] for each in rows], site=row["site"], day=row["day"])
        audit.note(
            conn, at=parts.clock.wall_ms(), account=staff().login, act="view_session", object=f"session {session}"
        )
    standing = [{**each, "come": come[each["person"]]} for each in rows if each["state"] == tables.STANDS]
    view = lists.show(table, lists.ask(table), standing)
    if view.asked.save:
        return lists.save(view)
    return render_template(
        "console/session_people.html", row=row, sites=sites, words=terms, view=view, of=len(standing),
        gone=[each for each in rows if each["state"] == tables.TAKEN_BACK],
    )  # fmt: skip


def _plan(held: dict[str, Any] | None) -> str | Response | tuple[str, int]:
    parts, now, today = services(), services().clock.wall_ms(), shown.today()
    with parts.db.read() as conn:
        sites, known = frame.sites_of(conn, staff()), communes(conn)
    show = partial(_shown_form, held, sites=sites, known=known)
    if request.method == "GET":
        return show(values=values_of(held) if held else values_of(None, session=f"ss-{secrets.token_hex(8)}"))
    form = Form(request.form)
    wanted = read(form, request.form, sites=sites, communes=known, today=today)
    if held is not None:
        wanted["session"] = held["session"]
    planned, keep = None, keeper()
    if not form.faults:
        try:
            with parts.db.read() as conn:
                judged = keep.judge(conn, wanted)
                planned = keep.preview(conn, wanted, judged)
            if request.form.get("act") == "save":
                telling = Telling(by=staff().login, now=now, today=today)
                save = partial(_save_in_care, keep=keep, wanted=wanted, judged=judged, telling=telling)
                session = parts.ledger.transact(save)["session"]
                return redirect(url_for("sessions.one", session=session, done="plan"), code=303)
        except Refused as refused:
            form.faults["form"] = tr(refused.sentence)
    answer = show(values=fields_of(request.form), faults=form.faults, planned=planned, wanted=wanted)
    return (answer, 422) if form.faults else answer


def _save_in_care(
    conn: Connection, *, keep: Keeper, wanted: dict[str, Any], judged: Judged, telling: Telling
) -> dict[str, Any]:
    # A name somebody made up may be another unit's session.
    row = tables.get(conn, wanted["session"])
    if row is not None and row["site"] not in frame.sites_of(conn, staff()):
        abort(404)
    typed = request.form.get("version", "0")
    version = int(typed) if fields.digits(typed) and len(typed) < len("1000000000") else 0
    return keep.save(conn, wanted, judged, version=version, telling=telling)


def _shown_form(
    held: dict[str, Any] | None, *, sites: dict[str, str], known: dict[str, str], values: dict[str, Any],
    faults: dict[str, str] | None = None, planned: Planned | None = None, wanted: dict[str, Any] | None = None,
) -> str:  # fmt: skip
    hours = []
    telling: dict[str, int] = {}
    if planned is not None and wanted is not None:
        load = spread.load({row["person"]: _minute(row["at"]) for row in planned.standing})
        first = {hour: 0 for hour, _ in wanted["hours"]}
        for row in planned.standing:
            first[_minute(row["at"]) // spread.HOUR_MIN] += bool(row["grp"])
        hours = [(hour, room, load.get(hour, 0), first[hour]) for hour, room in wanted["hours"]]
        if held is not None and held["state"] == tables.INVITED:
            for row in planned.rows:
                what = inviting.due(row, wanted["site"])
                telling[what] = telling.get(what, 0) + bool(row["phone"])
    vaccines = sorted(rulebook.vaccines().items(), key=lambda pair: pair[1])
    return render_template(
        "console/session_plan.html", held=held, sites=sites, vaccines=vaccines, values=values, faults=faults or {},
        planned=planned, hours=hours, telling=telling, words=terms, hour_range=range(FIRST_HOUR, LAST_HOUR + 1),
        groups=GROUPS, communes=known, wording=rulebook.groups(held["day"] if held else shown.today()),
    )  # fmt: skip


def _shown_one(row: dict[str, Any], team: list[dict[str, Any]], *, fault: str, faults: dict[str, str]) -> str:
    with services().db.read() as conn:
        sites = frame.sites_of(conn, staff())
        rows = tables.appointments(conn, row["session"])
        standing = [each for each in rows if each["state"] == tables.STANDS]
        come = turnout.states(conn, [each["person"] for each in standing], site=row["site"], day=row["day"])
    load = spread.load({each["person"]: _minute(each["at"]) for each in standing})
    known = {each["id"] for each in team if not each["revoked"]}
    roles = {each["role"] for each in team if each["id"] in row["team"] and not each["revoked"]}
    open_ = row["state"] != tables.CANCELLED and row["day"] >= shown.today()
    return render_template(
        "console/session.html", row=row, sites=sites, words=terms, team=team, fault=fault, faults=faults,
        hours=[(hour, room, load.get(hour, 0)) for hour, room in row["hours"]], room=sum(n for _, n in row["hours"]),
        people=len(standing), untold=sum(bool(inviting.due(each, row["site"])) for each in standing),
        invited=sum(bool(each["phone"]) and each["told_at"] is not None for each in standing),
        no_phone=sum(not each["phone"] for each in standing), taken_back=len(rows) - len(standing),
        come=[sum(state in wanted for state in come.values()) for wanted in _COME],
        missing=[role for role in reference.STAFF_ROLES if role not in roles],
        left_team=[one for one in row["team"] if one not in known], open=open_, may_plan=_may_plan() and open_,
    )  # fmt: skip


_COME = ((turnout.CAME, turnout.INJECTED), (turnout.INJECTED,))


def _in_care(conn: Connection, session: str) -> dict[str, Any]:
    row = tables.get(conn, session)
    if row is None or row["site"] not in frame.sites_of(conn, staff()):
        abort(404)
    return row


def _staff_of(conn: Connection, site: str) -> list[dict[str, Any]]:
    rows = reference.items(conn, site=site, list_name=reference.STAFF)
    order = {role: number for number, role in enumerate(reference.STAFF_ROLES)}
    found = [{**row, "revoked": bool(row.get("revoked"))} for row in rows]
    return sorted(found, key=lambda row: (row["revoked"], order.get(row["role"], len(order)), row["name"]))


def _minute(at: int) -> int:
    return (at // 60_000 + services().config.day_offset_min) % (24 * spread.HOUR_MIN)


def _may_plan() -> bool:
    return staff().role in (MANAGER, ADMIN)


def _table(sites: dict[str, str]) -> Table:
    return Table(
        name="sessions",
        kept=("past",),
        columns=(
            Column(name="day", heading=mark("Day"), text=lambda row: shown.day(row["day"]), by=lambda row: row["day"]),
            Column(name="place", heading=mark("Injection site"), text=lambda row: shown.place(row["site"], sites)),
            Column(name="vaccine", heading=mark("Vaccine"), text=lambda row: shown.vaccine(row["vaccine"])),
            Column(name="hours", heading=mark("Hours"), sorts=False, text=lambda row: _span(row["hours"])),
            Column(
                name="people", heading=mark("People / places"), number=True, text=lambda row: int(row["people"]),
            ),
            Column(
                name="places", heading=mark("Places"), number=True, listed=False,
                text=lambda row: sum(room for _, room in row["hours"]),
            ),
            Column(name="state", heading=mark("State"), text=lambda row: tr(terms.SESSION_STATES[row["state"]])),
            Column(
                name="team", heading=mark("Injection team"), text=lambda row: len(row["team"]) if row["team_at"] else 0,
            ),
        ),
        choices=(
            Choice(
                name="place", label=mark("Injection site"), blank=mark("All sites"), of=lambda row: str(row["site"]),
                options=list(sites.items()),
            ),
            Choice(
                name="state", label=mark("State"), blank=mark("all"), of=lambda row: str(row["state"]),
                options=lists.words_of(terms.SESSION_STATES),
            ),
        ),
    )  # fmt: skip


def _people_table() -> Table:
    """Everybody on one page: it is printed and carried to the site."""
    return Table(
        name="session-people",
        find=mark("Name, phone"),
        personal=True,
        whole=True,
        columns=(
            Column(name="time", heading=mark("Time"), text=lambda row: shown.hour(row["at"]), by=lambda row: row["at"]),
            Column(
                name="name", heading=mark("Full name"), text=lambda row: str(row["name"]),
                by=lambda row: collating.name_key(row["name"]),
            ),
            Column(
                name="group", heading=mark("Priority group"), listed=False,
                text=lambda row: shown.group(row["grp"]) if row["grp"] else "",
            ),
            Column(
                name="dob", heading=mark("Date of birth"), text=lambda row: shown.day(row["dob"]), by=lambda row: row["dob"]
            ),
            Column(name="phone", heading=mark("Phone"), sorts=False, text=lambda row: str(row["phone"])),
            Column(name="dose", heading=mark("Dose"), number=True, text=lambda row: int(row["dose_no"])),
            Column(name="told", heading=mark("Told"), text=lambda row: tr(_TOLD[_told(row)])),
            Column(name="state", heading=mark("State"), text=lambda row: tr(terms.TURNOUT[row["come"]])),
        ),
        choices=(
            Choice(
                name="told", label=mark("Told"), blank=mark("all"), of=_told, options=lists.words_of(_TOLD),
            ),
            Choice(
                name="state", label=mark("State"), blank=mark("all"), of=lambda row: str(row["come"]),
                options=lists.words_of(terms.TURNOUT),
            ),
        ),
    )  # fmt: skip


_TOLD = {"yes": mark("yes"), "not_yet": mark("not yet"), "by_hand": mark("none: tell by hand")}


def _told(row: lists.Row) -> str:
    if not row["phone"]:
        return "by_hand"
    return "yes" if row["told_at"] is not None else "not_yet"


def _span(hours: Sequence[Sequence[int]]) -> str:
    return f"{hours[0][0]:02d}:00–{hours[-1][0] + 1:02d}:00" if hours else ""
