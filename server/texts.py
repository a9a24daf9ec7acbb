"""What the kiosks' screens and slips say in the centre's words: the campaign's own, and what units say in their place.

The nearest unit over a site speaks there; what nobody says, the kiosk says in its own words. Knows no page.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import Column, Connection, PrimaryKeyConstraint, String, Table, and_, delete, or_, select

from protocol import rules
from protocol import texts as rule
from server import units
from server.db import BIG, METADATA, rows_of, upsert
from server.units import Unit

# A unit is its code and its first day: after a merger the code may mean another one.
UNIT_TEXT = Table(
    "unit_text",
    METADATA,
    Column("unit", String(16), nullable=False),
    Column("unit_from", String(10), nullable=False),
    Column("name", String(32), nullable=False),
    Column("lang", String(8), nullable=False),
    Column("text", String(400), nullable=False),
    Column("said_by", String(64), nullable=False),
    Column("said_at", BIG, nullable=False),
    PrimaryKeyConstraint("unit", "unit_from", "name", "lang"),
)
# Text and language.
Key = tuple[str, str]
Campaign = Iterable[Mapping[str, Any]]


def put(conn: Connection, *, unit: Unit, name: str, lang: str, text: str, by: str, now: int) -> None:
    """Let a unit say `text` from now on; an empty one takes back what it said. `ProtocolError` where it must not."""
    if not text:
        table = UNIT_TEXT.c
        mine = and_(table.unit == unit.code, table.unit_from == unit.valid_from, table.name == name, table.lang == lang)
        conn.execute(delete(UNIT_TEXT).where(mine))
        return
    rule.check(text, name, lang)
    row = {"unit": unit.code, "unit_from": unit.valid_from, "name": name, "lang": lang, "text": text}
    upsert(conn, UNIT_TEXT, [{**row, "said_by": by, "said_at": now}])


def standing(conn: Connection, unit: Unit, *, day: str, campaign: Campaign) -> dict[Key, dict[str, Any]]:
    """What holds in a unit on `day`, by name and language: `text`, and `unit` whose word it is (None: the campaign's).

    `campaign`: rows of `data/texts.json`, each with its period.
    """
    chain = [unit, *units.above(conn, unit, day=day)]
    here = or_(*(and_(UNIT_TEXT.c.unit == one.code, UNIT_TEXT.c.unit_from == one.valid_from) for one in chain))
    return _over(_campaigns(campaign, day), chain, _by_unit(rows_of(conn, select(UNIT_TEXT).where(here))))


class Speaker:
    """Who says what at each site on one day, for a round over many sites: rows and units are read once."""

    def __init__(self, conn: Connection, *, day: str, campaign: Campaign) -> None:
        self._conn = conn
        self._day = day
        self._campaign = _campaigns(campaign, day)
        self._said = _by_unit(rows_of(conn, select(UNIT_TEXT)))
        self._above: dict[str, list[Unit]] = {}

    def items(self, *, site: str, unit: str) -> list[dict[str, str]]:
        """The list of a site's kiosks. `unit`: under which the site hangs where it is no unit of its own."""
        held = _over(self._campaign, self._chain(site, unit) if self._said else [], self._said)
        return [{"name": name, "lang": lang, "text": held[name, lang]["text"]} for name, lang in sorted(held)]

    def _chain(self, site: str, unit: str) -> list[Unit]:
        nearest = units.find(self._conn, site, day=self._day) or units.find(self._conn, unit, day=self._day)
        if nearest is None:
            return []
        if nearest.parent not in self._above:
            self._above[nearest.parent] = units.above(self._conn, nearest, day=self._day)
        return [nearest, *self._above[nearest.parent]]


def _campaigns(campaign: Campaign, day: str) -> dict[Key, dict[str, Any]]:
    return {
        (row["name"], row["lang"]): {"text": row["text"], "unit": None} for row in rules.in_force(list(campaign), day)
    }


def _by_unit(rows: Iterable[dict[str, Any]]) -> dict[tuple[str, str], list[dict[str, Any]]]:
    said: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for row in rows:
        said.setdefault((row["unit"], row["unit_from"]), []).append(row)
    return said


def _over(
    below: Mapping[Key, dict[str, Any]], chain: Sequence[Unit], said: Mapping[tuple[str, str], list[dict[str, Any]]]
) -> dict[Key, dict[str, Any]]:
    """What the units of `chain` (the nearest first) say over what stands `below` them all."""
    found = dict(below)
    for one in reversed(chain):
        for row in said.get((one.code, one.valid_from), ()):
            told = {name: row[name] for name in ("text", "said_by", "said_at")}
            found[row["name"], row["lang"]] = {**told, "unit": one}
    return found
