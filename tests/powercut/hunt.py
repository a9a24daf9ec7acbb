"""Builds the crash images of recordings on all cores and judges each; the same image is opened once per worker."""

import hashlib
import itertools
import multiprocessing
import multiprocessing.util
import shutil
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Protocol

from tests.powercut.choices import choices
from tests.powercut.disk import Choice, Disk, Files
from tests.powercut.recorder import Recording, memory_folder, write_folder
from tests.powercut.trace import SHARED, Mark
from tests.powercut.verdict import Confirmations, Opened, Problem

# Cuts per piece of work: small enough that both cores end together.
PIECE = 8
# Images whose finding a worker remembers.
KEPT = 200_000
SHARED_BYTES = 32_768
# A round asks at least so many more of each cut; so many rounds without anything new, and there is no more to be had.
LEAST = 4
IDLE = 3
# Violations told in full; the count is always complete.
TOLD = 20


class Checks(Protocol):
    """What opens an image: of a kiosk, or of the centre."""

    def open(self, folder: Path) -> Opened:
        """Open the image in `folder`; it may be changed by that."""


@dataclass(frozen=True)
class Violation:
    """An image that broke a promise. `nth`: its place in `choices` at that cut, with that seed and round."""

    workflow: str
    cut: int
    nth: int
    problems: tuple[Problem, ...]


@dataclass
class Account:
    """What a hunt did."""

    images: int = 0
    hashes: set[bytes] = field(default_factory=set)
    violations: list[Violation] = field(default_factory=list)
    broken: int = 0

    def add(self, other: "Account") -> None:
        """Take another's numbers in."""
        self.images += other.images
        self.hashes |= other.hashes
        self.broken += other.broken
        self.violations = (self.violations + other.violations)[:TOLD]


def named(workflow: str, files: Files) -> bytes:
    """The name of an image by its content."""
    made = hashlib.blake2b(workflow.encode(), digest_size=16)
    for path in sorted(files):
        content = files[path]
        made.update(f"\0{path}\0{-1 if content is None else len(content)}\0".encode())
        made.update(content or b"")
    return made.digest()


def chosen(recording: Recording, disk: Disk, cut: int, seed: int) -> Iterator[Choice]:
    """The images of one cut, always the same for a seed."""
    return choices(disk, last=cut, random=Random(f"{seed}:{recording.workflow}:{cut}"))


class Hunter:
    """Judges images of one recording. `checks` opens them."""

    def __init__(self, recording: Recording, checks: Checks):
        self.recording = recording
        self._checks = checks
        self._confirmations = Confirmations(recording)
        self._folder = memory_folder("image")
        self._opened: dict[bytes, Opened] = {}

    def close(self) -> None:
        """Remove the images' folder."""
        shutil.rmtree(self._folder)

    def cuts(self, first: int, last: int, *, images: tuple[int, int], seed: int) -> Account:
        """Judge images number `images[0]` to `images[1] - 1` of every cut after operations `first` to `last - 1`."""
        account = Account()
        disk = Disk(self.recording.base)
        for cut, operation in enumerate(self.recording.operations[:last]):
            disk.take(cut, operation)
            if cut >= first and not isinstance(operation, Mark):
                for nth, choice in enumerate(itertools.islice(chosen(self.recording, disk, cut, seed), images[1])):
                    if nth >= images[0]:
                        self._judge(account, disk, cut, nth, choice)
        return account

    def until_broken(self, *, seed: int, most: int) -> Account:
        """Judge image after image, a few of every cut and then more, until one is wrong or `most` were tried."""
        account = Account()
        for images in ((0, 1), (1, 4), (4, 10), (10, 25), (25, 60)):
            disk = Disk(self.recording.base)
            for cut, operation in enumerate(self.recording.operations):
                disk.take(cut, operation)
                if isinstance(operation, Mark):
                    continue
                for nth, choice in enumerate(itertools.islice(chosen(self.recording, disk, cut, seed), images[1])):
                    if nth >= images[0]:
                        self._judge(account, disk, cut, nth, choice)
                    if account.broken or account.images >= most:
                        return account
        return account

    def _judge(self, account: Account, disk: Disk, cut: int, nth: int, choice: Choice) -> None:
        files = disk.image(choice)
        name = named(self.recording.workflow, files)
        account.images += 1
        account.hashes.add(name)
        opened = self._opened.get(name)
        if opened is None:
            opened = self._open(files, nth)
            if len(self._opened) < KEPT:
                self._opened[name] = self._confirmations.shortened(opened)
        if problems := self._confirmations.judge(cut, opened):
            account.broken += 1
            if len(account.violations) < TOLD:
                account.violations.append(Violation(self.recording.workflow, cut, nth, tuple(problems)))

    def _open(self, files: Files, nth: int) -> Opened:
        write_folder(self._folder, files)
        if nth % 3 == 0:
            # The shared memory of before the cut may lie there with anything in it; SQLite must not believe it.
            for path, content in files.items():
                if content is not None and path.endswith(".db"):
                    (self._folder / (path + SHARED)).write_bytes(Random(nth).randbytes(SHARED_BYTES))
        return self._checks.open(self._folder)


class Maker(Protocol):
    """Makes the checks for a recording."""

    def __call__(self, recording: Recording) -> Checks: ...


@dataclass(frozen=True)
class Quarry:
    """A recording, what opens its images, and its part of all images sought."""

    recording: Recording
    make: Maker
    part: float


Piece = tuple[int, int, int, int, int, int]
_hunters: list[Hunter] = []


def _work(piece: Piece) -> tuple[int, Account]:
    which, first, last, low, high, seed = piece
    return which, _hunters[which].cuts(first, last, images=(low, high), seed=seed)


def _begin(quarries: Sequence[Quarry]) -> None:
    _hunters.extend(Hunter(quarry.recording, quarry.make(quarry.recording)) for quarry in quarries)
    # Closing the pool ends a worker, and that runs this.
    multiprocessing.util.Finalize(None, _end, exitpriority=10)


def _end() -> None:
    while _hunters:
        _hunters.pop().close()


def hunt(
    quarries: Sequence[Quarry],
    *,
    distinct: int,
    seed: int,
    workers: int,
    say: Callable[[str], None] = lambda _line: None,
    most_rounds: int = 60,
) -> dict[str, Account]:
    """Judge images of all recordings until `distinct` different ones were seen, or rounds bring nothing new.

    `say` gets a line after each round.
    """
    accounts = {quarry.recording.workflow: Account() for quarry in quarries}
    shares = [max(round(distinct * quarry.part / max(quarry.recording.writes, 1)), 1) for quarry in quarries]
    lows, idle = [0 for _ in quarries], 0
    with multiprocessing.get_context("fork").Pool(workers, initializer=_begin, initargs=(quarries,)) as pool:
        for _ in range(most_rounds):
            before = sum(len(account.hashes) for account in accounts.values())
            pieces = [
                (which, first, first + PIECE, lows[which], lows[which] + shares[which], seed)
                for which, quarry in enumerate(quarries)
                for first in range(0, len(quarry.recording.operations), PIECE)
            ]
            for which, account in pool.imap_unordered(_work, pieces):
                accounts[quarries[which].recording.workflow].add(account)
            seen = sum(len(account.hashes) for account in accounts.values())
            broken = sum(account.broken for account in accounts.values())
            say(f"  images {lows[0] + 1} to {lows[0] + shares[0]} of each cut: {seen} distinct, {broken} violations")
            idle = idle + 1 if seen == before else 0
            if seen >= distinct or idle == IDLE:
                break
            lows = [low + share for low, share in zip(lows, shares, strict=True)]
            shares = [max(share // 3, LEAST) for share in shares]
        pool.close()
        pool.join()
    return accounts
