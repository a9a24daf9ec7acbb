"""One account at two desks of the site (fault F95), by the records held here: said to whoever unlocks, listed for the lead.

Nothing is refused: the neighbours' records may come late, and a walk to another desk is nobody's fault.
"""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from kiosk import parsed
from kiosk.desk import reading
from kiosk.desk.loop import Desk
from kiosk.outcome import Notice
from protocol import shared_login
from protocol.clocktext import time_of
from protocol.envelope import Record
from protocol.errors import ProtocolError

# What somebody signed in does with their own hands; a day has some hundreds of each.
KINDS = ("staff.signed_in", "visit.screened", "dose.given")
UNSURE = "unknown"


def notice(desk: Desk, who: dict[str, Any]) -> Notice | None:
    """What to tell somebody who signs in here while another desk's records say that they act there; None for nothing."""
    moment = desk.moment()
    if moment.sure == UNSURE:
        return None
    told = []
    for copy in desk.store.copies.by(who["id"], desk.today()):
        # A newer release's record says nothing here.
        with suppress(ProtocolError):
            told.append(parsed.record(copy.line))
    acts = [_act(one) for one in told if one.who["id"] == who["id"] and one.t["sure"] != UNSURE]
    found = shared_login.elsewhere(acts, k=desk.log.k, now=moment.wall)
    if found is None:
        return None
    time = time_of(found[0], desk.lists.offset_min)
    return Notice("used_elsewhere", {"name": who["name"], "kiosk": found[2], "time": time}, "warn")


def shown(desk: Desk) -> list[dict[str, Any]]:
    """For the lead: whose account was used at two desks at the same time today, `{"name", "kiosks", "time"}`, the latest first."""
    today = desk.today()
    acts: dict[str, list[tuple[int, str, str]]] = {}
    for kind in KINDS:
        for one in reading.told(desk.store, kind):
            if one.session == today and one.t["sure"] != UNSURE:
                acts.setdefault(one.who["id"], []).append(_act(one))
    rows = []
    for who, told in acts.items():
        found = shared_login.clashes(told)
        if found:
            kiosks = sorted({act[2] for pair in found for act in pair})
            rows.append((found[-1][1][0], {"name": desk.lists.staff_name(who), "kiosks": kiosks}))
    offset = desk.lists.offset_min
    return [{**row, "time": time_of(at, offset)} for at, row in sorted(rows, key=lambda one: (-one[0], one[1]["name"]))]


def _act(one: Record) -> tuple[int, str, str]:
    return (one.t["wall"], one.site, one.k)
