"""Communes by code or by name, under one unit and on one day: what a row's place is, or what it may mean. Reads units once."""

from collections.abc import Iterable, Mapping
from functools import lru_cache

from rapidfuzz import fuzz, process
from sqlalchemy import Connection

from server import units
from server.facts import fold_name
from server.imports import cells
from server.units import Unit

NEAR = 84.0
_FIELDS = ("commune_code", "commune", "district", "province")
_KINDS = (
    "thi tran ", "thanh pho ", "phuong ", "xa ", "quan ", "huyen ", "thi xa ", "tinh ", "tt ", "tp ", "tx ", "p ", "x ", "q ", "h ",
)  # fmt: skip


class Places:
    """The communes of one unit. `of_row` answers for every row, so what was asked once is remembered."""

    def __init__(self, held: Iterable[Unit], over: Iterable[Unit]) -> None:
        """`held`: the unit with all below it; `over`: the units above it."""
        self.by_code = {unit.code: unit for unit in (*held, *over)}
        self.communes = [unit for unit in self.by_code.values() if unit.level == "commune"]
        # Where the unit is below a commune (a facility, a site), its commune is the only one there is.
        self._by_name: dict[str, list[Unit]] = {}
        for unit in self.communes:
            for said in {_spelled(unit.name), _folded(unit.name), _bare(unit.name)}:
                self._by_name.setdefault(said, []).append(unit)
        self._remembered = lru_cache(maxsize=65536)(self._find)

    def of_row(self, row: Mapping[str, str]) -> tuple[str, tuple[str, ...]]:
        """`(code of the commune, words)` for what a row says of its place."""
        return self._remembered(*(row.get(field, "") for field in _FIELDS))

    def _find(self, code: str, commune: str, district: str, province: str) -> tuple[str, tuple[str, ...]]:
        # Without a word about it the only commune there is.
        code, commune = cells.plain(code), cells.plain(commune)
        if code:
            for one in (code, code.rjust(5, "0")):
                unit = self.by_code.get(one)
                if unit is not None and unit.level == "commune":
                    return unit.code, ()
            if not commune:
                return "", ("commune_unknown",)
        if not commune:
            return (self.communes[0].code, ()) if len(self.communes) == 1 else ("", ("commune_missing",))
        for said in (_spelled(commune), _folded(commune), _bare(commune)):
            # The spelling with its marks first: there are communes that only their marks tell apart.
            found = [unit for unit in self._by_name.get(said, ()) if self._lies_in(unit, district, province)]
            if len(found) == 1:
                return found[0].code, ()
        return self._near(_bare(commune), district, province)

    def _near(self, said: str, district: str, province: str) -> tuple[str, tuple[str, ...]]:
        names = {unit.code: _bare(unit.name) for unit in self.communes if self._lies_in(unit, district, province)}
        near = process.extract(said, names, scorer=fuzz.ratio, score_cutoff=NEAR, limit=2)
        if len(near) == 1 or (len(near) == 2 and near[0][1] > near[1][1]):
            return str(near[0][2]), ("commune_near",)
        return "", ("commune_unknown",)

    def _lies_in(self, unit: Unit, district: str, province: str) -> bool:
        """Do the names of district and province, as far as they are said, stand above this commune?"""
        over = set()
        parent = self.by_code.get(unit.parent)
        while parent is not None:
            over |= {_folded(parent.name), _bare(parent.name)}
            parent = self.by_code.get(parent.parent)
        return all(not said or {_folded(said), _bare(said)} & over for said in (district, province))


def load(conn: Connection, unit: Unit, *, day: str) -> Places:
    """The places of a unit on a day."""
    return Places(units.under(conn, unit.code, day=day), units.above(conn, unit, day=day))


def _spelled(name: str) -> str:
    return cells.plain(name).casefold()


@lru_cache(maxsize=65536)
def _folded(name: str) -> str:
    return " ".join("".join(char if char.isalnum() else " " for char in fold_name(name)).split())


@lru_cache(maxsize=65536)
def _bare(name: str) -> str:
    """A unit's name folded, without the word for what it is, and numbers without zeros before them."""
    folded = _folded(name)
    bare = next((folded[len(kind) :] for kind in _KINDS if folded.startswith(kind)), folded)
    return bare.lstrip("0") or bare
