"""The days of the sites: opened by whom with what team, vials counted, drills, closed with which books. One row per site and day.

Derived from what the site's own kiosks recorded; decides nothing, asks nobody.
"""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Column, Connection, String, Table, Text, select

from protocol.envelope import Record
from protocol.site_day import DRILL_STEPS
from server.db import BIG, METADATA, rows_of
from server.features import Derived, Feature, entity_column

# `team`, `lots`, `drill`, `differs`, `figures`, `closed_differs` are JSON as the records hold them; `drills` is JSON too,
# kiosk to its drill. Times are best times, UTC ms; null: not opened (though a kiosk was drilled or the day closed), not closed.
SITE_DAY = Table(
    "site_day",
    METADATA,
    Column("site_day", String(64), primary_key=True),
    entity_column(),
    Column("site", String(64), nullable=False),
    Column("day", String(12), nullable=False, index=True),
    Column("opened_at", BIG),
    Column("opened_by", String(64), nullable=False),
    Column("team", Text, nullable=False),
    Column("lots", Text, nullable=False),
    Column("drill", Text, nullable=False),
    Column("drills", Text, nullable=False),
    Column("differs", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("closed_at", BIG),
    Column("closed_by", String(64), nullable=False),
    Column("figures", Text, nullable=False),
    Column("closed_differs", Text, nullable=False),
    Column("closed_reason", Text, nullable=False),
)
JSON = ("team", "lots", "drill", "drills", "differs", "figures", "closed_differs")


def feature() -> Feature:
    """The days' share in the ledger; they count nothing."""
    return Feature("site_days", (SITE_DAY,), {"site_day": derive})


def derive(site_day: str, records: list[Record]) -> list[Derived]:
    """The row of a site's day. The first opening counts, the latest team, the last closing.

    A record of another site's kiosk says nothing here, whatever name it bears.
    """
    site, _, day = site_day.rpartition(":")
    ours = [record for record in records if record.site == site]
    if not ours or len(day) != len("2021-10-03"):
        return []
    opened = next((record for record in ours if record.kind == "site.opened"), None)
    closed = next((record for record in reversed(ours) if record.kind == "site.closed"), None)
    teams = [record.body["team"] for record in ours if record.kind in ("site.opened", "team.changed")]
    drills = {record.k: record.body["drill"] for record in ours if record.kind == "site.drilled"}
    if opened is not None:
        # It tells how the whole drill of its kiosk ended.
        drills[opened.k] = opened.body["drill"] or drills.get(opened.k, {})
    row: dict[str, Any] = {
        "site_day": site_day,
        "site": site,
        "day": day,
        "opened_at": opened.at if opened else None,
        "opened_by": opened.who["id"] if opened else "",
        "team": teams[-1] if teams else [],
        "lots": opened.body["lots"] if opened else [],
        "drill": opened.body["drill"] if opened else {},
        "drills": drills,
        "differs": opened.body["differs"] if opened else [],
        "reason": opened.body["reason"] if opened else "",
        "closed_at": closed.at if closed else None,
        "closed_by": closed.who["id"] if closed else "",
        "figures": closed.body["figures"] if closed else {},
        "closed_differs": closed.body["differs"] if closed else [],
        "closed_reason": closed.body["reason"] if closed else "",
    }
    for name in JSON:
        row[name] = json.dumps(row[name], ensure_ascii=False, sort_keys=True)
    return [(SITE_DAY, row)]


def of_day(conn: Connection, day: str, *, sites: Sequence[str]) -> dict[str, dict[str, Any]]:
    """Site to its day, JSON read; sites of which nothing has come are left out."""
    query = select(SITE_DAY).where(SITE_DAY.c.day == day, SITE_DAY.c.site.in_(sites))
    found = {}
    for row in rows_of(conn, query.order_by(SITE_DAY.c.site)):
        found[row["site"]] = {**row, **{name: json.loads(row[name]) for name in JSON}}
    return found


def differences(row: Mapping[str, Any]) -> list[dict[str, Any]]:
    """What did not agree when the day was closed: `{"name", "found", "due"}` by the closing's own figures."""
    figures = row["figures"]
    due = {"inside": 0, "open_vials": 0}
    names = [name for name in row["closed_differs"] if name in figures]
    return [{"name": name, "found": figures[name], "due": due.get(name, figures.get("doses", 0))} for name in names]


def lots_differing(row: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Lots of which other vials were counted than the centre expected, as the opening has them."""
    return [lot for lot in row["lots"] if "expected" in lot and lot["expected"] != lot["counted"]]


def drill_failures(row: Mapping[str, Any]) -> list[str]:
    """Steps of the opening kiosk's drill that did not go well, in their order."""
    return [step for step in DRILL_STEPS if row["drill"].get(step) in ("failed", "skipped")]
