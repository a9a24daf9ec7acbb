"""A scripted day's account: what the screens confirmed against the server's ledger and the paper, fact by fact."""

import json
import sqlite3
from collections import Counter
from collections.abc import Iterable
from contextlib import closing
from typing import Any

from protocol import envelope
from protocol.envelope import Record
from provisioning.crew import History
from provisioning.small_province import SITE, SmallProvince, Station

KINDS = {"visit.checked_in": "checked_in", "visit.screened": "screened", "dose.given": "dosed", "visit.left": "left"}


def waiting(province: SmallProvince, station: Station) -> int:
    """Records not yet acknowledged and slips not yet printed."""
    told = province.account(station)
    return int(told["waiting"] + told["printing"])


def stock(province: SmallProvince) -> int:
    """Doses on hand at the site, as the server reckons them."""
    figures = json.loads(province.command("report"))
    return sum(int(row["on_hand"]) for row in figures["stock"] if row["place"] == SITE)


def records(province: SmallProvince) -> list[Record]:
    """Every record as the server's ledger holds it."""
    with closing(sqlite3.connect(province.ledger)) as ledger:
        rows = ledger.execute("SELECT line FROM record ORDER BY id").fetchall()
    return [envelope.parse(bytes(row[0])) for row in rows]


def facts(told: Iterable[Record]) -> Counter[tuple[str, str]]:
    """How often each `(what, ticket)` stands in the ledger."""
    tickets: dict[str, str] = {}
    found: Counter[tuple[str, str]] = Counter()
    held = list(told)
    for record in held:
        if record.kind == "visit.checked_in":
            tickets[record.body["visit"]] = record.body["ticket"]
    for record in held:
        if record.kind in KINDS:
            found[KINDS[record.kind], tickets.get(record.body["visit"], "?")] += 1
    return found


def arrived(province: SmallProvince, history: History) -> bool:
    """Does the ledger hold all that the screens confirmed?"""
    return history.confirmed <= facts(records(province)).keys()


def account(province: SmallProvince, history: History) -> dict[str, Any]:
    """Compare what the screens confirmed with the server's ledger, fact by fact."""
    held = records(province)
    found = facts(held)
    return {
        "confirmed": len(history.confirmed),
        "on_server": len(history.confirmed & found.keys()),
        "lost": len(history.confirmed - found.keys()),
        "doubled": sum(count - 1 for count in found.values()),
        "unseen": len(found.keys() - history.confirmed),
        "doses": sum(count for (what, _), count in found.items() if what == "dosed"),
        "released": sum(count for (what, _), count in found.items() if what == "left"),
        "records": len(held),
    }


def paper(province: SmallProvince, stations: Iterable[Station]) -> dict[str, int]:
    """The slips: sheets that came out, against what the records say of each numbered copy.

    `people_without`: slips due (a ticket for everybody who came, a result for everybody who left) of which no copy is
    recorded, printed or of unknown fate (then the screen asks a person to look). `unaccounted`: sheets of which no
    record tells (or, negative, records of sheets that nobody holds).
    """
    sheets = sum(len(list(station.paper.glob("*.png"))) for station in stations)
    due: set[str] = set()
    of_dose: dict[str, str] = {}
    left: set[str] = set()
    printed: Counter[str] = Counter()
    unknown: Counter[str] = Counter()
    for record in records(province):
        body = record.body
        if record.kind == "visit.checked_in":
            due.add(body["slip"])
        elif record.kind == "dose.given":
            of_dose[body["visit"]] = body["slip"]
        elif record.kind == "visit.left":
            left.add(body["visit"])
        elif record.kind == "slip.printed":
            printed[body["slip"]] += body["result"] == "printed"
            unknown[body["slip"]] += body["result"] == "unknown"
    due |= {slip for visit, slip in of_dose.items() if visit in left}
    told = sum(printed.values())
    beyond = sheets - told
    return {
        "slips": sheets,
        "slips_due": len(due),
        "copies_printed": told,
        "copies_unknown": sum(unknown.values()),
        "people_without": len([slip for slip in due if not printed[slip] and not unknown[slip]]),
        # A copy of unknown fate came out or did not: both are accounted for.
        "unaccounted": beyond - min(max(beyond, 0), sum(unknown.values())),
    }
