"""The server's database: engine, metadata, transactions; one text for SQLite and PostgreSQL. No business logic.

A write is a whole transaction: on SQLite it begins IMMEDIATE (one writer at a time), on PostgreSQL READ COMMITTED
with explicit locks taken in a fixed order. A clash is answered by running the whole transaction again, a bounded
number of times.
"""

import hashlib
import json
import random
import sqlite3
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, TypeVar

from sqlalchemy import (
    ARRAY,
    BigInteger,
    Column,
    Connection,
    Integer,
    MetaData,
    Row,
    Select,
    String,
    Table,
    bindparam,
    create_engine,
    event,
    func,
    select,
    text,
)
from sqlalchemy.engine import URL, ExceptionContext, make_url
from sqlalchemy.exc import DBAPIError
from sqlalchemy.sql.elements import ColumnElement

from server import statements

METADATA = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
    }
)
# Milliseconds and counts. SQLite makes a growing key only of a column that is literally INTEGER.
BIG = BigInteger().with_variant(Integer, "sqlite")

ATTEMPTS = 8
RETRY_FIRST_S = 0.02
RETRY_LAST_S = 1.0
# A writer waits for another this long before SQLite says "database is locked".
BUSY_MS = 10_000
# Serialization failure, deadlock, unique conflict with a transaction we could not see, lock not available.
PG_CLASHES = frozenset({"40001", "40P01", "23505", "55P03"})
SQLITE_CLASHES = frozenset({"SQLITE_BUSY", "SQLITE_BUSY_SNAPSHOT", "SQLITE_LOCKED"})
# Rows per IN list or insert: far below the parameter limits of both databases (SQLite 32,766; PostgreSQL 65,535).
CHUNK = 400

_LOCK = text("SELECT pg_advisory_xact_lock(key) FROM unnest(CAST(:keys AS bigint[])) AS key")
_PG_REFUSE = (
    "CREATE OR REPLACE FUNCTION tram_append_only() RETURNS trigger LANGUAGE plpgsql AS "
    "$$ BEGIN RAISE EXCEPTION 'append_only'; END $$"
)

_Result = TypeVar("_Result")


class Database:
    """An engine and the only two ways to use it: `read` and `write` (or `transact`, a write that is tried again)."""

    def __init__(
        self,
        url: str,
        *,
        pool_size: int = 8,
        chance: Callable[[], float] = random.random,
        pause: Callable[[float], None] = time.sleep,
    ) -> None:
        """`url`: `sqlite:////path/tram.db` or `postgresql://user@host/name`."""
        self._chance = chance
        self._pause = pause
        address = _address(url)
        self.dialect = address.get_backend_name()
        self.engine = create_engine(
            address,
            pool_size=pool_size,
            max_overflow=pool_size,
            pool_pre_ping=self.dialect == "postgresql",
            # An error's text goes to the log, and parameters are people's data (invariant I20).
            hide_parameters=True,
        )
        event.listen(self.engine, "handle_error", _say_less)
        if self.dialect == "sqlite":
            event.listen(self.engine, "connect", _open_sqlite)
            event.listen(self.engine, "begin", _begin_sqlite)

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A connection for reading; what was written on it by mistake is rolled back."""
        with self.engine.connect() as conn, conn.begin() as transaction:
            try:
                yield conn
            finally:
                transaction.rollback()

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """One transaction: committed when the block ends well, rolled back otherwise."""
        with self.engine.connect().execution_options(tram_write=True) as conn, conn.begin():
            yield conn

    def transact(self, work: Callable[[Connection], _Result], *, attempts: int = ATTEMPTS) -> _Result:
        """Run `work` in one transaction; after a clash with another one run it again, at most `attempts` times."""
        wait = RETRY_FIRST_S
        for left in range(attempts - 1, -1, -1):
            try:
                with self.write() as conn:
                    return work(conn)
            except DBAPIError as error:
                if not left or not is_clash(error):
                    raise
                self._pause(wait * (0.5 + self._chance() / 2))
                wait = min(wait * 2, RETRY_LAST_S)
        raise AssertionError("attempts must be positive")

    def close(self) -> None:
        """Close every pooled connection."""
        self.engine.dispose()


def is_clash(error: DBAPIError) -> bool:
    """Did two transactions meet, so that running ours again can succeed?"""
    state = getattr(error.orig, "sqlstate", None)
    return state in PG_CLASHES or getattr(error.orig, "sqlite_errorname", None) in SQLITE_CLASHES


def lock_names(conn: Connection, names: Iterable[str]) -> None:
    """Hold the named things until the transaction ends. On SQLite the transaction itself is the lock.

    All transactions take the names in one order (that of their hashes), so none waits in a circle.
    """
    if conn.dialect.name != "postgresql":
        return
    keys = sorted({_key_of(name) for name in names})
    if keys:
        # One after the other in the order of the array, in one round trip: a batch takes some fifty.
        conn.execute(_LOCK, {"keys": keys})


def try_name(conn: Connection, name: str) -> bool:
    """Hold the named thing until the transaction ends, unless another holds it: then False, at once.

    On SQLite always True: there, what must not happen twice is to be found out under the write lock.
    """
    if conn.dialect.name != "postgresql":
        return True
    return bool(conn.execute(text("SELECT pg_try_advisory_xact_lock(:key)"), {"key": _key_of(name)}).scalar_one())


def insert_all(conn: Connection, table: Table, rows: Sequence[dict[str, Any]]) -> None:
    """Insert many rows of the same columns in one round trip. A key that stands there raises."""
    if rows:
        build, given = _insertion(conn, rows)
        conn.execute(build(table, tuple(rows[0])), given)


def insert_into_each(conn: Connection, rows: Mapping[Table, Sequence[dict[str, Any]]]) -> None:
    """As `insert_all`, into several tables; on PostgreSQL in one round trip for all of them."""
    filled = {table: held for table, held in rows.items() if held}
    if conn.dialect.name != "postgresql" or len(filled) == 1:
        for table, held in filled.items():
            insert_all(conn, table, held)
    elif filled:
        made = statements.from_documents(tuple((table, tuple(held[0])) for table, held in filled.items()))
        conn.execute(made, {table.name: _document(held) for table, held in filled.items()})


def insert_new(
    conn: Connection, table: Table, rows: Sequence[dict[str, Any]], *, telling: Sequence[str] = ()
) -> list[Row[Any]]:
    """Insert the rows that break no unique key; the others are left as they stand.

    Returns one row for each that went in, in no order: its primary key, or the columns `telling`.
    """
    told: list[Row[Any]] = []
    for part in chunks(rows):
        build, given = _insertion(conn, part)
        # rowcount is -1 for many rows at once on PostgreSQL; the keys that come back can be counted.
        told += conn.execute(statements.unless_it_stands(build, table, tuple(part[0]), tuple(telling)), given)
    return told


def upsert(
    conn: Connection,
    table: Table,
    rows: Sequence[dict[str, Any]],
    *,
    add: Sequence[str] = (),
    telling: Sequence[str] = (),
) -> list[Row[Any]]:
    """Insert rows, or write over the row with the same primary key; columns in `add` are added to what stands there.

    Of two rows with one key the later holds, unless something is to be added: then there must not be two. With `telling`
    returns these columns of each row as it stands now, in no order.
    """
    keys = [one.name for one in table.primary_key.columns]
    unique = rows if add else list({tuple(row[key] for key in keys): row for row in rows}.values())
    told: list[Row[Any]] = []
    for part in chunks(unique):
        build, given = _insertion(conn, part)
        made = conn.execute(
            statements.over_what_stands(build, table, tuple(part[0]), tuple(add), tuple(telling)), given
        )
        told += made if telling else ()
    return told


def _insertion(conn: Connection, rows: Sequence[dict[str, Any]]) -> tuple[statements.Build, Any]:
    """How the statement for these rows is built, and what it is given."""
    if conn.dialect.name != "postgresql":
        return statements.into_sqlite, rows
    if len(rows) == 1:
        return statements.into_postgresql, rows
    # One document instead of a parameter for each cell, and one text however many rows: it is planned once.
    return statements.from_document, {"document": _document(rows)}


def _document(rows: Sequence[dict[str, Any]]) -> str:
    return json.dumps(rows, default=bytes.hex)


def among(conn: Connection, column: Column[str], values: Iterable[str]) -> ColumnElement[bool]:
    """The condition `column IN values` for thousands of values: one parameter instead of one for each."""
    wanted = sorted(set(values))
    if conn.dialect.name == "postgresql":
        return column == func.any(bindparam(None, wanted, type_=ARRAY(String)))
    return column.in_(select(func.json_each(json.dumps(wanted)).table_valued("value").c.value))


def chunks(items: Sequence[Any]) -> Iterator[list[Any]]:
    """`items` in lists of at most CHUNK."""
    for start in range(0, len(items), CHUNK):
        yield list(items[start : start + CHUNK])


def rows_of(conn: Connection, query: Select[Any]) -> list[dict[str, Any]]:
    """The rows of a query as plain dicts."""
    return [plain(row) for row in conn.execute(query)]


def row_of(conn: Connection, query: Select[Any]) -> dict[str, Any] | None:
    """The first row of a query as a plain dict, or None."""
    row = conn.execute(query).first()
    return None if row is None else plain(row)


def plain(row: Row[Any]) -> dict[str, Any]:
    """One row as a plain dict."""
    return dict(row._mapping)  # noqa: SLF001 - SQLAlchemy's documented way, named so only to avoid clashes with columns


def append_only(table: str, dialect: str) -> list[str]:
    """The statements that make the database itself refuse to change or delete rows of `table` (invariant I9)."""
    if dialect == "sqlite":
        return [
            f"CREATE TRIGGER {table}_no_{verb.lower()} BEFORE {verb} ON {table} "
            "BEGIN SELECT RAISE(ABORT, 'append_only'); END"
            for verb in ("UPDATE", "DELETE")
        ]
    refuse = "EXECUTE FUNCTION tram_append_only()"
    return [
        _PG_REFUSE,
        f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE ON {table} FOR EACH ROW {refuse}",
        f"CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table} FOR EACH STATEMENT {refuse}",
    ]


def _key_of(name: str) -> int:
    return int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], "big", signed=True)


def _address(url: str) -> URL:
    address = make_url(url)
    backend = address.get_backend_name()
    if backend == "postgresql":
        return address.set(drivername="postgresql+psycopg")
    if backend != "sqlite":
        raise ValueError("the database must be SQLite or PostgreSQL")
    return address


def _say_less(context: ExceptionContext) -> None:
    # PostgreSQL adds the whole row to an error ("Failing row contains …"); errors go to the log (invariant I20).
    primary = getattr(getattr(context.original_exception, "diag", None), "message_primary", None)
    if primary:
        context.original_exception.args = (primary,)
        if context.sqlalchemy_exception is not None:
            context.sqlalchemy_exception.args = (f"({type(context.original_exception).__name__}) {primary}",)


def _open_sqlite(connection: sqlite3.Connection, _record: object) -> None:
    # The driver's own idea of when to BEGIN would take the write lock too late; we say BEGIN ourselves.
    connection.isolation_level = None
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", f"busy_timeout={BUSY_MS}"):
        connection.execute("PRAGMA " + pragma).close()


def _begin_sqlite(conn: Connection) -> None:
    conn.exec_driver_sql("BEGIN IMMEDIATE" if conn.get_execution_options().get("tram_write") else "BEGIN")
