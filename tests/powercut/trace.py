"""What a process did to the files of one folder, read from strace's text. Knows no database and judges nothing.

Whatever could change a file there and is not understood raises `UnrecordedError`: a recorder that misses a write would
prove nothing. Of all mappings only SQLite's `-shm` may be written through; it is rebuilt from the WAL at every start.
"""

import re
from dataclasses import dataclass
from pathlib import PurePosixPath

MARK = b"tram-mark "
SHARED = "-shm"
# `?`: a call this machine's processor may not have. Reading calls are left out; every call that can change a file is in.
CALLS = (
    "?open", "openat", "?openat2", "?creat", "write", "writev", "pwrite64", "pwritev", "?pwritev2", "fsync", "fdatasync", "sync",
    "syncfs", "sync_file_range", "ftruncate", "truncate", "fallocate", "?rename", "?renameat", "renameat2", "?unlink", "unlinkat",
    "?rmdir", "?link", "linkat", "?symlink", "symlinkat", "?mkdir", "mkdirat", "mmap", "sendfile", "copy_file_range", "splice",
    "?io_uring_setup", "ioctl",
)  # fmt: skip
_LINE = re.compile(r"^(\d+)\s+(.*)$")
_CALL = re.compile(r"^(\w+)\((.*)\)\s+= (-?\d+|\?)(.*)$")
_RESUMED = re.compile(r"^<\.\.\. (\w+) resumed>(.*)$")
_FD = re.compile(r"(?:\d+|AT_FDCWD)<((?:\\x[0-9a-f]{2})*)>")
_TEXT = re.compile(r'"((?:\\x[0-9a-f]{2})*)"')
_UNFINISHED = "<unfinished ...>"
_SYNCS = ("fsync", "fdatasync")


class UnrecordedError(AssertionError):
    """The process changed a watched file in a way this recorder does not understand."""


@dataclass(frozen=True)
class Write:
    """Bytes at an offset of a file. `path` is relative to the watched folder, here and below."""

    path: str
    offset: int
    data: bytes


@dataclass(frozen=True)
class Truncate:
    """A file cut or lengthened to `size`."""

    path: str
    size: int


@dataclass(frozen=True)
class Sync:
    """A file's or folder's changes were asked to be durable; `covers`: only operations before this index."""

    path: str
    covers: int


@dataclass(frozen=True)
class Create:
    """A name that was not there: a file, or a folder."""

    path: str
    folder: bool = False


@dataclass(frozen=True)
class Remove:
    """A name is gone."""

    path: str


@dataclass(frozen=True)
class Rename:
    """A name is another one; what stood there is gone."""

    path: str
    to: str


@dataclass(frozen=True)
class Mark:
    """The process said on its standard output that something is confirmed."""

    number: int


Operation = Write | Truncate | Sync | Create | Remove | Rename | Mark


class Reader:
    """Turns lines into operations. `names`: what stands in the folder at the beginning."""

    def __init__(self, folder: str, names: set[str]):
        self.operations: list[Operation] = []
        self._folder = PurePosixPath(folder)
        self._names = set(names)
        # What a thread has begun and not ended: its text, and how many operations there were then.
        self._begun: dict[str, tuple[str, int]] = {}

    def line(self, text: str) -> None:
        """Take one line of strace's output."""
        found = _LINE.match(text)
        if not found:
            raise UnrecordedError(text[:200])
        thread, rest = found.groups()
        since = len(self.operations)
        if rest.endswith(_UNFINISHED):
            self._begun[thread] = (rest.removesuffix(_UNFINISHED).rstrip(), since)
            return
        if resumed := _RESUMED.match(rest):
            before, since = self._begun.pop(thread)
            rest = before + resumed.group(2)
        call = _CALL.match(rest)
        # Signals and exits are no calls; a call that failed (-1) or never returned changed nothing that counts.
        if call and call.group(3) not in ("-1", "?"):
            self._call(call.group(1), call.group(2), call.group(3) + call.group(4), since)

    def _call(self, name: str, said: str, result: str, since: int) -> None:
        if name == "write" and MARK in (data := _data(said)):
            self.operations.append(Mark(int(data[len(MARK) :])))
            return
        if name in ("sync", "io_uring_setup"):
            raise UnrecordedError(name)
        if name in ("open", "openat", "creat"):
            self._opened(said, result)
            return
        paths = [path for path in self._paths(name, said) if path is not None]
        if not paths or all(path.endswith(SHARED) for path in paths):
            return
        self._changed(name, said, result, paths, since)

    def _opened(self, said: str, result: str) -> None:
        path = self._inside(_raw(_FD.findall(result)[0])) if _FD.findall(result) else None
        if path is None or path.endswith(SHARED) or "O_TMPFILE" in said:
            return
        if "O_CREAT" in said and path not in self._names:
            self._names.add(path)
            self.operations.append(Create(path))
        elif "O_TRUNC" in said:
            self.operations.append(Truncate(path, 0))

    def _changed(self, name: str, said: str, result: str, paths: list[str], since: int) -> None:
        path = paths[0]
        if name == "pwrite64":
            offset = int(said.rsplit(", ", 1)[1])
            self.operations.append(Write(path, offset, _data(said)[: int(result)]))
        elif name == "ftruncate":
            self.operations.append(Truncate(path, int(said.rsplit(", ", 1)[1])))
        elif name in _SYNCS:
            self.operations.append(Sync(path, since))
        elif name in ("unlink", "unlinkat", "rmdir"):
            self._names.discard(path)
            self.operations.append(Remove(path))
        elif name in ("mkdir", "mkdirat"):
            self._names.add(path)
            self.operations.append(Create(path, folder=True))
        elif name in ("rename", "renameat", "renameat2") and len(paths) == 2 and "RENAME_" not in said:
            self._names.discard(path)
            self._names.add(paths[1])
            self.operations.append(Rename(path, paths[1]))
        elif name == "mmap" and ("MAP_SHARED" not in said or "PROT_WRITE" not in said):
            return
        elif name == "ioctl":
            # The only ones seen ask whether a file is a terminal; those that could write share no name with it.
            if "TCGETS" not in said:
                raise UnrecordedError(f"{name}({said[:200]}")
        else:
            raise UnrecordedError(f"{name} on {path}")

    def _paths(self, name: str, said: str) -> list[str | None]:
        """The watched paths a call names, in order: by descriptor, or by text relative to a descriptor's folder."""
        if name in ("pwrite64", "write", "writev", "pwritev", "pwritev2"):
            return [self._inside(_raw(text)) for text in _FD.findall(said[: said.find(">") + 1])]
        texts = [_raw(text) for text in _TEXT.findall(said)]
        held = [_raw(text) for text in _FD.findall(said)]
        if not texts:
            return [self._inside(path) for path in held]
        # The text beside a descriptor is relative to it; without one it is absolute here (Python and SQLite make it so).
        places = held if len(held) == len(texts) else [""] * len(texts)
        return [self._inside(str(PurePosixPath(place, text))) for place, text in zip(places, texts, strict=True)]

    def _inside(self, path: str) -> str | None:
        try:
            return str(PurePosixPath(path).relative_to(self._folder))
        except ValueError:
            return None


def _raw(text: str) -> str:
    return bytes.fromhex(text.replace("\\x", "")).decode()


def _data(said: str) -> bytes:
    found = _TEXT.search(said)
    if not found or said[found.end() : found.end() + 3] == "...":
        raise UnrecordedError("strace cut the bytes short: " + said[:80])
    return bytes.fromhex(found.group(1).replace("\\x", ""))
