"""The database's own promises: settings, transactions that are tried again, migrations that say what the code says."""

import threading

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import insert, select, text
from sqlalchemy.exc import DBAPIError, OperationalError

from server.db import CHUNK, METADATA, Database, insert_all, insert_into_each, insert_new, lock_names, try_name, upsert
from server.ledger.tables import COUNTER, TOUCH, WRITER
from server.migrations.upgrade import upgrade
from server.statements import one_of
from tests.server import databases

KEYS = {"name": "x", "place": "p", "day": "", "item": ""}


of_sqlite = pytest.mark.skipif(databases.EVERYTHING_ON_POSTGRESQL, reason="of SQLite alone")


@of_sqlite
def test_sqlite_is_opened_as_the_rules_say(db):
    with db.read() as conn:
        told = {
            name: conn.execute(text(f"PRAGMA {name}")).scalar()
            for name in ("journal_mode", "synchronous", "foreign_keys")
        }
    assert told == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1}


def test_another_database_is_refused():
    with pytest.raises(ValueError, match="SQLite or PostgreSQL"):
        Database("mysql://host/name")


def test_reading_writes_nothing(any_db):
    with any_db.read() as conn:
        conn.execute(insert(COUNTER).values(n=1, **KEYS))
    with any_db.read() as conn:
        assert conn.execute(select(COUNTER)).first() is None


def test_migrations_and_tables_agree(any_db):
    mine = set(METADATA.tables)

    def ours(item, name, kind, _reflected, _other):
        return (item.name if kind == "table" else item.table.name) in mine

    with any_db.read() as conn:
        context = MigrationContext.configure(
            conn, opts={"include_object": ours, "compare_type": any_db.dialect != "sqlite"}
        )
        assert compare_metadata(context, METADATA) == []


def test_upgrading_twice_changes_nothing(any_db):
    upgrade(any_db)


def test_upsert_adds_and_writes_over(any_db):
    many = [{**KEYS, "item": str(n), "n": n} for n in range(CHUNK + 5)]
    with any_db.write() as conn:
        upsert(conn, COUNTER, many)
        upsert(conn, COUNTER, [{**KEYS, "item": "1", "n": 10}], add=("n",))
        upsert(conn, COUNTER, [{**KEYS, "item": "2", "n": 10}])
    with any_db.read() as conn:
        rows = {row.item: row.n for row in conn.execute(select(COUNTER))}
    assert (rows["1"], rows["2"], len(rows)) == (11, 10, CHUNK + 5)


def test_insert_new_leaves_what_stands(any_db):
    row = {"k": "a", "shard": "s", "site": "x", "public_key": "1", "enrolled_at": 1, "revoked_at": None}
    with any_db.write() as conn:
        assert len(insert_new(conn, WRITER, [row])) == 1
        assert insert_new(conn, WRITER, [{**row, "site": "y"}, {**row, "k": "b"}]) == [("b",)]
        assert conn.execute(select(WRITER.c.site).where(WRITER.c.k == "a")).scalar() == "x"


WRITER_ROW = {"k": "a", "shard": "s", "site": "x", "public_key": "1", "enrolled_at": 1, "revoked_at": None}


def test_many_rows_go_in_as_they_are(any_db):
    """Quotes, line ends, signs beyond the first plane, large numbers and null, found again by thousands of keys."""
    odd = {**WRITER_ROW, "k": "o'\"\\", "shard": "Đồng Nai \n\t 💉", "enrolled_at": 2**62, "revoked_at": 7}
    many = [{**WRITER_ROW, "k": f"k-{n}"} for n in range(CHUNK + 5)]
    with any_db.write() as conn:
        insert_into_each(conn, {WRITER: [*many, odd], COUNTER: [{**KEYS, "n": 1}], TOUCH: []})
    with any_db.read() as conn:
        query = select(WRITER).where(one_of(WRITER.c.k, "ks"))
        assert conn.execute(query, {"ks": [odd["k"]]}).one()._asdict() == odd
        assert len(conn.execute(query, {"ks": [f"k-{n}" for n in range(5000)]}).all()) == len(many)
        assert conn.execute(query, {"ks": []}).all() == []
        by_number = select(WRITER.c.k).where(one_of(WRITER.c.enrolled_at, "times"))
        assert conn.execute(select(COUNTER.c.n)).scalar_one() == 1
        assert conn.execute(by_number, {"times": {2**62, 3}}).scalars().all() == [odd["k"]]


@pytest.mark.parametrize(
    "change", [{"shard": "s" * 33}, {"shard": "a\x00b"}, {"enrolled_at": 2**63}, {"site": None}, {"shard": "\ud800"}]
)
def test_a_row_that_the_table_cannot_hold_is_refused_and_not_trimmed(any_db, change):
    if any_db.dialect == "sqlite" and change != {"site": None}:
        pytest.skip("SQLite holds any text and knows no length")
    with pytest.raises(DBAPIError), any_db.write() as conn:
        insert_all(conn, WRITER, [WRITER_ROW, {**WRITER_ROW, "k": "b", **change}])
    with any_db.read() as conn:
        assert conn.execute(select(WRITER)).all() == []


def test_a_clash_is_tried_again_a_bounded_number_of_times(db):
    waits: list[float] = []
    patient = Database(str(db.engine.url), chance=lambda: 0.5, pause=waits.append)
    tries = []

    def work(conn):
        tries.append(1)
        error = Exception()
        error.sqlite_errorname = "SQLITE_BUSY"
        raise OperationalError("x", None, error)

    with pytest.raises(OperationalError):
        patient.transact(work, attempts=4)
    assert len(tries) == 4
    assert waits == sorted(waits)
    assert len(waits) == 3
    patient.close()


def test_an_error_that_is_no_clash_is_not_tried_again(db):
    tries = []

    def work(conn):
        tries.append(1)
        conn.execute(text("SELECT * FROM nowhere"))

    with pytest.raises(DBAPIError):
        db.transact(work)
    assert len(tries) == 1


def test_two_that_take_names_in_another_order_do_not_lock_each_other_out(any_db):
    start = threading.Barrier(2)

    def work(names: list[str]) -> None:
        start.wait()
        for _ in range(20):
            any_db.transact(lambda conn: lock_names(conn, names))

    threads = [threading.Thread(target=work, args=(names,)) for names in (["a", "b", "c"], ["c", "b", "a"])]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert not any(thread.is_alive() for thread in threads)


def test_a_name_that_another_holds_is_not_waited_for(any_db):
    with any_db.read() as one, any_db.read() as other:
        assert try_name(one, "send:m-1")
        assert try_name(other, "send:m-1") == (any_db.dialect == "sqlite")
        assert try_name(other, "send:m-2")
    with any_db.read() as later:
        assert try_name(later, "send:m-1")


def test_an_errors_text_does_not_quote_the_data(any_db):
    with pytest.raises(Exception, match=r"NULL|null") as error, any_db.write() as conn:
        conn.execute(insert(WRITER).values(k="secret-name"))
    assert "secret-name" not in str(error.value)
    assert "secret-name" not in str(error.value.orig)
