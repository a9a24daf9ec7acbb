"""Our own rows that have rotted (fault F32) and that no neighbour gives back are asked of the centre. For the wire's thread.

A copy proves itself: signed by our own key, under the digest that our own log names. Nothing else of what comes is taken.
"""

from __future__ import annotations

from functools import partial

from kiosk.crypto import Signer
from kiosk.desk import rot
from kiosk.desk.loop import Desk
from protocol import envelope, wanting
from protocol.delivery import WINDOW

# A neighbour's next statement comes within a minute, and it is nearer.
FIRST_MS = 90_000
# What the centre does not give now it will hardly give later: a day that is over stays sealed.
LAST_MS = 3_600_000
Name = tuple[str, int]
Run = tuple[str, int, int]


class Regain:
    """What one kiosk asks of the centre. Times are monotonic milliseconds handed in."""

    def __init__(self, *, desk: Desk, signer: Signer) -> None:
        """`signer`: this kiosk's own key."""
        self._desk = desk
        self._signer = signer
        self._good = signer.verifier().good
        self._asked: frozenset[Name] = frozenset()
        self._at = 0
        self._wait = FIRST_MS
        self._turn = 0

    def ask(self, now: int) -> bytes | None:
        """The message to send now on our `up`, if any."""
        rotten = self._desk.condition.rotten
        if rotten != self._asked:
            # Fewer than before: an answer has come, and the next may come as fast.
            self._at = now if self._asked and rotten < self._asked else now + FIRST_MS
            self._asked, self._wait = rotten, FIRST_MS
        if not rotten or now < self._at:
            return None
        self._wait = min(self._wait * 2, LAST_MS)
        self._at = now + self._wait
        found = runs(rotten)
        inc, first, last = found[self._turn % len(found)]
        self._turn += 1
        k = self._desk.log.k
        line = wanting.make_want(k, (wanting.CENTRE, k, inc, first, last))
        return bytes(envelope.pack([(line, self._signer.line(line))]))

    def taken(self, line: bytes, signature: bytes) -> bool:
        """Is this pair a record of ours given back? It is put in its row's place on the desk's thread, if it is that very one."""
        name = envelope.peek_name(line)
        if name is None or name[0] != self._desk.log.k:
            return False
        if name[1:] in self._desk.condition.rotten:
            self._desk.post(partial(rot.given_back, self._desk, name[1:], line, signature, good=self._good))
        return True


def runs(names: frozenset[Name]) -> list[Run]:
    """The names as runs `(inc, first, last)` of neighbouring numbers, each no longer than a window."""
    found: list[Run] = []
    for inc, seq in sorted(names):
        if found and (found[-1][0], found[-1][2]) == (inc, seq - 1) and seq - found[-1][1] < WINDOW:
            found[-1] = (inc, found[-1][1], seq)
        else:
            found.append((inc, seq, seq))
    return found
