"""Puts the rig together: every workflow recorded, its checks, the planted bugs and what each was caught by."""

import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.powercut import centre_scenes, kiosk_workflows
from tests.powercut.centre_checks import CentreChecks
from tests.powercut.hunt import Checks, Hunter, Quarry
from tests.powercut.kiosk_checks import KioskChecks
from tests.powercut.recorder import Recording, memory_folder, record

WORKFLOWS = (*kiosk_workflows.WORKFLOWS, *centre_scenes.WORKFLOWS)
# An image of the centre takes four times as long as one of a kiosk.
CENTRES_PART = 0.15
# Each planted bug and the workflow that must bring it to light.
BUGS = {
    "synchronous_off": "dosing",
    "synchronous_normal": "dosing",
    "record_and_visit_apart": "dosing",
    "print_job_apart": "observing",
    "sealed_and_visit_apart": "sealing",
    "copies_and_visit_apart": "neighbours",
    "box_and_copy_apart": "neighbours",
    "told_before_commit": "dosing",
    "tidies_the_wal": "start_again",
    "journal_in_memory": "dosing",
    "folder_forgotten": "first_start",
    "ingest_synchronous_normal": "ingest",
    "ack_before_commit": "ingest",
    "effects_apart": "ingest",
}
# A bug that so many images do not show is not caught.
MOST_FOR_A_BUG = 5_000


@dataclass(frozen=True)
class Caught:
    """A planted bug: the checks that saw it, after how many images; no checks: it got away."""

    bug: str
    workflow: str
    checks: tuple[str, ...]
    images: int
    sentence: str


def recorded(workflow: str, *, planted: str = "") -> Recording:
    """One workflow, recorded and proved."""
    scenes = kiosk_workflows if workflow in kiosk_workflows.WORKFLOWS else centre_scenes
    base, given = scenes.prepare(workflow)
    return record(workflow, base=base, given=given, planted=planted)


def quarries(recordings: Sequence[Recording], place: Path) -> list[Quarry]:
    """The recordings with their checks. `place`: a folder for keys, as long as the hunt lasts."""

    def make(recording: Recording) -> Checks:
        folder = place / recording.workflow
        folder.mkdir(exist_ok=True)
        opens = KioskChecks if recording.workflow in kiosk_workflows.WORKFLOWS else CentreChecks
        return opens(folder, recording.given)

    centre = {recording.workflow for recording in recordings} & set(centre_scenes.WORKFLOWS)
    for_centre = 1.0 if len(centre) == len(recordings) else CENTRES_PART if centre else 0.0
    writes = {side: sum(r.writes for r in recordings if (r.workflow in centre) == side) for side in (False, True)}
    found = []
    for recording in recordings:
        side = recording.workflow in centre
        part = (for_centre if side else 1 - for_centre) * recording.writes / writes[side]
        found.append(Quarry(recording, make, part))
    return found


@contextmanager
def keys_folder() -> Iterator[Path]:
    """A folder for the checks' keys."""
    place = memory_folder("keys")
    try:
        yield place
    finally:
        shutil.rmtree(place)


@contextmanager
def hunter(recording: Recording) -> Iterator[Hunter]:
    """A hunter of one recording's images, in this process."""
    with keys_folder() as place:
        quarry = quarries([recording], place)[0]
        made = Hunter(recording, quarry.make(recording))
        try:
            yield made
        finally:
            made.close()


def caught(bug: str, *, seed: int) -> Caught:
    """Plant a bug, record its workflow, look for the image that shows it."""
    with hunter(recorded(BUGS[bug], planted=bug)) as hunting:
        account = hunting.until_broken(seed=seed, most=MOST_FOR_A_BUG)
    problems = account.violations[0].problems if account.violations else ()
    checks = tuple(dict.fromkeys(check for check, _ in problems))
    return Caught(bug, BUGS[bug], checks, account.images, problems[0][1] if problems else "")
