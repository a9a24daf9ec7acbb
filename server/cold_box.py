"""Cold boxes as their kiosks measured them: what each says now, how old that is, when it was out of range or unmeasured (F25).

Reads the records themselves, by an index of their own; stores nothing. No data is never "in range", and a gap ends nothing.
"""

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Select, select

from protocol.rules import COLD_BOX_TENTHS_C
from server.db import rows_of
from server.ledger.tables import MEASURED, RECORD

# A kiosk records every ten minutes (kiosk/cold_box.py): after half an hour two records are missing.
SILENT_MS = 30 * 60_000
IN_RANGE, NO_DATA = "in_range", "no_data"
# What a box is now, or was for a while, beside the words of `records.COLD_BOX_STATES`.
SILENT, UNRECORDED, MIXED = "silent", "unrecorded", "mixed"
UNKNOWN = "unknown"
Row = dict[str, Any]


def measured(conn: Connection, *, sites: Collection[str], since: int) -> list[Row]:
    """What the kiosks of these sites measured from `since` (UTC ms) on, in the order of their clocks.

    `{"site", "k", "at", "sure", "box", "state", "fault", "low", "high", "last", "gap_s"}`; temperatures in tenths of °C or None.
    """
    return [_read(row) for row in rows_of(conn, asked(sites, since))]


def asked(sites: Collection[str], since: int) -> Select[Any]:
    """The question of `measured`, which the index of these records answers."""
    # By the hybrid clock: a kiosk whose own has not learnt the time is not left out.
    columns = (RECORD.c.site, RECORD.c.k, RECORD.c.hlc_p, RECORD.c.line)
    query = select(*columns).where(MEASURED, RECORD.c.site.in_(sorted(sites)), RECORD.c.hlc_p >= since)
    return query.order_by(RECORD.c.hlc_p, RECORD.c.hlc_l, RECORD.c.k, RECORD.c.seq)


def boxes(told: Iterable[Mapping[str, Any]], *, now: int) -> list[Row]:
    """One row for each kiosk's box, by site and kiosk: `site, k, box, state, last, at, sure, low, high, spans`. Pure.

    `told`: as `measured`. `state`: of the last record, `silent` where that is older than SILENT_MS. `low`, `high`: of all
    that was measured. `spans`: as `out_of_range`.
    """
    held: dict[tuple[str, str], list[Mapping[str, Any]]] = {}
    for one in told:
        held.setdefault((one["site"], one["k"]), []).append(one)
    rows = []
    for (site, k), mine in sorted(held.items()):
        last = mine[-1]
        names = [one["box"] for one in mine if one["box"] != UNKNOWN]
        rows.append(
            {
                "site": site,
                "k": k,
                "box": names[-1] if names else "",
                "state": SILENT if now - last["at"] > SILENT_MS else last["state"],
                "last": last["last"] if last["state"] != NO_DATA else None,
                "at": last["at"],
                "sure": last["sure"],
                "low": min((one["low"] for one in mine if one["low"] is not None), default=None),
                "high": max((one["high"] for one in mine if one["high"] is not None), default=None),
                "spans": out_of_range(mine, now=now),
            }
        )
    return rows


def out_of_range(told: Sequence[Mapping[str, Any]], *, now: int) -> list[Row]:
    """When one box was not known to be in range: `{"what", "from_at", "to_at" (None: still), "minutes", "low", "high"}`. Pure.

    `what`: `too_warm`, `too_cold`, `mixed` (both), `no_data`, or `unrecorded` for a time of which there is no record.
    """
    found, begun = [], 0
    open_since: list[Mapping[str, Any]] = []
    for number, one in enumerate(told):
        before = told[number - 1] if number else None
        if open_since:
            open_since.append(one)
        elif before is not None and one["at"] - before["at"] > SILENT_MS:
            found.append(_lasting(UNRECORDED, before["at"], one["at"], (), now=now))
        if one["state"] == IN_RANGE and open_since:
            found.append(_lasting(_what(open_since), begun, one["at"], open_since, now=now))
            open_since = []
        elif one["state"] != IN_RANGE and not open_since:
            open_since, begun = [one], one["at"]
    if open_since:
        found.append(_lasting(_what(open_since), begun, None, open_since, now=now))
    return found


def _what(told: Sequence[Mapping[str, Any]]) -> str:
    words = {one["state"] for one in told} - {IN_RANGE, NO_DATA}
    return MIXED if len(words) > 1 else next(iter(words), NO_DATA)


def _lasting(what: str, from_at: int, to_at: int | None, told: Sequence[Mapping[str, Any]], *, now: int) -> Row:
    low = min((one["low"] for one in told if one["low"] is not None), default=None)
    high = max((one["high"] for one in told if one["high"] is not None), default=None)
    coldest, warmest = COLD_BOX_TENTHS_C
    return {
        "what": what,
        "from_at": from_at,
        "to_at": to_at,
        "minutes": max((now if to_at is None else to_at) - from_at, 0) // 60_000,
        # Only what lies outside: the span begins with the last reading that was still good.
        "low": low if low is not None and low < coldest else None,
        "high": high if high is not None and high > warmest else None,
    }


def _read(row: Mapping[str, Any]) -> Row:
    # What is stored has been checked field by field; of a day of a province some thousands are read for one page.
    record = json.loads(row["line"])
    body, t = record["body"], record["t"]
    return {
        "site": row["site"],
        "k": row["k"],
        "at": row["hlc_p"] if t["sure"] == UNKNOWN else t["wall"],
        "sure": t["sure"],
        **{name: body[name] for name in ("box", "state", "fault", "gap_s")},
        **{name: body.get(name) for name in ("low", "high", "last")},
    }
