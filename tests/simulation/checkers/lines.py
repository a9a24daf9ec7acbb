"""The kiosks of a site that have exchanged everything show the same people in line, and of each the same state."""

from tests.simulation.lines import differ


def check(history):
    lines = {one["dev"]: one["people"] for kind, _at, one in history.events if kind == "line"}
    return [f"{device} does not show {visit} in line as its neighbour does" for device, visit in differ(lines)]
