"""Derives the touched entities again and moves the counters by the difference. Knows features only by their contract.

Theory of operation: for every entity all its records, of both branches of a
cloned log, are loaded, sorted by `(hlc, k, inc, seq, digest)`, given their best times and handed to each
feature's derivation; the rows that come back replace the entity's rows. Order of arrival enters nowhere (invariant I6).
A person is derived from the records of everybody they are one with (`server.links`), and all of these with them.
"""

import logging
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Sequence
from functools import cache
from typing import Any

from sqlalchemy import (
    CompoundSelect,
    Connection,
    Delete,
    Select,
    Table,
    and_,
    bindparam,
    delete,
    literal,
    select,
    text,
    union_all,
)

from protocol import fields
from protocol import records as kinds
from protocol.besttime import SYNCED
from protocol.envelope import Record
from protocol.errors import ProtocolError
from server import links
from server.db import insert_into_each, lock_names, plain, upsert
from server.features import Feature, entity_name
from server.ledger import times
from server.ledger.tables import COUNTER, FORK, FORK_TOUCH, RECORD, TOUCH
from server.statements import one_of, one_pair_of

logger = logging.getLogger(__name__)

# PostgreSQL has room for some thousands of locks; a boot that gets its time late can touch more entities than that.
MOST_LOCKS = 2000
# Entities whose records are in memory together.
AT_ONCE = 2000

# What names a cell of the counters.
_CELL = ("name", "place", "day", "item")
_EMPTY_CELL = delete(COUNTER).where(*(COUNTER.c[key] == bindparam(f"its_{key}") for key in _CELL), COUNTER.c.n == 0)

Entity = tuple[str, str]
Rows = dict[str, list[dict[str, Any]]]


class Deriver:
    """The features' derivations, run over records of the ledger. `parse`: line to Record."""

    def __init__(self, features: Sequence[Feature], *, parse: Callable[[bytes], Record]) -> None:
        self.features = tuple(features)
        self._parse = parse

    def tables(self) -> list[Table]:
        """Every derived table, by name."""
        return sorted((table for feature in self.features for table in feature.tables), key=lambda table: table.name)

    def derive(self, conn: Connection, entities: Iterable[Entity], *, new: Collection[int] = ()) -> None:
        """Bring the rows of `entities` and the counters up to date, within the caller's transaction.

        `new`: the ids of the records that this transaction has stored. An entity of which nothing else was recorded has no
        rows yet, for rows are a function of the records: nobody looks for them.
        """
        wanted = sorted(set(entities))
        # Whoever writes another record of such an entity waits, and then reads ours: a correction that cannot see its
        # dose makes no row that would clash.
        if len(wanted) > MOST_LOCKS:
            hold_still(conn)
        else:
            self._hold(conn, wanted)
        self.derive_held(conn, wanted, new=new)

    def derive_held(self, conn: Connection, wanted: Sequence[Entity], *, new: Collection[int] = ()) -> None:
        """As `derive`, for a caller that already keeps every other writer out: a rebuild would need too many locks."""
        moves: Counter[tuple[str, str, str, str]] = Counter()
        done: set[Entity] = set()
        for start in range(0, len(wanted), AT_ONCE):
            before: set[Entity] = set()
            held = self.together(conn, wanted[start : start + AT_ONCE], new=new, before=before)
            # Somebody who is one with a person of an earlier part has been derived with them.
            stood = self._stood(conn, before | (done & held.keys()))
            done |= held.keys()
            new_rows: dict[Table, list[dict[str, Any]]] = {}
            for feature in self.features:
                mine = [entity for entity in sorted(held) if entity[0] in feature.derives]
                made = _made(feature, mine, held)
                for table in feature.tables if mine else ():
                    old, new_rows[table] = _changes(table, stood.get(table, {}), made[table])
                    if old:
                        conn.execute(_delete_rows_of(table), {"names": {row["entity"] for row in old}})
                    for rows, sign in ((old, -1), (new_rows[table], 1)):
                        for row in rows:
                            for counter, place, day, item, n in feature.counts(table, row):
                                moves[counter, place, day, item] += sign * n
            insert_into_each(conn, new_rows)
        move_counters(conn, moves)

    def _stood(self, conn: Connection, before: Iterable[Entity]) -> dict[Table, Rows]:
        """The rows that stand of these entities. One question for all tables first: most of them have none."""
        names: dict[str, list[str]] = {}
        for kind, ident in before:
            names.setdefault(kind, []).append(entity_name(kind, ident))
        mine = [feature for feature in self.features if not names.keys().isdisjoint(feature.derives)]
        tables = {table.name: table for feature in mine for table in feature.tables}
        if not tables:
            return {}
        found: dict[str, list[str]] = {}
        every = [name for each in names.values() for name in each]
        for table, name in conn.execute(_which_hold(tuple(tables.values())), {"names": every}):
            found.setdefault(table, []).append(name)
        return {tables[table]: _stored(conn, tables[table], held) for table, held in found.items()}

    def together(
        self,
        conn: Connection,
        entities: Sequence[Entity],
        *,
        new: Collection[int] = (),
        before: set[Entity] | None = None,
    ) -> dict[Entity, list[Record]]:
        """As `records`, and with each person everybody they are one with; each of them has the records of all.

        Whoever was one with them until now and no longer is, is among `entities`: the record that parted them names both.
        """
        held = self.records(conn, entities, new=new, before=before)
        fresh = {ident: records for (kind, ident), records in held.items() if kind == links.ENTITY}
        beside: dict[str, list[str]] = {}
        while fresh:
            beside.update(links.joined(fresh))
            known = {ident for kind, ident in held if kind == links.ENTITY}
            wanted = sorted({other for each in beside.values() for other in each} - known)
            more = self.records(conn, [(links.ENTITY, other) for other in wanted], new=new, before=before)
            held.update(more)
            fresh = {ident: records for (_, ident), records in more.items()}
        for group in links.groups(beside):
            told = {(*record.name(), record.digest): record for one in group for record in held[links.ENTITY, one]}
            ordered = sorted(told.values(), key=Record.sort_key)
            held.update({(links.ENTITY, one): ordered for one in group})
        return held

    def _hold(self, conn: Connection, wanted: Sequence[Entity]) -> None:
        """Lock the entities and the persons that were one with them: their rows move together."""
        lock_names(conn, [entity_name(*entity) for entity in wanted])
        if conn.dialect.name != "postgresql":
            return
        held = {ident for kind, ident in wanted if kind == links.ENTITY}
        fresh = held
        while fresh:
            members = links.members_of(conn, sorted(fresh))
            fresh = {other for each in members.values() for other in each} - held
            lock_names(conn, [entity_name(links.ENTITY, other) for other in fresh])
            held |= fresh

    def records(
        self,
        conn: Connection,
        entities: Sequence[Entity],
        *,
        new: Collection[int] = (),
        before: set[Entity] | None = None,
    ) -> dict[Entity, list[Record]]:
        """All records of each entity, in the order derivations read them.

        Into `before` go the entities of which more was recorded than the records with the ids `new`.
        """
        found: dict[Entity, list[Record]] = {entity: [] for entity in entities}
        if not found:
            return found
        wanted = {"kinds": [kind for kind, _ in found], "idents": [ident for _, ident in found]}
        for kind, ident, number, line in conn.execute(_SPEAKING_OF, wanted):
            held = found.get((kind, ident))
            if held is None:  # on SQLite: one word that names things of two sorts
                continue
            if before is not None and number not in new:
                before.add((kind, ident))
            try:
                held.append(self._parse(line))
            except ProtocolError as error:
                # Only damaged storage gets here: what is stored has been parsed. `rebuild --check` names it.
                logger.error("ledger_record_unreadable id=%s code=%s", number, error.code)  # noqa: TRY400
        doubtful = [record for held in found.values() for record in held if record.t["sure"] != SYNCED]
        known = times.anchors(conn, sorted({times.boot_of(record) for record in doubtful}))
        for entity, held in found.items():
            held.sort(key=Record.sort_key)
            found[entity] = times.dated(held, known)
        return found

    def spoken_of(self, conn: Connection, boots: Sequence[str]) -> set[Entity]:
        """The entities that the undated records of these boots speak of: an anchor was found, they are derived again."""
        told = self.records(conn, [(times.BOOT, boot) for boot in boots])
        return {entity for held in told.values() for record in held for entity in entities_of(record.body)}


def _speaking_of() -> CompoundSelect[Any]:
    """`(entity, entity id, record id, line)` of what was recorded about `kinds` and `idents`; 0 for the id of a fork."""
    records = (
        select(TOUCH.c.entity, TOUCH.c.entity_id, RECORD.c.id, RECORD.c.line)
        .join(RECORD, RECORD.c.id == TOUCH.c.record_id)
        .where(one_pair_of(TOUCH.c.entity, TOUCH.c.entity_id, ("kinds", "idents")))
    )
    same = and_(*(FORK.c[name] == FORK_TOUCH.c[name] for name in ("k", "inc", "seq", "digest")))
    forks = (
        select(FORK_TOUCH.c.entity, FORK_TOUCH.c.entity_id, literal(0), FORK.c.line)
        .join(FORK, same)
        .where(one_pair_of(FORK_TOUCH.c.entity, FORK_TOUCH.c.entity_id, ("kinds", "idents")))
    )
    return union_all(records, forks)


_SPEAKING_OF = _speaking_of()


@cache
def _which_hold(tables: tuple[Table, ...]) -> CompoundSelect[Any]:
    """`(table, entity)` of the rows that these tables have of `names`."""
    return union_all(
        *(select(literal(table.name), table.c.entity).where(one_of(table.c.entity, "names")) for table in tables)
    )


@cache
def _rows_of(table: Table) -> Select[Any]:
    return select(table).where(one_of(table.c.entity, "names"))


@cache
def _delete_rows_of(table: Table) -> Delete:
    return delete(table).where(one_of(table.c.entity, "names"))


def entities_of(body: dict[str, Any]) -> list[Entity]:
    """The entities a body names. A name that is no word comes from a field this release does not know: left alone."""
    return [(kind, ident) for kind, ident in kinds.touched(body) if _is_word(ident)]


def hold_still(conn: Connection) -> None:
    """Keep every other writer of records out until the transaction ends."""
    # On SQLite BEGIN IMMEDIATE already keeps writers out; PostgreSQL would go on taking records meanwhile. Forks first,
    # as the shelf writes them.
    if conn.dialect.name == "postgresql":
        conn.execute(text("LOCK TABLE fork, record IN SHARE ROW EXCLUSIVE MODE"))


def move_counters(conn: Connection, moves: Counter[tuple[str, str, str, str]]) -> None:
    """Add `moves` to the counters; cells that become zero disappear."""
    rows: list[dict[str, Any]] = [
        {"name": name, "place": place, "day": day, "item": item, "n": n}
        for (name, place, day, item), n in sorted(moves.items())
        if n
    ]
    stand = upsert(conn, COUNTER, rows, add=("n",), telling=(*_CELL, "n"))
    empty = [{f"its_{key}": value for key, value in zip(_CELL, row, strict=False)} for row in stand if not row.n]
    if empty:
        conn.execute(_EMPTY_CELL, empty)


def _made(feature: Feature, entities: Sequence[Entity], held: dict[Entity, list[Record]]) -> dict[Table, Rows]:
    made: dict[Table, Rows] = {table: {} for table in feature.tables}
    for kind, ident in entities:
        records = held[kind, ident]
        name = entity_name(kind, ident)
        for table, row in feature.derives[kind](ident, records) if records else []:
            made[table].setdefault(name, []).append({**row, "entity": name})
    return made


def _changes(table: Table, stood: Rows, made: Rows) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """The rows that go and the rows that come, of the entities whose rows are no longer the same."""
    names = sorted(stood.keys() | made.keys())
    changed = [name for name in names if name not in stood or not _same(table, stood[name], made.get(name, []))]
    old, new = ([row for name in changed for row in rows.get(name, [])] for rows in (stood, made))
    return old, new


def _is_word(value: str) -> bool:
    try:
        fields.word(value, "entity")
    except ProtocolError:
        return False
    return True


def _stored(conn: Connection, table: Table, names: Sequence[str]) -> Rows:
    found: Rows = {}
    for row in conn.execute(_rows_of(table), {"names": names}):
        found.setdefault(row.entity, []).append(plain(row))
    return found


def _same(table: Table, old: list[dict[str, Any]], new: list[dict[str, Any]]) -> bool:
    return spelled(table, old) == spelled(table, new)


def spelled(table: Table, rows: Iterable[dict[str, Any]]) -> list[str]:
    """Rows as sorted text, one spelling per row: what `rebuild --check` compares."""
    return sorted(repr([row.get(column.name) for column in table.columns]) for row in rows)
