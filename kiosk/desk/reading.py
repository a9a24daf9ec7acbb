"""A visit as all the records held here tell it: ours and the neighbours'. Reads the store; decides nothing."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator
from contextlib import suppress

from kiosk import parsed, visitbook
from kiosk.neighbours import Copy
from kiosk.store import Store
from protocol.envelope import Record
from protocol.errors import ProtocolError

log = logging.getLogger(__name__)


def of(store: Store, visit: str, *, ours: Iterable[bytes] = (), copies: Iterable[Copy] = ()) -> visitbook.Visit | None:
    """One visit, with `ours` and `copies` that are on their way into the store; None while no check-in is here.

    None too while a row of it is rotten (fault F32): what was read before it rotted is true, what the others tell is not
    (without its dose somebody waits for one).
    """
    held = {one.name: one for one in (*store.copies.of_visit(visit), *copies)}
    try:
        return visitbook.read([*store.lines_of(visit), *ours], [(one.line, seen(one)) for one in held.values()])
    except ProtocolError as error:
        log.warning("visit_unreadable code=%s", error.code)
        return None


def theirs(store: Store, visit: str) -> visitbook.Visit | None:
    """One visit as neighbours alone tell it."""
    return visitbook.read([], [(one.line, seen(one)) for one in store.copies.of_visit(visit)])


def seen(one: Copy) -> visitbook.Seen:
    """Whose a copy is and when it came."""
    return visitbook.Seen(k=one.k, boot=one.boot, mono=one.mono, late=one.late)


def told(store: Store, kind: str) -> Iterator[Record]:
    """Every record of a kind that lies open here, ours and neighbours'; a newer release's or a rotten one says nothing."""
    for line in store.told(kind):
        with suppress(ProtocolError):
            yield parsed.record(line)


def rebuilt(store: Store) -> dict[str, visitbook.Visit]:
    """Every visit read anew."""
    return visitbook.rebuilt(store.lines(), ((one.line, seen(one)) for one in store.copies.every()))
