"""What is judged at a kill, from disks made by hand."""

import sqlite3
from contextlib import closing
from types import SimpleNamespace

import pytest

from tests.processes import judging

KIOSK, INC = "kiosk-02", "0e95fa0164d4ae37"


@pytest.fixture
def province(tmp_path):
    """A kiosk that holds three records for safe; the ledger has the first, a fork of the second, and nothing else yet."""
    with closing(sqlite3.connect(tmp_path / "kiosk.db")) as disk, disk:
        disk.execute("CREATE TABLE meta (key TEXT, value TEXT)")
        disk.execute("INSERT INTO meta VALUES (?, '3')", (f"committed:{INC}",))
    with closing(sqlite3.connect(tmp_path / "tram.db")) as ledger, ledger:
        for table in ("record", "fork", "quarantine"):
            ledger.execute(f"CREATE TABLE {table} (k TEXT, inc TEXT, seq INTEGER)")
        ledger.execute("INSERT INTO record VALUES (?, ?, 1)", (KIOSK, INC))
        ledger.execute("INSERT INTO fork VALUES (?, ?, 2)", (KIOSK, INC))
        ledger.execute("INSERT INTO quarantine VALUES (NULL, NULL, NULL)")
    station = SimpleNamespace(name=KIOSK, folder=tmp_path)
    return SimpleNamespace(ledger=tmp_path / "tram.db", stations=[station])


def test_a_number_for_safe_that_is_nowhere_is_a_violation(province):
    assert judging.at_server_killed(province) == [
        ("ack_durability", f"{KIOSK} was acknowledged up to 3, but [3] is not at the centre")
    ]


def test_a_damaged_copy_put_aside_is_durable(province):
    """Run 13: a server killed within the minute in which the good copy is asked for."""
    with closing(sqlite3.connect(province.ledger)) as ledger, ledger:
        ledger.execute("INSERT INTO quarantine VALUES (?, ?, 3)", (KIOSK, INC))
    assert judging.at_server_killed(province) == []
