"""Which ingest process takes which shards: told by a table in which each of them beats, divided by a pure function.

Rules:
1. Who has not beaten during LAPSE of our own looks is gone; no clock of another machine is compared with ours.
2. Everybody divides what they see by the same rule. Two may see it differently for a second: a shard then has two takers
   or none. The ledger takes each record once, and kiosks send again what nobody acknowledged, so neither costs a record.
"""

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Column, Connection, String, Table, delete, func, insert, select, update

from server.broker_link import SHARE
from server.db import BIG, METADATA, Database, rows_of
from server.ledger.tables import WRITER

LOOK_EVERY_MS = 1000
LAPSE = 10
# For people who look at the table: a country's provinces fit.
MOST_TOLD = 2000

INGESTER = Table(
    "ingester",
    METADATA,
    Column("name", String(64), primary_key=True),
    Column("beats", BIG, nullable=False),
    # The shards it took at its last look, with blanks between.
    Column("takes", String(MOST_TOLD), nullable=False),
)


def divide(kiosks: Mapping[str, int], names: Sequence[str]) -> dict[str, tuple[str, ...]]:
    """Each process's shards. `kiosks`: shard to how many kiosks it has; `names`: the processes, at least one.

    Heaviest first, to whom has least so far. A shard weighs its kiosks rounded up to a power of two, so that one more of
    them moves nothing; among equals a digest decides, so that one process more or less moves as little as may be.
    """
    load = dict.fromkeys(sorted(names), 0)
    taken: dict[str, list[str]] = {name: [] for name in load}
    for shard in sorted(kiosks, key=lambda one: (-_weight(kiosks[one]), one)):
        name = min(load, key=lambda one: (load[one], _digest(one, shard)))
        load[name] += _weight(kiosks[shard])
        taken[name].append(shard)
    return {name: tuple(sorted(shards)) for name, shards in taken.items()}


def told(conn: Connection) -> list[dict[str, Any]]:
    """Every process that shares, with what it takes; one that was killed stands there until it comes again."""
    return rows_of(conn, select(INGESTER).order_by(INGESTER.c.name))


class Shares:
    """The shards of one process. `asked`: its setting; `held`: what it takes now."""

    def __init__(self, *, db: Database, name: str, asked: Sequence[str], lapse: int = LAPSE) -> None:
        self._db = db
        self._name = name
        self._lapse = lapse
        self._shared = tuple(asked) == (SHARE,)
        self._looked_at: int | None = None
        # Of each process its beats, and how many looks ago they moved last.
        self._seen: dict[str, tuple[int, int]] = {}
        self.held: tuple[str, ...] = () if self._shared else tuple(asked)

    @property
    def only(self) -> tuple[str, ...] | None:
        """The shards that lists and commands are sent to; None for all."""
        return self.held if self._shared else None

    def look(self, mono_ms: int) -> bool:
        """Beat, look who else does, divide. True when what is ours has changed. Raises `DBAPIError`."""
        if not self._shared or (self._looked_at is not None and mono_ms < self._looked_at + LOOK_EVERY_MS):
            return False
        rows, kiosks = self._db.transact(self._beat)
        self._looked_at = mono_ms
        self._seen = {name: self._aged(name, beats) for name, beats in rows.items()}
        alive = [name for name, (_, ago) in self._seen.items() if ago < self._lapse or name == self._name]
        mine = divide(kiosks, alive)[self._name]
        moved, self.held = mine != self.held, mine
        return moved

    def leave(self) -> None:
        """Say good-bye: the others need not wait for the silence. Raises `DBAPIError`."""
        if self._shared:
            self._db.transact(lambda conn: conn.execute(delete(INGESTER).where(INGESTER.c.name == self._name)))

    def _beat(self, conn: Connection) -> tuple[dict[str, int], dict[str, int]]:
        mine = INGESTER.c.name == self._name
        takes = " ".join(self.held)[:MOST_TOLD]
        if not conn.execute(update(INGESTER).where(mine).values(beats=INGESTER.c.beats + 1, takes=takes)).rowcount:
            conn.execute(insert(INGESTER).values(name=self._name, beats=1, takes=takes))
        beats = {row["name"]: row["beats"] for row in rows_of(conn, select(INGESTER.c.name, INGESTER.c.beats))}
        shards = conn.execute(
            select(WRITER.c.shard, func.count()).where(WRITER.c.revoked_at.is_(None)).group_by(WRITER.c.shard)
        )
        return beats, {shard: int(n) for shard, n in shards}

    def _aged(self, name: str, beats: int) -> tuple[int, int]:
        # Whom we see for the first time gets the benefit of the doubt.
        before, ago = self._seen.get(name, (-1, 0))
        return (beats, 0) if beats != before else (beats, ago + 1)


def _weight(kiosks: int) -> int:
    return 1 << max(kiosks - 1, 0).bit_length()


def _digest(name: str, shard: str) -> bytes:
    return hashlib.sha256(f"{name}\n{shard}".encode()).digest()
