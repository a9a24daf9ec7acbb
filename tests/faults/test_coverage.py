"""COVERAGE.toml names every fault from F1 to F106, each with tests that exist or with the issue it waits for."""

import ast
import tomllib
from pathlib import Path

import pytest

from tests.consistency.sources import REPOSITORY, tree

TABLE = tomllib.loads((Path(__file__).parent / "COVERAGE.toml").read_text("utf-8"))
FAULTS = [f"F{number}" for number in range(1, 107)]


def functions(path):
    """The names of a test file's functions, parsed and not imported."""
    return {node.name for node in ast.walk(tree(path)) if isinstance(node, ast.FunctionDef)}


def test_every_number_is_there_once_and_in_order():
    assert list(TABLE) == FAULTS


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_has_tests_or_says_what_it_waits_for(fault):
    row = TABLE[fault]
    assert set(row) <= {"fault", "tests", "part", "waits"}
    assert row["fault"].strip()
    assert ("tests" in row) != ("waits" in row), "either tests or a reason to wait"
    if "waits" in row:
        issue, _, reason = row["waits"].partition(": ")
        assert issue.removeprefix("issue ").isdigit()
        assert len(reason) > 10
    else:
        assert row["tests"]


@pytest.mark.parametrize("fault", FAULTS)
def test_the_tests_named_exist(fault):
    for name in TABLE[fault].get("tests", ()):
        path, _, function = name.partition("::")
        assert (REPOSITORY / path).is_file(), name
        assert function in functions(REPOSITORY / path), name


def test_more_is_covered_than_waits():
    waiting = [fault for fault in FAULTS if "waits" in TABLE[fault]]
    assert len(waiting) <= 6, "what is covered today stays covered"
