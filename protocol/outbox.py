"""The sending end: what to send now, what is safe. Knows numbers only; the shell loads the bytes and sends them.

Rules:
1. A record is safe only when an acknowledgement's contiguous mark covers it (never on PUBACK, never on "sent").
2. At most WINDOW records are under way; silence sends them again after a growing, jittered wait; progress resets it, to
   twice the time the last answer took: where hundreds come back at once, sending again only makes the centre's line longer.
3. A mark lower than one seen before is believed: the server was restored from a backup and gets its records again.
4. Where the server holds other records than ours under our name, this card was cloned or put back. No mark of this log
   says any more that ours are there, not even an earlier one (the server may have been put back as well): all are sent
   again and again, fresh ones first, window by window, until the kiosk writes in a new incarnation.
5. Numbers up to `gone` are on this disk no more (they outlived their time in an off-host backup): sending begins behind
   them, whatever mark a server without memory names.
6. A copy that reached the server damaged covers its number but says nothing: ours is sent again while a status names it.
"""

from protocol import canon
from protocol.delivery import FINAL, HELLO_EVERY_MS, RETRY_FIRST_MS, RETRY_LAST_MS, SLOWEST_MS, WINDOW
from protocol.fields import digits
from protocol.inbox import HELLO_ORDER, read_hello


class Outbox:
    """One writer's sending state. All times are monotonic milliseconds handed in."""

    __slots__ = (
        "_again",
        "_base",
        "_connected",
        "_dispute_at",
        "_disputed",
        "_floor",
        "_hello_at",
        "_need_at",
        "_next",
        "_retry_at",
        "_timed",
        "_timed_at",
        "_wait",
        "committed",
        "forked",
        "gone",
        "inc",
        "k",
        "last",
    )

    def __init__(self, k: str, inc: str, *, last: int, committed: int, forked: bool = False, gone: int = 0):
        """`last`: the log's last number; `committed`: the mark of the last acknowledgement stored.

        `forked`: was this log found to be one of two (a status `fork` is stored)? `gone`: numbers up to it are deleted.
        """
        self.k = k
        self.inc = inc
        self.last = last
        self.committed = 0 if forked else committed
        self.gone = gone
        # Does the server hold other records than ours under our name? Staff must know (faults F44, F77). It stays so:
        # only a new incarnation ends it.
        self.forked = forked
        self._connected = False
        self._base = max(committed, gone)
        self._next = self._base + 1
        self._disputed = []
        self._dispute_at = 0
        self._again = []
        self._need_at = 0
        self._hello_at = 0
        self._retry_at = 0
        self._wait = RETRY_FIRST_MS
        # The number whose answer is awaited, 0 for none, and since when; the least wait that the last answer taught.
        self._timed = 0
        self._timed_at = 0
        self._floor = RETRY_FIRST_MS

    def connected(self, now: int) -> None:
        """The subscription to our `down` topic stands: say hello, send from the mark on."""
        self._connected = True
        self._hello_at = now
        # Two clones throw each other off the broker: each time the turn of the next window has come.
        self._base = self._next_window() if self.forked else max(self.committed, self.gone)
        self._rewind(now)

    def disconnected(self) -> None:
        """The connection is gone; nothing is sent until it is back."""
        self._connected = False

    def appended(self, last: int) -> None:
        """The log has grown to `last`."""
        if last > self.last:
            if self.forked:
                self._base = self.last
                self._next = self.last + 1
            self.last = last

    def dropped(self, upto: int) -> None:
        """Numbers up to `upto` are deleted here."""
        self.gone = max(self.gone, upto)

    def acked(self, ack: dict, now: int, held: str = "") -> bool:
        """Take an acknowledgement (already verified). True when the safe mark has moved.

        `held`: the digest of our record number `ack["committed"]`, empty when there is none.
        """
        if ack["k"] != self.k or ack["inc"] != self.inc:
            return False
        mark = ack["committed"]
        head = ack.get("head", "")
        told = self._dispute(ack.get("status", []))
        if told or mark > self.last or (head and held and head != held):
            self.forked = True
        if self.forked:
            moved = self.committed > 0
            self.committed = 0
            return moved
        moved = mark != self.committed
        base = max(mark, self.gone)
        if mark < self.committed:
            self._next = base + 1
        self.committed = mark
        self._base = base
        if self._next <= base:
            self._next = base + 1
        # A hole that reaches up to the last record sent is still under way: silence sends it again, not every hello.
        # And each acknowledgement of a burst names the same hole: it is filled once per RETRY_FIRST_MS.
        if now >= self._need_at:
            self._again = [hole for hole in ack["need"] if hole[1] < self._next - 1]
        if 0 < self._timed <= mark:
            self._floor = min(max(2 * (now - self._timed_at), RETRY_FIRST_MS), SLOWEST_MS)
            self._timed = 0
        if moved:
            self._wait = RETRY_FIRST_MS
            self._retry_at = now + self._floor
        return moved

    def sent(self) -> int:
        """The highest number handed out since the mark last moved back."""
        return self._next - 1

    def backlog(self) -> int:
        """Records written here and not yet known to be at the centre."""
        return self.last - max(self.committed, self.gone)

    def poll(self, now: int, chance: float) -> list:
        """What to do now: `("hello", 0, 0)` and `("send", first, last)` steps. `chance` in [0, 1) jitters the wait."""
        steps = []
        if not self._connected:
            return steps
        if now >= self._hello_at:
            steps.append(("hello", 0, 0))
            self._hello_at = now + HELLO_EVERY_MS
        if self._disputed and now >= self._dispute_at:
            self._dispute_at = now + HELLO_EVERY_MS
            for number in self._disputed:
                steps.append(("send", number, number))
            self._disputed = []
        if max(self.committed, self.gone) >= self.last:
            return steps
        if now >= self._retry_at and self._next > self._base + 1:
            self._wait = min(self._wait * 2, RETRY_LAST_MS)
            if self.forked:
                self._base = self._next_window()
            self._rewind(now)
            self._retry_at = now + self._floor + int(self._wait * chance)
        top = min(self.last, self._base + WINDOW)
        for first, last in self._again:
            if last > max(self.committed, self.gone):
                steps.append(("send", max(first, self.committed + 1, self.gone + 1), min(last, top)))
                self._need_at = now + RETRY_FIRST_MS
        self._again = []
        if self._next <= top:
            if self._next == self._base + 1:
                self._retry_at = now + self._floor + int(self._wait * chance)
            self._time_answer(now)
            steps.append(("send", self._next, top))
            self._next = top + 1
        return [step for step in steps if step[0] == "hello" or step[1] <= step[2]]

    def _dispute(self, statuses: list) -> bool:
        """Note our numbers of which the server holds a bad copy only. True when it tells of a fork."""
        numbers = []
        told = False
        for text, word, reason in statuses:
            told = told or word == "fork"
            if word == "quarantined" and reason not in FINAL and digits(text) and 1 <= int(text) <= self.last:
                numbers.append(int(text))
        self._disputed = sorted(set(numbers))[:WINDOW]
        return told

    def _next_window(self) -> int:
        return self._base + WINDOW if self._base + WINDOW < self.last else self.gone

    def _time_answer(self, now: int) -> None:
        if not self._timed:
            self._timed = self._next
            self._timed_at = now

    def _rewind(self, now: int) -> None:
        self._next = self._base + 1
        self._again = []
        # What is sent again is timed from then on: an answer to the copy before seems quicker than it was, never slower.
        self._timed = 0
        self._retry_at = now + self._wait


def make_hello(*, k, inc, first, last, head, boot, wall, sure, app, gone=0, mono=None) -> bytes:
    """The line of a hello. `first`: first unacknowledged number; `head`: hash of record `last`; `gone`: deleted up to it.

    `ProtocolError` when `read_hello` at the other end would refuse it.
    """
    value = {
        "hello": 1, "v": 1, "k": k, "inc": inc, "first": first, "last": last, "head": head,
        "boot": boot, "wall": wall, "sure": sure, "app": app,
    }  # fmt: skip
    if gone:
        value["gone"] = gone
    if mono is not None:
        value["mono"] = mono
    line = canon.write(value, HELLO_ORDER)
    read_hello(line)
    return line
