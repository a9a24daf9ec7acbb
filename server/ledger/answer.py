"""What the writer of a log is told of it: the line of its acknowledgement. Neither signs nor sends it.

The transaction that holds a log may read the line too: it says what stands once that has committed, so whoever takes it
sends it after COMMIT only (invariant I2).
"""

import json
from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import Connection, select

from protocol import inbox
from server.db import row_of
from server.ledger import carried, chain, shelf
from server.ledger.tables import COVERAGE


def of(
    conn: Connection, k: str, inc: str, *, now: int, hello: Mapping[str, Any] | None = None,
    brought: Iterable[carried.Brought] = (),
) -> bytes:  # fmt: skip
    """As `line`, of log `(k, inc)` as it stands; of one never heard of, that nothing is here."""
    row = row_of(conn, select(COVERAGE).where(COVERAGE.c.k == k, COVERAGE.c.inc == inc))
    nothing = {"k": k, "inc": inc, "spans": "[]", "last_said": 0, "archived": 0}
    return line(conn, row or nothing, now=now, hello=hello, brought=brought)


def line(
    conn: Connection, row: Mapping[str, Any], *, now: int, known: Mapping[shelf.Name, str] | None = None,
    quiet: bool = False, hello: Mapping[str, Any] | None = None, brought: Iterable[carried.Brought] = (),
) -> bytes:  # fmt: skip
    """The acknowledgement of the log with this row of `coverage`.

    `known`: digests of names that need not be looked up; `quiet`: nothing of the log is forked or in quarantine. `hello`: what
    is answered, if it is a hello; a writer that knows of nothing here learns whether its chain is.
    `brought`: what a neighbour carried of this log; what of it is here is named.
    """
    k, inc, covered = row["k"], row["inc"], inbox.Ranges(json.loads(row["spans"]))
    end = (k, inc, covered.committed())
    head = (known or {}).get(end) or shelf.digests(conn, [end]).get(end, "")
    if not head and not quiet:
        head = chain.aside(conn, *end)
    whole = None
    if hello and hello["first"] == 1 and hello["last"]:
        told = {"last": hello["last"], "head": hello["head"], "gone": hello.get("gone", 0)}
        whole = hello["head"] if chain.whole(conn, k, inc, **told) else ""
    made = inbox.make_ack(
        k=k, inc=inc, covered=covered, last=row["last_said"], status=[] if quiet else shelf.statuses(conn, k, inc),
        archived=row["archived"], now=now, head=head, whole=whole,
        here=carried.here(conn, k, inc, brought),
    )  # fmt: skip
    return bytes(made)
