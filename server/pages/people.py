"""People's records for those whose work needs them. Every look is written to the audit; no number stands in an address."""

import io
from typing import Any

from flask import Blueprint, abort, redirect, render_template, request, send_file, url_for
from sqlalchemy import Connection
from werkzeug.wrappers import Response

from protocol import cccd
from server import (
    aefi,
    attachments,
    audit,
    certificates,
    duplicates,
    late_entry,
    links,
    people,
    scope,
    slips,
    vaccinations,
    visits,
)
from server.accounts import ADMIN, AUDITOR, OFFICER
from server.errors import Refused
from server.pages import access, collating, frame, pairs, shown, tables, terms
from server.pages.access import page, staff
from server.pages.services import services
from server.pages.tables import Column, Table
from server.pages.words import mark, tr

WHO = (OFFICER, AUDITOR, ADMIN)
SHOWN = 50
ALIKE_SHOWN = 10
LOOKS_SHOWN = 20
blueprint = Blueprint("people", __name__, url_prefix="/console/people")


@page(blueprint, "", roles=WHO, post=True)
def search() -> str | Response:
    """Search by number or name. The question stays in the session, so that it never stands in an address or a log."""
    if request.method == "POST":
        wanted = request.form.get("wanted", "").strip()[:120]
        access.keep({**access.recall(), "wanted": wanted})
        return redirect(url_for("people.search"), code=303)
    wanted = str(access.recall().get("wanted", ""))
    found = []
    if wanted:
        parts = services()
        with parts.db.write() as conn:
            within = scope.people(frame.care(conn, staff()))
            found = people.find(conn, wanted, limit=SHOWN + 1, within=within)
            now, who = parts.clock.wall_ms(), staff().login
            audit.note(conn, at=now, account=who, act="search_people", object=str(len(found)))
    table = _table()
    view = tables.show(table, tables.ask(table), found[:SHOWN])
    if view.asked.save:
        return tables.save(view)
    return render_template("console/people.html", wanted=wanted, view=view, more=len(found) > SHOWN)


@page(blueprint, "/<ref>", roles=WHO)
def person(ref: str) -> str:
    """One person: who, the doses as they stand, the visits, the slips, and every record they are made of."""
    parts = services()
    with parts.db.write() as conn:
        named = people.by_ref(conn, ref)
        care = frame.care(conn, staff())
        if named is None or not scope.sees_person(conn, care, named["person"]):
            abort(404)
        # Whoever is one with others is shown as a whole, under whichever of their numbers it was opened.
        row = people.by_key(conn, named["person"]) or named
        key, members = row["person"], links.members(conn, row["person"])
        audit.note(conn, at=parts.clock.wall_ms(), account=staff().login, act="view_person", object=key)
        doses = vaccinations.of_person(conn, key)
        records = parts.ledger.records_of(conn, "person", key)
        alike = duplicates.proposals(conn, limit=ALIKE_SHOWN, of=key)
        return render_template(
            "console/person.html",
            person=row,
            certificate=certificates.of_person(conn, key),
            doses=doses,
            doubles=vaccinations.possible_duplicates(doses),
            visits=visits.of_person(conn, key),
            slips=slips.of_person(conn, key),
            reactions=aefi.of_person(conn, key),
            records=records,
            papers=late_entry.papers(records),
            numbers=[one for one in people.beside(conn, key) if one["person"] != key],
            decided=[_facing(conn, care, said, key) for said in links.pairs_of(conn, members)],
            alike=[_facing(conn, care, said, key) for said in alike],
            looks=audit.entries_about(conn, members, limit=LOOKS_SHOWN, within=scope.looks(care)),
            places=frame.place_names(conn),
        )


@page(blueprint, "/<ref>/photos/<digest>", roles=WHO)
def photo(ref: str, digest: str) -> Response:
    """The photo of a paper; only of a person whose dose was entered from it, and made anew from what the kiosk sent."""
    parts = services()
    with parts.db.write() as conn:
        row = people.by_ref(conn, ref)
        if row is None or not scope.sees_person(conn, frame.care(conn, staff()), row["person"]):
            abort(404)
        told = late_entry.papers(parts.ledger.records_of(conn, "person", row["person"]))
        if not any(digest in one["photos"] for one in told):
            abort(404)
        held = attachments.read(conn, digest)
        sent = held.content if held else late_entry.photo(parts.ledger.records_of(conn, "photo", digest), digest)
        if sent is None:
            abort(404)
        audit.note(conn, at=parts.clock.wall_ms(), account=staff().login, act="view_photo", object=row["person"])
    try:
        taken = attachments.take(sent)
    except Refused:
        abort(404)
    return send_file(io.BytesIO(taken.content), mimetype=taken.mime)


def _facing(conn: Connection, care: scope.Scope, said: dict[str, Any], key: str) -> dict[str, Any]:
    """A pair as it is named on the page of `key`: the other one by name, or by initials where they are in another's care."""
    mine = set(links.members(conn, key))
    near, far = (said["one"], said["other"]) if said["one"] in mine else (said["other"], said["one"])
    return {**said, "mine": pairs.seen(conn, care, near), "theirs": pairs.seen(conn, care, far)}


def _table() -> Table:
    """Those found by a search. The file holds no more of a number than the page: enough to tell them apart."""
    return Table(
        name="people",
        columns=(
            Column(
                name="name", heading=mark("Full name"), text=lambda row: str(row["name"]),
                by=lambda row: collating.name_key(row["name"]),
            ),
            Column(
                name="dob", heading=mark("Date of birth"), text=lambda row: shown.day(row["dob"]), by=lambda row: row["dob"]
            ),
            Column(name="sex", heading=mark("Sex"), text=lambda row: tr(terms.SEXES[row["sex"]])),
            Column(
                name="number", heading=mark("ID number"), sorts=False, text=lambda row: str(cccd.mask(row["doc_no"]))
            ),
            Column(
                name="phone", heading=mark("Phone"), sorts=False, text=lambda row: shown.masked_phone(row["phone"])
            ),
        ),
    )  # fmt: skip
