"""Every earlier schema becomes today's with what it held, and programs of then still write into it; SQLite and PostgreSQL."""

import itertools
from pathlib import Path

import pytest
from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import Boolean, Float, Integer, LargeBinary, MetaData, insert, inspect, select

from server.db import Database
from server.migrations import upgrade as upgrading
from tests.server import databases

NAMES = itertools.count(1)
# Rows that a migration takes away on purpose.
MEANT = {"web_session": "everybody signs in once more where sessions changed (server/DECISIONS.md 29)"}


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.integration)])
def empty(request, tmp_path):
    """A database without any schema."""
    if request.param == "sqlite":
        made = Database(f"sqlite:///{tmp_path / 'old.db'}")
        yield made
        made.close()
        return
    base = request.getfixturevalue("postgresql")
    name = f"tram_old_{next(NAMES)}"
    databases.run(base + "postgres", f"CREATE DATABASE {name}")
    made = Database(base + name)
    yield made
    made.close()
    databases.run(base + "postgres", f"DROP DATABASE {name}")


def config_of(conn=None):
    config = Config()
    config.set_main_option("script_location", str(Path(upgrading.__file__).parent))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = conn
    return config


def revisions():
    """All of them, oldest first."""
    return [each.revision for each in reversed(list(ScriptDirectory.from_config(config_of()).walk_revisions()))]


def tables(conn, known):
    """The tables as they are when they are first seen, `known` ones as they were then; parents first."""
    new = set(inspect(conn).get_table_names()) - {table.name for table in known} - {"alembic_version"}
    held = MetaData()
    if new:
        held.reflect(conn, only=sorted(new))
    return [*known, *(table for table in held.sorted_tables if table.name in new)]


def a_row(table, n):
    """A row whose every value is made from `n`, also where it points to another table."""
    makers = {Boolean: bool, Float: float, Integer: int, LargeBinary: lambda one: b"%d" % one}
    row = {}
    for column in table.columns:
        make = next((maker for kind, maker in makers.items() if isinstance(column.type, kind)), None)
        row[column.name] = make(n) if make else f"{n}"[-(getattr(column.type, "length", None) or 8) :]
    return row


def test_every_earlier_schema_arrives_with_its_rows_and_old_programs_still_write(empty):
    known, put = [], []
    with empty.write() as conn:
        for n, revision in enumerate(revisions(), 2):
            command.upgrade(config_of(conn), revision)
            known = tables(conn, known)
            for table in known:
                # As the program wrote it that knew the table first: what came later must do without it.
                put.append((table, a_row(table, n)))
                conn.execute(insert(table).values(**put[-1][1]))
    with empty.read() as conn:
        held = {table.name: [dict(row._mapping) for row in conn.execute(select(table))] for table in known}
    lost = [(table.name, row) for table, row in put if row not in held[table.name]]
    assert [each for each in lost if each[0] not in MEANT] == []
    assert len(held["record"]) == len(revisions())
