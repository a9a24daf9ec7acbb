"""The recorder's reading of strace's text, and that it refuses what it does not understand."""

import pytest

from tests.powercut.trace import Create, Mark, Reader, Remove, Rename, Sync, Truncate, UnrecordedError, Write

FOLDER = "/x/disk"


def hexed(text: str) -> str:
    return "".join(f"\\x{byte:02x}" for byte in text.encode())


def fd(path: str, number: int = 5) -> str:
    return f"{number}<{hexed(FOLDER + '/' + path)}>"


def read(*lines: str, names: tuple[str, ...] = ("a",)) -> list[object]:
    reader = Reader(FOLDER, set(names))
    for line in lines:
        reader.line(line)
    return reader.operations


def test_writes_and_syncs() -> None:
    assert read(
        f'12 pwrite64({fd("a")}, "{hexed("hello")}", 5, 1024) = 5',
        f"12 ftruncate({fd('a')}, 7) = 0",
        f"12 fdatasync({fd('a')}) = 0",
    ) == [Write("a", 1024, b"hello"), Truncate("a", 7), Sync("a", 2)]


def test_a_write_by_half_and_a_write_that_failed() -> None:
    """F29: on a full disk a write may take fewer bytes."""
    assert read(
        f'12 pwrite64({fd("a")}, "{hexed("hello")}", 5, 0) = 2',
        f'12 pwrite64({fd("a")}, "{hexed("hello")}", 5, 0) = -1 ENOSPC (No space left on device)',
    ) == [Write("a", 0, b"he")]


def test_names() -> None:
    at = f"AT_FDCWD<{hexed('/')}>"
    said = read(
        f'12 openat({at}, "{hexed(FOLDER + "/a")}", O_RDWR|O_CREAT|O_CLOEXEC, 0644) = {fd("a")}',
        f'12 mkdir("{hexed(FOLDER + "/d")}", 0777) = 0',
        f'12 openat({at}, "{hexed(FOLDER + "/d/b")}", O_RDWR|O_CREAT|O_CLOEXEC, 0644) = {fd("d/b")}',
        f'12 rename("{hexed(FOLDER + "/d/b")}", "{hexed(FOLDER + "/c")}") = 0',
        f'12 unlink("{hexed(FOLDER + "/a")}") = 0',
        f'12 unlink("{hexed("/elsewhere/a")}") = 0',
    )
    assert said == [Create("d", folder=True), Create("d/b"), Rename("d/b", "c"), Remove("a")]


def test_a_sync_covers_only_what_was_written_before_it_began() -> None:
    said = read(
        f"12 fdatasync({fd('a')} <unfinished ...>",
        f'13 pwrite64({fd("a")}, "{hexed("x")}", 1, 0) = 1',
        "12 <... fdatasync resumed>) = 0",
    )
    assert said == [Write("a", 0, b"x"), Sync("a", 0)]


def test_marks() -> None:
    assert read(f'12 write(1<{hexed("pipe:[77]")}>, "{hexed("tram-mark 4" + chr(10))}", 12) = 12') == [Mark(4)]


@pytest.mark.parametrize(
    "line",
    [
        f'12 write({fd("a")}, "{hexed("x")}", 1) = 1',
        f'12 pwritev({fd("a")}, [{{iov_base="{hexed("x")}", iov_len=1}}], 1, 0) = 1',
        f'12 pwrite64({fd("a")}, "{hexed("x")}"..., 9, 0) = 9',
        f"12 mmap(NULL, 4096, PROT_READ|PROT_WRITE, MAP_SHARED, {fd('a')}, 0) = 0x7f",
        f"12 fallocate({fd('a')}, 0, 0, 4096) = 0",
        f'12 link("{hexed(FOLDER + "/a")}", "{hexed(FOLDER + "/b")}") = 0',
        f"12 copy_file_range({fd('a')}, NULL, {fd('b', 6)}, NULL, 9, 0) = 9",
        "12 sync() = 0",
        "not a call at all",
    ],
)
def test_what_is_not_understood_is_refused(line: str) -> None:
    with pytest.raises(UnrecordedError):
        read(line)


def test_shared_memory_is_not_recorded() -> None:
    assert (
        read(
            f'12 pwrite64({fd("a-shm")}, "{hexed("x")}", 1, 4095) = 1',
            f"12 mmap(NULL, 4096, PROT_READ|PROT_WRITE, MAP_SHARED, {fd('a-shm')}, 0) = 0x7f",
            f"12 mmap(NULL, 4096, PROT_READ, MAP_PRIVATE, {fd('a')}, 0) = 0x7f",
        )
        == []
    )
