"""The form of a session's plan: what people type into it, read into a plan; and what plans are judged by. Shows nothing."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection
from werkzeug.datastructures import MultiDict

from server import reference, scope, units
from server.pages import frame, rulebook, shown
from server.pages.access import staff
from server.pages.forms import Form
from server.pages.services import services
from server.pages.words import tr
from server.sessions import candidates
from server.sessions.judging import OTHER_DOSES, Candidate, Choice
from server.sessions.keeping import Keeper, choice_of

# Numbers of the priority groups as lists of recipients have them.
GROUPS = range(1, 17)
FIRST_HOUR, LAST_HOUR = 6, 20
MOST_AN_HOUR = 500
# An ordinary day of one team: 140 people (100 to 200 a day are usual at a site; domain.md 2.5).
USUAL = (7, 8, 9, 10, 13, 14, 15)
USUAL_AN_HOUR = 20


def keeper() -> Keeper:
    """What the sessions of whoever is signed in are kept with."""
    parts = services()

    def people(conn: Connection, session: Mapping[str, Any], choice: Choice) -> Sequence[Candidate]:
        held = frame.care(conn, staff())
        return candidates.read(
            conn, within=scope.people(held), listed=scope.recipients(held), choice=choice, day=session["day"],
            today=shown.today(), session=session["session"],
        )  # fmt: skip

    return Keeper(
        ledger=parts.ledger, candidates=people, facts=reference.read_data("vaccines"), say=rulebook.say,
        day_offset_min=parts.config.day_offset_min,
    )  # fmt: skip


def communes(conn: Connection) -> dict[str, str]:
    """The communes in care of which anybody is on the list of recipients: code to name, by name."""
    listed = candidates.communes(conn, listed=scope.recipients(frame.care(conn, staff())))
    names = {unit.code: unit.name for unit in units.named(conn, listed, day=shown.today())}
    return dict(sorted(((code, names.get(code, code)) for code in listed), key=lambda pair: (pair[1], pair[0])))


def read(
    form: Form, raw: MultiDict[str, str], *, sites: Iterable[str], communes: Iterable[str], today: str
) -> dict[str, Any]:
    """The plan that a form asks for, as `keeping` takes it; faults stand in `form`."""
    day = form.day("day", today="", past=False)
    if day and day < today:
        form.faults["day"] = tr("This day is over.")
    hours = []
    for hour in range(FIRST_HOUR, LAST_HOUR + 1):
        n = form.number(f"h{hour}", low=0, high=MOST_AN_HOUR, required=False)
        if n:
            hours.append((hour, n))
    if not hours and not any(name.startswith("h") for name in form.faults):
        form.faults["hours"] = tr("Please say for at least one hour how many people can come.")
    commune = form.choice("commune", communes, required=False)
    choice = Choice(
        groups=tuple(n for n in GROUPS if str(n) in raw.getlist("group")),
        communes=(commune,) if commune else (),
        doses=tuple(n for n in range(1, OTHER_DOSES + 1) if str(n) in raw.getlist("dose")),
        due_by=form.day("due_by", today="", past=False, required=False),
    )
    return {
        "session": form.name("session"),
        "site": form.choice("site", sites),
        "day": day,
        "vaccine": form.choice("vaccine", rulebook.vaccines()),
        "hours": hours,
        "choice": choice_of(choice),
    }


def fields_of(raw: MultiDict[str, str]) -> dict[str, Any]:
    """What was typed, to show it again."""
    return {**raw.to_dict(), "group": raw.getlist("group"), "dose": raw.getlist("dose")}


def values_of(held: Mapping[str, Any] | None, *, session: str = "") -> dict[str, Any]:
    """What the form shows of a session that stands, or of a new one."""
    if held is None:
        return {"session": session, "version": "0", **{f"h{hour}": str(USUAL_AN_HOUR) for hour in USUAL}}
    choice = held["choice"]
    return {
        "session": held["session"], "version": str(held["version"]), "site": held["site"],
        "day": shown.day(held["day"]), "vaccine": held["vaccine"], "group": [str(n) for n in choice["groups"]],
        "commune": "".join(choice["communes"][:1]),
        "dose": [str(n) for n in choice["doses"]], "due_by": shown.day(choice["due_by"]),
        **{f"h{hour}": str(n) for hour, n in held["hours"]},
    }  # fmt: skip
