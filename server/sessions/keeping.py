"""Writes planned sessions: reads what stands, lets `plan` and `inviting` decide, keeps it, queues the messages.

Writing happens in the caller's transaction, which holds the ledger's desk: two savings never meet. Who belongs into a
session is read before it.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, TypedDict

from sqlalchemy import Connection, delete, insert, select

from server import audit, reference
from server.db import chunks, rows_of, upsert
from server.errors import Refused
from server.ledger.ledger import Ledger
from server.sessions import inviting, judging, plan, tables
from server.sessions.inviting import Say
from server.sessions.judging import Candidate, Choice, Judged
from server.sessions.plan import Planned
from server.sessions.tables import APPOINTMENT, CANCELLED, INVITED, PLANNED, PLANNED_SESSION

# What a plan says; everything else of the row is how it came to be.
PLAN = ("site", "day", "vaccine", "hours", "choice")
# Who could be invited to the session of this row.
Candidates = Callable[[Connection, Mapping[str, Any], Choice], Sequence[Candidate]]


class Changed(Refused):
    """Somebody else has changed this session since it was looked at."""

    code = "changed"
    sentence = "Somebody else has changed this session meanwhile. Please look at it again."


class Over(Refused):
    """The session is over or was cancelled: nothing of it changes any more."""

    code = "over"
    sentence = "This session is over or was cancelled."


class Telling(TypedDict):
    """Who changes a session (a login), when (UTC ms), and which day that is."""

    by: str
    now: int
    today: str


@dataclass(frozen=True, kw_only=True)
class Keeper:
    """What sessions are kept with. `candidates`: who could be invited; `facts`: rule data; `say`: texts of messages."""

    ledger: Ledger
    candidates: Candidates
    facts: dict[str, Any]
    say: Say
    day_offset_min: int

    def judge(self, conn: Connection, session: Mapping[str, Any]) -> Judged:
        """Who belongs into a plan (PLAN and `session`). Takes seconds for tens of thousands: never within a write."""
        choice = _choice(session)
        return judging.judge(
            self.candidates(conn, session, choice), vaccine=session["vaccine"], day=session["day"], choice=choice,
            facts=self.facts,
        )  # fmt: skip

    def preview(self, conn: Connection, session: Mapping[str, Any], judged: Judged) -> Planned:
        """What a plan would come to for these people; writes nothing."""
        held = tables.appointments(conn, session["session"])
        return plan.decide(session, judged, held=held, day_offset_min=self.day_offset_min)

    def save(
        self, conn: Connection, wanted: Mapping[str, Any], judged: Judged, *, version: int, telling: Telling
    ) -> dict[str, Any]:
        """Keep a plan (PLAN and `session`) made upon `version` (0: a new one); returns its row. Twice changes nothing.

        `judged`: as read a moment ago; whoever has got an appointment elsewhere since is left out. People of a session
        that was invited are told at once what changed for them. Raises `Changed`, `Over`.
        """
        held = tables.get(conn, wanted["session"])
        row: dict[str, Any] = {name: wanted[name] for name in ("session", *PLAN)}
        if held is None:
            row |= {"team": [], "team_at": None, "state": PLANNED, "reason": "", "version": 0}
            row |= {"made_by": telling["by"], "made_at": telling["now"], "invited_at": None}
        else:
            same = all(held[name] == wanted[name] for name in PLAN)
            if held["version"] != version and not same:
                raise Changed
            _open(held, telling["today"])
            row = {**held, **row}
        planned = self.preview(conn, row, _still_free(conn, judged, row["session"], telling["today"]))
        if held is not None and same and planned.rows == tables.appointments(conn, row["session"]):
            return held
        return self._write(conn, row, planned.rows, act="plan_session", by=telling["by"], now=telling["now"])

    def invite(self, conn: Connection, session: str, *, by: str, now: int, today: str) -> dict[str, Any]:
        """Queue an invitation for everybody expected; again: only for whom has not been told. Raises `Over`."""
        held = _held(conn, session)
        _open(held, today)
        rows = tables.appointments(conn, session)
        if held["state"] == INVITED and not any(inviting.due(row, held["site"]) for row in rows):
            return held
        row = {**held, "state": INVITED, "invited_at": held["invited_at"] or now}
        return self._write(conn, row, rows, act="invite_session", by=by, now=now)

    def cancel(self, conn: Connection, session: str, *, reason: str, by: str, now: int, today: str) -> dict[str, Any]:
        """The session does not take place; whoever was told of it is told. Again: nothing. Raises `Over`."""
        held = _held(conn, session)
        if held["state"] == CANCELLED:
            return held
        _open(held, today)
        rows = plan.cancelled(tables.appointments(conn, session))
        row = {**held, "state": CANCELLED, "reason": reason}
        return self._write(conn, row, rows, act="cancel_session", by=by, now=now)

    def set_team(
        self, conn: Connection, session: str, team: Sequence[str], *, by: str, now: int, today: str
    ) -> dict[str, Any]:
        """The team as it was brought up to date: ids of the site's staff. Raises `Over`."""
        held = _held(conn, session)
        _open(held, today)
        row = {**held, "team": sorted(team), "team_at": now, "version": held["version"] + 1}
        row |= {"changed_by": by, "changed_at": now}
        upsert(conn, PLANNED_SESSION, [tables.written(row)])
        audit.note(conn, at=now, account=by, act="team_of_session", object=f"session {session}")
        return row

    def _write(
        self, conn: Connection, row: dict[str, Any], rows: Sequence[Mapping[str, Any]], *, act: str, by: str, now: int
    ) -> dict[str, Any]:
        row = {**row, "version": row["version"] + 1, "changed_by": by, "changed_at": now}
        kept = [dict(one) for one in rows]
        if row["state"] in (INVITED, CANCELLED):
            sites = {one["site"]: one for one in rows_of(conn, select(reference.SITE))}
            facts, kept = inviting.tell(
                kept, site=row["site"], version=row["version"], sites=sites, say=self.say,
                day_offset_min=self.day_offset_min,
            )  # fmt: skip
            for part in chunks(facts):
                self.ledger.append_all(conn, part, who=by, now=now)
        upsert(conn, PLANNED_SESSION, [tables.written(row)])
        conn.execute(delete(APPOINTMENT).where(APPOINTMENT.c.session == row["session"]))
        for part in chunks(kept):
            conn.execute(insert(APPOINTMENT), part)
        audit.note(conn, at=now, account=by, act=act, object=f"session {row['session']}")
        return row


def _choice(session: Mapping[str, Any]) -> Choice:
    said = session["choice"]
    return Choice(**{name: tuple(said[name]) for name in ("groups", "communes", "doses")}, due_by=said["due_by"])


def _still_free(conn: Connection, judged: Judged, session: str, today: str) -> Judged:
    busy = tables.busy(conn, [one.person for one, _, _ in judged.people], since=today, apart_from=session)
    return Judged(people=[row for row in judged.people if row[0].person not in busy], left_out=judged.left_out)


def choice_of(choice: Choice) -> dict[str, Any]:
    """A choice as a row of `planned_session` holds it."""
    return {name: list(value) if isinstance(value, tuple) else value for name, value in asdict(choice).items()}


def _held(conn: Connection, session: str) -> dict[str, Any]:
    held = tables.get(conn, session)
    if held is None:
        raise LookupError(session)
    return held


def _open(held: Mapping[str, Any], today: str) -> None:
    if held["state"] == CANCELLED or held["day"] < today:
        raise Over
