"""A sample of `make powercut`: a few hundred crash images of two workflows, and planted bugs that must show.

F26: a power cut at any write; F27: between commit and screen; F28: no slip before its record; I1, I2, I3, I12, I13.
"""

import os

import pytest

from tests.powercut import rig
from tests.powercut.recorder import missing

SEED = int(os.environ.get("TRAM_SEED", "20261122"))

pytestmark = [pytest.mark.integration, pytest.mark.skipif(bool(missing()), reason=missing() or "strace works")]


@pytest.mark.parametrize(("workflow", "cuts", "images", "least"), [("printing", 200, 5, 150), ("ingest", 80, 2, 50)])
def test_no_image_loses_or_halves_an_act(workflow: str, cuts: int, images: int, least: int) -> None:
    """F26, F27, I1, I2, I9: the workflow's last `cuts` operations, `images` of each."""
    with rig.hunter(rig.recorded(workflow)) as hunter:
        last = len(hunter.recording.operations)
        account = hunter.cuts(max(last - cuts, 0), last, images=(0, images), seed=SEED)
    assert account.violations == [], f"TRAM_SEED={SEED}"
    assert len(account.hashes) >= least


@pytest.mark.parametrize("bug", ["synchronous_normal", "print_job_apart"])
def test_a_planted_bug_is_caught(bug: str) -> None:
    """A rig that sees nothing would pass too."""
    found = rig.caught(bug, seed=SEED)
    assert found.checks, f"{bug} got away in {found.images} images, TRAM_SEED={SEED}"
