"""Records that may be of one person: the list, two records side by side, and the officer's decision about them.

Whoever is in somebody else's care is shown masked, and only beside a record in the own care that a search set them next to.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, abort, redirect, render_template, request, url_for
from sqlalchemy import Connection
from werkzeug.wrappers import Response

from protocol import cccd
from server import audit, duplicates, joining, likeness, links, people, reference, scope, vaccinations, visits
from server.accounts import ADMIN, AUDITOR, OFFICER
from server.errors import Refused
from server.joining import Sides
from server.pages import frame, pairs, shown, tables, terms
from server.pages.access import page, staff
from server.pages.forms import Form
from server.pages.services import services
from server.pages.tables import Choice, Column, Table
from server.pages.words import mark, tr

WHO = (OFFICER, AUDITOR, ADMIN)
# Each pair is two people looked up: a file of more would hold the database for half a minute.
MOST_SAVED = 2000
LEAST = (80, 100, 120)
ACTS = {"join": "link_people", "apart": "tell_apart", "part": "unlink_people"}
blueprint = Blueprint("duplicates", __name__, url_prefix="/console/duplicates")
Row = dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class Pair:
    """Two records as they are compared: keys and rows, whether each is in care, and what was said of them."""

    sides: Sides
    rows: tuple[Row, Row]
    cared: tuple[bool, bool]


@page(blueprint, "", roles=WHO)
def listing() -> str | Response:
    """Pairs that nobody has decided, the likeliest first; order, page and points stand in the address."""
    parts, who = services(), staff()
    table = _table()
    asked = tables.ask(table)
    least = int(asked.chosen["least"] or 0)
    with parts.db.read() as conn:
        care = frame.care(conn, who)
        within = scope.proposals(care)
        rows = duplicates.proposals(
            conn, limit=min(asked.limit, MOST_SAVED), offset=asked.offset, within=within, least=least,
            upward=asked.sort == "points" and not asked.down,
        )  # fmt: skip
        total = duplicates.count(conn, within=within, least=least)
        found = [
            {**row, "first": pairs.seen(conn, care, row["one"]), "second": pairs.seen(conn, care, row["other"])}
            for row in rows
        ]
    view = tables.slice_of(table, asked, found, total=total)
    if asked.save:
        return tables.save(view)
    if found:
        with parts.db.write() as conn:
            audit.note(conn, at=parts.clock.wall_ms(), account=who.login, act="list_duplicates", object=str(len(rows)))
    return render_template("console/duplicates.html", view=view)


@page(blueprint, "/<ref>/<other>", roles=WHO, post=True)
def pair(ref: str, other: str) -> str | Response | tuple[str, int]:
    """Two records side by side; a decision is the officer's, of whoever has both in care."""
    if request.method == "GET":
        return _show(ref, other, {}, "", {})
    if staff().role != OFFICER:
        abort(403)
    act = request.form.get("act", "")
    if act not in ACTS:
        abort(400)
    form = Form(request.form)
    reason = form.text("reason", limit=2000)
    try:
        if not form.faults:
            _decide(ref, other, act, reason)
    except Refused as refused:
        form.faults[refused.field or "form"] = tr(refused.sentence)
    if form.faults:
        return _show(ref, other, form.faults, act, request.form.to_dict()), 422
    return redirect(url_for("duplicates.pair", ref=ref, other=other), code=303)


def _decide(ref: str, other: str, act: str, reason: str) -> None:
    parts, who = services(), staff().login
    now = parts.clock.wall_ms()

    def work(conn: Connection) -> None:
        held = _pair(conn, ref, other)
        if held is None:
            abort(404)
        if not all(held.cared):
            raise Refused(
                "not_in_care", "One of the two records is in another unit's care. The unit above both decides."
            )
        words = _reasons(held)
        if act == "join":
            facts = joining.join(held.sides, keep=_kept(conn), reason=reason, because=words)
        elif act == "apart":
            facts = joining.tell_apart(held.sides, reason=reason, because=words)
        else:
            facts = joining.part(held.sides, reason=reason)
        parts.ledger.append_all(conn, facts, who=who, now=now)
        for key in (held.sides.one, held.sides.other):
            audit.note(conn, at=now, account=who, act=ACTS[act], object=key)

    parts.ledger.transact(work)


def _kept(conn: Connection) -> str:
    """Whose number and name shall stand, as the form says it by a reference."""
    row = people.by_ref(conn, request.form.get("keep", ""))
    return links.whole_of(conn, row["person"]) if row is not None else ""


def _pair(conn: Connection, ref: str, other: str) -> Pair | None:
    """The two records, or None where either does not exist or nothing of them is in care."""
    first, second = people.by_ref(conn, ref), people.by_ref(conn, other)
    if first is None or second is None or first["person"] == second["person"]:
        return None
    keys = (first["person"], second["person"])
    care = frame.care(conn, staff())
    cared = (scope.sees_person(conn, care, keys[0]), scope.sees_person(conn, care, keys[1]))
    members = (links.members(conn, keys[0]), links.members(conn, keys[1]))
    wholes = (links.whole_of(conn, keys[0]), links.whole_of(conn, keys[1]))
    said = links.pairs_of(conn, sorted({*members[0], *members[1]}))
    sides = Sides(one=keys[0], other=keys[1], wholes=wholes, members=members, pairs=said)
    if not any(cared):
        return None
    if not all(cared) and not sides.state() and not duplicates.proposed(conn, *keys):
        return None
    # Of one person each record is shown as it was taken down; of two, what each of them has become.
    rows = (first, second) if sides.are_one() else (people.by_key(conn, keys[0]), people.by_key(conn, keys[1]))
    return Pair(sides=sides, rows=(rows[0] or first, rows[1] or second), cared=cared)


def _reasons(held: Pair) -> list[str]:
    return likeness.reasons(*(likeness.person_of(row) for row in held.rows))


def _show(ref: str, other: str, faults: Mapping[str, str], act: str, typed: Mapping[str, str]) -> str:
    parts, who = services(), staff()
    weights = reference.read_data("duplicates")["weights"]
    with parts.db.write() as conn:
        held = _pair(conn, ref, other)
        if held is None:
            abort(404)
        now = parts.clock.wall_ms()
        sides = []
        for mine, key, row, cared in zip(
            (ref, other), (held.sides.one, held.sides.other), held.rows, held.cared, strict=True
        ):
            alone = held.sides.are_one()
            doses = (
                [dose for dose in vaccinations.of_person(conn, key) if not alone or dose["person"] == key]
                if cared
                else []
            )
            sites = sorted({visit["site"] for visit in visits.of_person(conn, key)}) if cared else []
            numbers = [] if alone else [one for one in people.beside(conn, key) if one["person"] != row["person"]]
            if cared:
                audit.note(conn, at=now, account=who.login, act="view_pair", object=key)
            sides.append(
                {
                    **(row if cared else pairs.masked(row)),
                    "ref": mine, "cared": cared, "doses": doses, "sites": sites, "also": numbers if cared else [],
                }
            )  # fmt: skip
        words = _reasons(held)
        return render_template(
            "console/duplicate.html", shown=sides, words=[(word, weights[word]) for word in words],
            points=likeness.score(words, weights), state=held.sides.state(), are_one=held.sides.are_one(),
            history=[
                row for row in held.sides.pairs
                if {row["one"], row["other"]} <= {held.sides.one, held.sides.other, *held.sides.wholes}
            ],
            may_decide=who.role == OFFICER and all(held.cared), elsewhere=not all(held.cared),
            places=frame.place_names(conn), faults=faults, act=act, typed=typed,
        )  # fmt: skip


def _table() -> Table:
    """The file holds no more of anybody than the page: masked numbers, and initials of whoever is in another's care."""

    def side(name: str, heading: str) -> tuple[Column, ...]:
        return (
            Column(name=name, heading=heading, sorts=False, text=lambda row: str(row[name]["name"])),
            Column(
                name=name + "_dob", heading=mark("Date of birth"), listed=False, text=lambda row: shown.day(row[name]["dob"])
            ),
            Column(
                name=name + "_number", heading=mark("ID number"), listed=False,
                text=lambda row: str(cccd.mask(row[name]["doc_no"])),
            ),
        )  # fmt: skip

    return Table(
        name="duplicates",
        most=MOST_SAVED,
        columns=(
            Column(name="points", heading=mark("Points"), number=True, text=lambda row: int(row["score"])),
            *side("first", mark("First record")),
            *side("second", mark("Second record")),
            Column(
                name="because", heading=mark("What speaks for it"), sorts=False,
                text=lambda row: ", ".join(tr(terms.LIKENESS[word]) for word in row["because"]),
            ),
        ),
        choices=(
            Choice(
                name="least", label=mark("Points"), blank=mark("all"),
                options=[(str(n), tr("%(n)s points or more", n=n)) for n in LEAST],
            ),
        ),
    )  # fmt: skip
