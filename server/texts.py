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
    return _over(conn, chain, day=day, campaign=campaign)


def items(conn: Connection, *, site: str, unit: str, day: str, campaign: Campaign) -> list[dict[str, str]]:
    """The list of a site's kiosks. `unit`: under which the site hangs where it is no unit of its own."""
    chain: list[Unit] = []
    # Asked for every site once a minute: where no unit says anything of its own, nobody's place is looked up.
    if conn.execute(select(UNIT_TEXT.c.unit).limit(1)).first() is not None:
        nearest = units.find(conn, site, day=day) or units.find(conn, unit, day=day)
        chain = [nearest, *units.above(conn, nearest, day=day)] if nearest is not None else []
    held = _over(conn, chain, day=day, campaign=campaign)
    return [{"name": name, "lang": lang, "text": held[name, lang]["text"]} for name, lang in sorted(held)]


def _over(conn: Connection, chain: Sequence[Unit], *, day: str, campaign: Campaign) -> dict[Key, dict[str, Any]]:
    found: dict[Key, dict[str, Any]] = {
        (row["name"], row["lang"]): {"text": row["text"], "unit": None} for row in rules.in_force(list(campaign), day)
    }
    if not chain:
        return found
    here = or_(*(and_(UNIT_TEXT.c.unit == one.code, UNIT_TEXT.c.unit_from == one.valid_from) for one in chain))
    said: dict[str, list[dict[str, Any]]] = {}
    for row in rows_of(conn, select(UNIT_TEXT).where(here)):
        said.setdefault(row["unit"], []).append(row)
    for one in reversed(chain):
        for row in said.get(one.code, ()):
            told = {name: row[name] for name in ("text", "said_by", "said_at")}
            found[row["name"], row["lang"]] = {**told, "unit": one}
    return found
