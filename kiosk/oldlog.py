"""What is to be offered of a log this kiosk writes in no more. Pure: numbers and times in, steps out.

No mark tells of a log that was cloned, so the centre is asked whether the very chain is there whole; until it says so,
all is offered, the newest window first, pass after pass with a growing pause. It is asked again at every connection:
a centre put back from its backup says no and is given everything again (I10).
"""

from __future__ import annotations

from typing import Any

from protocol.delivery import HELLO_EVERY_MS, RETRY_FIRST_MS, RETRY_LAST_MS, WINDOW

Step = tuple[str, int, int]


class OldLog:
    """One such log. All times are monotonic milliseconds handed in."""

    def __init__(self, inc: str, *, last: int, head: str, held: bool) -> None:
        """`last`, `head`: its last record's number and digest; `held`: did the centre's last word say it has all?"""
        self.inc = inc
        self.last = last
        self.head = head
        self.held = held
        # The end of the window whose turn it is; 0 between two passes. A lost connection does not begin a pass anew.
        self._top = 0
        self._hello_at = 0
        self._send_at = 0
        self._wait = RETRY_FIRST_MS

    def connected(self, now: int) -> None:
        """The wire is up: ask. One pass comes even without an answer: a centre of before does not know the question."""
        self._hello_at = now
        self._wait = RETRY_FIRST_MS
        if not self.held and not self._top:
            self._top = self.last
            self._send_at = now + RETRY_FIRST_MS

    def answered(self, whole: str | None, now: int) -> bool:
        """Take an acknowledgement's `whole`, None when it has none. True when what is known has changed."""
        # Another head is the answer to the other machine with this card, which shares our topic: it says nothing of ours.
        if whole is None or whole not in ("", self.head):
            return False
        held = whole == self.head
        changed = held != self.held
        self.held = held
        if held:
            self._top = 0
        elif not self._top:
            self._top = self.last
            self._send_at = now
        return changed

    def archived(self, ack: dict[str, Any]) -> int | None:
        """How far a backup off the centre's machine holds this log, by an answer about its very chain; None: this one is of another.

        A centre put back to its backup counts the numbers of the other branch.
        """
        whole = ack.get("whole")
        if whole is None or whole not in ("", self.head):
            return None
        return int(ack["archived"]) if whole else 0

    def poll(self, now: int) -> list[Step]:
        """What to do now, as `Outbox.poll`. For when the wire is up."""
        steps: list[Step] = []
        if now >= self._hello_at:
            steps.append(("hello", 0, 0))
            self._hello_at = now + HELLO_EVERY_MS
        if self._top and now >= self._send_at:
            first = max(self._top - WINDOW + 1, 1)
            steps.append(("send", first, self._top))
            self._top = first - 1
            self._send_at = now + RETRY_FIRST_MS
            if not self._top:
                self._hello_at = now + self._wait
                self._wait = min(self._wait * 2, RETRY_LAST_MS)
        return steps
