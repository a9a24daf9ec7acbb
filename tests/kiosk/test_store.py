"""The store: whole or not at all, on a good disk, a locked one and a full one; nobody else's file is touched."""

import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from kiosk.errors import ForeignStore, NotWritten
from kiosk.record_reader import RecordReader
from kiosk.store import Batch, Sealed, Store, connect
from tests.kiosk.made import LISTS
from tests.kiosk.small_disk import small_disk
from tests.kiosk.whole import list_rows

DUMP = Path(__file__).with_name("stores") / "v1.sqlite3-dump"
VISIT = {"visit": "v-1", "day": "2021-10-03", "ticket": "A-001", "person": "p", "state": "waiting"}
JOB = {"slip": "S", "copy": 1, "visit": "v-1", "what": "ticket", "state": "waiting", "ordered_at": 1}


@pytest.fixture
def store(quick_folder: Path) -> Iterator[Store]:
    opened = Store(quick_folder / "kiosk.db")
    yield opened
    opened.close()


def sealed(seq: int, size: int = 10) -> Sealed:
    return Sealed(
        inc="i", seq=seq, digest="d", kind="k", wall=1, visit="v-1", line=b"x" * size, signature=b"s"
    )  # fmt: skip


def whole_batch(seq: int = 1) -> Batch:
    return Batch(records=(sealed(seq),), visits=(VISIT,), prints=(JOB,), codes=(("S", "C"),), meta=(("a", "b"),))


def contents(store: Store) -> dict[str, int]:
    tables = ("record", "visit", "print_job", "slip_code", "meta", "ref_list", "boot", "quarantined")
    return {name: store.db.conn.execute(f"SELECT count(*) FROM {name}").fetchone()[0] for name in tables}  # noqa: S608


WRITES: dict[str, Callable[[Store], None]] = {
    "commit": lambda store: store.commit(
        Batch(records=(sealed(7, 300_000),), visits=(VISIT,), prints=(JOB,), codes=(("S", "C"),), meta=(("a", "b"),))
    ),
    "put_aside": lambda store: store.put_aside("i", [(number, "quarantined", "r" * 9000) for number in range(200)]),
    "swap_lists": lambda store: store.swap_lists(
        [{**row, "body": row["body"] + b" " * 200_000} for row in list_rows(LISTS)]
    ),
    "mark_alive": lambda store: [store.mark_alive("b" * 9000 + str(n), n, n) for n in range(200)],
}


def test_pragmas(store: Store):
    """Style 25, F26: what makes a commit durable."""
    values = {
        name: store.db.conn.execute(f"PRAGMA {name}").fetchone()[0]
        for name in ("journal_mode", "synchronous", "foreign_keys")
    }
    assert values == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1}


def test_foreign_file_is_refused_and_left_alone(tmp_path: Path):
    path = tmp_path / "other.db"
    other = sqlite3.connect(path)
    other.executescript("PRAGMA application_id = 1; CREATE TABLE theirs (a);")
    other.close()
    with pytest.raises(ForeignStore):
        Store(path)
    other = sqlite3.connect(path)
    assert other.execute("SELECT name FROM sqlite_master").fetchall() == [("theirs",)]
    other.close()


def test_file_of_a_program_without_an_id_is_refused(tmp_path: Path):
    path = tmp_path / "other.db"
    other = sqlite3.connect(path)
    other.execute("CREATE TABLE theirs (a)")
    other.close()
    with pytest.raises(ForeignStore):
        Store(path)


def test_no_database_at_all_is_refused_and_left_alone(tmp_path: Path):
    """F33: a damaged file is never overwritten."""
    path = tmp_path / "kiosk.db"
    path.write_bytes(b"not a database" * 1000)
    with pytest.raises(ForeignStore):
        Store(path)
    assert path.read_bytes() == b"not a database" * 1000


def test_place_that_cannot_be_made(tmp_path: Path):
    (tmp_path / "file").write_text("x")
    with pytest.raises(NotWritten):
        Store(tmp_path / "file" / "kiosk.db")


def test_odd_folder_names(tmp_path: Path):
    """A `?` or `%` in a path is a path, not a query."""
    path = tmp_path / "a?b%20c#d" / "kiosk.db"
    store = Store(path)
    store.commit(whole_batch())
    reader = RecordReader(path)
    assert reader.head("i") == (1, "d")
    reader.close()
    store.close()
    assert path.exists()


@pytest.mark.parametrize(
    "bad",
    [
        Batch(records=(sealed(2), sealed(2)), meta=(("x", "y"),)),
        Batch(records=(sealed(2), sealed(1)), visits=({**VISIT, "state": "left"},)),
        Batch(records=(sealed(2),), prints=({**JOB, "state": "nonsense"},)),
        Batch(records=(sealed(2),), visits=(VISIT,), codes=(("S", "other"),)),
        Batch(records=(sealed(0),)),
        Batch(records=(sealed(2),), meta=(("x", None),)),
    ],
)
def test_failing_batch_leaves_nothing(store: Store, bad: Batch):
    """F26, I3."""
    store.commit(whole_batch())
    before = "\n".join(store.db.conn.iterdump())
    with pytest.raises(NotWritten):
        store.commit(bad)
    assert "\n".join(store.db.conn.iterdump()) == before
    store.commit(Batch(records=(sealed(2),)))


def test_records_never_change(store: Store):
    """I9."""
    store.commit(whole_batch())
    with pytest.raises(sqlite3.IntegrityError, match="records never change"):
        store.db.conn.execute("UPDATE record SET line = x'00'")
    store.db.conn.rollback()


@pytest.mark.parametrize("write", sorted(WRITES))
def test_locked(store: Store, write: str):
    """A technician's shell holds the file: said, not waited for for ever; and it goes on afterwards."""
    store.db.conn.execute("PRAGMA busy_timeout = 100")
    before = contents(store)
    other = connect(store.path)
    other.conn.execute("BEGIN IMMEDIATE")
    with pytest.raises(NotWritten):
        WRITES[write](store)
    assert contents(store) == before
    other.conn.rollback()
    other.conn.close()
    WRITES[write](store)
    assert contents(store) != before


@pytest.mark.parametrize("write", sorted(WRITES))
def test_full_disk(quick_folder: Path, write: str):
    """F29: nothing by half; reads go on; after space is back so do writes."""
    with small_disk(quick_folder / "disk", size="8m") as disk:
        store = Store(disk.folder / "kiosk.db")
        store.commit(whole_batch())
        disk.fill()
        before = contents(store)
        with pytest.raises(NotWritten):
            WRITES[write](store)
        after = contents(store)
        if write != "mark_alive":  # two hundred writes of one row each: those before the disk was full stand
            assert after == before
        assert store.visit("v-1") == VISIT
        disk.empty()
        if write == "commit":
            store.db.conn.execute("DELETE FROM slip_code")
            store.db.conn.commit()
        WRITES[write](store)
        store.close()


def test_start_on_a_full_disk_is_said_and_harms_nothing(quick_folder: Path):
    """F29: the file's write-ahead index needs 32 KB; without them the start fails in words, and later succeeds."""
    with small_disk(quick_folder / "disk") as disk:
        store = Store(disk.folder / "kiosk.db")
        store.commit(whole_batch())
        store.close()
        disk.fill()
        with pytest.raises(NotWritten):
            Store(disk.folder / "kiosk.db")
        disk.empty()
        disk.fill(leave=128 * 1024)
        again = Store(disk.folder / "kiosk.db")
        assert again.visit("v-1") == VISIT
        again.close()


def test_list_versions_never_go_back(store: Store):
    """F81, I15."""
    store.swap_lists(list_rows({"site": {"name": "new"}}, version=9))
    store.swap_lists(list_rows({"site": {"name": "old"}}, version=8))
    assert (store.lists()["site"]["version"], store.lists()["site"]["body"]) == (9, {"name": "new"})
    store.swap_lists([{**row, "received_at": 5} for row in list_rows({"site": {"name": "new"}}, version=9)])
    assert store.lists()["site"]["received_at"] == 5


def test_boots_stand_in_the_order_they_were_noted(store: Store):
    """F36, I7: a boot whose wall clock was a year ahead does not count as later than those after it."""
    store.mark_alive("wrong", 0, 2_000_000)
    store.mark_alive("right", 0, 1_000_000)
    store.mark_alive("wrong", 50, 2_000_050)
    assert [(life["boot"], life["last_mono"]) for life in store.boots()] == [("wrong", 50), ("right", 0)]


def test_reader_sees_only_what_is_committed(store: Store):
    reader = RecordReader(store.path)
    assert (reader.head("i"), reader.pairs("i", 1, 9)) == ((0, "0" * 64), [])
    store.commit(whole_batch())
    assert reader.pairs("i", 1, 9) == [(b"x" * 10, b"s")]
    with pytest.raises(sqlite3.OperationalError):
        reader.db.conn.execute("DELETE FROM record")
    reader.close()


def test_store_of_the_first_release_is_brought_up_to_date(quick_folder: Path):
    """F42, I16: a stored file of every released version opens; what it held is there."""
    path = quick_folder / "kiosk.db"
    old = sqlite3.connect(path)
    old.executescript(DUMP.read_text("utf-8"))
    old.close()
    store = Store(path)
    inc = store.meta("inc")
    assert store.head(inc)[0] == 9
    assert [one["state"] for one in store.visits("2021-10-03")] == ["left"]
    assert store.prints("waiting", "printed")
    assert set(store.lists()) == set(LISTS)
    assert "dose.given" in {bytes(line).decode().split('"kind":"')[1].split('"')[0] for line in store.lines()}
    store.commit(Batch(records=(Sealed(inc, 10, "d", "k", 1, None, b"x", b"s"),)))
    store.close()
