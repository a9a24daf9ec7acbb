"""A file system as a power cut may find it: what is durable, what is still on its way. Pure; knows no database.

Rules, as lax as POSIX and ext4 allow:
1. A file's bytes and its size are durable only after fsync of that file; of those on their way any subset may be there.
2. A name (made, removed, changed) is durable only after fsync of its folder; of those on their way any first part may
   be there, because ext4 writes them through one journal in order. A file's fsync makes no name durable.
3. A write may be torn at sectors of 512 bytes, in any order. Bytes outside a write are never touched by it ("power-safe
   overwrite", which SQLite assumes too). What was never written reads as zeros.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import PurePosixPath

from tests.powercut.trace import Create, Mark, Operation, Remove, Rename, Sync, Truncate, Write

SECTOR = 512
ROOT = "."
# Relative path to content; None for a folder.
Files = dict[str, bytes | None]


@dataclass
class File:
    """Durable bytes, and `(index of operation, write or truncate)` on their way."""

    durable: bytearray = field(default_factory=bytearray)
    pending: list[tuple[int, Write | Truncate]] = field(default_factory=list)


@dataclass
class Folder:
    """Durable names, and `(index of operation, name, what it names or None)` on their way."""

    durable: dict[str, "File | Folder"] = field(default_factory=dict)
    pending: list[tuple[int, str, "File | Folder | None"]] = field(default_factory=list)

    def names(self, kept: int | None = None) -> dict[str, "File | Folder"]:
        """The names with the first `kept` changes done, or all."""
        found = dict(self.durable)
        for _, name, thing in self.pending[:kept]:
            if thing is None:
                found.pop(name, None)
            else:
                found[name] = thing
        return found


@dataclass(frozen=True)
class Choice:
    """What of all that was on its way a cut left on the disk.

    `kept`: indices of operations on files; `names`: how many changes of names, per folder in the order of
    `Disk.folders`; `torn`: per index of a kept write the sectors of it that arrived.
    """

    kept: frozenset[int]
    names: tuple[int, ...]
    torn: tuple[tuple[int, frozenset[int]], ...] = ()


class Disk:
    """The state after some operations. `take` moves it on; `image` builds what a cut at this point leaves."""

    def __init__(self, base: Files):
        self.root = Folder()
        for path in sorted(base):
            content = base[path]
            place = self._folder(str(PurePosixPath(path).parent))
            place.durable[PurePosixPath(path).name] = Folder() if content is None else File(bytearray(content))

    def take(self, index: int, operation: Operation) -> None:
        """One more operation; `index` rises."""
        if isinstance(operation, Write | Truncate):
            thing = self._find(operation.path)
            assert isinstance(thing, File), operation.path
            thing.pending.append((index, operation))
        elif isinstance(operation, Sync):
            self._sync(self._find(operation.path), operation.covers)
        elif isinstance(operation, Create):
            self._name(index, operation.path, Folder() if operation.folder else File())
        elif isinstance(operation, Remove):
            self._name(index, operation.path, None)
        elif isinstance(operation, Rename):
            thing = self._find(operation.path)
            self._name(index, operation.path, None)
            self._name(index, operation.to, thing)
        else:
            assert isinstance(operation, Mark), operation

    def folders(self) -> list[Folder]:
        """Every folder with names on their way that a cut might leave, in a fixed order."""
        return [thing for thing in self._things() if isinstance(thing, Folder) and thing.pending]

    def under_way(self) -> dict[int, Write | Truncate]:
        """Operations on files that a cut might lose, by index."""
        found = {}
        for thing in self._things():
            if isinstance(thing, File):
                found.update(thing.pending)
        return dict(sorted(found.items()))

    def image(self, choice: Choice) -> Files:
        """The files as a cut here would leave them."""
        counts = {id(folder): count for folder, count in zip(self.folders(), choice.names, strict=True)}
        torn = dict(choice.torn)
        files: Files = {}

        def walk(folder: Folder, path: PurePosixPath) -> None:
            for name, thing in folder.names(counts.get(id(folder), 0)).items():
                if isinstance(thing, Folder):
                    files[str(path / name)] = None
                    walk(thing, path / name)
                else:
                    files[str(path / name)] = _content(thing, choice.kept, torn)

        walk(self.root, PurePosixPath(ROOT))
        return files

    def now(self) -> Files:
        """The files as the process itself sees them: nothing lost."""
        return self.image(Choice(frozenset(self.under_way()), tuple(len(folder.pending) for folder in self.folders())))

    def _sync(self, thing: File | Folder, covers: int) -> None:
        done = [entry for entry in thing.pending if entry[0] < covers]
        thing.pending = [entry for entry in thing.pending if entry[0] >= covers]
        if isinstance(thing, File):
            for _, operation in done:
                _apply(thing.durable, operation, None)
        else:
            thing.durable = Folder(thing.durable, done).names()

    def _name(self, index: int, path: str, thing: File | Folder | None) -> None:
        self._folder(str(PurePosixPath(path).parent)).pending.append((index, PurePosixPath(path).name, thing))

    def _find(self, path: str) -> File | Folder:
        thing: File | Folder = self.root
        for part in PurePosixPath(path).parts:
            assert isinstance(thing, Folder), path
            thing = thing.names()[part]
        return thing

    def _folder(self, path: str) -> Folder:
        thing = self._find(path)
        assert isinstance(thing, Folder), path
        return thing

    def _things(self) -> Iterator[File | Folder]:
        """All that can be reached by some name that is durable or on its way."""
        seen: set[int] = set()
        waiting: list[File | Folder] = [self.root]
        while waiting:
            thing = waiting.pop(0)
            if id(thing) in seen:
                continue
            seen.add(id(thing))
            yield thing
            if isinstance(thing, Folder):
                waiting.extend(thing.durable.values())
                waiting.extend(other for _, _, other in thing.pending if other is not None)


def sectors(operation: Write) -> range:
    """The numbers of the sectors that a write touches."""
    return range(operation.offset // SECTOR, (operation.offset + len(operation.data) - 1) // SECTOR + 1)


def _content(file: File, kept: frozenset[int], torn: Mapping[int, frozenset[int]]) -> bytes:
    content = bytearray(file.durable)
    for index, operation in file.pending:
        if index in kept:
            _apply(content, operation, torn.get(index))
    return bytes(content)


def _apply(content: bytearray, operation: Write | Truncate, arrived: frozenset[int] | None) -> None:
    if isinstance(operation, Truncate):
        _lengthen(content, operation.size)
        del content[operation.size :]
        return
    end = operation.offset + len(operation.data)
    if arrived is None:
        _lengthen(content, end)
        content[operation.offset : end] = operation.data
        return
    for sector in sorted(arrived):
        first, last = max(sector * SECTOR, operation.offset), min((sector + 1) * SECTOR, end)
        _lengthen(content, last)
        content[first:last] = operation.data[first - operation.offset : last - operation.offset]


def _lengthen(content: bytearray, size: int) -> None:
    content.extend(bytes(max(size - len(content), 0)))
