"""SIGKILL of each process of the centre in turn under load, on PostgreSQL: nothing lost, nothing doubled (F79, I2, I3)."""

import itertools

import pytest

from tests.apart.load import Load, zeros
from tests.bench.centre import Centre
from tests.server import databases

pytestmark = [pytest.mark.integration, pytest.mark.timeout(180)]
PROCESSES = ("ingest-1", "ingest-2", "web-1", "worker-1")
NAMES = itertools.count(1)


@pytest.fixture
def database(postgresql):
    name = f"tram_apart_{next(NAMES)}"
    databases.run(postgresql + "postgres", f"CREATE DATABASE {name} TEMPLATE tram_template")
    yield postgresql + name
    databases.run(postgresql + "postgres", f"DROP DATABASE {name}")


def test_each_process_killed_in_turn_loses_and_doubles_nothing(tmp_path, database):
    with Centre(tmp_path, kiosks=4, database=database, processes=PROCESSES, shards=4, warm=True) as centre:
        load = Load(centre, records_per_s=80, messages_per_s=10)
        load.begin()
        try:
            for name in ("ingest-1", "web-1", "worker-1"):
                before = load.committed()
                assert load.go_on(lambda mark=before: load.committed() > mark), "the centre takes nothing"
                centre.kill(name)
                assert load.held_for_safe() == []
                centre.start(name)
            # However slow the web is to come back: somebody has entered a receipt by the end.
            assert load.go_on(lambda: load.desk.entered and load.queued), "nobody enters anything"
            assert load.end()
            account = load.judge()
        finally:
            load.close()
    assert zeros(account) == {}, account
    assert min(account["records"], account["receipts"], account["messages"]) > 0
