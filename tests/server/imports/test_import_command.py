"""`python -m server import`: what it prints, that it goes on where it was killed, that the same file twice changes nothing."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time

import pytest
from click.testing import CliRunner
from sqlalchemy import select

from server.__main__ import main
from server.db import Database
from server.imports import staging
from server.imports.tables import IMPORT
from server.recipients import RECIPIENT
from tests.server.imports import killed_worker
from tests.server.imports.lists import Desk, as_csv, person

# However slow the machine is, a list of this size is read in far less.
PATIENCE_S = 60
ROWS = 1500


@pytest.fixture
def home(sqlite_template, tmp_path):
    """A server's folder with the units of two provinces, and its database."""
    shutil.copy(sqlite_template, tmp_path / "tram.db")
    desk = Desk(Database(f"sqlite:///{tmp_path / 'tram.db'}"))
    yield desk
    desk.importer.close()
    desk.db.close()


def run(folder, *words):
    told = CliRunner().invoke(main, ["--folder", str(folder), "import", "recipients", *words], catch_exceptions=False)
    return told, [json.loads(line) for line in told.stdout.splitlines() if line.startswith("{")]


def test_a_list_is_reviewed_then_written_and_what_failed_is_handed_back(home, tmp_path):
    path, failed = tmp_path / "list.csv", tmp_path / "failed.csv"
    path.write_bytes(as_csv(person(1), person(2, name=""), person(3, commune="Phường Trãng Dài Đông")).getvalue())
    told, lines = run(tmp_path, str(path), "--unit", "75")
    assert (told.exit_code, lines[0]["states"]["wrong"]) == (0, 2)
    with home.db.read() as conn:
        assert conn.execute(select(RECIPIENT)).first() is None
    told, lines = run(tmp_path, str(path), "--unit", "75", "--commit", "--failed", str(failed))
    assert (told.exit_code, lines[-1]["new"]) == (0, 1)
    assert "The name is missing" in failed.read_text("utf-8-sig")
    with home.db.read() as conn:
        assert len(conn.execute(select(IMPORT)).all()) == 1
    path.write_bytes(b"\xd0\xcf\x11\xe0")
    assert "old Excel format" in run(tmp_path, str(path), "--unit", "75")[0].output


def killed(home, tmp_path, name, state):
    """Start a worker and kill it in the middle of that state."""
    process = subprocess.Popen([sys.executable, "-m", killed_worker.__name__, str(tmp_path / "tram.db")])
    end = time.monotonic() + PATIENCE_S
    try:
        while process.poll() is None and time.monotonic() < end:
            held = home.get(name)
            if held["state"] == state and held["at_row"] > 0:
                os.kill(process.pid, signal.SIGKILL)
                return process.wait() == -signal.SIGKILL and 0 < home.get(name)["at_row"] < ROWS
            time.sleep(0.01)
        return False
    finally:
        if process.poll() is None:
            process.kill()
        process.wait()


@pytest.mark.integration
def test_killed_in_the_reading_and_in_the_writing_it_comes_to_the_same(home, tmp_path):
    rows = [person(n, name="" if n % 100 == 0 else "Lê Thị Hoa", number=f"{271000000 + n}") for n in range(ROWS)]
    name = home.begin(as_csv(*rows))
    assert killed(home, tmp_path, name, "reading")
    home.chunk = 500
    home.importer = home.worker()
    home.work()
    assert home.get(name)["rows"] == ROWS
    with home.db.write() as conn:
        staging.commit(conn, staging.get(conn, name), take_off=False, who="duyet", now=1)
    assert killed(home, tmp_path, name, "writing")
    home.work()
    assert (home.get(name)["state"], home.get(name)["figures"]["new"]) == ("done", ROWS - ROWS // 100)
    with home.db.read() as conn:
        people = {row.doc_no for row in conn.execute(select(RECIPIENT.c.doc_no))}
    assert people == {row[4] for row in rows if row[1]}
