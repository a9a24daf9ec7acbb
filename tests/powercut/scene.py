"""The process that is recorded: plays one workflow on a real store or ledger and says after each act "this is confirmed".

Started by `recorder` as `python -m tests.powercut.scene WORKFLOW PLACE [PLANTED]`; the watched folder is `PLACE/disk`.
"""

import json
import os
import sqlite3
import sys
from pathlib import Path

from tests.powercut import centre_scenes, kiosk_workflows
from tests.powercut.dumps import digest, dump
from tests.powercut.trace import MARK


class Witness:
    """Writes down what the program believes after an act, marks the trace, and waits to be photographed."""

    def __init__(self, states: Path):
        self._states = states
        self._count = 0

    def confirmed(self, act: str, connection: sqlite3.Connection, told: list[str]) -> None:
        """`act` was confirmed to somebody; `connection` is the program's own; `told`: digests of records told of."""
        said = dump(connection)
        state = {"act": act, "dump": said, "digest": digest(said), "told": told}
        (self._states / f"{self._count}.json").write_text(json.dumps(state, ensure_ascii=False), "utf-8")
        os.write(1, MARK + b"%d\n" % self._count)
        sys.stdin.readline()
        self._count += 1


def main(workflow: str, place: Path, planted: str) -> None:
    """Play it."""
    given = json.loads((place / "given.json").read_text("utf-8"))
    scenes = kiosk_workflows if workflow in kiosk_workflows.WORKFLOWS else centre_scenes
    scenes.play(workflow, place / "disk", given, Witness(place / "states").confirmed, planted)


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), sys.argv[3] if len(sys.argv) > 3 else "")
