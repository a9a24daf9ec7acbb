"""A sample of tier S at default speed, and the proof that the rig sees: planted bugs are caught, failures shrink and replay."""

import pytest

from tests.simulation import mutants, schedule, shrinking
from tests.simulation.__main__ import main
from tests.simulation.centre import Centre
from tests.simulation.judging import judge
from tests.simulation.mutants_of_centre import NoUniqueKey
from tests.simulation.schedule import FAULTS

SAMPLE = 160
SEED = 20211003


@pytest.mark.parametrize("part", range(8))
def test_a_sample_of_schedules_breaks_nothing(part):
    """F1 to F105 as far as tier S plants them; `python -m tests.simulation` runs thousands."""
    for number in range(part, SAMPLE, 8):
        found = judge(schedule.make(SEED, number)).violations
        assert found == (), f"python -m tests.simulation --seed {SEED} --schedule {number}"


def test_the_real_ledger_holds_on_its_schedules():
    """F66, F67, F78, I6, I9: the server's own ledger, real signatures, a rebuild at the end."""
    plan = schedule.make(SEED, schedule.REAL_EVERY - 1)
    assert plan.real
    assert judge(plan).violations == ()


def test_a_sample_of_sites_shares_its_queue():
    """F45, F84, I5: keepers killed, moved and cut off; desks that call in the same moment."""
    for number in range(schedule.SITE_EVERY - 2, schedule.SITE_EVERY * 8, schedule.SITE_EVERY):
        plan = schedule.make(SEED + 2, number)
        assert plan.site
        assert judge(plan).violations == (), f"python -m tests.simulation --seed {SEED + 2} --schedule {number}"


def test_at_least_forty_kinds_of_fault():
    assert len(FAULTS) >= 40
    assert all(numbers.startswith("F") and says for numbers, says, _ in FAULTS.values())


def test_a_schedule_depends_on_its_numbers_alone():
    assert schedule.make(3, 4) == schedule.make(3, 4)
    assert schedule.make(3, 4) != schedule.make(4, 3)


@pytest.mark.parametrize(
    "name",
    ["ack_highest", "no_chain", "trust_puback", "name_in_a_log", "resend_changes_bytes", "fallback_serves_all_lanes"],
)
def test_a_planted_bug_is_caught(name):
    count, checkers, _ = mutants.hunt(name, 1)
    assert checkers, f"not caught in {count}"


def test_a_failing_schedule_becomes_small_and_replays(capsys):
    def run(plan):
        return judge(plan, centre_class=NoUniqueKey)

    plan = next(plan for plan in (schedule.make(1, number) for number in range(60)) if run(plan).violations)
    small, verdict = shrinking.shrink(plan, run, most=60)
    assert verdict.violations
    assert len(small.steps) < len(plan.steps)
    drop = shrinking.dropped(plan, small)
    assert plan.without(shrinking.read(drop)) == small
    words = ["--seed", "1", "--schedule", str(plan.number), "--drop", drop, "--mutant", "no_unique_key"]
    assert main(words) == 1
    assert '"violations": 0' not in capsys.readouterr().out.splitlines()[-1]
    assert issubclass(NoUniqueKey, Centre)


def test_a_clone_is_found_as_a_fork_and_nobody_else_is():
    """F44, F77, I4: schedules with copied cards find forks, schedules without find none."""
    with_copy, without = 0, 0
    for number in range(50):
        plan = schedule.make(SEED + 1, number)
        verdict = judge(plan)
        if {"card_cloned", "card_restored"} & set(verdict.faults):
            with_copy += verdict.forks
        else:
            without += verdict.forks
    assert with_copy > 0
    assert without == 0


@pytest.mark.parametrize(
    "number",
    [
        3154,
        4352,
        4663,
        6337,
        8231,
        9017,
        16105,
        17138,
        23110,
        24344,
        29725,
        33559,
        42150,
        43909,
        46447,
        46515,
        48725,
        50848,
        64563,
        64569,
        67790,
        70189,
        94451,
        111499,
        166619,
        177251,
    ],
)
def test_what_long_runs_found_stays_mended(number):
    """Schedules of seed 1 that showed a fault of the product on 23 November 2026; which: README.md."""
    assert judge(schedule.make(1, number)).violations == ()
