"""The other kiosks of the site as the wire's thread sees them: believes by signature, hands verified copies to the desk.

No sockets, no clock, no writing: messages and times come in, copies and messages to publish come out.
"""

from __future__ import annotations

import logging
import queue
from typing import Any

from kiosk.clock import Moment
from kiosk.crypto import KeyRing
from kiosk.neighbours import Copies, Copy, copy_of
from protocol import canon, envelope, inbox
from protocol.errors import ProtocolError, UnknownKind

log = logging.getLogger(__name__)
# Copies handed to the desk and not yet on its disk: what comes beyond is left to its writer, who offers it again.
MOST_UNDER_WAY = 2_000


class Neighbourhood:
    """One kiosk's neighbours. For one thread; only `settled` may be called from the desk's."""

    def __init__(self, *, k: str, copies: Copies) -> None:
        """`copies`: read on this thread's own connection."""
        self._k = k
        self._copies = copies
        self._ring = KeyRing([])
        self._version = 0
        self._fresh: dict[tuple[str, str, int, str], Copy] = {}
        self._under_way = 0
        self._settled: queue.SimpleQueue[tuple[tuple[Copy, ...], bool]] = queue.SimpleQueue()
        self.refused = 0

    def believe(self, items: list[dict[str, Any]], version: int) -> None:
        """Take the site's list of keys, when it is another than the one held."""
        if version != self._version:
            self._version = version
            self._ring = KeyRing(items)

    def up(self, k: str, payload: bytes, moment: Moment) -> None:
        """A message on the `up` topic of neighbour `k`: keep what its writers signed. Any bytes."""
        try:
            pairs = envelope.unpack(payload)
        except ProtocolError as error:
            self._refuse(k, error.code)
            return
        for line, signature in pairs:
            if not inbox.is_hello(line):
                self._take(k, line, signature, moment)

    def fresh(self) -> tuple[Copy, ...]:
        """Verified copies that came since the last call; the caller gives them to the desk, which calls `settled`."""
        found = tuple(self._fresh.values())
        self._fresh.clear()
        self._under_way += len(found)
        return found

    def settled(self, copies: tuple[Copy, ...], kept: bool) -> None:  # noqa: FBT001 - a fact, not a mode
        """The desk has kept these copies, durably, or could not."""
        self._settled.put((copies, kept))

    def poll(self) -> None:
        """See what the desk has settled meanwhile."""
        while not self._settled.empty():
            copies, _kept = self._settled.get()
            self._under_way -= len(copies)

    def _take(self, k: str, line: bytes, signature: bytes, moment: Moment) -> None:
        try:
            copy = _read(line, signature, moment)
        except ProtocolError as error:
            self._refuse(k, error.code)
            return
        if copy.k == self._k or copy.name in self._fresh or self._copies.holds(copy.name):
            return
        if not self._ring.good(copy.k, line, signature):
            self._refuse(k, "not_believed")
        elif self._under_way + len(self._fresh) < MOST_UNDER_WAY:
            self._fresh[copy.name] = copy

    def _refuse(self, k: str, why: str) -> None:
        self.refused += 1
        # Of a kiosk gone mad each message would be a line: the powers of two are enough.
        if self.refused & (self.refused - 1) == 0:
            log.warning("neighbour_refused k=%s why=%s count=%d", k, why, self.refused)


def _read(line: bytes, signature: bytes, moment: Moment) -> Copy:
    """The copy that a pair makes, not yet believed. `ProtocolError` when it is no record of any release."""
    try:
        return copy_of(envelope.parse(line), signature, boot=moment.boot, mono=moment.mono)
    except UnknownKind:
        # A newer release's: kept and carried all the same, read after the upgrade.
        name = envelope.peek_name(line)
        if name is None:
            raise
        return _newer(name, canon.read(line, envelope.ORDER), line, signature, moment)


def _newer(name: tuple[str, str, int], value: dict[str, Any], line: bytes, signature: bytes, moment: Moment) -> Copy:
    body = value.get("body")
    prev, kind, session = (value.get(key) for key in ("prev", "kind", "session"))
    visit = body.get("visit") if isinstance(body, dict) else None
    return Copy(
        k=name[0], inc=name[1], seq=name[2], digest=canon.digest(line),
        prev=prev if isinstance(prev, str) else "", kind=kind if isinstance(kind, str) else "",
        visit=visit if isinstance(visit, str) else None, session=session if isinstance(session, str) else "",
        line=line, signature=signature, boot=moment.boot, mono=moment.mono,
    )  # fmt: skip
