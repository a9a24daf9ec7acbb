"""A schedule: what people do and what goes wrong, drawn from `(seed, number)` alone. Dropping a step shifts no other."""

import random
from dataclasses import dataclass, replace

from tests.simulation import (
    faults_of_centre,
    faults_of_kiosks,
    faults_of_sites,
    faults_of_time,
    faults_of_wires,
    papers,
    site,
)

SITE_ACTS, SITE_FAULTS = site.ACTS, faults_of_sites.FAULTS
CENTRE_FAULTS = {**faults_of_centre.FAULTS, **faults_of_time.FAULTS, **papers.FAULTS}
FAULTS = {**faults_of_wires.FAULTS, **faults_of_kiosks.FAULTS, **CENTRE_FAULTS, **SITE_FAULTS}
# What people do, by weight.
ACTS = {
    "check_in": 12, "screen": 11, "inject": 11, "inject_undo": 1, "release": 5, "release_early": 3, "react": 2, "miss": 1,
    "receive_stock": 1, "correct": 1, "look": 2,
}  # fmt: skip
# What else a day brings; drawn by dice of its own, behind the rest, so that a schedule's number keeps its story.
DAYS_ACTS = ("screen_out", "end_vial", "open_day", "close_day", "late_dose", "alarm_seen")
# Every so many schedules run on the real ledger with real signatures.
REAL_EVERY = 250
SITE_EVERY = 50


@dataclass(frozen=True)
class Step:
    """One act of people or one fault, in round `at`, at kiosk number `kiosk`; `pick` settles its details."""

    index: int
    at: int
    what: str
    kiosk: int
    pick: int
    double: bool

    def is_fault(self):
        return self.what in FAULTS


@dataclass(frozen=True)
class Schedule:
    """`waits`: milliseconds before each round."""

    seed: int
    number: int
    kiosks: int
    waits: tuple[int, ...]
    steps: tuple[Step, ...]
    real: bool
    # A site whose kiosks share one queue, instead of kiosks and their centre.
    site: bool = False

    def without(self, indexes):
        """The same schedule with some steps left out."""
        return replace(self, steps=tuple(step for step in self.steps if step.index not in indexes))


def of_site(number):
    """Is schedule `number` a site's?"""
    return number % SITE_EVERY == SITE_EVERY - 2


def make(seed, number):
    """Schedule `number` of `seed`."""
    if of_site(number):
        return _make_site(seed, number)
    dice = random.Random(f"{seed}:{number}")
    rounds = dice.randint(24, 70)
    waits = tuple(_wait(dice) for _ in range(rounds))
    kiosks = dice.choice((1, 1, 2, 2, 3))
    people = [
        (dice.randrange(rounds), what) for what in dice.choices(list(ACTS), list(ACTS.values()), k=dice.randint(18, 55))
    ]
    # A few kinds per schedule, each several times: rare meetings of two faults come up sooner than with all at once.
    kinds = dice.sample(sorted(set(FAULTS) - set(SITE_FAULTS)), dice.randint(2, 8))
    faults = [(dice.randrange(rounds), dice.choice(kinds)) for _ in range(dice.randint(2, 14))] if number % 20 else []
    if "restored" in kinds:
        faults.append((dice.randrange(rounds), "backed_up"))
    if "night" in kinds:
        faults += [(dice.randrange(rounds), what) for what in ("night", "night", "backed_up", "restored")]
        # A clock that runs weeks ahead is what a month must not be counted by.
        faults += [(dice.randrange(rounds), "clock_forward") for _ in range(dice.randrange(3))]
    doubles = dice.choice((0.0, 0.1, 0.5))
    steps = tuple(
        Step(index, at, what, dice.randrange(8), dice.getrandbits(31), dice.random() < doubles)
        for index, (at, what) in enumerate(sorted(people + faults))
    )
    more = random.Random(f"{seed}:{number}:day")
    steps += tuple(
        Step(
            len(steps) + index,
            more.randrange(rounds),
            more.choice(DAYS_ACTS),
            more.randrange(8),
            more.getrandbits(31),
            doubles > more.random(),
        )
        for index in range(more.randrange(6))
    )
    return Schedule(seed, number, kiosks, waits, steps, number % REAL_EVERY == REAL_EVERY - 1)


def _make_site(seed, number):
    """A schedule of a site: staff at several desks, waits of seconds as between two touches, faults of its queue."""
    dice = random.Random(f"{seed}:{number}:site")
    rounds = dice.randint(10, 24)
    waits = tuple(dice.choice((200, 400, 700, 1_500, 3_000, 8_000, 60_000)) for _ in range(rounds))
    names, weights = list(SITE_ACTS), list(SITE_ACTS.values())
    people = [(dice.randrange(rounds), what) for what in dice.choices(names, weights, k=dice.randint(20, 60))]
    kinds = dice.sample(sorted(SITE_FAULTS), dice.randint(1, 5))
    faults = (
        [(dice.randrange(rounds), dice.choice(kinds)) for _ in range(dice.randint(1, 10))]
        if number // SITE_EVERY % 8
        else []
    )
    steps = tuple(
        Step(index, at, what, dice.randrange(8), dice.getrandbits(31), dice.random() < 0.2)
        for index, (at, what) in enumerate(sorted(people + faults))
    )
    return Schedule(seed, number, dice.choice((2, 3, 3, 4)), waits, steps, real=False, site=True)


def _wait(dice):
    kind = dice.random()
    if kind < 0.5:
        return dice.randint(50, 500)
    if kind < 0.8:
        return dice.randint(500, 4_000)
    if kind < 0.95:
        return dice.randint(10_000, 70_000)
    return dice.randint(300_000, 2_100_000)
