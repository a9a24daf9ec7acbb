"""Commands to kiosks: issued by an account as a record, sent until the kiosk's own record says that it has them.

Derived row `command`: its words, and how far it is (`sent`, `reached`, `done`, `refused`). Opens no network.
"""

import secrets
from collections.abc import Collection, Iterable
from typing import Any

from sqlalchemy import Column, Connection, Integer, String, Table, Text, func, select

from protocol import commands as wire
from protocol import topics
from protocol.envelope import Record
from server.crypto import Signer
from server.db import BIG, METADATA, Database, rows_of
from server.features import Derived, Feature, entity_column
from server.ledger.ledger import Ledger
from server.ledger.tables import WRITER

SENT = "sent"
# How far each answer is: of several the farthest holds, whatever their order of arrival.
_RANKS = {SENT: 0, "reached": 1, "done": 2, "refused": 2}
DAY_MS = 86_400_000
# How long a kiosk may be away and still do it. A lot stays stopped in the lists as well.
LASTS_MS = {"message": 3 * DAY_MS, "reprint": DAY_MS, "restart": DAY_MS, "stop_lot": 30 * DAY_MS}

COMMAND = Table(
    "command",
    METADATA,
    Column("command", String(64), primary_key=True),
    entity_column(),
    Column("k", String(64), nullable=False, index=True),
    Column("n", Integer, nullable=False),
    Column("what", String(16), nullable=False),
    Column("text", Text, nullable=False),
    Column("about", String(64), nullable=False),
    Column("issued_at", BIG, nullable=False),
    Column("issued_by", String(64), nullable=False),
    Column("until", BIG, nullable=False),
    Column("state", String(16), nullable=False),
    Column("reason", String(40), nullable=False),
    # When its kiosk said so, by its best time; null until then.
    Column("reached_at", BIG),
    Column("answered_at", BIG),
)


def feature() -> Feature:
    """The share of commands in the ledger."""
    return Feature("commands", (COMMAND,), {"command": derive})


def derive(command: str, records: list[Record]) -> list[Derived]:
    """The row of a command; none before the record that issued it has arrived."""
    issued = next((record for record in records if record.kind == "command.issued"), None)
    if issued is None:
        return []
    # What another kiosk says of it tells nothing.
    answers = [one for one in records if one.kind == "command.answered" and one.k == issued.body["k"]]
    last = max(answers, key=lambda one: _RANKS[one.body["result"]], default=None)
    ended = [one.at for one in answers if one.body["result"] != "reached"]
    row = {name: issued.body[name] for name in ("k", "n", "what", "text", "about", "until")}
    row |= {"command": command, "issued_at": issued.at, "issued_by": issued.who["id"]}
    row |= {"state": last.body["result"] if last else SENT, "reason": last.body["reason"] if last else ""}
    row |= {"reached_at": min((one.at for one in answers), default=None), "answered_at": min(ended, default=None)}
    return [(COMMAND, row)]


def issue(
    ledger: Ledger,
    conn: Connection,
    *,
    ks: Iterable[str],
    what: str,
    by: str,
    now: int,
    text: str = "",
    about: str = "",
) -> list[str]:
    """Tell each of these kiosks; within `ledger.transact`. Returns the commands' ids. Raises `ProtocolError`."""
    made = []
    for k in ks:
        last = conn.execute(select(func.max(COMMAND.c.n)).where(COMMAND.c.k == k)).scalar() or 0
        ident = f"cmd-{secrets.token_hex(8)}"
        body = {
            "command": ident, "k": k, "n": last + 1, "what": what, "text": text, "about": about,
            "until": now + LASTS_MS[what],
        }  # fmt: skip
        ledger.append(conn, "command.issued", body, who=by, now=now)
        made.append(ident)
    return made


def of_kiosk(conn: Connection, k: str, *, limit: int = 20) -> list[dict[str, Any]]:
    """A kiosk's commands, the newest first."""
    return rows_of(conn, select(COMMAND).where(COMMAND.c.k == k).order_by(COMMAND.c.n.desc()).limit(limit))


class Post:
    """What is to be sent down now: each command once per connection, again at its kiosk's next hello, until it is reached."""

    def __init__(self, *, db: Database, signer: Signer) -> None:
        self._db = db
        self._signer = signer
        self._said: set[tuple[str, str]] = set()

    def again(self, k: str | None = None) -> None:
        """Kiosk `k` has greeted (None: the broker is another): what it has not yet answered is said once more."""
        self._said = {one for one in self._said if k is not None and one[0] != k}

    def due(self, now: int, *, shards: Collection[str] | None = None) -> list[tuple[str, bytes]]:
        """`(topic, payload)` of each command not said yet. `shards`: only to kiosks there."""
        query = select(COMMAND, WRITER.c.shard, WRITER.c.site).join(WRITER, WRITER.c.k == COMMAND.c.k)
        query = query.where(COMMAND.c.state == SENT, COMMAND.c.until > now, WRITER.c.revoked_at.is_(None))
        if shards is not None:
            query = query.where(WRITER.c.shard.in_(sorted(shards)))
        with self._db.read() as conn:
            rows = rows_of(conn, query.order_by(COMMAND.c.k, COMMAND.c.n))
        found = []
        for row in rows:
            if (row["k"], row["command"]) not in self._said:
                self._said.add((row["k"], row["command"]))
                line = wire.make(
                    {name: row[name] for name in ("command", "k", "n", "what", "text", "about", "until")}
                    | {"issued": row["issued_at"]}
                )
                topic = topics.writer(row["shard"], row["site"], row["k"], topics.DOWN)
                found.append((topic, self._signer.document(line)))
        return found
