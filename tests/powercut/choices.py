"""Which crash images are built at one point of a recording: a long list, the telling ones first. Pure, seeded.

In this order: everything on its way lost; everything arrived; the last write torn at every sector boundary, with the
ones before it arrived and with them lost; every subset when few things are on their way; then subsets, tears and
lists of names drawn from the seed.
"""

import itertools
from collections.abc import Iterator
from random import Random

from tests.powercut.disk import Choice, Disk, sectors
from tests.powercut.trace import Truncate, Write

# With at most so many things on their way (64 subsets) all subsets are built.
FEW = 6
# All subsets being built, what is left to draw are tears: at most so many for each thing on its way.
TEARS = 12
# Far more than anybody asks for, and an end for a point that has less to give than is asked.
MOST_DRAWS = 20_000
# How likely each thing on its way has arrived; drawn anew per image.
LIKELY = (0.05, 0.3, 0.5, 0.7, 0.95)


def choices(disk: Disk, *, last: int, random: Random) -> Iterator[Choice]:
    """What a cut right after (or within) operation `last` may leave, each once."""
    seen = set()
    for choice in _listed(disk, last, random):
        if choice not in seen:
            seen.add(choice)
            yield choice


def _listed(disk: Disk, last: int, random: Random) -> Iterator[Choice]:
    under_way = disk.under_way()
    lengths = tuple(len(folder.pending) for folder in disk.folders())
    every, nothing = frozenset(under_way), tuple(0 for _ in lengths)
    yield Choice(frozenset(), nothing)
    yield Choice(every, lengths)
    yield Choice(every, nothing)
    yield Choice(frozenset(), lengths)
    yield from _last_torn(under_way, lengths, last)
    parts = itertools.product(*(range(length + 1) for length in lengths))
    few = len(under_way) + sum(lengths) <= FEW
    if few:
        for names in parts:
            for size in range(len(under_way) + 1):
                for kept in itertools.combinations(under_way, size):
                    yield Choice(frozenset(kept), names)
    draws = range(TEARS * len(under_way) if few else MOST_DRAWS)
    for _ in draws:
        yield _drawn(under_way, lengths, random)


def _last_torn(under_way: dict[int, Write | Truncate], lengths: tuple[int, ...], last: int) -> Iterator[Choice]:
    operation = under_way.get(last)
    if not isinstance(operation, Write):
        return
    touched = list(sectors(operation))
    for count in range(1, len(touched)):
        for arrived in (frozenset(touched[:count]), frozenset(touched[count:])):
            for kept in (frozenset(under_way), frozenset((last,))):
                yield Choice(kept, lengths, ((last, arrived),))


def _drawn(under_way: dict[int, Write | Truncate], lengths: tuple[int, ...], random: Random) -> Choice:
    likely = random.choice(LIKELY)
    indices = list(under_way)
    style = random.randrange(4)
    if style == 0 and indices:
        # The cut of a disk that writes in order: a first part, and the next write by half.
        kept = indices[: random.randrange(len(indices)) + 1]
    elif style == 1 and indices:
        # One write overtaken by all those after it.
        kept = [index for index in indices if index != random.choice(indices)]
    else:
        kept = [index for index in indices if random.random() < likely]
    torn = []
    for index in kept:
        operation = under_way[index]
        if isinstance(operation, Write) and random.random() < (0.5 if index == kept[-1] else 0.05):
            touched = list(sectors(operation))
            if len(touched) > 1:
                torn.append((index, frozenset(sector for sector in touched if random.random() < 0.5)))
    names = tuple(random.randint(0, length) for length in lengths)
    return Choice(frozenset(kept), names, tuple(torn))
