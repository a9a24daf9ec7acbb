"""Citizens file a complaint in four steps that work without JavaScript; the half-filled form lies in the session (C8)."""

import secrets
from collections.abc import Callable
from typing import Any

from flask import Blueprint, abort, redirect, render_template, request, url_for
from sqlalchemy import Connection
from werkzeug.wrappers import Response

from protocol import cccd
from server import attachments, certificates, limits, people
from server.accounts import PUBLIC
from server.complaints import filing
from server.crypto import mint
from server.errors import Refused
from server.pages import access, follow, forms, frame, rulebook, shown, terms
from server.pages.access import page
from server.pages.forms import Form
from server.pages.services import services
from server.pages.words import tr

STEPS = 4
UPLOAD_BYTES = 3 * attachments.MAX_BYTES
FILINGS = limits.Limit(name="complaint", most=30, window_ms=3_600_000)
ABOUT_A_DOSE = ("wrong_dose", "not_mine", "duplicate")
blueprint = Blueprint("complain", __name__)
Draft = dict[str, Any]


@page(blueprint, "/complain", roles=(PUBLIC,))
def begin() -> Response:
    """A new complaint, about the person looked up as number `who` of the certificates where there was a lookup."""
    known = access.recall().get("people", [])
    who = request.args.get("who", 1 if len(known) == 1 else 0, type=int)
    person = known[who - 1] if 1 <= who <= len(known) else ""
    with services().db.read() as conn:
        row = people.by_key(conn, person) if person else None
    # The ID number stays out of the form: who holds the slip need not be who owns it.
    identity = {name: row[name] for name in ("name", "dob", "sex")} if row is not None else {}
    draft: Draft = {
        "number": mint(follow.PREFIX), "category": "", "person": person, "dose": "", "wants": {}, "content": "",
        "identity": {**identity, "phone": access.recall().get("phone", "")},
    }  # fmt: skip
    access.keep({**access.recall(), "complaint": draft})
    return redirect(url_for("complain.step", number=1), code=303)


@page(blueprint, "/complain/<int:number>", roles=(PUBLIC,), post=True, max_bytes=UPLOAD_BYTES)
def step(number: int) -> str | Response | tuple[str, int]:
    """One step: 1 what is wrong, 2 how it should read, 3 who asks, 4 the paper and sending."""
    draft: Draft | None = access.recall().get("complaint")
    if not 1 <= number <= STEPS:
        abort(404)
    sent = access.recall().get("sent")
    if draft is None and sent and number == STEPS and request.method == "POST":
        return redirect(url_for("follow.status", number=sent), code=303)  # a second tap on the button
    if draft is None or (number > 1 and not draft["category"]):
        return redirect(url_for("complain.begin"), code=303)
    if request.method == "GET":
        return _show(number, draft, {})
    form = Form(request.form)
    if number == STEPS:
        return _send(draft, form)
    (_category, _wants, _identity)[number - 1](draft, form)
    if form.faults:
        return _show(number, {**draft, **_typed(number)}, form.faults), 422
    access.keep({**access.recall(), "complaint": draft})
    return redirect(url_for("complain.step", number=number + 1), code=303)


def _category(draft: Draft, form: Form) -> None:
    draft["category"] = form.choice("category", terms.CATEGORIES)


def _wants(draft: Draft, form: Form) -> None:
    today, missing = shown.today(), draft["category"] == "missing_dose"
    if draft["category"] == "wrong_person":
        wants: dict[str, Any] = {
            "name": form.text("name", limit=120, required=False),
            "dob": form.day("dob", today=today, required=False, year_alone=True),
            "sex": form.choice("sex", ("M", "F"), required=False),
            "doc_no": form.doc_no("doc_no", required=False),
        }
    else:
        wants = {
            "vaccine": form.choice("vaccine", rulebook.vaccines(), required=missing),
            "given_on": form.day("given_on", today=today, required=missing),
            "dose_no": form.number("dose_no", low=1, high=9, required=missing),
            "lot": form.word("lot", required=False).upper(),
            "place": form.choice("place", _sites(), required=False),
        }
    draft["wants"] = {name: value for name, value in wants.items() if value}
    doses = _doses(draft)
    if draft["category"] in ABOUT_A_DOSE and doses:
        chosen = form.number("dose", low=1, high=len(doses))
        draft["dose"] = doses[chosen - 1]["dose"] if chosen else ""
    else:
        draft["dose"] = ""


def _identity(draft: Draft, form: Form) -> None:
    draft["identity"] = forms.identity(form, today=shown.today())


def _send(draft: Draft, form: Form) -> str | Response | tuple[str, int]:
    parts = services()
    now = parts.clock.wall_ms()
    draft["content"] = form.text("content", limit=2000, required=False)
    upload = request.files.get("photo")
    data = b""
    if upload is not None:
        data = upload.read()
        upload.close()
    photos: list[attachments.Photo] = []
    try:
        if data:
            photos.append(attachments.take(data))
        if not draft["identity"].get("phone"):
            return redirect(url_for("complain.step", number=3), code=303)
        facts = filing.file(
            _filing(draft, [photo.sha256 for photo in photos]),
            complaint=draft["number"],
            message=f"m-{secrets.token_hex(8)}",
            due_at=rulebook.due_at(now),
            say=rulebook.say,
            url=address_of(draft["number"]),
        )
    except Refused as refused:
        about_photo = isinstance(refused, attachments.NotAPicture | attachments.PictureTooLarge)
        form.faults["photo" if about_photo else refused.field or "content"] = tr(refused.sentence)
    if form.faults:
        access.keep({**access.recall(), "complaint": draft})
        return _show(STEPS, draft, form.faults), 422

    def write(conn: Connection) -> None:
        if parts.ledger.records_of(conn, "complaint", draft["number"]):
            return  # the same form sent twice
        if not limits.take(conn, FILINGS, who=request.remote_addr or "", now=now):
            abort(429)
        for photo in photos:
            attachments.store(conn, photo, now=now)
        by = "code" if access.recall().get("phone") else "self"
        parts.ledger.append_all(conn, facts, who="citizen", by=by, now=now)

    parts.ledger.transact(write)
    access.keep({**access.recall(), "complaint": None, "sent": draft["number"]})
    return redirect(url_for("follow.status", number=draft["number"]), code=303)


def _filing(draft: Draft, photos: list[str]) -> filing.Filing:
    identity, person = dict(draft["identity"]), draft["person"]
    with services().db.read() as conn:
        known = people.by_key(conn, person) if person else None
    if known is not None and not identity["doc_no"]:
        identity.update({name: known[name] for name in ("doc_type", "doc_no", "old_no", "address")})
    if not person and identity["doc_no"]:
        person = str(cccd.person_key(identity, ""))
    slip = access.recall().get("slip", "") if draft["person"] else ""
    return filing.Filing(
        category=draft["category"], identity=identity, content=draft["content"], wants=draft["wants"],
        photos=photos, person=person, dose=draft["dose"], slip=slip,
    )  # fmt: skip


def address_of(number: str) -> str:
    """Where a citizen follows complaint `number`, for messages."""
    return f"{services().config.public_url.rstrip('/')}/complaints/{number}"


def _show(number: int, draft: Draft, faults: dict[str, str]) -> str:
    return render_template(
        f"portal/complain_{number}.html",
        draft=draft,
        faults=faults,
        doses=_doses(draft),
        sites=list(_sites().items()),
        vaccines=sorted(rulebook.vaccines().items(), key=lambda pair: pair[1]),
        dose_numbers=[(n, tr("Dose %(n)s", n=n)) for n in range(1, 5)],
        sexes=[(code, tr(terms.SEXES[code])) for code in ("M", "F")],
        wants=_wants_shown(draft["wants"]),
    )


def _wants_shown(wants: dict[str, Any]) -> list[tuple[str, str]]:
    readings: dict[str, Callable[[Any], str]] = {
        "given_on": shown.day, "dob": shown.day, "vaccine": shown.vaccine,
        "sex": lambda code: tr(terms.SEXES[code]), "place": lambda code: _sites().get(code, code),
    }  # fmt: skip
    return [(name, readings.get(name, str)(value)) for name, value in wants.items()]


def _typed(number: int) -> Draft:
    """What was typed on a step, as it was typed: a fault in one field must not cost the others."""
    typed = request.form.to_dict()
    steps: dict[int, Draft] = {1: {"category": typed.get("category", "")}, 2: {"wants": typed}, 3: {"identity": typed}}
    return steps[number]


def _doses(draft: Draft) -> list[dict[str, Any]]:
    if not draft["person"]:
        return []
    with services().db.read() as conn:
        held = certificates.of_person(conn, draft["person"])
    doses: list[dict[str, Any]] = held["doses"] if held else []
    return doses


def _sites() -> dict[str, str]:
    with services().db.read() as conn:
        return frame.place_names(conn)
