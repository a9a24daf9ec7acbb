"""The features' derivations over plain dictionaries: what `server.ledger.derive` does, without a database."""

import copy
from collections import Counter
from functools import cache

from kiosk import parsed as kiosks
from protocol import besttime
from protocol.errors import ProtocolError
from server.features import entity_name
from server.ledger.derive import entities_of
from tests.server import made


@cache
def features():
    """Every feature that derives, as the server composes them."""
    return made.features()


@cache
def _derivations():
    """Kind of entity: the derivations that make its rows; name of a table: `(feature, table)` of those who count it."""
    by_kind, by_table = {}, {}
    for feature in features():
        for kind, derive in feature.derives.items():
            by_kind.setdefault(kind, []).append(derive)
        for table in feature.tables:
            by_table.setdefault(table.name, []).append((feature, table))
    return by_kind, by_table


def parsed(line):
    """The record of a line, or the error that it is."""
    try:
        return kiosks.record(line)
    except ProtocolError as error:
        return error


def rows_of(entity, records):
    """The rows of one entity as `{table: [rows]}`; `records` in any order."""
    kind, ident = entity
    ordered = sorted(records, key=lambda record: record.sort_key())
    return rows_in_order(kind, ident, ordered)


def rows_in_order(kind, ident, ordered):
    """As `rows_of`, believing the order given."""
    found = {}
    entity = entity_name(kind, ident)
    for derive in _derivations()[0].get(kind, ()):
        for table, row in derive(ident, ordered):
            found.setdefault(table.name, []).append({**row, "entity": entity})
    return found


def counts_of(rows):
    """What the rows of one entity count, as `{(name, place, day, item): n}`."""
    moves = {}
    counting = _derivations()[1]
    for of_table, held in rows.items():
        for feature, table in counting.get(of_table, ()):
            for row in held:
                for name, place, day, item, n in feature.counts(table, row):
                    cell = (name, place, day, item)
                    moves[cell] = moves.get(cell, 0) + n
    return moves


def spelled(tables):
    """`{entity: {table: rows}}` as `{table: sorted spellings}`."""
    found = {}
    for rows in tables.values():
        for table, made_rows in rows.items():
            found.setdefault(table, []).extend(repr(sorted(row.items())) for row in made_rows)
    return {table: sorted(rows) for table, rows in found.items() if rows}


def from_scratch(records, touched):
    """Everything derived again from a set of records: `(tables, counters)`. `touched(record)`: its entities."""
    by_entity, anchors = {}, {}
    for record in records:
        boot = boot_of(record)
        anchors[boot] = besttime.better(anchors.get(boot), besttime.anchor_of(record.t))
    for record in (dated(one, anchors[boot_of(one)]) for one in records):
        for entity in touched(record):
            by_entity.setdefault(entity, []).append(record)
    tables = {entity: rows_of(entity, held) for entity, held in by_entity.items()}
    counters = Counter()
    for rows in tables.values():
        counters.update(counts_of(rows))
    return spelled(tables), {cell: n for cell, n in counters.items() if n}


def touched(record):
    """The entities a record names, as the server has them."""
    return entities_of(record.body)


def boot_of(record):
    """The boot in which a record was made."""
    return (record.k, record.t["boot"])


def dated(record, anchor):
    """The record with its best time; `anchor` is that of its boot, or None."""
    if record.t["sure"] == besttime.SYNCED or anchor is None:
        return record
    twin = copy.copy(record)
    twin.at, twin.sure, twin.err = besttime.best(record.t, anchor)
    return twin
