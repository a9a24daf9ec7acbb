"""Rows of injection sites: a unit of level `site` under its commune, for a period, and the row that kiosks' lists read.

A mobile site has a first and a last day; a fixed one stands until it is taken off. A code is never taken from another unit.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, and_, or_, select, update

from protocol.clocktext import DAY_MS, day_number, day_of
from protocol.errors import ProtocolError
from protocol.topics import check_level
from server import reference, units
from server.db import among, rows_of
from server.imports import cells as read
from server.imports.columns import FACILITIES
from server.imports.places import Places
from server.imports.rows import CHANGED, NEW, WRONG, Row
from server.reference import SITE
from server.units import UNIT, Unit

COMPARED = ("name", "commune", "address", "hotline", "valid_from", "valid_to")
_NAME_SIGNS, _CODE_SIGNS = 200, 32
Held = dict[str, Any]


class Facilities:
    """The list of injection sites, as one import of one unit meets it."""

    kind = FACILITIES

    def __init__(self, *, places: Places, today: str) -> None:
        self._places = places
        self._today = today

    def check(self, row: Row, cells: Mapping[str, str]) -> None:
        """As `ListKind.check`."""
        name, words = read.text(cells.get("name", ""), _NAME_SIGNS)
        if not words and not name:
            words = ("name_missing",)
        if name.startswith(read.FORMULA):
            name, words = "", ("name_bad",)
        commune, said = self._places.of_row(cells)
        words += said
        address, said = read.text(cells.get("address", ""), 400)
        words += said
        hotline, said = read.hotline(cells.get("phone", ""))
        words += said
        valid_from, valid_to, said = self._days(cells)
        words += said
        code = read.plain(cells.get("code", "")).lower()
        if not code and name and commune:
            code = f"{read.slug(name)[: _CODE_SIGNS - len(commune) - 1].strip('-')}-{commune}"
            words += ("code_made",)
        # Without a name or a commune none can be made, and that is said already.
        bad = _wrong_code(code) if code else ()
        words += bad
        row.words = list(dict.fromkeys(words))
        row.value = {
            "name": name, "commune": commune, "address": address, "hotline": hotline, "valid_from": valid_from,
            "valid_to": valid_to,
        }  # fmt: skip
        # A bad code is nobody's key: it may hold signs that no database takes.
        row.key = "" if bad else code

    def compare(self, conn: Connection, rows: Sequence[Row]) -> None:
        """As `ListKind.compare`."""
        held = _standing(conn, [row.key for row in rows])
        for row in rows:
            one = held.get(row.key)
            if one is not None and one["commune"] not in self._places.by_code:
                row.words.append("code_elsewhere")
            begins = row.value["valid_from"]
            row.judge(one, compared=COMPARED)
            if (
                one is not None
                and row.state != WRONG
                and not begins
                and one["valid_to"]
                and one["valid_to"] <= self._today
            ):
                # It had ended, and the list has it again.
                row.before |= {"valid_from": one["valid_from"], "valid_to": one["valid_to"]}
                row.value |= {"valid_from": self._today, "valid_to": ""}
                row.state = CHANGED

    def write(self, conn: Connection, rows: Sequence[Row], *, import_id: str, now: int) -> list[Row]:
        """As `ListKind.write`."""
        held = _standing(conn, [row.key for row in rows])
        stale = []
        for row in rows:
            one = held.get(row.key)
            before = {name: one[name] for name in row.before} if one is not None else {}
            if (one is None) != (row.state == NEW) or before != row.before:
                stale.append(row)
                continue
            value = row.value
            unit = Unit(
                code=row.key, name=value["name"], level="site", parent=value["commune"],
                valid_from=value["valid_from"] or self._today, valid_to=value["valid_to"],
            )  # fmt: skip
            units.put(conn, unit)
            # Topics hang on the shard: a site that has one keeps it.
            shard = one["shard"] if one is not None and one["shard"] else self._shard(conn)
            about = {name: value[name] for name in ("name", "address", "hotline")}
            reference.put_site(conn, {**about, "site": row.key, "shard": shard, "unit": value["commune"]})
        return stale

    def standing(self) -> tuple[Select[Any], ColumnElement[str]]:
        """As `ListKind.standing`."""
        codes = [unit.code for unit in self._places.communes]
        stands = and_(UNIT.c.valid_from <= self._today, or_(UNIT.c.valid_to == "", UNIT.c.valid_to > self._today))
        return select(UNIT.c.code).where(UNIT.c.level == "site", UNIT.c.parent.in_(codes), stands), UNIT.c.code

    def take_off(self, conn: Connection, keys: Sequence[str], *, now: int) -> None:
        """As `ListKind.take_off`: they end today; their records and what they were stay."""
        stands = or_(UNIT.c.valid_to == "", UNIT.c.valid_to > self._today)
        wanted = among(conn, UNIT.c.code, keys)
        conn.execute(update(UNIT).where(wanted, UNIT.c.level == "site", stands).values(valid_to=self._today))

    def _days(self, cells: Mapping[str, str]) -> tuple[str, str, tuple[str, ...]]:
        """First day, first day after, words. The file says the last day itself."""
        first, last = read.plain(cells.get("valid_from", "")), read.plain(cells.get("valid_to", ""))
        mobile = read.yes(cells.get("mobile", ""))
        begins, turned = read.day(first) if first else ("", ())
        ends, also = read.day(last) if last else ("", ())
        if (first and not begins) or (last and not ends) or (begins and ends and ends < begins):
            return "", "", ("days_bad",)
        words = turned + also
        if mobile and not (begins and ends):
            words += ("days_missing",)
        after = str(day_of((day_number(ends) + 1) * DAY_MS, 0)) if ends else ""
        return begins, after, words

    def _shard(self, conn: Connection) -> str:
        """That of the sites around; where there are none, the province's name."""
        codes = list(self._places.by_code)
        near = conn.execute(select(SITE.c.shard).where(among(conn, SITE.c.unit, codes))).scalars()
        found = Counter(str(shard) for shard in near).most_common(1)
        if found:
            return found[0][0]
        top = next((unit for unit in self._places.by_code.values() if unit.level == "province"), None)
        return read.slug(top.name.removeprefix("Tỉnh ").removeprefix("Thành phố "))[:_CODE_SIGNS] if top else "centre"


def _wrong_code(code: str) -> tuple[str, ...]:
    try:
        check_level(code)
    except ProtocolError:
        return ("code_bad",)
    return ()


def _standing(conn: Connection, codes: Sequence[str]) -> dict[str, Held]:
    """What stands under these codes: the latest period of the unit, and the site's own row."""
    found: dict[str, Held] = {}
    query = select(UNIT).where(among(conn, UNIT.c.code, codes)).order_by(UNIT.c.valid_from)
    for row in rows_of(conn, query):
        # A code of another level is somebody else's in any case.
        commune = row["parent"] if row["level"] == "site" else ""
        found[row["code"]] = {
            "name": row["name"], "commune": commune, "address": "", "hotline": "", "valid_from": row["valid_from"],
            "valid_to": row["valid_to"], "shard": "",
        }  # fmt: skip
    for row in rows_of(conn, select(SITE).where(among(conn, SITE.c.site, codes))):
        known = found.setdefault(row["site"], {"commune": row["unit"], "valid_from": "", "valid_to": ""})
        known.update({name: row[name] for name in ("name", "address", "hotline", "shard")})
    return found
