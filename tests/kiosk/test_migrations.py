"""Migrations: each whole or not at all, and the release before still runs on a newer file (F42)."""

import sqlite3
from pathlib import Path

import pytest
from sqlite_utils import Database, Migrations

from kiosk.migrations import APPLICATION_ID, migrations, upgrade
from kiosk.store import Batch, Store
from tests.kiosk.test_store import VISIT, sealed

NAMES = [migration.name for migration in migrations.pending(Database(memory=True))]


class PowerCutError(Exception):
    """The power went at this very statement."""


def schema(path: Path) -> list[tuple]:
    connection = sqlite3.connect(path)
    rows = connection.execute("SELECT type, name, sql FROM sqlite_master ORDER BY name").fetchall()
    connection.close()
    return rows


def statements(path: Path, limit: int) -> int:
    """Apply the migrations to a new file, cut off after `limit` statements; gives how many ran."""
    connection = sqlite3.connect(path)
    count = 0

    def trace(_statement: str) -> None:
        nonlocal count
        count += 1

    connection.set_trace_callback(trace)

    def authorise(*_what: object) -> int:
        return sqlite3.SQLITE_DENY if count > limit else sqlite3.SQLITE_OK

    connection.set_authorizer(authorise)
    try:
        upgrade(Database(connection))
    except sqlite3.DatabaseError:
        pass
    finally:
        connection.set_authorizer(None)
        connection.close()
    return count


def test_names_are_in_order():
    """Style 27: ordered functions, never renumbered."""
    assert NAMES[:4] == ["m001_records", "m002_visits", "m003_slips", "m004_lists"]
    assert sorted(NAMES) == NAMES


def test_cut_at_each_statement_the_next_start_finishes(quick_folder: Path):
    """F42: an update interrupted anywhere leaves whole migrations only; the next start does the rest."""
    Store(quick_folder / "whole.db").close()
    whole = schema(quick_folder / "whole.db")
    total = statements(quick_folder / "count.db", 10_000)
    assert total > 20
    for limit in range(total):
        path = quick_folder / f"cut-{limit}.db"
        statements(path, limit)
        assert schema(path) in ([], whole)
        connection = sqlite3.connect(path)
        connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        connection.close()
        Store(path).close()
        assert schema(path) == whole
        path.unlink()


@pytest.mark.parametrize("name", NAMES)
def test_migration_that_fails_leaves_nothing(quick_folder: Path, name: str):
    """Each one is atomic together with its own record."""
    failing = Migrations("kiosk")
    for migration in migrations.pending(Database(memory=True)):

        def run(db: Database, one=migration) -> None:
            one.fn(db)
            if one.name == name:
                raise PowerCutError

        run.__name__ = migration.name
        failing()(run)
    path = quick_folder / "kiosk.db"
    db = Database(path)
    with pytest.raises(PowerCutError):
        failing.apply(db)
    assert [row.name for row in migrations.applied(db)] == NAMES[: NAMES.index(name)]
    db.conn.close()


def test_older_program_runs_on_a_newer_file(quick_folder: Path):
    """F42, I14: after a roll-back the release before opens the file that the next one has migrated, and writes."""
    path = quick_folder / "kiosk.db"
    Store(path).close()
    newer = Migrations("kiosk")

    @newer()
    def m999_more(db: Database) -> None:
        db.execute("ALTER TABLE visit ADD COLUMN colour TEXT")
        db.execute("CREATE TABLE novelty (a TEXT) STRICT")

    db = Database(path)
    newer.apply(db)
    db.conn.close()
    store = Store(path)
    store.commit(Batch(records=(sealed(1),), visits=(VISIT,)))
    assert store.visit("v-1") == VISIT
    store.close()
