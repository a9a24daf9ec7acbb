"""`make powercut IMAGES=n SEED=s`: planted bugs first, then every workflow; the last line is the account as JSON.

`python -m tests.powercut --replay FILE --cut N --nth M --seed S` builds one image of a kept recording again.
"""

import itertools
import json
import os
import random
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import click

from tests.conftest import REPOSITORY
from tests.powercut import rig
from tests.powercut.disk import Disk
from tests.powercut.hunt import Account, Violation, chosen, hunt
from tests.powercut.recorder import Recording, load, missing, write_folder

KEPT = REPOSITORY / "artefacts" / "powercut"


@click.command(help=__doc__)
@click.option("--images", default=50_000, show_default=True, help="distinct images to judge")
@click.option("--seed", default=0, help="repeats the choice of images; 0 draws one")
@click.option("--workers", default=os.cpu_count() or 1, show_default=True, help="processes")
@click.option("--workflow", multiple=True, type=click.Choice(rig.WORKFLOWS), help="only these")
@click.option("--planted/--no-planted", default=True, help="catch the planted bugs first")
@click.option("--replay", type=click.Path(exists=True, path_type=Path), help="a kept recording")
@click.option("--cut", default=0, help="with --replay: the operation after which the power goes")
@click.option("--nth", default=0, help="with --replay: which image of that cut")
def main(*, images, seed, workers, workflow, planted, replay, cut, nth):
    """See the module."""
    if reason := missing():
        sys.exit(f"Nothing can be recorded here: {reason}")
    seed = seed or random.SystemRandom().randrange(1, 1_000_000)
    if replay:
        sys.exit(again(load(replay), cut=cut, nth=nth, seed=seed))
    print(f"seed {seed}, {workers} processes", flush=True)
    begun = time.monotonic()
    bugs = [rig.caught(bug, seed=seed) for bug in rig.BUGS] if planted else []
    for one in bugs:
        by = (
            f"caught by {', '.join(one.checks)} after {one.images} images: {one.sentence[:110]}"
            if one.checks
            else "NOT CAUGHT"
        )
        print(f"  bug {one.bug} in {one.workflow}: {by}", flush=True)
    recordings = [rig.recorded(name) for name in workflow or rig.WORKFLOWS]
    with rig.keys_folder() as place:
        accounts = hunt(rig.quarries(recordings, place), distinct=images, seed=seed, workers=workers, say=said_now)
    for recording in recordings:
        told(recording, accounts[recording.workflow], seed)
    distinct = sum(len(account.hashes) for account in accounts.values())
    violations = sum(account.broken for account in accounts.values())
    escaped = [one.bug for one in bugs if not one.checks]
    account = {
        "images": sum(account.images for account in accounts.values()), "distinct": distinct, "workflows": len(recordings),
        "writes": sum(recording.writes for recording in recordings), "violations": violations,
        "bugs": len(bugs), "bugs_caught": len(bugs) - len(escaped), "seed": seed,
        "seconds": round(time.monotonic() - begun, 1),
    }  # fmt: skip
    print(json.dumps(account), flush=True)
    sys.exit(1 if violations or escaped or distinct < images else 0)


def said_now(line: str) -> None:
    """Progress, at once."""
    print(line, flush=True)


def told(recording: Recording, account: Account, seed: int) -> None:
    """One line per workflow; for what is wrong, the recording is kept and the commands that show it again."""
    print(
        f"  {recording.workflow}: {recording.writes} writes and syncs, {len(recording.states)} confirmations,"
        f" {account.images} images, {len(account.hashes)} distinct, {account.broken} violations"
    )
    if account.violations:
        kept = KEPT / f"{recording.workflow}-{seed}.recording"
        recording.save(kept)
        for violation in account.violations[:5]:
            where = f"--replay {kept} --cut {violation.cut} --nth {violation.nth} --seed {seed}"
            print(f"    {said(violation)}\n    python -m tests.powercut {where}")


def said(violation: Violation) -> str:
    """A violation in one line."""
    return f"cut {violation.cut}, image {violation.nth}: " + "; ".join(
        f"{check}: {text}" for check, text in violation.problems
    )


def again(recording: Recording, *, cut: int, nth: int, seed: int) -> int:
    """Build one image once more, leave it in `artefacts/powercut/image`, judge it; the exit code."""
    disk = Disk(recording.base)
    for index, operation in enumerate(recording.operations[: cut + 1]):
        disk.take(index, operation)
    choice = next(itertools.islice(chosen(recording, disk, cut, seed), nth, None))
    write_folder(KEPT / "image", disk.image(choice))
    lost = sorted(set(disk.under_way()) - choice.kept)
    print(f"{recording.workflow}, after {recording.operations[cut].__class__.__name__} {cut}:")
    print(f"  lost {lost}, torn {choice.torn}, names {choice.names}")
    with rig.hunter(recording) as hunter:
        account = hunter.cuts(cut, cut + 1, images=(nth, nth + 1), seed=seed)
    return report(account.violations)


def report(violations: Sequence[Violation]) -> int:
    """Print what is wrong; 0 when nothing is."""
    for violation in violations:
        print(said(violation))
    print("as it should be" if not violations else f"{len(violations)} violations")
    return 1 if violations else 0


if __name__ == "__main__":
    main()
