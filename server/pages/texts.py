"""What screens and slips of the kiosks say in the centre's words: what holds for the own unit, whose word it is, changing it."""

from typing import Any

from flask import Blueprint, abort, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from protocol import texts as rule
from protocol.errors import ProtocolError
from server import audit, reference, texts
from server.accounts import ADMIN, AUDITOR, MANAGER
from server.pages import frame, shown
from server.pages.access import page, staff
from server.pages.forms import Form
from server.pages.services import services
from server.pages.words import mark, tr
from server.units import Unit

blueprint = Blueprint("texts", __name__, url_prefix="/console/kiosks")
# Longer is a mistake of the clipboard; the text's own limit says so with its number.
_MOST_TYPED = 400
# Each text: its name for people, and where it is read.
WORDS = {
    "welcome": (mark("Welcome"), mark("On the screen that waits for people, under “Welcome.”")),
    "wait": (mark("Waiting"), mark("At the foot of the ticket")),
    "consent": (mark("Consent"), mark("On the last page of the screening, above “agrees” and “does not agree”")),
    "consent_guardian": (mark("Consent for a child"), mark("The same, where a parent or guardian answers")),
    "stay": (mark("After the dose"), mark("On the screen after the dose; {until} is the time to stay until")),
    "check": (mark("Look-up"), mark("On the result slip; {portal} is the portal’s address")),
    "aftercare": (mark("Health at home"), mark("On the result slip")),
    "hotline": (mark("Hotline"), mark("On screens and slips of sites that have no number of their own; Vietnamese alone counts")),
}  # fmt: skip


@page(blueprint, "/texts", roles=(MANAGER, AUDITOR, ADMIN), post=True)
def listing() -> str | Response | tuple[str, int]:
    """Every text as it holds at the own unit; its administrators say another in its place, or take theirs back."""
    parts, who = services(), staff()
    campaign = reference.read_data("texts")
    with parts.db.read() as conn:
        unit = frame.care(conn, who).unit
        held = texts.standing(conn, unit, day=shown.today(), campaign=campaign["texts"]) if unit else {}
    form, name = Form(request.form), ""
    if request.method == "POST":
        if who.role != ADMIN or unit is None:
            abort(403)
        name = form.choice("name", rule.NAMES)
        if not name:
            abort(400)
        typed = {lang: _typed(form, name, lang) for lang in campaign["languages"]}
        if not form.faults:
            _say(unit, name, typed)
            return redirect(url_for("texts.listing", done=name, _anchor=name), code=303)
    page_ = render_template(
        "console/texts.html", names=rule.NAMES, words=WORDS, spoken_in=campaign["languages"], limit=rule.limit, held=held,
        mine=unit if who.role == ADMIN else None, unit=unit, faults=form.faults, at=name, typed=request.form.to_dict(),
        done=request.args.get("done", ""),
    )  # fmt: skip
    return (page_, 422) if form.faults else page_


def _typed(form: Form, name: str, lang: str) -> str:
    """The text of one language, empty to take it back; a fault is noted under the language."""
    value = form.text(lang, limit=_MOST_TYPED, required=False)
    try:
        if value:
            rule.check(value, name, lang)
    except ProtocolError as wrong:
        form.faults[lang] = _fault(wrong, name)
    return value


def _fault(wrong: ProtocolError, name: str) -> str:
    at: Any = wrong.field
    if wrong.code == "too_long":
        return tr("At most %(n)s signs, or it finds no room there.", n=rule.limit(name))
    if wrong.code == "missing_place":
        return tr("%(place)s must stand in it, once.", place="{" + at + "}")
    if wrong.code == "unknown_place":
        return tr("%(place)s is nothing that we could fill in here.", place="{" + at + "}" if len(at) > 1 else at)
    if wrong.code == "long_word":
        return tr("One word is too long for a small screen: %(word)s", word=at)
    if wrong.code == "markup":
        return tr("The signs < > & cannot stand here.")
    if name == "hotline":
        return tr("A telephone number has digits, blanks and + ( ) . - only.")
    return tr("There are signs in it that we cannot read.")


def _say(unit: Unit, name: str, typed: dict[str, str]) -> None:
    parts, who = services(), staff()
    now = parts.clock.wall_ms()
    with parts.db.write() as conn:
        # Read here: two administrators may be at it.
        held = texts.standing(conn, unit, day=shown.today(), campaign=())
        for lang, text in typed.items():
            stands = held.get((name, lang), {})
            own = stands["text"] if stands.get("unit") == unit else ""
            if text != own:
                texts.put(conn, unit=unit, name=name, lang=lang, text=text, by=who.login, now=now)
                audit.note(conn, at=now, account=who.login, act="set_text", object=f"{unit.code} {name} {lang}")
