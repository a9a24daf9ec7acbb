"""What people are told of their appointments: invited, moved, taken back. Pure: facts for the ledger, rows as told."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from protocol import canon
from protocol.clocktext import day_of, day_shown, time_of
from server.sessions.tables import STANDS

INVITE, MOVED, TAKEN_BACK = "invite", "invite_moved", "invite_cancelled"
Fact = tuple[str, dict[str, Any]]
Say = Callable[[str, Mapping[str, str]], str]


def due(row: Mapping[str, Any], site: str) -> str:
    """Which text somebody must be sent so that they know what stands; empty when they know it."""
    if row["state"] != STANDS:
        return TAKEN_BACK if row["told_at"] is not None else ""
    if row["told_at"] is None:
        return INVITE
    return "" if (row["told_at"], row["told_site"]) == (row["at"], site) else MOVED


def tell(
    rows: Sequence[Mapping[str, Any]],
    *,
    site: str,
    version: int,
    sites: Mapping[str, Mapping[str, Any]],
    say: Say,
    day_offset_min: int,
) -> tuple[list[Fact], list[dict[str, Any]]]:
    """The messages that `rows` of `appointment` ask for, and the rows once they are told.

    `site`: where the session is; `version`: of its plan, a message is named by it; `sites`: rows of `site` by code.
    Somebody without a telephone gets no message: the list of the session says so, and they count as told by it.
    """
    facts: list[Fact] = []
    told = []
    for row in rows:
        template = due(row, site)
        stands = row["state"] == STANDS
        if template and row["phone"]:
            at, place = (row["at"], site) if stands else (row["told_at"], row["told_site"])
            day, time = day_shown(day_of(at, day_offset_min)), time_of(at, day_offset_min)
            values = {"name": row["name"], "dose": str(row["dose_no"]), "hhmm": time, "dmy": day}
            values |= {"site": sites[place]["name"], "hotline": sites[place]["hotline"]}
            # A plan's version tells somebody one thing at most.
            name = canon.digest(f"{row['session']} {row['person']} {version}".encode())[:24]
            body = {"message": f"m-{name}", "person": row["person"], "to": row["phone"], "template": template}
            facts.append(("message.queued", {**body, "text": say(template, values)}))
        told.append({**row, "told_at": row["at"] if stands else None, "told_site": site if stands else ""})
    return facts, told
