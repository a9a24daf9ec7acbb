"""Best times of records (`protocol.besttime`): the anchor of each boot, and what is dated again when one is found.

Theory of operation: `anchor` holds the best synced record of each (writer, boot), a minimum over all of them, so it is a
function of the records and of no order. A record whose clock was not synced touches entity `boot`; when an anchor moves,
every entity that such a record speaks of is derived again. The stored records are never changed.
"""

import copy
import hashlib
from collections.abc import Mapping, Sequence

from sqlalchemy import Connection, select

from protocol import besttime
from protocol.envelope import Record
from server.db import lock_names, upsert
from server.features import entity_name
from server.ledger.tables import ANCHOR
from server.statements import one_of

BOOT = "boot"
_ANCHORS = select(ANCHOR).where(one_of(ANCHOR.c.boot, "boots"))
# `(err, mono, wall)`, all ms.
Anchor = tuple[int, int, int]


def boot_of(record: Record) -> str:
    """The name of the boot in which a record was made: of this writer alone, whatever log it wrote in."""
    return hashlib.sha256(f"{record.k}\n{record.t['boot']}".encode()).hexdigest()


def boots_touched(record: Record) -> list[tuple[str, str]]:
    """Entity `boot` for a record whose clock did not know; none for one that keeps its own time."""
    return [] if record.t["sure"] == besttime.SYNCED else [(BOOT, boot_of(record))]


def offer(found: dict[str, Anchor], record: Record) -> None:
    """Hold in `found` (boot to anchor) what a record offers, if it is the better one."""
    anchor = besttime.anchor_of(record.t)
    if anchor is not None:
        boot = boot_of(record)
        found[boot] = besttime.better(found.get(boot), anchor)


def hold(conn: Connection, records: Sequence[Record]) -> list[str]:
    """Take in the anchors that new records offer; the boots whose anchor has moved. Locks the boots of all of them.

    Whoever writes another record of such a boot waits: it must not be dated by an anchor that ours replaces.
    """
    lock_names(conn, sorted({entity_name(BOOT, boot_of(record)) for record in records}))
    new: dict[str, Anchor] = {}
    for record in records:
        offer(new, record)
    held = anchors(conn, list(new))
    moved = {boot: anchor for boot, anchor in new.items() if besttime.better(held.get(boot), anchor) != held.get(boot)}
    put(conn, moved)
    return sorted(moved)


def put(conn: Connection, moved: Mapping[str, Anchor]) -> None:
    """Write anchors down."""
    upsert(conn, ANCHOR, [{"boot": boot, "err": e, "mono": m, "wall": w} for boot, (e, m, w) in sorted(moved.items())])


def anchors(conn: Connection, boots: Sequence[str]) -> dict[str, Anchor]:
    """The anchors held of these boots."""
    found: dict[str, Anchor] = {}
    for row in conn.execute(_ANCHORS, {"boots": boots}) if boots else ():
        found[row.boot] = (row.err, row.mono, row.wall)
    return found


def dated(records: Sequence[Record], known: Mapping[str, Anchor]) -> list[Record]:
    """The records with their best times; those that keep their own are given back as they are. `known`: as `anchors`."""
    return [_dated(record, known) for record in records]


def _dated(record: Record, known: Mapping[str, Anchor]) -> Record:
    if record.t["sure"] == besttime.SYNCED:
        return record
    anchor = known.get(boot_of(record))
    if anchor is None:
        return record
    # Parsed records are shared and kept; the best time belongs to this reading of them.
    twin = copy.copy(record)
    twin.at, twin.sure, twin.err = besttime.best(record.t, anchor)
    return twin
