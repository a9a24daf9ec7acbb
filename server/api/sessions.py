"""The API's routes of planned sessions: which are to come, planning, inviting, cancelling. No person is named."""

import unicodedata
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

import msgspec
from flask import Blueprint, g, request
from sqlalchemy import Connection

from protocol import canon, clocktext, fields
from protocol.errors import ProtocolError
from server import audit, messages, reference, scope
from server.accounts import CLIENT, SESSIONS
from server.api.access import BadParameter, care, endpoint, parts
from server.api.figures import LIMIT, MOST, OFFSET, PLACE, count_of, place_asked
from server.api.shapes import Cancellation, Invitation, SessionAsked, SessionRow, Sessions
from server.api.writing import KEY, writes
from server.errors import NotFound
from server.scope import Scope
from server.sessions import candidates, spread, tables
from server.sessions.judging import Candidate, Choice, Judged
from server.sessions.keeping import Keeper, Over, Telling, choice_of

blueprint = Blueprint("sessions_api", __name__, url_prefix="/api/v1")


@endpoint(blueprint, "/sessions", roles=(CLIENT,), answer=Sessions, parameters=(PLACE, LIMIT, OFFSET))
def list_sessions() -> Sessions:
    """Planned sessions from today on, the cancelled among them."""
    now = parts().clock.wall_ms()
    limit, offset = count_of("limit", 50, low=1, high=MOST), count_of("offset", 0, low=0, high=10**9)
    with parts().db.read() as conn:
        sites = scope.narrowed(care(conn), place_asked())
        today = str(clocktext.day_of(now, parts().day_offset_min))
        rows = tables.listed(conn, sites=sites, today=today, limit=limit, offset=offset)
        found = {"now": now, "rows": [shown(conn, row) for row in rows]}
    return msgspec.convert(found, Sessions)


def _wanted(asked: SessionAsked) -> tuple[dict[str, Any], Judged]:
    """The plan that is asked for, and who belongs into it: read before the write, which is everybody's."""
    for name in ("day", "due_by"):
        if getattr(asked, name) is not None and not fields.is_day(getattr(asked, name)):
            raise BadParameter(name)
    hours = {each.hour: each.room for each in asked.hours}
    choice = Choice(
        groups=tuple(sorted(set(asked.groups))), communes=tuple(sorted(set(asked.communes))),
        doses=tuple(sorted(set(asked.doses))), due_by=asked.due_by or "",
    )  # fmt: skip
    # The key names the session: a second server that did not hear of the first answer makes no second session.
    name = canon.digest(f"{g.client.name} {request.headers[KEY]}".encode())[:16]
    wanted = {
        "session": f"ss-{name}", "site": asked.site, "day": asked.day, "vaccine": asked.vaccine,
        "hours": sorted(hours.items()), "choice": choice_of(choice),
    }  # fmt: skip
    with parts().db.read() as conn:
        held = care(conn)
        if not held.holds(asked.site) or asked.vaccine not in _facts()["vaccines"]:
            raise NotFound
        if asked.day < _today():
            raise Over
        return wanted, _keeper(held).judge(conn, wanted)


@writes(blueprint, "/sessions", may=SESSIONS, body=SessionAsked, answer=SessionRow, before=_wanted)
def plan_session(conn: Connection, found: tuple[dict[str, Any], Judged]) -> SessionRow:
    """Plan a session: who may come is chosen by the rules, and each gets an hour. Nobody is told yet."""
    return _row(conn, _keeper(care(conn)).save(conn, *found, version=0, telling=_telling()))


@writes(blueprint, "/sessions/<session>/invitations", may=SESSIONS, body=Invitation, answer=SessionRow)
def invite_session(conn: Connection, _asked: Invitation, session: str) -> SessionRow:
    """Send everybody who has not been told yet a message with day, time and place."""
    return _row(conn, _keeper(_in_care(conn, session)).invite(conn, session, **_telling()))


@writes(blueprint, "/sessions/<session>/cancellation", may=SESSIONS, body=Cancellation, answer=SessionRow)
def cancel_session(conn: Connection, asked: Cancellation, session: str) -> SessionRow:
    """Cancel a session; whoever was told of it gets a message."""
    keep = _keeper(_in_care(conn, session))
    return _row(conn, keep.cancel(conn, session, reason=_readable(asked.reason), **_telling()))


def shown(conn: Connection, row: dict[str, Any]) -> dict[str, Any]:
    """A session as the API says it. `row`: as `tables` reads it."""
    offset_ms = parts().day_offset_min * 60_000
    standing = [each for each in tables.appointments(conn, row["session"]) if each["state"] == tables.STANDS]
    load = spread.load({each["person"]: (each["at"] + offset_ms) % clocktext.DAY_MS // 60_000 for each in standing})
    said = {name: str(row[name]) for name in ("session", "site", "day", "vaccine", "state")}
    hours = [{"hour": hour, "room": room, "people": load.get(hour, 0)} for hour, room in row["hours"]]
    return {
        **said, "version": row["version"], "people": len(standing), "hours": hours, "team": len(row["team"]),
        "invited_at": row["invited_at"],
    }  # fmt: skip


def _keeper(held: Scope) -> Keeper:
    def people(conn: Connection, session: Mapping[str, Any], choice: Choice) -> Sequence[Candidate]:
        return candidates.read(
            conn, within=scope.people(held), listed=scope.recipients(held), choice=choice, day=session["day"],
            today=_today(), session=session["session"],
        )  # fmt: skip

    say = partial(messages.compose, reference.read_data("sms_templates")["templates"])
    return Keeper(
        ledger=parts().ledger, candidates=people, facts=_facts(), say=say, day_offset_min=parts().day_offset_min
    )


def _in_care(conn: Connection, session: str) -> Scope:
    held, row = care(conn), tables.get(conn, session)
    if row is None or not held.holds(row["site"]):
        raise NotFound
    return held


def _telling() -> Telling:
    # A record says that a program did it, the audit which one.
    return Telling(by="api", now=parts().clock.wall_ms(), today=_today())


def _row(conn: Connection, row: dict[str, Any]) -> SessionRow:
    audit.note(
        conn, at=parts().clock.wall_ms(), account=f"api:{g.client.name}"[:64], act="api_session", object=f"session {row['session']}"
    )  # fmt: skip
    return msgspec.convert(shown(conn, row), SessionRow)


def _facts() -> dict[str, Any]:
    return reference.read_data("vaccines")


def _today() -> str:
    return str(clocktext.day_of(parts().clock.wall_ms(), parts().day_offset_min))


def _readable(text: str) -> str:
    check = fields.text(1)
    clean = []
    for sign in unicodedata.normalize("NFC", text):
        try:
            check(sign, "reason")
        except ProtocolError:
            clean.append(" ")
        else:
            clean.append(sign)
    return " ".join("".join(clean).split()) or "–"
