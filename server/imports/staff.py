"""Rows of staff: who works at which injection site in which role, as the sites' staff lists go down to the kiosks.

Nobody's PIN comes by a file: whoever is new has none and signs in nowhere until one is given (`pins`).
"""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from rapidfuzz import fuzz, process
from sqlalchemy import ColumnElement, Connection, Select, not_, or_, select

from server import reference
from server.db import among, rows_of
from server.facts import fold_name
from server.imports import cells as read
from server.imports.columns import STAFF
from server.imports.places import NEAR, Places
from server.imports.rows import NEW, Row
from server.reference import REF_ITEM, SITE

COMPARED = ("name", "role", "revoked")
_CODE_SIGNS = 24
_ROLES = {
    "reception": ("tiep don", "don tiep", "don tiep huong dan", "huong dan", "reception"),
    "screener": ("kham sang loc", "sang loc", "tu van", "bac si", "bac si kham", "screening", "screener", "doctor"),
    "injector": ("tiem", "tiem chung", "tiem vac xin", "dieu duong", "y ta", "injection", "injector", "nurse"),
    "observer": ("theo doi", "theo doi sau tiem", "observation", "observer"),
    "lead": ("truong diem", "truong diem tiem", "phu trach", "doi truong", "to truong", "lead"),
}
_ROLE_OF = {word: role for role, words in _ROLES.items() for word in (role, *words)}
_LEFT = {"nghi", "da nghi", "thoi viec", "ngung", "khong hoat dong", "x", "left", "revoked"}
Held = dict[str, Any]


class Staff:
    """The staff of the injection sites, as one import of one unit meets them."""

    kind = STAFF

    def __init__(self, *, places: Places, conn: Connection) -> None:
        codes = list(places.by_code)
        below = or_(among(conn, SITE.c.site, codes), among(conn, SITE.c.unit, [unit.code for unit in places.communes]))
        # Code of each injection site of the unit to its name.
        self.places = {row["site"]: row["name"] for row in rows_of(conn, select(SITE).where(below))}
        self._by_name: dict[str, list[str]] = {}
        for site, name in self.places.items():
            self._by_name.setdefault(fold_name(name), []).append(site)

    def check(self, row: Row, cells: Mapping[str, str]) -> None:
        """As `ListKind.check`."""
        name, words = read.name(cells.get("name", ""))
        code = read.plain(cells.get("code", ""))
        if not code or len(code) > _CODE_SIGNS or not code.isascii() or not code.replace("-", "").isalnum():
            words += ("code_bad",) if code else ("code_missing",)
            code = ""
        role = _ROLE_OF.get(fold_name(read.plain(cells.get("role", ""))), "")
        if not role:
            words += ("role_unknown",)
        site, said = self._site(read.plain(cells.get("site", "")))
        words += said
        revoked = fold_name(read.plain(cells.get("stopped", ""))) in _LEFT
        row.words = list(dict.fromkeys(words))
        row.value = {"name": name, "role": role, "revoked": revoked, "site": site, "code": code}
        row.key = f"{site}/nv-{code}" if site and code else ""

    def compare(self, conn: Connection, rows: Sequence[Row]) -> None:
        """As `ListKind.compare`."""
        held = self.held(conn)
        for row in rows:
            one = held.get((row.value["site"], row.value["code"]))
            if one is not None:
                row.key = f"{row.value['site']}/{one['id']}"
            row.judge(one, compared=COMPARED)

    def write(self, conn: Connection, rows: Sequence[Row], *, import_id: str, now: int) -> list[Row]:
        """As `ListKind.write`."""
        held = self.held(conn)
        stale = []
        for row in rows:
            site, code = row.value["site"], row.value["code"]
            one = held.get((site, code))
            before = {name: one[name] for name in row.before} if one is not None else {}
            if (one is None) != (row.state == NEW) or before != row.before:
                stale.append(row)
                continue
            item = one or {"id": row.key.partition("/")[2], "code": code, "pin": "", "badge": ""}
            item |= {name: row.value[name] for name in COMPARED} | {"initials": _initials(row.value["name"])}
            value = reference.dated(item, now=now)
            reference.put_item(conn, site=site, list_name=reference.STAFF, key=item["id"], value=value)
        return stale

    def standing(self) -> tuple[Select[Any], ColumnElement[str]]:
        """As `ListKind.standing`."""
        key = REF_ITEM.c.site + "/" + REF_ITEM.c.key
        at_work = not_(REF_ITEM.c.value.contains('"revoked":true'))
        query = select(key).where(REF_ITEM.c.list == reference.STAFF, REF_ITEM.c.site.in_(list(self.places)), at_work)
        return query, key

    def take_off(self, conn: Connection, keys: Sequence[str], *, now: int) -> None:
        """As `ListKind.take_off`: they sign in nowhere any more."""
        gone = set(keys)
        for (site, _), item in self.held(conn).items():
            if f"{site}/{item['id']}" in gone:
                value = reference.dated({**item, "revoked": True}, now=now)
                reference.put_item(conn, site=site, list_name=reference.STAFF, key=item["id"], value=value)

    def _site(self, said: str) -> tuple[str, tuple[str, ...]]:
        if not said:
            return (next(iter(self.places)), ()) if len(self.places) == 1 else ("", ("site_unknown",))
        if said.lower() in self.places:
            return said.lower(), ()
        folded = fold_name(said)
        found = self._by_name.get(folded, [])
        if len(found) == 1:
            return found[0], ()
        near = process.extract(folded, list(self._by_name), scorer=fuzz.ratio, score_cutoff=NEAR, limit=2)
        if near and len(self._by_name[near[0][0]]) == 1 and (len(near) == 1 or near[0][1] > near[1][1]):
            return self._by_name[near[0][0]][0], ("site_near",)
        return "", ("site_unknown",)

    def held(self, conn: Connection) -> dict[tuple[str, str], Held]:
        """The entries of these sites' staff lists, by site and code."""
        query = select(REF_ITEM).where(REF_ITEM.c.list == reference.STAFF, among(conn, REF_ITEM.c.site, self.places))
        found = {}
        for row in rows_of(conn, query):
            item = json.loads(row["value"])
            found[(row["site"], str(item["code"]))] = item
        return found


def _initials(name: str) -> str:
    return "".join(word[0] for word in name.split()).upper()[:4]
