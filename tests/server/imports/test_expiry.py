"""What a list keeps of people ends: rows that were not taken, lists nobody decided about, files that could not be read."""

import io

import pytest
from sqlalchemy import func, select

from server import audit
from server.imports import expiry, staging, work
from server.imports.tables import IMPORT_PART, IMPORT_ROW
from tests.server.imports.lists import Desk, as_csv, person


@pytest.fixture
def desk(db):
    return Desk(db)


def kept(desk, name):
    with desk.db.read() as conn:
        return [
            conn.execute(select(func.count()).select_from(table).where(table.c["import"] == name)).scalar_one()
            for table in (IMPORT_ROW, IMPORT_PART)
        ]


def test_rows_that_were_not_taken_go_after_their_days_and_the_history_stays(desk):
    """The worker does it while it has nothing else to do, some rows at a time, once an hour."""
    wrong = [person(n, name="") for n in range(4, 9)]
    desk.commit(desk.read(as_csv(person(1), person(2))))
    name = desk.read(as_csv(person(1, phone="0987654321"), person(2), *wrong))
    desk.commit(name)
    assert kept(desk, name) == [6, 0]
    with desk.db.read() as conn:
        held = staging.get(conn, name)
    last = expiry.kept_until(held, days=work.ROWS_DAYS)
    desk.clock.now = last - 1
    assert not desk.importer.step()
    # It looked a moment ago: the next look is an hour later.
    desk.clock.now = last
    assert not desk.importer.step()
    desk.clock.now = last - 1 + work.EXPIRE_EVERY_MS
    desk.work()
    assert kept(desk, name) == [1, 0]
    with desk.db.read() as conn:
        (row,) = staging.rows(conn, name, limit=9)
        assert (row.state, row.before["phone"]) == ("changed", person(1)[6])
        assert staging.get(conn, name)["figures"]["expired"] == 5
        assert staging.get(conn, name)["state"] == staging.DONE
        (entry,) = audit.entries(conn, limit=1)
        assert (entry.account, entry.act, entry.object) == ("server", "import_expired", f"{name} 5")


def test_a_list_nobody_decided_about_and_a_file_that_was_none_go_whole(desk):
    left = desk.read(as_csv(person(1), person(2, name="")))
    unread = desk.begin(io.BytesIO(b"%PDF-1.7 075151000001"))
    desk.work()
    assert kept(desk, left) == [2, 1]
    assert kept(desk, unread) == [0, 1]
    desk.clock.now += (work.ROWS_DAYS - 1) * expiry.DAY_MS
    young = desk.read(as_csv(person(3)))
    desk.work()
    assert kept(desk, left) == [2, 1]
    desk.clock.now += expiry.DAY_MS + work.EXPIRE_EVERY_MS
    desk.work()
    assert kept(desk, left) == kept(desk, unread) == [0, 0]
    assert kept(desk, young) == [1, 1]
    with desk.db.read() as conn:
        held = staging.get(conn, left)
        assert (held["state"], held["fault"]) == (staging.DROPPED, expiry.EXPIRED)
        assert staging.get(conn, unread)["state"] == staging.FAILED_TO_READ
