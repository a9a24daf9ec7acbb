"""A kiosk asks its neighbours for the records of a dead one, or of the one in whose place it stands: what, whom, and the words.

Theory of operation: neighbours state what they hold (`held`); whatever of a wanted writer's logs they state and we lack is
asked for, one window of one neighbour at a time, the newest first: what is sealed already is not told, and today is on top.
Silence asks the next one. Copies come as they were signed, on the neighbour's own `up`; whoever else hears them has them already
or keeps them too. Nothing is asked of a living writer's log: it offers its own. Only the writer itself asks for records of its
own log that its disk has spoilt: its neighbours, then the centre.
"""

from protocol import canon, fields
from protocol.delivery import RETRY_FIRST_MS, RETRY_LAST_MS, WINDOW
from protocol.errors import ProtocolError
from protocol.held import ALIVE_MS

ORDER = ("want", "v", "k", "from")
# In the place of a neighbour: on the writer's own `up`, answered with its own pairs on `down`.
CENTRE = "centre"
_WANT = (
    ("want", fields.integer(1, 1), True),
    ("v", fields.integer(1, 1000), True),
    ("k", fields.word, True),
    ("from", fields.word, True),
    ("of", fields.word, True),
    ("inc", fields.hexadecimal(16), True),
    ("first", fields.integer(1), True),
    ("last", fields.integer(1), True),
)


def is_want(line: bytes) -> bool:
    """Is this line a question, and no statement of what is held?"""
    return line.startswith(b'{"want":')


def make_want(k: str, ask: tuple) -> bytes:
    """The line by which `k` asks for `(neighbour, of, inc, first, last)`; `ProtocolError` when `read_want` would refuse it."""
    neighbour, of, inc, first, last = ask
    value = {"want": 1, "v": 1, "k": k, "from": neighbour, "of": of, "inc": inc, "first": first, "last": last}
    line = canon.write(value, ORDER)
    read_want(line)
    return line


def read_want(line: bytes) -> dict:
    """The question that `line` spells, or `ProtocolError`."""
    value = canon.read(line, ORDER)
    fields.check_table(value, _WANT, "want")
    if value["first"] > value["last"]:
        raise ProtocolError("bad_range", "want")
    return value


class Wanting:
    """What one kiosk asks its neighbours for. Times are monotonic milliseconds handed in."""

    __slots__ = ("_asked", "_at", "_told", "_turn", "_wait", "_who")

    def __init__(self):
        """Nobody has stated anything."""
        # Neighbour to (when it last spoke, its statement's runs as (k, inc, first, last)).
        self._told = {}
        self._asked = None
        self._who = ""
        self._at = 0
        self._turn = 0
        self._wait = RETRY_FIRST_MS

    def told(self, who: str, runs: list, now: int) -> None:
        """Neighbour `who` states these runs, as `held.read_held` gives them."""
        self._told[who] = (now, [(run["k"], run["inc"], run["first"], run["last"]) for run in runs])

    def logs(self, now: int) -> set:
        """The logs `(k, inc)` of which the neighbours who still speak say they hold something."""
        return {run[:2] for at, runs in self._told.values() if now - at <= ALIVE_MS for run in runs}

    def stated(self, now: int) -> dict:
        """How many records of each writer the neighbours who still speak say they hold, at the least."""
        found = {}
        for at, runs in self._told.values():
            if now - at <= ALIVE_MS:
                counts = {}
                for k, _inc, first, last in runs:
                    counts[k] = counts.get(k, 0) + last - first + 1
                for k, count in counts.items():
                    found[k] = max(found.get(k, 0), count)
        return found

    def poll(self, now: int, wanted, held: dict):
        """The `(neighbour, of, inc, first, last)` to ask now, or None.

        `wanted`: writers whose logs are asked for, and single logs as `(k, inc)`; `held`: `(k, inc)` to the
        `[first, last, …]` runs that are here.
        """
        asks = []
        for who in sorted(self._told):
            at, runs = self._told[who]
            if now - at > ALIVE_MS:
                continue
            for k, inc, first, last in runs:
                if (k in wanted or (k, inc) in wanted) and k != who:
                    hole = _last_hole(held.get((k, inc), ()), first, last)
                    if hole is not None:
                        asks.append((who, k, inc, max(hole[0], hole[1] - WINDOW + 1), hole[1]))
        if not asks:
            self._asked = None
            self._wait = RETRY_FIRST_MS
            return None
        moved = self._asked is not None and self._asked not in [ask[1:] for ask in asks]
        if moved:
            # The answer to the last question is here: the same neighbour is asked on.
            self._wait = RETRY_FIRST_MS
        elif now < self._at:
            return None
        elif self._asked is not None:
            self._turn += 1
            self._wait = min(self._wait * 2, RETRY_LAST_MS)
        on = [ask for ask in asks if moved and ask[0] == self._who and ask[1:3] == self._asked[:2]]
        ask = on[0] if on else asks[self._turn % len(asks)]
        self._who, self._asked = ask[0], ask[1:]
        self._at = now + self._wait
        return ask


def _last_hole(runs, first: int, last: int):
    """The last numbers of `first`…`last` that no run covers, as `(first, last)`, or None."""
    at = last
    for run in sorted([(one[0], one[1]) for one in runs], reverse=True):
        if run[1] < at:
            return (max(run[1] + 1, first), at) if at >= first else None
        at = min(at, run[0] - 1)
    return (first, at) if at >= first else None
