"""A sample of `make clones`: planted forks are found, a centre that drops them is seen, clean schedules give no alarm (I4, F44, F77)."""

import itertools

from tests.simulation import schedule
from tests.simulation.cloned import clean, one, planted, without_sites
from tests.simulation.mutants_of_centre import DropsForks

SAMPLE = range(12)


def test_planted_forks_are_found_and_each_machine_goes_on_in_a_log_of_its_own():
    runs = [one(number, seed=2, make=planted) for number in SAMPLE]
    assert sum(run[1] for run in runs) == sum(run[2] for run in runs) > 0
    assert sum(run[3] for run in runs) > 0
    assert [said for run in runs for said in run[5]] == []


def test_a_centre_that_drops_the_second_branch_is_seen():
    runs = [one(number, seed=2, make=planted, centre_class=DropsForks) for number in SAMPLE]
    assert sum(run[2] for run in runs) < sum(run[1] for run in runs)


def test_clean_schedules_give_no_alarm():
    runs = [one(number, seed=2, make=clean) for number in SAMPLE]
    assert [run[1:5] for run in runs] == [(0, 0, 0, 0)] * len(SAMPLE)


def test_no_site_is_among_the_schedules():
    """A site's steps are another world's: the first one ended every longer run."""
    numbers = list(itertools.islice(without_sites(), 2 * schedule.SITE_EVERY))
    assert not any(schedule.make(2, number).site for number in numbers)
    assert len(numbers) < numbers[-1] + 1
