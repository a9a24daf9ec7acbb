"""QUALITY.toml against the tables and the tests: a rule is done, or exempt with a reason that one can read."""

import tomllib
from pathlib import Path

import pytest

from kiosk import hardware

FOLDER = Path(hardware.__file__).parent
TESTS = Path(__file__).parent
QUALITY = tomllib.loads((FOLDER / "QUALITY.toml").read_text("utf-8"))
RULES = {
    "contract",
    "driver",
    "fake",
    "contract_suite",
    "failures",
    "status_words",
    "time_limits",
    "reopens",
    "lazy_library",
    "real_device",
}


def test_every_table_has_a_row():
    tables = {name for name, value in vars(hardware).items() if name.isupper() and isinstance(value, dict)}
    assert {row["table"] for row in QUALITY.values()} == tables


@pytest.mark.parametrize("idea", sorted(QUALITY))
def test_every_rule_is_done_or_exempt_with_a_reason(idea):
    row = dict(QUALITY[idea])
    row.pop("table")
    assert set(row) == RULES
    for rule, state in row.items():
        assert state == "done" or len(state["exempt"]) > 20, rule


@pytest.mark.parametrize("idea", sorted(QUALITY))
def test_what_is_done_is_there(idea):
    row = QUALITY[idea]
    table = getattr(hardware, row["table"])
    assert (FOLDER / f"{idea}.py").is_file()
    if row["fake"] == "done":
        assert "fake" in table
        assert (FOLDER / f"{idea}_fake.py").is_file()
    if row["driver"] == "done":
        assert set(table) - {"fake"}
    if row["contract_suite"] == "done":
        assert (TESTS / f"test_{idea}.py").is_file()
