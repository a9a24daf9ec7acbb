"""Citizens look up their certificate: by the slip's number and year of birth, or by a code sent to their phone.

What was proved lies in the session; no address holds a number. A miss never says which part of it was wrong.
"""

from typing import Any

from flask import Blueprint, abort, redirect, render_template, request, url_for
from sqlalchemy import Connection
from werkzeug.wrappers import Response

from protocol import slip_code
from server import audit, certificates, limits, one_time, people, slips
from server.accounts import PUBLIC
from server.pages import access, frame
from server.pages.access import page
from server.pages.forms import phone_digits
from server.pages.services import services
from server.pages.words import tr

QUARTER_HOUR_MS = 900_000
# A whole site may stand behind one address; a slip's number has ten letters, so guessing needs no tighter limit.
SLIP_TRIES = limits.Limit(name="slip", most=60, window_ms=QUARTER_HOUR_MS)
CODES_PER_ADDRESS = limits.Limit(name="code_address", most=30, window_ms=QUARTER_HOUR_MS)
CODES_PER_PHONE = limits.Limit(name="code_phone", most=3, window_ms=QUARTER_HOUR_MS)
CITIZEN = "citizen"
blueprint = Blueprint("lookup", __name__)


@page(blueprint, "/lookup", roles=(PUBLIC,), post=True)
def by_slip() -> str | Response | tuple[str, int]:
    """Slip number and year of birth."""
    if request.method == "GET":
        return render_template("portal/by_slip.html", slip="", year="", faults={})
    parts, now = services(), services().clock.wall_ms()
    typed, year = request.form.get("slip", "").strip()[:64], request.form.get("year", "").strip()
    with parts.db.write() as conn:
        _take(conn, SLIP_TRIES, request.remote_addr or "", now)
        slip = slips.by_number(conn, slip_code.read_number(typed)) or slips.by_number(conn, typed)
        person = people.by_key(conn, slip["person"]) if slip is not None else None
        # The year as it stands on that paper, or as it stands now: of who is one with others it may have been another.
        alone = people.own_row(conn, slip["person"]) if slip is not None else None
        good = slip is not None and person is not None and bool(year) and year in _years(person, alone)
        if good and person is not None:
            audit.note(conn, at=now, account=CITIZEN, act="look_up", object=person["person"])
    if not good or slip is None:
        fault = tr("Nothing was found under this number and year of birth. Check both on the slip, then try again.")
        return render_template("portal/by_slip.html", slip=typed, year=year, faults={"form": fault}), 422
    found = [person["person"]] if person is not None else []
    access.keep({**access.recall(), "people": found, "slip": slip["slip"], "phone": ""})
    return redirect(url_for("lookup.certificate"), code=303)


@page(blueprint, "/lookup/phone", roles=(PUBLIC,), post=True)
def by_phone() -> str | Response | tuple[str, int]:
    """Ask for a code. The answer is the same whether the phone is known or not."""
    if request.method == "GET":
        return render_template("portal/by_phone.html", phone="", faults={})
    parts, now = services(), services().clock.wall_ms()
    typed = request.form.get("phone", "")
    phone = phone_digits(typed)
    if not phone:
        faults = {"phone": tr("Please write a phone number of ten digits, for example 0912345678.")}
        return render_template("portal/by_phone.html", phone=typed, faults=faults), 422
    session = access.session_id()
    with parts.db.write() as conn:
        _take(conn, CODES_PER_ADDRESS, request.remote_addr or "", now)
        free = limits.take(conn, CODES_PER_PHONE, who=phone, now=now)
        # Past the phone's limit no code goes out, and the page does not say so: it would tell who is registered.
        send = free and bool(_people_of(conn, phone))
        one_time.issue(conn, key=parts.key, session=session, phone=phone, send=send, now=now)
    return redirect(url_for("lookup.code"), code=303)


@page(blueprint, "/lookup/code", roles=(PUBLIC,), post=True)
def code() -> str | Response | tuple[str, int]:
    """The code that came to the phone."""
    if request.method == "GET":
        return render_template("portal/code.html", faults={})
    parts, now = services(), services().clock.wall_ms()
    typed = "".join(request.form.get("code", "").split())
    session = access.session_id()
    found: list[str] = []
    with parts.db.write() as conn:
        _take(conn, CODES_PER_ADDRESS, request.remote_addr or "", now)
        phone = one_time.answer(conn, key=parts.key, session=session, code=typed, now=now)
        if phone is not None:
            found = _people_of(conn, phone)
            for key in found:
                audit.note(conn, at=now, account=CITIZEN, act="look_up", object=key)
    if phone is None or not found:
        faults = {"code": tr("This code is not right or no longer good. You can have a new one sent.")}
        return render_template("portal/code.html", faults=faults), 422
    access.keep({**access.recall(), "people": found, "slip": "", "phone": phone})
    return redirect(url_for("lookup.certificate"), code=303)


@page(blueprint, "/certificate", roles=(PUBLIC,))
def certificate() -> str | Response:
    """The certificates of whoever was looked up in this session."""
    found = []
    with services().db.read() as conn:
        for key in access.recall().get("people", []):
            person, held = people.by_key(conn, key), certificates.of_person(conn, key)
            if person is not None:
                found.append(
                    {**person, "number": held["number"] if held else "", "doses": held["doses"] if held else []}
                )
        places = frame.place_names(conn)
    if not found:
        return redirect(url_for("lookup.by_slip"), code=303)
    return render_template("portal/certificate.html", certificates=found, places=places)


@page(blueprint, "/certificate/close", roles=(PUBLIC,), post=True)
def close() -> Response:
    """Forget what was looked up, for the next person at this screen."""
    if request.method == "POST" and access.me() is None:
        access.end()
    elif request.method == "POST":
        access.keep({**access.recall(), "people": [], "slip": "", "phone": ""})
    return redirect(url_for("portal.doors"), code=303)


def _years(*rows: dict[str, Any] | None) -> list[str]:
    return [row["dob"][:4] for row in rows if row is not None]


def _people_of(conn: Connection, phone: str) -> list[str]:
    # One phone serves a whole family (domain.md 5.8), so it may lead to several people.
    return people.with_phone(conn, phone)


def _take(conn: Connection, limit: limits.Limit, who: str, now: int) -> None:
    if not limits.take(conn, limit, who=who, now=now):
        # The count past the limit need not be kept: the window ends by itself.
        abort(429)
