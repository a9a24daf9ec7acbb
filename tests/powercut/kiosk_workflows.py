"""The kiosk's workflows by name: what lies on the disk before each, and how it is played."""

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.powercut import kiosk_scenes as alone
from tests.powercut import site_scenes
from tests.powercut.disk import Files
from tests.powercut.dumps import dump
from tests.powercut.kiosk_scenes import SOON, Confirmed, Scene, list_rows
from tests.powercut.recorder import memory_folder, read_folder
from tests.powercut.scene_keys import new_key, public_half

# Each with what went before it, unrecorded; "hot" leaves the WAL as a cut would.
WORKFLOWS: dict[str, tuple[Callable[[Scene], None], str]] = {
    "first_start": (alone.first_start, "nothing"),
    "check_in": (alone.check_in, "lists"),
    "screening": (alone.screening, "lists"),
    "dosing": (alone.dosing, "lists"),
    "observing": (alone.observing, "lists"),
    "printing": (alone.printing, "lists"),
    "lists": (alone.lists, "lists"),
    "safe_mark": (alone.safe_mark, "lists"),
    "sealing": (alone.sealing, "lists"),
    "checkpoint": (alone.checkpoint, "lists"),
    "start_again": (alone.start_again, "hot"),
    "neighbours": (site_scenes.neighbours, "lists"),
    "begun_anew": (site_scenes.begun_anew, "lists"),
    "given_back": (site_scenes.given_back, "lists"),
}


def prepare(workflow: str) -> tuple[Files, dict[str, Any]]:
    """The folder before the recording begins, and what a check must know: the key the log is signed with."""
    place = memory_folder("prepare")
    try:
        key = place / "record-signing.key"
        key.write_text(new_key(), "ascii")
        disk = place / "disk"
        disk.mkdir()
        before, said = WORKFLOWS[workflow][1], {}
        if before != "nothing":
            scene = Scene(disk, key, lambda _act, _connection, _told: None)
            try:
                scene.bring(list_rows(7))
                if before == "hot":
                    scene.check_in()
                    assert scene.touch.take_print() is not None
                    hot = read_folder(disk)
                said = dump(scene.store.db.conn)
            finally:
                scene.close()
        return (hot if before == "hot" else read_folder(disk)), {
            "key": key.read_text("ascii"),
            "sealing": new_key(),
            "neighbour": new_key(),
            "before": said,
        }
    finally:
        shutil.rmtree(place)


def play(workflow: str, disk: Path, given: dict[str, Any], confirmed: Confirmed, planted: str) -> None:
    """Play a workflow on `disk`."""
    key = disk.parent / "record-signing.key"
    key.write_text(given["key"], "ascii")
    site_scenes.neighbours_key(key).write_text(given["neighbour"], "ascii")
    key.with_name("server-sealing.pub").write_bytes(public_half(given["sealing"]))
    scene = Scene(disk, key, confirmed, planted=planted, pages=SOON if workflow == "checkpoint" else 0)
    try:
        WORKFLOWS[workflow][0](scene)
    finally:
        scene.close()
