"""The README names every kind of fault, every checker and every planted bug; no checker is left out of the judging."""

from pathlib import Path

from tests.simulation.judging import CHECKERS
from tests.simulation.mutants import MUTANTS
from tests.simulation.schedule import FAULTS

HERE = Path(__file__).parent
README = (HERE / "README.md").read_text("utf-8")


def test_every_checker_file_judges():
    files = {path.stem for path in (HERE / "checkers").glob("*.py")} - {"__init__"}
    assert files == {checker.__name__.rsplit(".", 1)[-1] for checker in CHECKERS}


def test_the_readme_lists_faults_checkers_and_planted_bugs():
    for name in (*FAULTS, *MUTANTS):
        assert f"| `{name}` |" in README, name
    for checker in CHECKERS:
        assert f"| `{checker.__name__.rsplit('.', 1)[-1]}` |" in README


def test_at_least_thirty_bugs_are_planted_each_with_a_sentence():
    assert len(MUTANTS) >= 30
    assert all((mutant.__doc__ or "").strip() for mutant, _ in MUTANTS.values())
