"""Each planted bug of tier P still replaces something that is there: one that a rename left hanging proves nothing."""

import inspect
import sys

import pytest

from tests.processes.planted import BUGS

HOUSES = ("kiosk", "server", "protocol")


def _owners():
    """Our modules and classes, and what stands in each now."""
    modules = [module for name, module in sys.modules.items() if name.split(".")[0] in HOUSES]
    members = [one for module in modules for one in vars(module).values() if inspect.isclass(one)]
    ours = [one for one in members if one.__module__.split(".")[0] in HOUSES]
    return {owner: dict(vars(owner)) for owner in (*modules, *ours)}


@pytest.fixture
def before():
    """Our houses as they are, and again so afterwards."""
    found = _owners()
    yield found
    for owner, name in _changed(found):
        if name in found[owner]:
            setattr(owner, name, found[owner][name])
        else:
            delattr(owner, name)


def _changed(before):
    return [
        (owner, name)
        for owner, there in before.items()
        for name, value in vars(owner).items()
        if name not in there or value is not there[name]
    ]


@pytest.mark.parametrize("bug", sorted(BUGS))
def test_it_replaces_what_is_there_and_adds_nothing(before, bug):
    BUGS[bug]()
    changed = _changed(before)
    assert changed
    assert [name for owner, name in changed if name not in before[owner]] == []
