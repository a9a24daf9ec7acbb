"""F33: the database file is damaged at the start. It is moved aside, what can be read goes on in a new log, work goes on."""

import shutil
import sqlite3
from pathlib import Path

import pytest

from kiosk.app import Kiosk
from kiosk.config import load
from kiosk.crypto import Signer
from kiosk.errors import ForeignStore
from kiosk.record_reader import RecordReader
from kiosk.salvage import open_store
from kiosk.store import Store
from provisioning.hands import Hands
from tests.kiosk.made import CARD, Made
from tests.kiosk.whole import Whole

PAGE = 4096


def torn_header(data: bytearray) -> None:
    data[:PAGE] = bytes(PAGE)


def first_half(data: bytearray) -> None:
    del data[len(data) // 2 // PAGE * PAGE :]


def swapped_pages(data: bytearray) -> None:
    """Every second page from the second on changes places with its neighbour."""
    for at in range(PAGE, len(data) - 2 * PAGE, 2 * PAGE):
        data[at : at + PAGE], data[at + PAGE : at + 2 * PAGE] = data[at + PAGE : at + 2 * PAGE], data[at : at + PAGE]


def nul_filled(data: bytearray) -> None:
    """A third of the pages, as a worn card gives them back."""
    for at in range(2 * PAGE, len(data), 3 * PAGE):
        data[at : at + PAGE] = bytes(min(PAGE, len(data) - at))


def no_database(data: bytearray) -> None:
    data[:100] = b"not a database at all. ".ljust(100, b".")


DAMAGES = {one.__name__: one for one in (torn_header, first_half, swapped_pages, nul_filled, no_database)}


@pytest.fixture(scope="module")
def worked(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, int]:
    """A kiosk's folder after some people, its file whole; and how many records it holds."""
    folder = tmp_path_factory.mktemp("worked")
    made = Made(folder)
    made.check_in()
    made.screen()
    made.dose()
    count = len(made.records())
    made.close()
    return folder, count


def opened(folder: Path) -> tuple[Store, Path | None]:
    return open_store(folder / "kiosk.db", verifier=Signer(folder / "record-signing.key").verifier(), k="kiosk-01")


@pytest.mark.parametrize("damage", DAMAGES)
def test_damaged_file_is_moved_aside_and_what_can_be_read_is_taken(
    quick_folder: Path, worked: tuple[Path, int], damage: str
):
    """Records are believed by their signature, the rest when SQLite reads it; not a byte of the old file is lost."""
    source, count = worked
    folder = quick_folder / "kiosk"
    shutil.copytree(source, folder)
    data = bytearray((folder / "kiosk.db").read_bytes())
    DAMAGES[damage](data)
    (folder / "kiosk.db").write_bytes(data)
    store, aside = opened(folder)
    assert aside is not None
    assert aside.read_bytes() == bytes(data)
    held = store.db.conn.execute("SELECT count(*) FROM record").fetchone()[0]
    print(damage, held, "of", count, "records")
    if damage in ("torn_header", "no_database", "swapped_pages"):
        assert held == count
        assert store.visits("2021-10-03")[0]["state"] == "observing"
    assert held <= count
    assert store.db.conn.execute("PRAGMA integrity_check").fetchone()[0] == "ok"
    store.close()
    again, moved = opened(folder)
    assert moved is None
    again.close()
    assert not (folder / "kiosk.db.damaged-2").exists()


def test_a_sound_file_is_left_as_it_is(quick_folder: Path, worked: tuple[Path, int]):
    folder = quick_folder / "kiosk"
    shutil.copytree(worked[0], folder)
    store, aside = opened(folder)
    assert aside is None
    store.close()


def test_a_foreign_file_is_refused_and_never_moved(quick_folder: Path, worked: tuple[Path, int]):
    shutil.copy(worked[0] / "record-signing.key", quick_folder)
    other = sqlite3.connect(quick_folder / "kiosk.db")
    other.executescript("PRAGMA application_id = 1; CREATE TABLE theirs (a);")
    other.close()
    with pytest.raises(ForeignStore):
        opened(quick_folder)
    assert not list(quick_folder.glob("*.damaged-*"))


def test_what_was_sealed_does_not_come_back_open(quick_folder: Path, worked: tuple[Path, int]):
    """I20: an old page may still hold a person's record that is sealed by now."""
    folder = quick_folder / "kiosk"
    shutil.copytree(worked[0], folder)
    db = sqlite3.connect(folder / "kiosk.db")
    inc, seq, digest = db.execute("SELECT inc, seq, digest FROM record WHERE kind = 'visit.checked_in'").fetchone()
    db.execute("INSERT INTO sealed_record VALUES (?, ?, ?, 1, x'00', x'00')", (inc, seq, digest))
    db.commit()
    db.close()
    data = bytearray((folder / "kiosk.db").read_bytes())
    data[18:20] = b"\x09\x09"  # a file format that nobody reads
    (folder / "kiosk.db").write_bytes(data)
    store, _aside = opened(folder)
    if store.kept.counts()[0]:
        assert not store.db.conn.execute("SELECT 1 FROM record WHERE seq = ?", (seq,)).fetchall()
    store.close()


def test_whole_kiosk_starts_on_a_damaged_file_and_goes_on_in_a_new_log(whole: Whole):
    """The people of the morning are there, staff can sign in, nothing is refused, no number is used twice (I4)."""
    whole.start()
    whole.check_in()
    whole.stop()
    before = whole.records()
    data = bytearray(whole.database.read_bytes())
    at = data.index(b'"checked_in":') // PAGE * PAGE
    data[at : at + PAGE] = bytes(PAGE)
    whole.database.write_bytes(data)
    whole.kiosk = Kiosk(load(whole.toml))
    whole.kiosk.start()
    whole.hands = Hands(whole.kiosk.url)
    records = whole.records()
    assert {one.digest for one in before} <= {one.digest for one in records}
    newest = records[-1]
    assert (newest.kind, newest.body["why"]) == ("log.opened", "restored")
    assert newest.inc != before[0].inc
    assert "Bộ nhớ của máy bị hỏng" in whole.hands.look().text
    assert whole.check_in(CARD).tickets[0] == "A-001"
    assert whole.sign_in("1002").screen == "queue"
    reader = RecordReader(whole.database)
    assert reader.old_logs() == {before[0].inc: False}
    reader.close()
