"""Runs a workflow in a process of its own under strace and keeps what it did to its folder, with photographs as proof.

At every mark ("this is confirmed") the process waits while its folder is photographed. `Recording` is made only if
replaying the operations gives the same bytes as every photograph and as the folder at the end.
"""

import functools
import json
import os
import pickle
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.conftest import REPOSITORY
from tests.powercut.disk import Disk, Files
from tests.powercut.trace import CALLS, MARK, SHARED, Mark, Operation, Reader, UnrecordedError

# Table to its rows, each spelled as one text: all that a database says.
Dump = dict[str, list[str]]
MEMORY = Path("/dev/shm")
MOST_BYTES = 1 << 24
# A workflow takes 2 to 4 s; on a busy machine more.
LONGEST_S = 120


@dataclass(frozen=True)
class State:
    """What was confirmed at a mark: `act` names it, `dump` is all the database said to the program itself.

    `told`: digests of the records that a screen or an acknowledgement had told of, as the program's memory has them;
    `a|b` where either may stand in the database.
    """

    act: str
    dump: Dump
    digest: str
    told: tuple[str, ...]


@dataclass(frozen=True)
class Recording:
    """A workflow's run. `states[n]` belongs to the mark with number n; `given`: what a check must know beside the disk."""

    workflow: str
    base: Files
    operations: tuple[Operation, ...]
    states: tuple[State, ...]
    given: dict[str, Any]

    @property
    def writes(self) -> int:
        """Operations that change something; a cut is tried after each."""
        return sum(not isinstance(operation, Mark) for operation in self.operations)

    def save(self, path: Path) -> None:
        """Keep it, so that an image can be built again."""
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(pickle.dumps(self))


def load(path: Path) -> Recording:
    """A recording kept by `save`. Only files of our own making."""
    made = pickle.loads(path.read_bytes())  # noqa: S301 - written by this program
    assert isinstance(made, Recording)
    return made


@functools.cache
def missing() -> str:
    """Why nothing can be recorded on this machine, or an empty text."""
    if shutil.which("strace") is None:
        return "strace is not installed (apt-get install strace)"
    tried = subprocess.run(["strace", "-o", os.devnull, "true"], capture_output=True, text=True, check=False)
    return "" if tried.returncode == 0 else f"strace may not trace here: {tried.stderr.strip()[:200]}"


def memory_folder(name: str) -> Path:
    """A new folder in memory where the machine has one; the caller removes it."""
    return Path(tempfile.mkdtemp(prefix=f"tram-powercut-{name}-", dir=MEMORY if MEMORY.is_dir() else None)).resolve()


def read_folder(folder: Path) -> Files:
    """Every file and folder below, but for SQLite's shared memory."""
    return {
        str(path.relative_to(folder)): None if path.is_dir() else path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if not path.name.endswith(SHARED)
    }


def write_folder(folder: Path, files: Files) -> None:
    """Make `folder` hold exactly `files`."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    for path in sorted(files):
        content = files[path]
        if content is None:
            (folder / path).mkdir(exist_ok=True)
        else:
            (folder / path).write_bytes(content)


def record(workflow: str, *, base: Files, given: dict[str, Any], planted: str = "") -> Recording:
    """Run `tests.powercut.scene` for a workflow on `base` under strace. Raises `UnrecordedError` when anything was missed."""
    place = memory_folder("record")
    try:
        folder = place / "disk"
        write_folder(folder, base)
        (place / "given.json").write_text(json.dumps(given), "utf-8")
        photographs = _run(workflow, place, planted)
        lines = (place / "trace").read_text("ascii").splitlines()
        reader = Reader(str(folder), set(base))
        for line in lines:
            reader.line(line)
        states = tuple(_state(place / "states" / f"{number}.json") for number in range(len(photographs)))
        made = Recording(workflow, base, tuple(reader.operations), states, given)
        _prove(made, photographs, read_folder(folder))
        return made
    finally:
        shutil.rmtree(place)


def _run(workflow: str, place: Path, planted: str) -> list[Files]:
    (place / "states").mkdir()
    tracer = [
        "strace", "-f", "--seccomp-bpf", "-y", "-xx", "-s", str(MOST_BYTES), "-o", str(place / "trace"),
        "-e", "trace=" + ",".join(CALLS), "-e", "signal=none",
    ]  # fmt: skip
    program = [sys.executable, "-m", "tests.powercut.scene", workflow, str(place), *([planted] if planted else [])]
    photographs = []
    with subprocess.Popen(
        [*tracer, *program],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        cwd=REPOSITORY,
        start_new_session=True,
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        assert process.stderr is not None
        # strace and what it traces are one group of ours; a workflow that hangs must not hang the run.
        watch = threading.Timer(LONGEST_S, os.killpg, (process.pid, signal.SIGKILL))
        watch.start()
        for said in process.stdout:
            assert said.startswith(MARK), said
            photographs.append(read_folder(place / "disk"))
            process.stdin.write(b"go on\n")
            process.stdin.flush()
        errors = process.stderr.read().decode("utf-8", "replace")
        process.wait()
        watch.cancel()
        watch.join()
    if process.returncode:
        raise AssertionError(f"workflow {workflow} {planted} failed:\n{errors[-4000:]}")
    return photographs


def _state(path: Path) -> State:
    said = json.loads(path.read_text("utf-8"))
    return State(said["act"], said["dump"], said["digest"], tuple(said["told"]))


def _prove(recording: Recording, photographs: list[Files], end: Files) -> None:
    disk = Disk(recording.base)
    seen = 0
    for index, operation in enumerate(recording.operations):
        disk.take(index, operation)
        if isinstance(operation, Mark):
            _same(disk.now(), photographs[operation.number], f"mark {operation.number}")
            seen += 1
    if seen != len(photographs):
        raise UnrecordedError(f"{seen} marks in the trace, {len(photographs)} photographs")
    _same(disk.now(), end, "the end")


def _same(replayed: Files, found: Files, when: str) -> None:
    if replayed != found:
        names = [name for name in replayed.keys() | found.keys() if replayed.get(name) != found.get(name)]
        raise UnrecordedError(f"at {when} the replay differs from the folder in {sorted(names)}")
