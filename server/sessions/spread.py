"""People over the hours of a session. Pure: the same people and hours give the same times, and no hour more than it holds."""

from collections import Counter
from collections.abc import Mapping, Sequence

HOUR_MIN = 60
# Nobody is asked to come at 08:37.
STEP_MIN = 5

# (hour of the day, people it holds), in order.
Hours = Sequence[tuple[int, int]]


def spread(people: Sequence[str], *, hours: Hours, kept: Mapping[str, int]) -> dict[str, int]:
    """Minute of the day for each of `people` that fits, who comes first in the list the earliest.

    `kept`: minutes that people have been told already; they stay where the hour is open and has room. Whoever is not in
    the answer found no place.
    """
    room = dict(hours)
    found: dict[str, int] = {}
    for person in people:
        at = kept.get(person)
        if at is not None and room.get(at // HOUR_MIN, 0) > 0:
            found[person] = at
            room[at // HOUR_MIN] -= 1
    waiting = [person for person in people if person not in found]
    shares = share(len(waiting), [room[hour] for hour, _ in hours])
    begun = 0
    for (hour, _), n in zip(hours, shares, strict=True):
        for number, person in enumerate(waiting[begun : begun + n]):
            found[person] = hour * HOUR_MIN + number * HOUR_MIN // n // STEP_MIN * STEP_MIN
        begun += n
    return found


def share(count: int, room: Sequence[int]) -> list[int]:
    """`count` parted in proportion to `room`, never more than a place holds; as much of `count` as there is room.

    What is left after whole numbers goes to the largest remainders, of equal ones to the earlier place.
    """
    whole = sum(room)
    count = min(count, whole)
    if not count:
        return [0] * len(room)
    shares = [count * each // whole for each in room]
    rest = sorted(range(len(room)), key=lambda place: (-(count * room[place] % whole), place))
    for place in rest[: count - sum(shares)]:
        shares[place] += 1
    return shares


def load(minutes: Mapping[str, int]) -> dict[int, int]:
    """Hour to how many people were asked to come in it."""
    return dict(sorted(Counter(at // HOUR_MIN for at in minutes.values()).items()))
