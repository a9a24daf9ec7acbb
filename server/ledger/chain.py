"""A writer's chain: does it stand here whole, does a record go on with it? The only proof where a cloned card made two logs of one name."""

from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import Connection, bindparam, select

from protocol import canon, delivery, envelope
from protocol.envelope import Record
from protocol.errors import ProtocolError
from server.ledger.tables import FORK, QUARANTINE, RECORD
from server.statements import one_of

# Only the numbers asked for, however far apart they are.
_LINKS_AT = select(RECORD.c.seq, RECORD.c.digest, RECORD.c.prev).where(
    RECORD.c.k == bindparam("its_k"), RECORD.c.inc == bindparam("its_inc"), one_of(RECORD.c.seq, "seqs")
)


def whole(conn: Connection, k: str, inc: str, *, last: int, head: str, gone: int = 0) -> bool:
    """Does the chain of log `(k, inc)` that ends in number `last` with digest `head` stand here from its first record?

    Up to number `gone` its writer has deleted it, so nobody can bring that part any more: then from there on.
    Walks from `prev` to `prev` over records, forks and what is quarantined for good. Costs a read of the log.
    """
    links = _links(conn, k, inc, last)
    seq = last
    while seq > gone:
        before = links.get((seq, head))
        if before is None:
            return False
        seq, head = seq - 1, before
    return gone > 0 or head == envelope.GENESIS


def parted(
    conn: Connection, records: Iterable[Record], logs: Mapping[tuple[str, str], Mapping[str, Any]]
) -> set[tuple[str, str, int]]:
    """The names of those records that belong to another branch than their neighbours here, whoever came first.

    Under a cloned card's name a number can be free whose place is in the other branch: taken for the next one of this, it would
    be the head of a mark, and its writer would believe that all before it is here. `logs`: the rows of `coverage`, held.
    """
    by_log: dict[tuple[str, str], dict[int, Record]] = {}
    for record in records:
        by_log.setdefault((record.k, record.inc), {})[record.seq] = record
    found = set()
    for log, batch in by_log.items():
        near = _near(conn, log, batch, logs[log])
        for seq in sorted(batch):
            record, before, after = batch[seq], near.get(seq - 1), near.get(seq + 1)
            if (before and before[0] != record.prev) or (after and after[1] != record.digest):
                found.add((*log, seq))
            else:
                near.setdefault(seq, (record.digest, record.prev))
    return found


def _near(
    conn: Connection, log: tuple[str, str], batch: Iterable[int], row: Mapping[str, Any]
) -> dict[int, tuple[str, str]]:
    """`(digest, prev)` of what stands at these numbers and beside them; asked for only where more than the last one counts."""
    tip = row["tip"]
    known = {tip: (row["tip_digest"], "")} if tip else {}
    inside = [seq for seq in batch if seq <= tip or (not tip and row["spans"] != "[]")]
    if not inside:
        return known
    asked = {"its_k": log[0], "its_inc": log[1], "seqs": [seq + by for seq in inside for by in (-1, 0, 1)]}
    return known | {seq: (digest, prev) for seq, digest, prev in conn.execute(_LINKS_AT, asked)}


def aside(conn: Connection, k: str, inc: str, seq: int) -> str:
    """The digest of what is put aside for good under this name, the first to come; empty when nothing is.

    An acknowledgement whose mark ends there names it as its head: of two branches under one name the other one sees that it is not meant.
    """
    query = (
        select(QUARANTINE.c.payload)
        .where(
            QUARANTINE.c.k == k,
            QUARANTINE.c.inc == inc,
            QUARANTINE.c.seq == seq,
            QUARANTINE.c.reason.in_(delivery.FINAL),
        )
        .order_by(QUARANTINE.c.id)
        .limit(1)
    )
    line = conn.execute(query).scalar_one_or_none()
    return "" if line is None else str(canon.digest(bytes(line)))


def _links(conn: Connection, k: str, inc: str, last: int) -> dict[tuple[int, str], str]:
    records = select(RECORD.c.seq, RECORD.c.digest, RECORD.c.prev).where(
        RECORD.c.k == k, RECORD.c.inc == inc, RECORD.c.seq <= last
    )
    links = {(seq, digest): prev for seq, digest, prev in conn.execute(records)}
    forks = select(FORK.c.seq, FORK.c.line).where(FORK.c.k == k, FORK.c.inc == inc, FORK.c.seq <= last)
    put_aside = select(QUARANTINE.c.seq, QUARANTINE.c.payload).where(
        QUARANTINE.c.k == k, QUARANTINE.c.inc == inc, QUARANTINE.c.seq <= last, QUARANTINE.c.reason.in_(delivery.FINAL)
    )
    for query in (forks, put_aside):
        for seq, line in conn.execute(query):
            prev = _prev(bytes(line))
            if prev:
                links[seq, canon.digest(bytes(line))] = prev
    return links


def _prev(line: bytes) -> str:
    # A record of a later release is read no further than this.
    try:
        return str(canon.read(line, envelope.ORDER).get("prev", ""))
    except ProtocolError:
        return ""
