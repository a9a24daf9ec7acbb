"""A sample of `make fuzz`, and the planted bugs it must see. F70, I11."""

import json

import pytest

from tests.fuzz.__main__ import lot, main, seen


def test_a_sample_of_inputs_crashes_nothing_and_loses_nothing(capsys):
    assert main(["--inputs", "2", "--lot", "0", "--size", "600", "--jobs", "1"]) == 0
    account = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert account["inputs"] == 600
    assert account["violations"] == account["crashes"] == 0
    parts = ("accepted", "duplicates", "forks", "quarantined", "quarantined_again")
    assert sum(account[name] for name in parts) == account["pairs"]
    assert all(account[name] for name in parts)


# The others need longer: `make fuzz` plants all.
@pytest.mark.parametrize("name", ["counts_twice", "drops_forks", "drops_the_tail"])
def test_a_planted_bug_is_seen(name):
    assert seen(name, seed=1, size=100)


def test_a_lot_can_be_repeated():
    assert lot(3, seed=1, size=40)[1] == lot(3, seed=1, size=40)[1]
