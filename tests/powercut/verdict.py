"""What was found in an image against what had been confirmed when the power went. Pure.

Three checks stand here: `told` (every record that a screen or an acknowledgement named before the cut is there),
`confirmed` (the state is not older than the last confirmed one) and `whole` (the act under way is there in full or not
at all: the image says exactly what the program said after some act).
"""

from dataclasses import dataclass
from functools import cached_property

from tests.powercut.recorder import Dump, Recording
from tests.powercut.trace import Mark

Problem = tuple[str, str]
# Tables of either side from which no row may ever vanish.
KEEPING = ("record", "sealed_record", "quarantine", "fork")


@dataclass(frozen=True)
class Opened:
    """An image once opened: name of the state it says (empty: unreadable), that state, and what was wrong in itself."""

    digest: str
    dump: Dump
    problems: list[Problem]


class Confirmations:
    """What had been confirmed at each point of a recording."""

    def __init__(self, recording: Recording):
        self._recording = recording
        self._at: dict[str, list[int]] = {}
        for number, state in enumerate(recording.states):
            self._at.setdefault(state.digest, []).append(number)
        self._missing: dict[tuple[int, str], list[Problem]] = {}
        # What stood on the disk before the workflow began was confirmed long ago.
        lost = _lost(recording.given.get("before", {}), recording.states[0].dump)
        self._at_start = [("confirmed", f"gone since the program started: {lost}")] if lost else []

    @cached_property
    def _before(self) -> list[int]:
        """Per operation the number of the last mark up to it; -1 for none."""
        found, last = [], -1
        for operation in self._recording.operations:
            last = operation.number if isinstance(operation, Mark) else last
            found.append(last)
        return found

    def shortened(self, opened: Opened) -> Opened:
        """The same to `judge`, in less memory: a state that the program knew need not be spelled out."""
        return Opened(opened.digest, {}, opened.problems) if opened.digest in self._at else opened

    def judge(self, cut: int, opened: Opened) -> list[Problem]:
        """What is wrong with `opened`, an image of a cut right after operation `cut`."""
        if not opened.digest:
            return opened.problems
        return [*self._at_start, *self._told(cut, opened), *self._state(cut, opened), *opened.problems]

    def _told(self, cut: int, opened: Opened) -> list[Problem]:
        confirmed = self._before[cut]
        if confirmed < 0:
            return []
        key = (confirmed, opened.digest)
        if key not in self._missing:
            numbers = self._at.get(opened.digest)
            said = self._recording.states[numbers[0]].dump if numbers else opened.dump
            text = "\n".join(row for name in KEEPING for row in said.get(name, []))
            told = self._recording.states[confirmed].told
            count = sum(not any(one in text for one in either.split("|")) for either in told)
            self._missing[key] = [("told", f"{count} records that were told of are nowhere")] if count else []
        return self._missing[key]

    def _state(self, cut: int, opened: Opened) -> list[Problem]:
        states = self._recording.states
        confirmed = self._before[cut]
        # The first state is that of a store just opened: an image older than it becomes it when it is opened.
        allowed = [number for number in (max(confirmed, 0), confirmed + 1) if number < len(states)]
        if any(states[number].digest == opened.digest for number in allowed):
            return []
        numbers = self._at.get(opened.digest, [])
        if any(number < confirmed for number in numbers):
            lost = f"the disk is as after {states[max(numbers)].act!r}, but {states[confirmed].act!r} was confirmed"
            return [("confirmed", lost)]
        if numbers:
            return [("whole", f"the disk is ahead of the program: {states[min(numbers)].act!r}")]
        return _compared(states[allowed[0]].dump, opened.dump, states[allowed[-1]].act)


def _lost(confirmed: Dump, found: Dump) -> str:
    """Which of the tables that only grow have lost rows, and how many."""
    gone = {name: len(set(confirmed.get(name, [])) - set(found.get(name, []))) for name in KEEPING}
    return ", ".join(f"{count} of {name}" for name, count in gone.items() if count)


def _compared(confirmed: Dump, found: Dump, act: str) -> list[Problem]:
    if lost := _lost(confirmed, found):
        return [("confirmed", f"confirmed rows are not on the disk: {lost}")]
    changed = sorted(name for name in found if found[name] != confirmed.get(name))
    return [("whole", f"{act!r} is there by half: changed are {', '.join(changed)}, and no act does only that")]
