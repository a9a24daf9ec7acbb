"""Planted bugs of the centre: each makes one mistake that a power cut must bring to light. Never shipped."""

import sqlite3
from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection, event

from server.db import Database
from server.ledger.derive import Deriver, Entity
from server.ledger.ledger import Ledger, Outcome


class SyncedAtCheckpoint(Database):
    """`synchronous=NORMAL`: an acknowledgement leaves before the records are durable."""

    def __init__(self, url: str):
        super().__init__(url)
        event.listen(self.engine, "connect", _normal)


def _normal(connection: sqlite3.Connection, _record: object) -> None:
    connection.execute("PRAGMA synchronous = NORMAL").close()


class AckBeforeCommit(Database):
    """One connection whose transaction stays open until the next one begins."""

    def __init__(self, url: str):
        super().__init__(url)
        self._conn = self.engine.connect().execution_options(tram_write=True)

    @contextmanager
    def read(self) -> Iterator[Connection]:
        yield self._conn

    @contextmanager
    def write(self) -> Iterator[Connection]:
        self._conn.commit()
        yield self._conn

    def close(self) -> None:
        self._conn.commit()
        self._conn.close()
        super().close()


class _Later(Deriver):
    """Notes what is to be derived instead of deriving it."""

    def __init__(self, *given: Any, **named: Any):
        super().__init__(*given, **named)
        self.waiting: list[Entity] = []

    def derive(self, conn: Connection, entities: Iterable[Entity], *, new: Collection[int] = ()) -> None:
        self.waiting.extend(entities)


class EffectsApart(Ledger):
    """Records in one transaction, what follows from them in the next."""

    def __init__(self, db: Database, **named: Any):
        super().__init__(db, **named)
        self.deriver = _Later(self.deriver.features, parse=self.parse)

    def accept(self, pairs: Any, **named: Any) -> Outcome:
        outcome = super().accept(pairs, **named)
        waiting, self.deriver.waiting = self.deriver.waiting, []
        self.db.transact(lambda conn: Deriver.derive(self.deriver, conn, waiting))
        return outcome


DATABASES: dict[str, type[Database]] = {
    "ingest_synchronous_normal": SyncedAtCheckpoint,
    "ack_before_commit": AckBeforeCommit,
}
LEDGERS: dict[str, type[Ledger]] = {"effects_apart": EffectsApart}
