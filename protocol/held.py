"""What the kiosks of a site hold of each other's records: the signed statement, and the writer's reading of it.

Theory of operation: a kiosk states runs of a neighbour's log, `first` to `last`, each record chained to the one before
by `prev`; the digest at `last` therefore proves every record of the run, and nothing else does: a number says nothing
of a cloned card's other branch. The writer sends again what a living neighbour does not state. Rules:
1. A statement is made of what is durable, after the commit (I2 between neighbours).
2. A record is "also on another box" only under a run whose digest the writer itself has at that number.
3. What the outbox has under way is not offered twice; silence offers again, with a growing wait.
"""

from protocol import canon, fields
from protocol.delivery import RETRY_FIRST_MS, RETRY_LAST_MS, WINDOW
from protocol.errors import ProtocolError

ORDER = ("held", "v", "k")
MAX_RUNS = 64
SAY_EVERY_MS = 60000
# Two statements missing and a slow one: nobody is offered anything who is not there.
ALIVE_MS = 150000
_RUN = (
    ("k", fields.word, True),
    ("inc", fields.hexadecimal(16), True),
    ("first", fields.integer(1), True),
    ("last", fields.integer(1), True),
    ("digest", fields.hexadecimal(64), True),
)
_HELD = (
    ("held", fields.integer(1, 1), True),
    ("v", fields.integer(1, 1000), True),
    ("k", fields.word, True),
    ("runs", fields.list_of(fields.table(_RUN), MAX_RUNS), True),
)


def extend(runs: list, rows) -> None:
    """Put `(seq, digest, prev)` rows, by rising number, behind the `[first, last, digest]` runs they continue."""
    for seq, digest, prev in rows:
        for run in reversed(runs):
            if run[1] == seq - 1 and run[2] == prev:
                run[1] = seq
                run[2] = digest
                break
        else:
            runs.append([seq, seq, digest])


def make_held(k: str, runs: list) -> bytes:
    """The line of a statement of `(k, inc, first, last, digest)` runs; the last ones when they do not all fit."""
    rows = [{"k": run[0], "inc": run[1], "first": run[2], "last": run[3], "digest": run[4]} for run in runs[-MAX_RUNS:]]
    line = canon.write({"held": 1, "v": 1, "k": k, "runs": rows}, ORDER)
    while len(line) > canon.MAX_RECORD:
        rows = rows[len(rows) // 2 :]
        line = canon.write({"held": 1, "v": 1, "k": k, "runs": rows}, ORDER)
    read_held(line)
    return line


def read_held(line: bytes) -> dict:
    """The statement that `line` spells, or `ProtocolError`."""
    value = canon.read(line, ORDER)
    fields.check_table(value, _HELD, "held")
    for run in value["runs"]:
        if run["first"] > run["last"]:
            raise ProtocolError("bad_range", "runs")
    return value


class Beside:
    """One writer's log as its neighbours say that they hold it. Times are monotonic milliseconds handed in."""

    __slots__ = ("_at", "_offered", "_told", "_wait", "inc")

    def __init__(self, inc: str):
        """`inc`: the log's."""
        self.inc = inc
        # Neighbour to (when it last spoke, its runs of this log that are truly ours).
        self._told = {}
        self._offered = 0
        self._at = 0
        self._wait = RETRY_FIRST_MS

    def told(self, who: str, runs: list, now: int) -> None:
        """Neighbour `who` states these `[first, last]` runs, of which the caller has proved that they are ours."""
        before = self._told.get(who)
        if before is None or before[1] != runs:
            self._wait = RETRY_FIRST_MS
            self._at = min(self._at, now + RETRY_FIRST_MS)
        self._told[who] = (now, runs)

    def mark(self, committed: int) -> int:
        """The highest number such that every record behind `committed` up to it stands on another box too."""
        mark = committed
        moved = True
        while moved:
            moved = False
            for _, runs in self._told.values():
                for first, last in runs:
                    if first <= mark + 1 <= last:
                        mark = last
                        moved = True
        return mark

    def poll(self, now: int, first: int, last: int, sent: int, shut=()) -> list:
        """Ranges `(first, last)` to offer now, of the numbers `first` to `last`; the outbox has sent up to `sent`.

        `shut`: ranges that the writer can show no more, for they are sealed.
        """
        alive = [runs for at, runs in self._told.values() if now - at <= ALIVE_MS]
        if not alive or first > last:
            return []
        fresh = max(self._offered, sent, first - 1) + 1
        if fresh <= last:
            # Beyond the outbox's window: the centre is away, the neighbours are not.
            self._offered = min(last, fresh + WINDOW - 1)
            self._at = max(self._at, now + self._wait)
            return [(fresh, self._offered)]
        if now < self._at:
            return []
        self._at = now + self._wait
        self._wait = min(self._wait * 2, RETRY_LAST_MS)
        return _first_of(_missing([list(runs) + list(shut) for runs in alive], first, last), WINDOW)


def _missing(alive: list, first: int, last: int) -> list:
    """The ranges that some living neighbour does not state."""
    found = []
    for runs in alive:
        expected = first
        for start, end in sorted([list(run) for run in runs]):
            if start > expected:
                found.append([expected, min(start - 1, last)])
            expected = max(expected, end + 1)
        if expected <= last:
            found.append([expected, last])
    merged = []
    for start, end in sorted(found):
        if start > end:
            continue
        if merged and start <= merged[-1][1] + 1:
            merged[-1][1] = max(merged[-1][1], end)
        else:
            merged.append([start, end])
    return merged


def _first_of(ranges: list, count: int) -> list:
    found = []
    for start, end in ranges:
        if count <= 0:
            break
        stop = min(end, start + count - 1)
        found.append((start, stop))
        count -= stop - start + 1
    return found
