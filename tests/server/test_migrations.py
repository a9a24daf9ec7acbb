"""The migrations make exactly the tables that the code describes, and running them again does nothing."""

import importlib
import pkgutil

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import inspect

import server
from server.db import METADATA, Database
from server.migrations.upgrade import upgrade


@pytest.fixture
def db(tmp_path):
    # Every module that may own a table, so that one without a migration is seen.
    for module in pkgutil.walk_packages(server.__path__, "server."):
        if not module.name.startswith(
            ("server.__main__", "server.migrations", "server.pages", "server.api", "server.web")
        ):
            importlib.import_module(module.name)
    made = Database(f"sqlite:///{tmp_path / 'tram.db'}")
    upgrade(made)
    yield made
    made.close()


def test_the_migrations_make_what_the_code_describes(db):
    with db.read() as conn:
        difference = compare_metadata(MigrationContext.configure(conn), METADATA)
        assert set(inspect(conn).get_table_names()) == set(METADATA.tables) | {"alembic_version"}
    assert difference == []


def test_running_them_again_does_nothing(db):
    upgrade(db)
    with db.read() as conn:
        assert set(inspect(conn).get_table_names()) == set(METADATA.tables) | {"alembic_version"}
