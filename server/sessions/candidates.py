"""Who could be invited to a session: the list of recipients and the rows of people, with what the records know. Writes nothing."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Select, select
from sqlalchemy.sql.elements import ColumnElement

from server import links, reference
from server.db import chunks, rows_of
from server.errors import Refused
from server.people import PERSON
from server.recipients import RECIPIENT
from server.sessions import tables
from server.sessions.judging import Candidate, Choice
from server.visits import VISIT

# More than a session could ever hold by far: whoever asks for so many is asked to choose a commune or a group.
MOST = 50_000
# A screening's conclusion after which nobody is invited any more.
BARRED = "contraindicated"
_SAID = ("name", "dob", "sex", "phone")
Row = dict[str, Any]


class TooMany(Refused):
    """More people than one session is chosen from: a commune or a group makes them fewer."""

    code = "too_many"
    sentence = "These are too many people for one session. Please choose a group or a commune."


def read(
    conn: Connection,
    *,
    within: ColumnElement[bool],
    listed: ColumnElement[bool],
    choice: Choice,
    day: str,
    today: str,
    session: str,
) -> list[Candidate]:
    """Everybody in somebody's care, for a session on `day`, by person. Raises `TooMany`.

    `within`, `listed`: that care, as conditions on `person` and `recipient`. Where `choice` asks for communes or groups,
    only the list of recipients can tell. `session`: its own appointments keep nobody out, and whoever stands on it is
    read, whoever asks.
    """
    on_list = _list_query().where(listed)
    if choice.communes:
        on_list = on_list.where(RECIPIENT.c.commune.in_(choice.communes))
    if choice.groups:
        on_list = on_list.where(RECIPIENT.c.priority_group.in_(choice.groups))
    found = {row["whole"]: row for row in reversed(_few(conn, on_list))}
    rows: dict[str, Row] = {}
    if not choice.communes and not choice.groups:
        rows = {row["person"]: row for row in _few(conn, _people_query().where(within))}
    mine = {row["person"] for row in tables.appointments(conn, session)}
    keys = {every: person for person, every_one in links.members_of(conn, sorted(mine)).items() for every in every_one}
    for part in chunks(sorted(set(keys) | set(found) | set(rows))):
        found = {row["whole"]: row for row in rows_of(conn, _list_query().where(RECIPIENT.c.person.in_(part)))} | found
        rows |= {row["person"]: row for row in rows_of(conn, _people_query().where(PERSON.c.person.in_(part)))}
    persons = sorted(set(found) | set(rows))
    histories = reference.histories(conn, persons, before=day)
    # Whoever was joined with somebody since goes on under the key that stands on the session.
    busy = tables.busy(conn, [keys.get(person, person) for person in persons], since=today, apart_from=session)
    barred = _barred(conn, persons, before=day)
    return [
        _candidate(
            keys.get(person, person), found.get(person), rows.get(person), history=histories[person],
            busy=keys.get(person, person) in busy, barred=person in barred,
        )
        for person in persons
    ]  # fmt: skip


def communes(conn: Connection, *, listed: ColumnElement[bool]) -> list[str]:
    """The communes of which anybody stands on the list."""
    query = select(RECIPIENT.c.commune).where(listed, RECIPIENT.c.off_at.is_(None)).distinct()
    return sorted(str(code) for code in conn.execute(query).scalars() if code)


def _candidate(
    person: str, listed: Row | None, row: Row | None, *, history: Sequence[Mapping[str, Any]], busy: bool, barred: bool
) -> Candidate:
    # What was scanned from a card goes before what a list says.
    said = {name: (row or {}).get(name) or (listed or {}).get(name) or "" for name in _SAID}
    return Candidate(
        person=person, **{**said, "sex": said["sex"] or "U"}, commune=listed["commune"] if listed else "",
        group=listed["priority_group"] if listed else 0, off=bool(listed and listed["off_at"] is not None),
        history=[dict(dose) for dose in history], busy=busy, barred=barred,
    )  # fmt: skip


def _list_query() -> Select[Any]:
    columns = (RECIPIENT.c[name] for name in ("person", *_SAID, "commune", "priority_group", "off_at"))
    return select(*columns, links.name_of(RECIPIENT.c.person).label("whole")).order_by(RECIPIENT.c.person)


def _people_query() -> Select[Any]:
    query = select(*(PERSON.c[name] for name in ("person", *_SAID)))
    return query.where(PERSON.c.person == links.name_of(PERSON.c.person)).order_by(PERSON.c.person)


def _few(conn: Connection, query: Select[Any]) -> list[Row]:
    rows = rows_of(conn, query.limit(MOST + 1))
    if len(rows) > MOST:
        raise TooMany
    return rows


def _barred(conn: Connection, persons: Sequence[str], *, before: str) -> set[str]:
    # Whoever is found unfit in the session itself has come, and is not taken back by a message.
    found: set[str] = set()
    for part in chunks(list(persons)):
        query = select(VISIT.c.person).where(
            VISIT.c.person.in_(part), VISIT.c.conclusion == BARRED, VISIT.c.day < before
        )
        found.update(conn.execute(query).scalars())
    return found
