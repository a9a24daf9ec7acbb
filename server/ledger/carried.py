"""What of a neighbour's records that a kiosk carried is durable here, byte for byte. Reads only; nothing is judged here."""

from collections.abc import Iterable
from itertools import islice

from sqlalchemy import Connection, select

from protocol import canon, delivery, envelope
from protocol.inbox import MAX_HERE
from server.ledger import shelf
from server.ledger.shelf import Log
from server.ledger.tables import FORK, QUARANTINE

# Number and digest of a record as its writer made it.
Brought = tuple[int, str]


def brought(messages: Iterable[tuple[str, Iterable[bytes], Iterable[Log]]]) -> dict[Log, set[Brought]]:
    """What messages bring of others' logs. Each: its writer, its lines out of their boxes, the logs of which it was found to speak."""
    found: dict[Log, set[Brought]] = {}
    for k, lines, logs in messages:
        theirs = {log for log in logs if log[0] != k}
        # Nearly every message speaks of its own writer's log: its lines need not be read again.
        for line in lines if theirs else ():
            name = envelope.peek_name(line)
            if name is not None and name[:2] in theirs:
                found.setdefault(name[:2], set()).add((name[2], canon.digest(line)))
    return found


def here(conn: Connection, k: str, inc: str, asked: Iterable[Brought]) -> list[str]:
    """The digests of those that stand here: as the record of their number, as a fork, or put aside for good.

    The first MAX_HERE of `asked` are looked up; whoever hears nothing of the others asks again.
    """
    wanted = set(islice(sorted(asked), MAX_HERE))
    if not wanted:
        return []
    numbers = {seq for seq, _ in wanted}
    held = {(name[2], digest) for name, digest in shelf.digests(conn, [(k, inc, seq) for seq in numbers]).items()}
    forks = select(FORK.c.seq, FORK.c.digest).where(FORK.c.k == k, FORK.c.inc == inc, FORK.c.seq.in_(numbers))
    held |= {(seq, digest) for seq, digest in conn.execute(forks)}
    aside = select(QUARANTINE.c.seq, QUARANTINE.c.payload).where(
        QUARANTINE.c.k == k, QUARANTINE.c.inc == inc, QUARANTINE.c.seq.in_(numbers),
        QUARANTINE.c.reason.in_(delivery.FINAL),
    )  # fmt: skip
    held |= {(seq, canon.digest(bytes(line))) for seq, line in conn.execute(aside)}
    return [digest for _, digest in sorted(wanted & held)]
