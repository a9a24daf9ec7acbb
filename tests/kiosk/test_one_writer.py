"""F34: two programs never write one store; an old SQLite has its write-ahead log only while that is sure."""

import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from kiosk.__main__ import main
from kiosk.app import Kiosk
from kiosk.config import load
from kiosk.errors import StoreInUse
from kiosk.one_writer import OneWriter, journal_mode
from kiosk.store import Store
from tests.kiosk.whole import Whole


@pytest.mark.parametrize(
    ("version", "alone", "mode"),
    [
        ((3, 40, 1), True, "wal"),
        ((3, 40, 1), False, "delete"),
        ((3, 51, 2), False, "delete"),
        ((3, 51, 3), False, "wal"),
        ((3, 52, 0), True, "wal"),
    ],
)
def test_the_version_decides_where_two_might_write(version: tuple[int, ...], *, alone: bool, mode: str):
    assert journal_mode(version, alone=alone) == mode


def test_a_second_program_is_refused_until_the_first_is_gone(quick_folder: Path):
    """Another process, as it would be; a lock of a killed one ends with it."""
    code = (
        "import sys, pathlib; from kiosk.one_writer import OneWriter; OneWriter(pathlib.Path(sys.argv[1]));"
        "print('held', flush=True); sys.stdin.read()"
    )
    first = subprocess.Popen(
        (sys.executable, "-c", code, str(quick_folder)), stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    try:
        assert first.stdout.readline() == b"held\n"
        with pytest.raises(StoreInUse):
            OneWriter(quick_folder)
    finally:
        first.kill()
        first.communicate()
    with OneWriter(quick_folder) as mine:
        assert mine.alone


def test_a_store_without_the_lock_has_a_rollback_journal(quick_folder: Path):
    store = Store(quick_folder / "kiosk.db", journal="delete")
    assert store.db.conn.execute("PRAGMA journal_mode").fetchone()[0] == "delete"
    store.close()


def test_a_running_kiosk_keeps_every_other_writer_away(whole: Whole):
    whole.start()
    with pytest.raises(StoreInUse):
        Kiosk(load(whole.toml)).start()
    refused = CliRunner().invoke(main, ["rebuild", "--config", str(whole.toml)])
    assert isinstance(refused.exception, StoreInUse)
    assert CliRunner().invoke(main, ["rebuild", "--check", "--config", str(whole.toml)]).exit_code == 0
    assert whole.check_in().screen == "ticket"
