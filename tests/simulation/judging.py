"""Runs one schedule and puts every checker over its history. The one place that lists the checkers."""

import traceback
from dataclasses import dataclass

from tests.simulation.centre import Centre
from tests.simulation.checkers import (
    ack_durability,
    chain,
    claims,
    conservation,
    copies,
    doubles,
    effects_once,
    forks,
    ghosts,
    honest_time,
    lines,
    loss,
    order_independence,
    personal_data,
    retention,
    screen_truth,
    slips,
    window,
)
from tests.simulation.kiosk import SimKiosk
from tests.simulation.real_centre import RealCentre
from tests.simulation.site import Site
from tests.simulation.world import World

CHECKERS = (
    loss, doubles, ghosts, ack_durability, effects_once, order_independence, honest_time, conservation, slips, screen_truth,
    forks, chain, personal_data, window, retention, claims, copies, lines,
)  # fmt: skip


@dataclass(frozen=True)
class Verdict:
    """`violations`: `(checker, sentence)`; `faults`: how often each kind was planted."""

    violations: tuple[tuple[str, str], ...]
    faults: dict[str, int]
    records: int
    forks: int


def judge(schedule, *, centre_class=None, kiosk_class=SimKiosk, site_class=Site):
    """The verdict on one schedule. An exception out of the programs under test is a violation too."""
    world = None
    try:
        if schedule.site:
            world = site_class(schedule)
        else:
            centre = centre_class or (RealCentre if schedule.real else Centre)
            world = World(schedule, centre_class=centre, kiosk_class=kiosk_class)
        history = world.run()
    except Exception as error:  # noqa: BLE001 - loop edge: a crash is a finding, and the next schedule goes on
        where = traceback.extract_tb(error.__traceback__)[-1]
        told = f"{type(error).__name__}: {error} in {where.name}, {where.filename.rsplit('/', 1)[-1]}:{where.lineno}"
        return Verdict((("crash", told),), dict(world.faults) if world else {}, world.records if world else 0, 0)
    found = []
    for checker in CHECKERS:
        name = checker.__name__.rsplit(".", 1)[-1]
        found.extend((name, sentence) for sentence in checker.check(history))
    return Verdict(tuple(found), dict(world.faults), world.records, len(history.forks))
