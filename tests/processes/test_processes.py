"""Tier P in small: schedules are drawn from a seed alone, one run breaks nothing, and (soak) planted bugs are caught."""

import pytest

from tests.processes.planted import BUGS
from tests.processes.runs import live
from tests.processes.schedule import LENGTH_S, schedule

WITHIN = 10


@pytest.mark.parametrize("seed", range(50))
def test_a_schedule_repeats_and_ends_what_it_begins(seed):
    steps = schedule(seed)
    assert steps == schedule(seed)
    assert steps != schedule(seed + 1)
    assert sum(step.act == "kill" for step in steps) >= 9
    assert sum(bool(step.fault) for step in steps) * 2 == len(steps)
    assert 0 <= steps[0].at <= steps[-1].at <= LENGTH_S


def test_every_kind_is_drawn():
    assert len({step.fault for seed in range(200) for step in schedule(seed) if step.fault}) == 18


@pytest.mark.integration
@pytest.mark.timeout(240)
def test_one_run_of_true_processes_breaks_nothing():
    """F39, F53, I1, I2, I3, I9, I12, I13, I17, I20: eleven kills in 13 seconds. `make faults` lives through many."""
    account = live([1], say=lambda *_: None)
    assert account.violations == []
    assert account.kills >= 9
    assert account.figures["confirmed"] > 0


@pytest.mark.soak
@pytest.mark.timeout(900)
@pytest.mark.parametrize("bug", sorted(BUGS))
def test_a_planted_bug_is_caught(bug):
    account = live(range(100, 100 + WITHIN), planted=bug, say=lambda *_: None, first_only=True)
    assert account.violations
