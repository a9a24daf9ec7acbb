"""What a feature is to the ledger: tables, pure derivations, what its rows count. No feature is named here.

Rules:
1. A derivation is a pure function of one entity's records in `Record.sort_key()` order; it never sees arrival.
2. Every derived table has a column `entity` (`"dose:<id>"`): all rows of an entity are replaced together.
3. A row counts itself; the ledger moves the counters by the difference of old and new rows.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Column, String, Table

from protocol.envelope import Record

# A derived row: column name to value; the ledger adds `entity`.
Derived = tuple[Table, dict[str, Any]]
Derivation = Callable[[str, list[Record]], list[Derived]]
# (name, place, day, item, n): one cell of the counters and how much a row adds to it.
Count = tuple[str, str, str, str, int]
Counting = Callable[[Table, Mapping[str, Any]], Iterable[Count]]


def count_nothing(_table: Table, _row: Mapping[str, Any]) -> Iterable[Count]:
    """The counting of a feature without figures."""
    return ()


@dataclass(frozen=True)
class Feature:
    """One feature's share in the ledger. `derives`: entity type to derivation; `counts`: what one row counts."""

    name: str
    tables: tuple[Table, ...]
    derives: Mapping[str, Derivation] = field(default_factory=dict)
    counts: Counting = count_nothing


def entity_column() -> Column[str]:
    """The column by which the ledger replaces an entity's rows."""
    return Column("entity", String(96), nullable=False, index=True)


def entity_name(kind: str, ident: str) -> str:
    """The text in column `entity`: `dose:d-1`."""
    return f"{kind}:{ident}"
