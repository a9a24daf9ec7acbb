"""The composition root: starts and stops cleanly, goes on where it stopped, and says what is wrong with a setup."""

import json
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from click.testing import CliRunner

from kiosk.__main__ import main
from kiosk.app import Kiosk, mint
from kiosk.config import load
from kiosk.errors import BadSetting, NotEnrolled, NotWritten
from kiosk.store import Store
from tests.kiosk.made import CARD
from tests.kiosk.whole import Whole


def run(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run((sys.executable, "-m", "kiosk", *words), capture_output=True, text=True, check=False)


def test_starts_and_stops_twice_and_keeps_its_log(whole: Whole):
    """I13: the second start goes on in the same log; no thread is left (the leak detector looks)."""
    whole.settings["camera"] = "fake"
    whole.start()
    whole.check_in()
    inc = whole.records()[0].inc
    whole.stop()
    whole.start()
    assert whole.check_in().tickets[0] == "A-001"
    assert "A-001" in whole.hands.look().text
    assert {record.inc for record in whole.records()} == {inc}
    assert whole.kinds().count("log.opened") == 1


def test_power_cut_before_the_first_record(whole: Whole):
    """F26: the incarnation was minted, its first record not yet written: the next start writes it."""
    whole.prepare()
    store = Store(whole.database)
    store.db.conn.execute("INSERT INTO meta VALUES ('inc', '00ff00ff00ff00ff')")
    store.db.conn.commit()
    store.close()
    whole.start()
    assert [(record.kind, record.inc) for record in whole.records()] == [("log.opened", "00ff00ff00ff00ff")]


def test_failed_start_leaves_nothing_running(whole: Whole):
    """The screens' port is taken: everything that ran already is stopped again."""
    whole.start()
    taken = int(whole.kiosk.url.rsplit(":", 1)[1].strip("/"))
    whole.settings |= {"screen_port": taken, "folder": str(whole.folder / "second")}
    whole.prepare()
    before = threading.active_count()
    with pytest.raises(OSError, match=r"[Aa]ddress"):
        Kiosk(load(whole.toml)).start()
    assert threading.active_count() <= before


def test_last_record_of_a_newer_release(whole: Whole):
    """F42: after a roll-back the head of the log may be of a kind this release does not know; it goes on behind it."""
    whole.start()
    whole.check_in()
    whole.stop()
    store = Store(whole.database)
    row = store.db.conn.execute("SELECT inc, seq, line FROM record ORDER BY seq DESC LIMIT 1").fetchone()
    newer = bytes(row["line"]).replace(b'"kind":"', b'"kind":"x.')
    store.db.conn.execute("DROP TRIGGER record_no_update")
    store.db.conn.execute("UPDATE record SET line = ? WHERE seq = ?", (newer, row["seq"]))
    store.db.conn.commit()
    store.close()
    whole.start()
    assert whole.hands.look().screen == "welcome"


def test_unknown_setting_names_the_nearest(tmp_path: Path):
    """Style 37."""
    (tmp_path / "kiosk.toml").write_text('printr = "usb"\n')
    with pytest.raises(BadSetting, match="'printer'"):
        load(tmp_path / "kiosk.toml")
    done = run("run", "--config", str(tmp_path / "kiosk.toml"))
    assert done.returncode == 2
    assert done.stderr.strip().endswith("unknown setting 'printr'; the nearest is 'printer'")


@pytest.mark.parametrize("text", ['screen_port = "8080"', "lane = 1", "screen_port = true", "lane ="])
def test_setting_of_the_wrong_type(tmp_path: Path, text: str):
    (tmp_path / "kiosk.toml").write_text(text)
    with pytest.raises(BadSetting):
        load(tmp_path / "kiosk.toml")


def test_not_enrolled_is_said(tmp_path: Path):
    (tmp_path / "kiosk.toml").write_text("")
    # A kit that is not whole; without any the kiosk asks for the enrolment QR (tests/browser/test_enrolment.py).
    (tmp_path / "kit").mkdir()
    with pytest.raises(NotEnrolled):
        Kiosk(load(tmp_path / "kiosk.toml")).start()
    done = run("run", "--config", str(tmp_path / "kiosk.toml"))
    assert done.returncode == 2
    assert "not enrolled" in done.stderr
    assert "Traceback" not in done.stderr


def test_folder_that_cannot_be_written_is_said(whole: Whole):
    whole.prepare()
    (whole.folder / "file").write_text("x")
    whole.settings["folder"] = str(whole.folder / "file" / "data")
    whole.toml.write_text("".join(f"{name} = {json.dumps(value)}\n" for name, value in whole.settings.items()))
    with pytest.raises(NotWritten):
        Kiosk(load(whole.toml)).start()


def test_outbox_and_rebuild(whole: Whole):
    """Style 28: read beside a running kiosk; a table that differs is found and can be written anew."""
    whole.start()
    whole.check_in(CARD)

    def command(*words: str):
        return CliRunner().invoke(main, [*words, "--config", str(whole.toml)])

    told = json.loads(command("outbox").output)
    assert (told["k"], told["records"], told["safe"], told["waiting"]) == (
        "kiosk-01",
        len(whole.kinds()),
        0,
        told["records"],
    )
    whole.stop()
    assert command("rebuild", "--check").exit_code == 0
    store = Store(whole.database)
    store.db.conn.execute("UPDATE visit SET body = json_set(body, '$.ticket', 'X-999')")
    store.db.conn.commit()
    store.close()
    checked = command("rebuild", "--check")
    assert (checked.exit_code, checked.output) == (1, "1 visits, 1 differed from the records; 0 records are sealed\n")
    assert command("rebuild").exit_code == 0
    assert command("rebuild", "--check").output == "1 visits, 0 differed from the records; 0 records are sealed\n"


def test_minted_words_are_readable():
    words = {mint(10) for _ in range(1000)}
    assert len(words) == 1000
    assert not set("".join(words)) & set("ILOU")
