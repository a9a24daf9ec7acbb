"""A neighbour's records that its kiosk cannot send any more: which of the copies the centre lacks, and when to offer them.

Theory of operation: an acknowledgement of the neighbour's log says what is covered there. To carry, numbers are enough as
long as nothing speaks of two logs under one name; where something does (a fork, a head that is not ours), only what the
chain from the acknowledged head reaches, or what the centre named by digest when it was carried, is safe. That a number is
a fork's says nothing of ours: a card may have been copied twice. To put a copy away, numbers are never enough: of a branch
that nobody has told of yet, ours may be the only one (`proven`; what it takes to prove the rest, `asks`).
Copies are carried as they were signed.
"""

from protocol.delivery import FINAL, RETRY_FIRST_MS, RETRY_LAST_MS, WINDOW
from protocol.fields import digits
from protocol.inbox import MAX_NEED, MAX_STATUS


class Said:
    """The centre's last word on one log, read from a verified acknowledgement."""

    __slots__ = ("_aside", "_bad", "_forks", "_holes", "_told_from", "committed", "head", "here", "top")

    def __init__(self, ack: dict, before=None):
        """`ack`: as `inbox.read_ack` gives it. An older server names no `top`: then only `committed` counts.

        `before`: the word before this one, if any: what it named by digest still holds, unless a mark has fallen since.
        """
        self.committed = ack["committed"]
        self.head = ack["head"]
        full = len(ack["need"]) < MAX_NEED
        self.top = ack.get("top", self.committed) if full else self.committed
        self._holes = ack["need"]
        numbers = [(int(row[0]), row[1], row[2]) for row in ack["status"] if digits(row[0])]
        self._aside = {number for number, _, _ in numbers}
        # Of more statuses the newest are told: below them anything may stand aside.
        self._told_from = min(self._aside) if len(numbers) >= MAX_STATUS else 0
        # A damaged copy covers its number and says nothing (protocol/DECISIONS.md 14).
        self._bad = {number for number, word, reason in numbers if word == "quarantined" and reason not in FINAL}
        self._forks = {number for number, word, _ in numbers if word == "fork"}
        self.here = set(ack.get("here", ()))
        if before is not None and self.committed >= before.committed and self.top >= before.top:
            self.here.update(before.here)

    def covers(self, seq: int) -> bool:
        """Is something durable under this number?"""
        if seq in self._bad:
            return False
        if seq <= self.committed:
            return True
        return seq <= self.top and not any(first <= seq <= last for first, last in self._holes)

    def unsafe(self, rows: list) -> list:
        """Of our `(seq, digest, prev)` copies, by rising number, those `(seq, digest)` that the centre may lack."""
        if not self.suspects(rows):
            return [(seq, digest) for seq, digest, _ in rows if not self.covers(seq)]
        proven = self.proven(rows)
        return [(seq, digest) for seq, digest, _ in rows if not self.covers(seq) or (seq, digest) not in proven]

    def proven(self, rows: list) -> set:
        """Of our copies, by rising number, those `(seq, digest)` that the centre has byte for byte if it has their numbers.

        They stand on the chain from the acknowledged head, or from one that it has named by digest and taken for a record of
        this log; and what it has named as anything else stands alone.
        """
        links = {(seq, digest): (seq - 1, prev) for seq, digest, prev in rows}
        named = {(seq, digest) for seq, digest, _ in rows if digest in self.here}
        tops = [(self.committed, self.head)]
        if not self.suspects(rows):
            tops += [name for name in named if not self._alone(name[0])]
        found = set()
        for top in tops:
            name = top
            while name in links and name not in found:
                found.add(name)
                name = links[name]
        return found | named

    def asks(self, rows: list) -> list:
        """Of our copies, by rising number, those `(seq, digest)` to offer so that all of them can be proven.

        The end of each run proves the rest of it, save where records stand aside: each of those stands alone.
        """
        proven = self.proven(rows)
        told = [] if self.suspects(rows) else [row for row in rows if not self._alone(row[0])]
        behind = {(seq - 1, prev) for seq, _, prev in told}
        return [(seq, digest) for seq, digest, _ in rows if (seq, digest) not in proven and (seq, digest) not in behind]

    def _alone(self, seq: int) -> bool:
        """Does this number perhaps stand aside, where its chain says nothing of what is before it?"""
        return seq in self._aside or seq < self._told_from

    def suspects(self, rows: list) -> bool:
        """Does anything speak of two logs under this name?"""
        if self._forks:
            return True
        before, last = 0, ""
        for seq, digest, prev in rows:
            if seq == before or (seq == self.committed and self.head and digest != self.head):
                return True
            if before and seq == before + 1 and prev != last:
                return True
            before, last = seq, digest
        return False


class Carrier:
    """Offers one log's unsafe copies, window by window, pass after pass with a growing pause."""

    __slots__ = ("_at", "_behind", "_left", "_wait")

    def __init__(self):
        """Nothing offered yet."""
        self._at = 0
        self._behind = 0
        self._left = 0
        self._wait = RETRY_FIRST_MS

    def hurry(self, now: int) -> None:
        """The wire is back, or the lead says so: begin a pass now."""
        self._at = now
        self._wait = RETRY_FIRST_MS

    def poll(self, now: int, numbers: list) -> list:
        """Which of the rising `numbers` to offer now."""
        if not numbers:
            self._behind = self._left = 0
            return []
        if now < self._at:
            return []
        if self._left and len(numbers) < self._left:
            self._wait = RETRY_FIRST_MS
        self._left = len(numbers)
        part = [number for number in numbers if number > self._behind][:WINDOW]
        if not part:
            part = numbers[:WINDOW]
        self._behind = part[-1]
        self._at = now + RETRY_FIRST_MS
        if self._behind >= numbers[-1]:
            self._behind = 0
            self._at = now + self._wait
            self._wait = min(self._wait * 2, RETRY_LAST_MS)
        return part
