"""Lists from files: bringing one in, its progress, what is wrong with it, the difference, the decision, what failed.

Whoever looks at rows looks at people: every look and every file handed out is noted.
"""

from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from typing import Any

from flask import Blueprint, abort, redirect, render_template, request, url_for
from sqlalchemy import Connection, select
from werkzeug.wrappers import Response

from protocol import cccd
from protocol.errors import ProtocolError
from protocol.fields import word as check_word
from server import audit, scope, units
from server.accounts import ADMIN, AUDITOR, MANAGER
from server.db import among
from server.errors import Refused
from server.imports import columns, expiry, export, pins, staging, words, work
from server.imports.reading import MOST_BYTES
from server.imports.rows import CHANGED, FAILED, NEW, SAME, WRONG, Row
from server.imports.staff import Staff
from server.imports.tables import IMPORT
from server.pages import frame, import_terms, shown, tables
from server.pages.access import page, staff
from server.pages.forms import Form
from server.pages.services import services
from server.pages.tables import Choice, Column, Table
from server.pages.words import mark, tr
from server.units import UNIT, Unit

WHO = (MANAGER, AUDITOR, ADMIN)
BRINGS = (MANAGER, ADMIN)
PAGE_ROWS = 50
EXAMPLES = 3
# Each costs a tenth of a second to seal.
MOST_PINS = 40
# Form and file together; a form's own fields are a few hundred bytes.
UPLOAD_BYTES = MOST_BYTES + 64 * 1024
blueprint = Blueprint("imports", __name__, url_prefix="/console/imports")
Held = dict[str, Any]


@page(blueprint, "", roles=WHO, post=True, max_bytes=UPLOAD_BYTES)
def listing() -> str | Response | tuple[str, int]:
    """The lists brought in so far, and the form for another one."""
    parts, who = services(), staff()
    with parts.db.read() as conn:
        care = frame.care(conn, who)
        within = scope.of_unit(care, IMPORT.c.unit, IMPORT.c.unit_from)
        held = staging.listing(conn, within=within, limit=tables.MOST)
        choices = _units(conn, care)
        # Few units bring in many lists.
        known = {(row["unit"], row["unit_from"]): row for row in held}
        named = {unit: _name_of(conn, row) for unit, row in known.items()}
    table = _table(named)
    view = tables.show(table, tables.ask(table), held)
    if view.asked.save:
        return tables.save(view)
    form = Form(request.form)
    if request.method == "POST":
        if who.role not in BRINGS:
            abort(403)
        kind = form.choice("kind", columns.KINDS)
        code = form.choice("unit", {unit.code: unit.name for unit in choices})
        upload = request.files.get("file")
        if upload is None or not upload.filename:
            form.faults["file"] = tr("Please choose a file.")
        elif not form.faults:
            unit = next(unit for unit in choices if unit.code == code)
            with parts.db.write() as conn:
                name = staging.begin(
                    conn, kind=kind, unit=unit, file=upload.stream, file_name=_shown_name(upload.filename),
                    whole=bool(request.form.get("whole")), who=who.login, now=parts.clock.wall_ms(),
                )  # fmt: skip
            return redirect(url_for("imports.one", brought=name), code=303)
    shown_page = render_template(
        "console/imports.html", view=view, named=named, units=choices, words=import_terms, faults=form.faults,
        typed=request.form, may_bring=who.role in BRINGS and bool(choices), kinds=columns.KINDS,
        kind_words=[(kind, tr(import_terms.KINDS[kind])) for kind in columns.KINDS],
        unit_names=[(unit.code, unit.name) for unit in choices],
    )  # fmt: skip
    return (shown_page, 422) if form.faults else shown_page


@page(blueprint, "/template", roles=WHO)
def template() -> Response:
    """An empty file with the headings of a list; `kind` and `form` in the address."""
    kind = request.args.get("kind", columns.RECIPIENTS)
    if kind not in columns.KINDS:
        abort(404)
    return _file([columns.template(kind)], name=f"mau-{kind}")


@page(blueprint, "/of/<brought>", roles=WHO, post=True)
def one(brought: str) -> str | Response | tuple[str, int]:
    """One import: how far it is, what is wrong, what would change; accepting proposals, writing it, dropping it."""
    parts, who, fault = services(), staff(), ""
    with parts.db.read() as conn:
        _in_care(conn, brought)
    if request.method == "POST":
        if who.role not in BRINGS:
            abort(403)
        act = request.form.get("act", "")
        if act not in ("accept", "commit", "drop", "pins"):
            abort(400)
        if act == "pins":
            return _pins(brought)
        try:
            parts.db.transact(partial(_act, act=act, name=brought, who=who.login, now=parts.clock.wall_ms()))
            return redirect(url_for("imports.one", brought=brought), code=303)
        except Refused as refused:
            fault = tr(refused.sentence)
    return _shown(brought, fault)


@page(blueprint, "/of/<brought>/rows", roles=WHO)
def rows(brought: str) -> str:
    """Rows of an import with what they would change; `state`, `word` and `page` in the address narrow them."""
    state, word = request.args.get("state", ""), request.args.get("word", "")
    if state not in ("", NEW, CHANGED, WRONG, *FAILED) or (word and word not in import_terms.ROW_WORDS):
        abort(404)
    number = max(1, request.args.get("page", 1, type=int))
    with services().db.write() as conn:
        held = _in_care(conn, brought)
        found = staging.rows(
            conn, brought, states=(state,) if state else (NEW, CHANGED, *FAILED), word=word, limit=PAGE_ROWS + 1,
            offset=(number - 1) * PAGE_ROWS,
        )  # fmt: skip
        _noted(conn, "view_import", brought)
        show = partial(_shown_value, names=_names(conn, found))
    return render_template(
        "console/import_rows.html", held=held, rows=found[:PAGE_ROWS], more=len(found) > PAGE_ROWS, page=number, state=state,
        word=word, words=import_terms, at=_at(held), said=_said, show=show,
    )  # fmt: skip


@page(blueprint, "/of/<brought>/failed", roles=WHO)
def failed(brought: str) -> Response:
    """The rows that were not taken, each with its reason, as a file that can be mended and brought in again."""
    with services().db.write() as conn:
        held = _in_care(conn, brought)
        _noted(conn, "export_import", brought)
    with services().db.read() as conn:
        lines = export.lines(
            held["kind"], held["figures"].get("headings", []), staging.failed(conn, held),
            reason=lambda said: "; ".join(tr(import_terms.ROW_WORDS[one]) for one in said),
        )  # fmt: skip
        return _file(lines, name=f"loi-{brought}")


def _pins(brought: str) -> str | Response | tuple[str, int]:
    """PINs for staff who have none, or new ones for who is named; shown in this answer and never again."""
    parts, whom, code = services(), request.form.getlist("whom"), request.form.get("code", "").strip()
    with parts.db.read() as conn:
        held = _in_care(conn, brought)
        of_staff = _staff_of(conn, held)
        if of_staff is None:
            abort(400)
        again = bool(whom or "code" in request.form)
        site = request.form.get("site", "")
        found = pins.wanted(conn, of_staff, whom=whom, code=code, site=site) if again else pins.without(conn, of_staff)
    if code and len({item["name"] for _, item in found}) > 1:
        return _shown(brought, tr("Several people have this code at different sites: choose the site too."))
    if not found:
        return _shown(brought, tr("Nobody at work at these sites has this code.") if again else "")
    made = pins.make(of_staff, found[:MOST_PINS])

    def give(conn: Connection) -> list[pins.Given]:
        now_held = _staff_of(conn, _in_care(conn, brought))
        if now_held is None:
            abort(400)
        done = pins.give(conn, now_held, made)
        _noted(conn, "new_pins" if again else "first_pins", f"{brought} {' '.join(one.whom for one in done)}"[:200])
        return done

    given = parts.db.transact(give)
    return render_template(
        "console/import_pins.html", held=held, given=given, again=again, words=import_terms,
        left=0 if again else len(found) - len(given),
    )  # fmt: skip


def _shown(brought: str, fault: str) -> str | tuple[str, int]:
    """The page of one import."""
    with services().db.write() as conn:
        held = _in_care(conn, brought)
        shown_page = render_template(
            "console/import.html", held=held, unit=_name_of(conn, held), words=import_terms, fault=fault,
            may_decide=staff().role in BRINGS, days=_days(), kept_until=expiry.kept_until(held, days=_days()),
            **_review(conn, held),
        )  # fmt: skip
    return (shown_page, 422) if fault else shown_page


def _days() -> int:
    return services().config.import_rows_days


def _staff_of(conn: Connection, held: Held) -> Staff | None:
    """The staff list of a written import of staff; None of any other."""
    if held["kind"] != columns.STAFF or held["state"] != staging.DONE:
        return None
    try:
        kind = work.open_kind(conn, held, day=shown.today())
    except work.Gone:
        return None
    return kind if isinstance(kind, Staff) else None


def _act(conn: Connection, *, act: str, name: str, who: str, now: int) -> None:
    held = _in_care(conn, name)
    if act == "accept":
        staging.accept(conn, held, request.form.getlist("word"), who=who, now=now)
    elif act == "commit":
        # The form says which review it was sent from: what was accepted meanwhile was not seen.
        if request.form.get("seen", "") != _seen(held):
            raise Refused("review_changed", "The review has changed meanwhile. Please look at it once more.")
        staging.commit(conn, held, take_off=bool(request.form.get("take_off")), who=who, now=now)
    else:
        staging.drop(conn, held, who=who, now=now)


def _review(conn: Connection, held: Held) -> Held:
    """What the page shows of an import that is no more at work."""
    if held["state"] in (*staging.AT_WORK, staging.FAILED_TO_READ, staging.DROPPED):
        return {"seen": ""}
    found = staging.figures(conn, held["import"])
    faults = [(word, n) for word, n in found["word"].most_common() if word in words.FAULTS or word in words.LEFT]
    asks = [(word, n) for word, n in found["word"].most_common() if word in words.ASKS]
    notes = [(word, n) for word, n in found["word"].most_common() if word in words.NOTES]
    review: Held = {
        "states": found["state"], "faults": faults, "asks": asks, "notes": notes, "seen": _seen(held), "at": _at(held),
        "waiting": staging.waiting(conn, held), "unknown": _unknown(held), "gone": 0, "said": _said,
        "failed": sum(found["state"][state] for state in FAILED), "again": staging.same_file(conn, held), "SAME": SAME,
    }  # fmt: skip
    of_staff = _staff_of(conn, held)
    review["staff_places"] = sorted(of_staff.places.items()) if of_staff is not None else []
    review["without_pin"] = len(pins.without(conn, of_staff)) if of_staff is not None else 0
    if held["state"] == staging.REVIEW:
        review["examples"] = {
            word: staging.rows(conn, held["import"], word=word, limit=EXAMPLES) for word, _ in (*faults, *asks)
        }
        if review["examples"]:
            _noted(conn, "view_import", held["import"])
        if held["whole"]:
            try:
                kind = work.open_kind(conn, held, day=shown.today())
                review["gone"] = staging.count_gone(conn, held, kind)
            except work.Gone:
                review["gone"] = 0
    return review


def _in_care(conn: Connection, name: str) -> Held:
    held = staging.get(conn, name) if _is_word(name) else None
    unit = units.period(conn, held["unit"], held["unit_from"]) if held is not None else None
    care = frame.care(conn, staff())
    if held is None or not (care.whole or scope.covers(conn, care, unit)):
        abort(404)
    return held


def _is_word(name: str) -> bool:
    try:
        check_word(name, "import")
    except ProtocolError:
        return False
    return True


def _units(conn: Connection, care: scope.Scope) -> list[Unit]:
    """The units a list may be for: the own one and those right below it."""
    if care.unit is None:
        return []
    below = [unit for unit in units.under(conn, care.unit.code, day=care.day) if unit.parent == care.unit.code]
    return [care.unit, *sorted(below, key=lambda unit: unit.code)]


def _name_of(conn: Connection, held: Held) -> str:
    unit = units.period(conn, held["unit"], held["unit_from"])
    return unit.name if unit is not None else str(held["unit"])


def _shown_name(name: str) -> str:
    return "".join(char if char.isprintable() else " " for char in name.replace("\\", "/").rpartition("/")[2])


def _seen(held: Held) -> str:
    return " ".join(held["accepted"]) or "-"


def _at(held: Held) -> dict[str, int]:
    layout = columns.find(held["kind"], [held["figures"].get("headings", [])])
    return layout.at if layout is not None else {}


def _unknown(held: Held) -> list[str]:
    layout = columns.find(held["kind"], [held["figures"].get("headings", [])])
    return layout.unknown(held["kind"]) if layout is not None else []


def _said(row: Row, field: str, at: dict[str, int]) -> str:
    """What the file says in one of our fields, as it was typed."""
    column = at.get(field)
    return row.given[column] if column is not None and column < len(row.given) else ""


def _names(conn: Connection, found: Sequence[Row]) -> dict[str, str]:
    """The names of the communes and sites that rows speak of, by code: people read names."""
    codes = {
        str(value[name])
        for row in found
        for value in (row.value, row.before)
        for name in ("commune", "site")
        if name in value
    }
    query = select(UNIT.c.code, UNIT.c.name).where(among(conn, UNIT.c.code, codes)).order_by(UNIT.c.valid_from)
    names = {str(row.code): str(row.name) for row in conn.execute(query)}
    return {**names, **{code: name for code, name in frame.place_names(conn).items() if code in codes}}


def _shown_value(field: str, value: Any, *, names: dict[str, str]) -> str:
    """One field of a row as people read it; of numbers only as much as tells them apart."""
    if field in ("doc_no", "old_no", "health_no"):
        return str(cccd.mask(value))
    if field in ("commune", "site"):
        return names.get(str(value), str(value))
    if field in ("dob", "valid_from", "valid_to"):
        return shown.day(value)
    if field in import_terms.VALUES:
        return tr(import_terms.VALUES[field].get(value, "")) if value in import_terms.VALUES[field] else str(value)
    return str(value) if value else ""


def _noted(conn: Connection, act: str, name: str) -> None:
    audit.note(conn, at=services().clock.wall_ms(), account=staff().login, act=act, object=name)


def _file(lines: Iterator[list[str]] | Sequence[list[str]], *, name: str) -> Response:
    """The lines as a file to save: a workbook, or CSV where the address says `form=csv`."""
    return tables.as_file(lines, form=request.args.get("form", ""), name=name, sheet=tr("Rows"))


def _table(named: Mapping[tuple[str, str], str]) -> Table:
    def unit_of(row: Mapping[str, Any]) -> str:
        return named[row["unit"], row["unit_from"]]

    return Table(
        name="imports",
        find=mark("File or unit"),
        columns=(
            Column(name="file", heading=mark("File"), text=lambda row: str(row["file_name"])),
            Column(name="kind", heading=mark("What is in it"), text=lambda row: tr(import_terms.KINDS[row["kind"]])),
            Column(name="unit", heading=mark("Unit"), text=unit_of),
            Column(name="state", heading=mark("State"), text=lambda row: tr(import_terms.STATES[row["state"]])),
            Column(name="rows", heading=mark("Rows"), number=True, text=lambda row: int(row["rows"])),
            Column(
                name="when", heading=mark("When"), text=lambda row: shown.moment(row["made_at"]), by=lambda row: row["made_at"]
            ),
            Column(name="who", heading=mark("Who"), listed=False, text=lambda row: str(row["made_by"])),
        ),
        choices=(
            Choice(
                name="of", label=mark("What is in it"), blank=mark("everything"), of=lambda row: str(row["kind"]),
                options=[(kind, tr(import_terms.KINDS[kind])) for kind in columns.KINDS],
            ),
            Choice(
                name="state", label=mark("State"), blank=mark("all"), of=lambda row: str(row["state"]),
                options=tables.words_of(import_terms.STATES),
            ),
        ),
    )  # fmt: skip
