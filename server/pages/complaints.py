"""The officers' queue of complaints and the page on which one is decided: corrected, or rejected with a reason (C9)."""

import io
import secrets
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from flask import Blueprint, Response, abort, redirect, render_template, request, send_file, url_for
from sqlalchemy import Connection
from werkzeug.wrappers import Response as AnyResponse

from protocol import cccd
from server import attachments, audit, certificates, links, messages, people, scope, vaccinations
from server.accounts import ADMIN, AUDITOR, OFFICER
from server.complaints import decide, queries, rechecks
from server.crypto import mint
from server.errors import Refused
from server.pages import collating, complain, frame, rulebook, shown, tables, terms
from server.pages.access import page, staff
from server.pages.forms import Form
from server.pages.services import services
from server.pages.tables import Choice, Column, Table
from server.pages.words import language, mark, tr

WHO = (OFFICER, AUDITOR, ADMIN)
ACTS = ("correct_dose", "correct_person", "enter_dose", "reject", "recheck")
SLIP_LETTERS = 10
# The queue's columns that the database sorts by.
_ORDERS = {"number": "complaint", "about": "category", "sent": "filed_at", "due": "due_at"}
blueprint = Blueprint("complaints", __name__, url_prefix="/console/complaints")
Row = dict[str, Any]


@page(blueprint, "", roles=WHO, post=True)
def queue() -> str | AnyResponse:
    """The queue, soonest due first; `state`, `category`, `overdue`, order and page stand in the address, a name never."""
    table = _table()
    if request.method == "POST":
        return tables.remember(table)
    asked, now = tables.ask(table), services().clock.wall_ms()
    with services().db.write() as conn:
        within = scope.complaints(frame.care(conn, staff()))
        wanted: dict[str, Any] = {
            "state": asked.chosen["state"], "category": asked.chosen["category"],
            "overdue_at": now if asked.chosen["overdue"] else None, "within": within,
        }  # fmt: skip
        if asked.find or asked.sort == "name":
            view = tables.show(table, asked, queries.queue(conn, **wanted, limit=tables.MOST))
        else:
            rows = queries.queue(
                conn, **wanted, order=_ORDERS.get(asked.sort, "due_at"), down=asked.down, limit=asked.limit,
                offset=asked.offset,
            )  # fmt: skip
            view = tables.slice_of(table, asked, rows, total=queries.count(conn, **wanted))
        again = rechecks.open_ones(conn, within=within)
        if view.rows:  # the queue names citizens
            audit.note(conn, at=now, account=staff().login, act="list_complaints", object=str(len(view.rows)))
        opened, late = queries.count(conn, within=within), queries.count(conn, overdue_at=now, within=within)
    if asked.save:
        return tables.save(view)
    return render_template(
        "console/complaints.html", view=view, state=asked.chosen["state"], open=opened, late=late, again=again
    )


@page(blueprint, "/<number>", roles=WHO, post=True)
def complaint(number: str) -> str | AnyResponse | tuple[str, int]:
    """One complaint: evidence, record, decision. A decision is the officer's, in one transaction with its message."""
    if request.method == "GET":
        return _show(number, {}, "", {})
    if staff().role != OFFICER:
        abort(403)
    act = request.form.get("act", "")
    if act not in ACTS:
        abort(400)
    form = Form(request.form)
    try:
        if act == "recheck":
            _recheck(number, form)
        else:
            _decide(number, act, form)
    except Refused as refused:
        form.faults[refused.field or "form"] = tr(refused.sentence)
    if form.faults:
        return _show(number, form.faults, act, request.form.to_dict()), 422
    return redirect(url_for("complaints.complaint", number=number, decided=1), code=303)


@page(blueprint, "/<number>/photos/<digest>", roles=WHO)
def photo(number: str, digest: str) -> Response:
    """A photo of the evidence; only under a complaint that holds it."""
    parts = services()
    with parts.db.write() as conn:
        if number not in queries.with_photo(conn, digest) or _in_care(conn, number) is None:
            abort(404)
        found = attachments.read(conn, digest)
        if found is None:
            abort(404)
        audit.note(conn, at=parts.clock.wall_ms(), account=staff().login, act="view_photo", object=number)
    return send_file(io.BytesIO(found.content), mimetype=found.mime)


def _decide(number: str, act: str, form: Form) -> None:
    parts, who = services(), staff().login
    now, today = parts.clock.wall_ms(), shown.today()
    reasons = {row["code"]: row["sms"] for row in rulebook.reasons(today)}

    def work(conn: Connection) -> None:
        row = _in_care(conn, number)
        if row is None:
            abort(404)
        choice = _CHOICES[act](conn, row, form)
        if form.faults or choice is None:
            return
        facts = decide.decide(
            row, choice, message=f"m-{secrets.token_hex(8)}", reasons=reasons, today=today,
            say=rulebook.say, url=complain.address_of(number),
            known=[one["dose"] for one in queries.bearing(conn, number)], saw=_saw(conn, _person_of(conn, row)),
        )  # fmt: skip
        parts.ledger.append_all(conn, facts, who=who, now=now)
        audit.note(conn, at=now, account=who, act="decide_complaint", object=number)

    parts.ledger.transact(work)


def _recheck(number: str, form: Form) -> None:
    parts, who = services(), staff().login
    now = parts.clock.wall_ms()
    reason = form.text("reason", limit=2000, required=False)

    def work(conn: Connection) -> None:
        row = _in_care(conn, number)
        if row is None:
            abort(404)
        for one in rechecks.open_ones(conn, complaint=number):
            seen = rechecks.saw(parts.ledger.records_of(conn, "person", one["person"]))
            facts = decide.recheck(row, person=one["person"], saw=seen, reason=reason)
            parts.ledger.append_all(conn, facts, who=who, now=now)
        audit.note(conn, at=now, account=who, act="recheck_complaint", object=number)

    parts.ledger.transact(work)


def _saw(conn: Connection, person: Row | None) -> list[str]:
    return [] if person is None else rechecks.saw(services().ledger.records_of(conn, "person", person["person"]))


def _correct_dose(conn: Connection, row: Row, form: Form) -> decide.Choice | None:
    person = _person_of(conn, row)
    before = vaccinations.by_id(conn, request.form.get("dose", ""))
    if before is None or person is None or links.whole_of(conn, before["person"]) != person["person"]:
        raise Refused("dose_missing", "Choose the dose to correct.", field="dose")
    changes = {**_dose_fields(conn, form, before), "lot": form.word("lot", required=False)}
    return decide.CorrectDose(before=before, changes=changes, reason=form.text("reason", limit=2000))


def _correct_person(conn: Connection, row: Row, form: Form) -> decide.Choice | None:
    before = _person_of(conn, row)
    if before is None:
        raise Refused("person_missing", "There is no record of this person to correct.")
    changes = {
        "name": form.text("name", limit=120),
        "dob": form.day("dob", today=shown.today(), required=False, year_alone=True),
        "sex": form.choice("sex", terms.SEXES),
        "address": form.text("address", limit=400, required=False),
        "phone": form.text("phone", limit=20, required=False),
    }
    # A passport's number has no rule of ours, so one that is left as it was is not checked.
    if request.form.get("doc_no", "").strip() != before["doc_no"]:
        changes["doc_no"] = form.doc_no("doc_no", required=False)
        changes["doc_type"] = {12: "cccd", 9: "cmnd"}.get(len(changes["doc_no"]), "none")
    return decide.CorrectPerson(before=before, changes=changes, reason=form.text("reason", limit=2000))


def _enter_dose(conn: Connection, row: Row, form: Form) -> decide.Choice | None:
    person, asked = _person_of(conn, row), queries.read(row)["identity"]
    identity: dict[str, str] = {name: (person or asked)[name] for name in asked}
    key: str = person["person"] if person is not None else cccd.person_key(identity, row["complaint"])
    dose = _dose_fields(conn, form)
    if form.faults:
        return None
    slip = mint("", signs=SLIP_LETTERS)
    return decide.EnterDose(
        dose=f"d-{secrets.token_hex(8)}", person=key, identity=identity, **dose,
        lot=form.word("lot", required=False).upper(), slip=slip, photos=queries.read(row)["photos"],
        reason=form.text("reason", limit=2000),
    )  # fmt: skip


def _reject(_conn: Connection, _row: Row, form: Form) -> decide.Choice | None:
    code = request.form.get("reason_code", "")
    return decide.Reject(reason_code=code, reason=form.text("reason", limit=2000))


_CHOICES = {
    "correct_dose": _correct_dose,
    "correct_person": _correct_person,
    "enter_dose": _enter_dose,
    "reject": _reject,
}


def _dose_fields(conn: Connection, form: Form, before: Mapping[str, Any] = MappingProxyType({})) -> dict[str, Any]:
    # A dose may name a place or vaccine that is on no list of ours; correcting its lot must not force another one.
    # Nobody enters doses at sites that are in somebody else's care.
    places = {*frame.sites_of(conn, staff()), before.get("place")}
    known = {*rulebook.vaccines(), before.get("vaccine")}
    return {
        "vaccine": form.choice("vaccine", known),
        "dose_no": form.number("dose_no", low=1, high=9),
        "given_on": form.day("given_on", today=shown.today()),
        "place": form.choice("place", places),
    }


def _in_care(conn: Connection, number: str) -> Row | None:
    row = queries.get(conn, number)
    return row if row is not None and scope.sees_complaint(conn, frame.care(conn, staff()), number) else None


def _candidates(conn: Connection, row: Row) -> list[Row]:
    """The records that may be this citizen's: the one the lookup led to first, then same number, then name and day.

    Who handles a complaint may see the record that its citizen pointed at, wherever the dose was given; records that
    merely look alike only from their own unit's care.
    """
    within = scope.people(frame.care(conn, staff()))
    asked = queries.read(row)["identity"]
    found: dict[str, Row] = {}
    for person in (
        people.by_key(conn, row["person"]) if row["person"] else None,
        *(people.find(conn, asked["doc_no"]) if asked["doc_no"] else ()),
        *(hit for hit in people.find(conn, asked["name"], within=within) if hit["dob"] == asked["dob"]),
    ):
        if person is not None:
            found.setdefault(person["person"], person)
    return list(found.values())


def _person_of(conn: Connection, row: Row) -> Row | None:
    """The candidate that the page is about: the one named by `person`, else the first."""
    found = _candidates(conn, row)
    ref = request.values.get("person", "")
    return next((person for person in found if person["ref"] == ref), found[0] if found else None)


def _show(number: str, faults: Mapping[str, str], act: str, typed: Mapping[str, str]) -> str:
    parts, who = services(), staff()
    now = parts.clock.wall_ms()
    with parts.db.write() as conn:
        row = _in_care(conn, number)
        if row is None:
            abort(404)
        person = _person_of(conn, row)
        audit.note(conn, at=now, account=who.login, act="view_complaint", object=number)
        if person is not None:
            audit.note(conn, at=now, account=who.login, act="view_person", object=person["person"])
        key = person["person"] if person is not None else ""
        doses = vaccinations.of_person(conn, key) if key else []
        names, own = frame.place_names(conn), frame.sites_of(conn, who)
        within = scope.complaints(frame.care(conn, who))
        following = [other for other in queries.queue(conn, limit=2, within=within) if other["complaint"] != number]
        return render_template(
            "console/complaint.html",
            complaint=queries.read(row), person=person, candidates=_candidates(conn, row), doses=doses,
            certificate=certificates.of_person(conn, key) if key else None,
            again=rechecks.open_ones(conn, complaint=number),
            told=messages.of_complaint(conn, number), bearing=queries.bearing(conn, number), places=names, own=own,
            faults=faults, act=act,
            typed=typed, reasons=rulebook.reasons(shown.today()), words=language(), may_decide=who.role == OFFICER,
            reason_text=rulebook.reason(row["reason_code"])[language()] if row["reason_code"] else "",
            vaccines=rulebook.vaccines(), next=following[:1],
            standing=[dose for dose in doses if dose["status"] == "given"], options=_options,
            dose_options=_dose_options, sexes=[(code, tr(word)) for code, word in terms.SEXES.items()],
        )  # fmt: skip


def _options(own: Mapping[str, str], also: str, names: Mapping[str, str] | None = None) -> list[tuple[str, str]]:
    known = {**own, **({also: (names or own).get(also, also)} if also else {})}
    return sorted(known.items(), key=lambda pair: pair[1])


def _dose_options(doses: list[Row]) -> list[tuple[str, str]]:
    return [
        (
            row["dose"],
            f"{tr('Dose %(n)s', n=row['dose_no'])} · {shown.vaccine(row['vaccine'])} · {shown.day(row['given_on'])}",
        )
        for row in doses
    ]


def _table() -> Table:
    return Table(
        name="complaints",
        personal=True,
        find=mark("Number or a part of the name"),
        columns=(
            Column(name="number", heading=mark("Number"), text=lambda row: str(row["complaint"])),
            Column(name="about", heading=mark("About"), text=lambda row: tr(terms.SHORT_CATEGORIES[row["category"]])),
            Column(
                name="name", heading=mark("From"), text=lambda row: str(row["name"]),
                by=lambda row: collating.name_key(row["name"]),
            ),
            Column(
                name="sent", heading=mark("Sent"), text=lambda row: shown.moment(row["filed_at"]), by=lambda row: row["filed_at"],
            ),
            Column(
                name="due", heading=mark("Deadline"), text=lambda row: shown.moment(row["due_at"]), by=lambda row: row["due_at"],
            ),
            Column(
                name="state", heading=mark("State"), sorts=False, text=lambda row: tr(terms.COMPLAINT_STATES[row["state"]])
            ),
            Column(
                name="decided", heading=mark("Decided"), listed=False, text=lambda row: shown.moment(row["decided_at"])
            ),
            Column(name="photos", heading=mark("Photos"), number=True, sorts=False, text=lambda row: len(row["photos"])),
        ),
        choices=(
            Choice(
                name="state", label=mark("State"), blank=mark("all"), first="new", every="all",
                options=tables.words_of(terms.COMPLAINT_STATES),
            ),
            Choice(
                name="category", label=mark("About"), blank=mark("everything"),
                options=tables.words_of(terms.SHORT_CATEGORIES),
            ),
            Choice(
                name="overdue", label=mark("Deadline"), blank=mark("any"), options=[("1", tr("only overdue"))],
            ),
        ),
    )  # fmt: skip
