"""Settings in the code are the settings in the README."""

import pytest

from tests.consistency.settings_table import PROGRAMS, programs_with_settings, readme, written


def test_programs_are_listed():
    assert PROGRAMS


@pytest.mark.parametrize("program", programs_with_settings())
def test_readme_shows_the_settings(program):
    assert readme(program).is_file(), f"{program}/README.md is missing"
    text = readme(program).read_text("utf-8")
    assert text == written(text, program), "run `python -m tests.consistency.settings_table --write`"
