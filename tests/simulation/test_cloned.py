"""A sample of `make clones`: planted forks are found, a centre that drops them is seen, clean schedules give no alarm (I4, F44, F77)."""

from tests.simulation.cloned import clean, one, planted
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
