"""The file system a power cut may find, rule by rule, and the choice of images (F26, F31)."""

import itertools
from random import Random

from tests.powercut.choices import choices
from tests.powercut.disk import Choice, Disk, Files
from tests.powercut.trace import Create, Operation, Remove, Rename, Sync, Truncate, Write

NOTHING: frozenset[int] = frozenset()


def disk_after(base: Files, *operations: Operation) -> Disk:
    disk = Disk(base)
    for index, operation in enumerate(operations):
        disk.take(index, operation)
    return disk


def test_unsynced_bytes_may_be_lost_one_by_one() -> None:
    disk = disk_after({"a": b"1234"}, Write("a", 0, b"x"), Write("a", 6, b"y"))
    assert disk.image(Choice(NOTHING, ())) == {"a": b"1234"}
    assert disk.image(Choice(frozenset((1,)), ())) == {"a": b"1234\0\0y"}
    assert disk.now() == {"a": b"x234\0\0y"}


def test_synced_bytes_stay() -> None:
    disk = disk_after({"a": b""}, Write("a", 0, b"x"), Sync("a", 1), Truncate("a", 0))
    assert disk.image(Choice(NOTHING, ())) == {"a": b"x"}
    assert disk.now() == {"a": b""}


def test_a_write_after_the_sync_began_is_not_covered() -> None:
    disk = disk_after({"a": b""}, Write("a", 0, b"x"), Write("a", 1, b"y"), Sync("a", 1))
    assert disk.image(Choice(NOTHING, ())) == {"a": b"x"}


def test_a_new_file_is_there_only_after_its_folder_was_synced() -> None:
    made = (Create("d", folder=True), Create("d/a"), Write("d/a", 0, b"x"), Sync("d/a", 3))
    assert disk_after({}, *made).image(Choice(NOTHING, (0, 0))) == {}
    assert disk_after({}, *made, Sync("d", 4)).image(Choice(NOTHING, (0,))) == {}
    assert disk_after({}, *made, Sync("d", 4), Sync(".", 5)).image(Choice(NOTHING, ())) == {"d": None, "d/a": b"x"}


def test_a_removed_file_may_come_back_with_its_bytes() -> None:
    disk = disk_after({"a": b"old"}, Remove("a"), Create("a"), Write("a", 0, b"new"))
    images = [disk.image(Choice(kept, (count,))) for kept in (NOTHING, frozenset((2,))) for count in range(3)]
    assert images == [{"a": b"old"}, {}, {"a": b""}, {"a": b"old"}, {}, {"a": b"new"}]


def test_a_renamed_file_keeps_its_bytes() -> None:
    disk = disk_after({"a": b"1", "b": b"2"}, Rename("a", "b"), Write("b", 0, b"3"))
    assert disk.now() == {"b": b"3"}
    assert disk.image(Choice(NOTHING, (0,))) == {"a": b"1", "b": b"2"}


def test_a_write_is_torn_at_sectors() -> None:
    disk = disk_after({"a": b""}, Write("a", 500, b"x" * 600))
    torn = disk.image(Choice(frozenset((0,)), (), ((0, frozenset((0, 2))),)))["a"]
    assert torn == b"\0" * 500 + b"x" * 12 + b"\0" * 512 + b"x" * 76


def test_every_subset_of_few_is_built_and_the_same_seed_gives_the_same_images() -> None:
    disk = disk_after({"a": b""}, *(Write("a", at, bytes([at + 1])) for at in range(4)))
    built = [list(itertools.islice(choices(disk, last=3, random=Random(7)), 200)) for _ in range(2)]
    assert built[0] == built[1]
    assert {choice.kept for choice in built[0]} == {
        frozenset(some) for size in range(5) for some in itertools.combinations(range(4), size)
    }


def test_of_many_a_sample_is_drawn_without_end() -> None:
    disk = disk_after({"a": b""}, *(Write("a", at * 4096, b"x" * 4096) for at in range(20)))
    drawn = list(itertools.islice(choices(disk, last=19, random=Random(1)), 500))
    assert len(drawn) == 500
    assert len(set(drawn)) > 400
    assert any(choice.torn for choice in drawn)
