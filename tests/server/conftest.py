"""Fixtures of the server's tests. `db` is a migrated SQLite file; `any_db` runs a test on SQLite and on PostgreSQL."""

import itertools
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from server.db import Database
from server.migrations.upgrade import upgrade
from tests.server import databases
from tests.server.made import Office


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return databases.migrated_file(tmp_path_factory.mktemp("sqlite"))


@pytest.fixture(scope="session")
def postgresql() -> Iterator[str]:
    """A running PostgreSQL with a migrated database `template` to copy from; its address, ending in a slash."""
    if databases.binaries() is None:
        pytest.skip("PostgreSQL's programs are not installed")
    with databases.postgresql() as address:
        databases.run(address, "CREATE DATABASE tram_template")
        base = address.rsplit("/", 1)[0] + "/"
        db = Database(base + "tram_template")
        upgrade(db)
        db.close()
        yield base


def sqlite_copy(template: Path, folder: Path) -> Database:
    path = folder / "tram.db"
    shutil.copy(template, path)
    return Database(f"sqlite:///{path}")


@pytest.fixture
def db(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """A migrated database: SQLite, or where `make postgresql` asks for it, PostgreSQL."""
    yield from on_postgresql(request) if databases.EVERYTHING_ON_POSTGRESQL else on_sqlite(request, tmp_path)


def on_sqlite(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    database = sqlite_copy(request.getfixturevalue("sqlite_template"), tmp_path)
    yield database
    database.close()


def on_postgresql(request: pytest.FixtureRequest) -> Iterator[Database]:
    base = request.getfixturevalue("postgresql")
    name = f"tram_{next(NAMES)}"
    databases.run(base + "postgres", f"CREATE DATABASE {name} TEMPLATE tram_template")
    database = Database(base + name)
    yield database
    database.close()
    databases.run(base + "postgres", f"DROP DATABASE {name}")


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.integration)])
def any_db(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    yield from on_sqlite(request, tmp_path) if request.param == "sqlite" else on_postgresql(request)


@pytest.fixture
def other_db(sqlite_template: Path, tmp_path: Path) -> Iterator[Database]:
    """A second database, to compare with `db`."""
    (tmp_path / "other").mkdir()
    database = sqlite_copy(sqlite_template, tmp_path / "other")
    yield database
    database.close()


@pytest.fixture
def office(db: Database) -> Office:
    """A ledger with every feature on SQLite, and its kiosks."""
    return Office(db)


@pytest.fixture
def any_office(any_db: Database) -> Office:
    """As `office`, on SQLite and on PostgreSQL."""
    return Office(any_db)


NAMES = itertools.count(1)
