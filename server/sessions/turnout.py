"""How far the people of a session have come: not yet, here, injected; read from visits and doses. Decides nothing."""

from collections.abc import Sequence

from sqlalchemy import Connection, select

from server import links
from server.db import chunks
from server.facts import GIVEN
from server.vaccinations import VACCINATION
from server.visits import VISIT

EXPECTED, CAME, INJECTED = "expected", "came", "injected"


def states(conn: Connection, persons: Sequence[str], *, site: str, day: str) -> dict[str, str]:
    """Each person to EXPECTED, CAME (checked in there that day) or INJECTED, under whichever number they came."""
    members = links.members_of(conn, list(persons))
    every = sorted({one for each in members.values() for one in each})
    came: set[str] = set()
    injected: set[str] = set()
    for part in chunks(every):
        here = select(VISIT.c.person).where(VISIT.c.person.in_(part), VISIT.c.site == site, VISIT.c.day == day)
        came.update(conn.execute(here).scalars())
        doses = select(VACCINATION.c.person).where(
            VACCINATION.c.person.in_(part), VACCINATION.c.place == site, VACCINATION.c.given_on == day,
            VACCINATION.c.status == GIVEN,
        )  # fmt: skip
        injected.update(conn.execute(doses).scalars())
    return {
        person: INJECTED if injected & set(each) else CAME if came & set(each) else EXPECTED
        for person, each in members.items()
    }
