"""A writer whose disk has spoilt records of its own log gets them back as it signed them (fault F32). Reads only.

Only of the last day and a half: a kiosk keeps nothing of days gone by in the open, and whoever stole one gets nothing either.
"""

import logging

from sqlalchemy import Connection, select

from protocol import wanting
from protocol.delivery import WINDOW
from protocol.errors import ProtocolError
from server.ledger import intake
from server.ledger.intake import Pair
from server.ledger.tables import FORK, RECORD
from server.ledger.writers import find_writer

logger = logging.getLogger(__name__)
# A session that runs past midnight, and the night's look after it.
SINCE_MS = 36 * 3_600_000


def pairs(conn: Connection, question: Pair, *, k: str, now: int) -> list[Pair]:
    """What is given to writer `k` for its `want`; nothing where it is not believed, or asks for another's."""
    line, signature = question
    writer = find_writer(conn, k)
    try:
        asked = wanting.read_want(line)
    except ProtocolError as error:
        logger.warning("want_unreadable k=%s code=%s", k, error.code)
        return []
    ours = (asked["k"], asked["of"], asked["from"]) == (k, k, wanting.CENTRE)
    revoked = writer is not None and writer["revoked_at"] is not None
    if not ours or revoked or not intake.verified(line, signature, writer):
        logger.warning("want_refused k=%s", k)
        return []
    last = min(asked["last"], asked["first"] + WINDOW - 1)
    found: list[Pair] = []
    # Of a cloned card's log both branches: the kiosk takes the one that its own digest names.
    for table in (RECORD, FORK):
        query = select(table.c.line, table.c.signature).where(
            table.c.k == k,
            table.c.inc == asked["inc"],
            table.c.seq.between(asked["first"], last),
            table.c.received_at >= now - SINCE_MS,
        )
        found += [
            (bytes(one), told.encode("ascii"))
            for one, told in conn.execute(query.order_by(table.c.seq, table.c.digest))
        ]
    logger.info("records_returned k=%s count=%d", k, len(found))
    return found[:WINDOW]
