"""Statements built once for each table, of one text however many rows or values they are given. Executes nothing.

Building a statement costs Python more than sending it, and PostgreSQL plans each text anew.
"""

import json
from collections.abc import Callable
from functools import cache
from typing import Any, Self

from sqlalchemy import (
    ARRAY,
    Boolean,
    Dialect,
    LargeBinary,
    Select,
    Table,
    Text,
    TypeDecorator,
    bindparam,
    column,
    func,
    literal,
    select,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.elements import ColumnElement
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.types import TypeEngine

Build = Callable[[Table, tuple[str, ...]], Any]


@cache
def into_sqlite(table: Table, _names: tuple[str, ...]) -> sqlite.Insert:
    """The insertion as SQLite takes it, a set of parameters a row."""
    return sqlite.insert(table)


@cache
def into_postgresql(table: Table, _names: tuple[str, ...]) -> postgresql.Insert:
    """The insertion of one row as PostgreSQL takes it."""
    return postgresql.insert(table)


@cache
def from_document(table: Table, names: tuple[str, ...], given: str = "document") -> postgresql.Insert:
    """The insertion of all rows of the JSON list `given`; bytes stand there in hexadecimal. PostgreSQL alone."""
    binary = {name for name in names if isinstance(table.c[name].type, LargeBinary)}
    columns = [column(name, Text() if name in binary else table.c[name].type) for name in names]
    document = func.json_to_recordset(bindparam(given, type_=Text).cast(postgresql.JSON))
    rows = document.table_valued(*columns).render_derived(name="document", with_types=True)
    picked = [func.decode(rows.c[name], "hex") if name in binary else rows.c[name] for name in names]
    return postgresql.insert(table).from_select(names, select(*picked))


@cache
def from_documents(tables: tuple[tuple[Table, tuple[str, ...]], ...]) -> Select[Any]:
    """The insertions into several tables in one statement; the document of each has the table's name."""
    parts = (from_document(table, names, table.name).cte(f"into_{table.name}") for table, names in tables)
    return select(literal(1)).add_cte(*parts)


@cache
def unless_it_stands(build: Build, table: Table, names: tuple[str, ...], telling: tuple[str, ...]) -> Any:
    """An insertion that leaves what stands and tells of what went in."""
    told = [table.c[name] for name in telling] or table.primary_key.columns
    return build(table, names).on_conflict_do_nothing().returning(*told)


@cache
def over_what_stands(
    build: Build, table: Table, names: tuple[str, ...], add: tuple[str, ...], telling: tuple[str, ...]
) -> Any:
    """An insertion that writes over what stands, or adds to it."""
    made = build(table, names)
    keys = [one.name for one in table.primary_key.columns]
    changes = {
        name: table.c[name] + made.excluded[name] if name in add else made.excluded[name]
        for name in names
        if name not in keys
    }
    if changes:
        made = made.on_conflict_do_update(index_elements=keys, set_=changes)
    else:
        made = made.on_conflict_do_nothing()
    return made.returning(*(table.c[name] for name in telling)) if telling else made


class _Among(FunctionElement[bool]):
    """A condition over lists. As it stands in the query: SQLAlchemy would write `(…) = 1`, for which SQLite uses no index."""

    type = Boolean()
    inherit_cache = True

    def self_group(self, against: Any = None) -> Self:
        return self


class one_of(_Among):  # noqa: N801 - read as the function that it is in a query
    """The condition that a column is one of the values given under `name`, thousands perhaps, in one parameter.

    Its text is the same however many there are, so a statement with it can be built once and is planned once.
    """

    inherit_cache = True

    def __init__(self, column: ColumnElement[Any], name: str) -> None:
        super().__init__(column, bindparam(name, type_=_List(column.type)))


class one_pair_of(_Among):  # noqa: N801 - as `one_of`
    """The condition that two columns are a pair of the lists given under two names, of equal length and each in its order.

    PostgreSQL looks up pair by pair in an index over both columns, whatever it knows of their contents: before the first
    ANALYZE two `one_of` read all that has the first. On SQLite it holds for any of the ones beside any of the others.
    """

    inherit_cache = True

    def __init__(self, one: ColumnElement[Any], other: ColumnElement[Any], names: tuple[str, str]) -> None:
        given = (bindparam(name, type_=_Ordered(each.type)) for name, each in zip(names, (one, other), strict=True))
        super().__init__(one, other, *given)


class _List(TypeDecorator[Any]):
    impl = Text
    cache_ok = True

    def __init__(self, item: TypeEngine[Any]) -> None:
        super().__init__()
        self.item = item

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        return dialect.type_descriptor(ARRAY(self.item) if dialect.name == "postgresql" else Text())

    def process_bind_param(self, value: Any, dialect: Dialect) -> Any:
        values = sorted(set(value))
        return values if dialect.name == "postgresql" else json.dumps(values)


class _Ordered(_List):
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> Any:
        return list(value) if dialect.name == "postgresql" else super().process_bind_param(value, dialect)


@compiles(one_of, "postgresql")
def _one_of_array(element: one_of, compiler: SQLCompiler, **given: Any) -> str:
    one, values = (compiler.process(part, **given) for part in element.clauses)
    return f"{one} = ANY ({values})"


@compiles(one_of, "sqlite")
def _one_of_json(element: one_of, compiler: SQLCompiler, **given: Any) -> str:
    one, values = (compiler.process(part, **given) for part in element.clauses)
    return f"{one} IN (SELECT value FROM json_each({values}))"  # noqa: S608 - the compiler's own spelling, no text from outside


@compiles(one_pair_of, "postgresql")
def _one_pair_of_arrays(element: one_pair_of, compiler: SQLCompiler, **given: Any) -> str:
    one, other, ones, others = (compiler.process(part, **given) for part in element.clauses)
    return f"({one}, {other}) IN (SELECT * FROM unnest({ones}, {others}))"  # noqa: S608 - as above


@compiles(one_pair_of, "sqlite")
def _one_pair_of_json(element: one_pair_of, compiler: SQLCompiler, **given: Any) -> str:
    one, other, ones, others = (compiler.process(part, **given) for part in element.clauses)
    pairs = ((one, ones), (other, others))
    sides = (f"{column} IN (SELECT value FROM json_each({values}))" for column, values in pairs)  # noqa: S608 - as above
    return "(" + " AND ".join(sides) + ")"
