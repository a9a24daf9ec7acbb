"""Planted bugs of the kiosk's store: each makes one mistake that a power cut must bring to light. Never shipped."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from kiosk.retention import Away
from kiosk.store import Batch, Store


class NeverSynced(Store):
    """`synchronous=OFF`: the disk is never asked to keep anything."""

    def __init__(self, path: Path):
        super().__init__(path)
        self.db.execute("PRAGMA synchronous = OFF")


class SyncedAtCheckpoint(Store):
    """`synchronous=NORMAL`: in WAL mode a commit returns before it is durable."""

    def __init__(self, path: Path):
        super().__init__(path)
        self.db.execute("PRAGMA synchronous = NORMAL")


class RecordAndVisitApart(Store):
    """The record in one transaction, the visit's reading and the rest in the next."""

    def commit(self, batch: Batch) -> None:
        super().commit(Batch(records=batch.records))
        super().commit(replace(batch, records=()))


class PrintJobApart(Store):
    """The print job in a transaction of its own, after the record."""

    def commit(self, batch: Batch) -> None:
        super().commit(replace(batch, prints=()))
        super().commit(Batch(prints=batch.prints))


class SealedAndVisitApart(Store):
    """The sealed records in one transaction, the end of their visit's reading in the next."""

    def commit(self, batch: Batch) -> None:
        if batch.away is None or not batch.away.visits:
            super().commit(batch)
            return
        super().commit(replace(batch, away=replace(batch.away, visits=(), slips=())))
        super().commit(Batch(away=Away(visits=batch.away.visits, slips=batch.away.slips)))


class CopiesAndVisitApart(Store):
    """Neighbours' records in one transaction, what they say of a visit in the next."""

    def commit(self, batch: Batch) -> None:
        if not batch.copies:
            super().commit(batch)
            return
        super().commit(Batch(copies=batch.copies))
        super().commit(replace(batch, copies=()))


class BoxAndCopyApart(Store):
    """A neighbour's records go, and their boxes come in a transaction of their own."""

    def commit(self, batch: Batch) -> None:
        if not batch.shut:
            super().commit(batch)
            return
        held = [one for one in self.copies.every() if one.name in {box.name for box in batch.shut}]
        super().commit(replace(batch, shut=(), spent=(*batch.spent, *(box.name for box in batch.shut))))
        super().commit(Batch(copies=tuple(held), shut=batch.shut))


class ToldBeforeCommit(Store):
    """Whoever waits is told while the transaction is still open; the next one ends it."""

    @contextmanager
    def writing(self) -> Iterator[None]:
        self.db.conn.commit()
        yield

    def close(self) -> None:
        self.db.conn.commit()
        super().close()


class TidiesTheWal(Store):
    """Throws "left-over" files away at the start."""

    def __init__(self, path: Path):
        path.with_name(path.name + "-wal").unlink(missing_ok=True)
        super().__init__(path)


class RollbackWithoutSync(Store):
    """A rollback journal instead of the WAL, kept in memory to be kind to the card."""

    def __init__(self, path: Path):
        super().__init__(path)
        self.db.execute("PRAGMA journal_mode = MEMORY").fetchall()


class FolderForgotten(Store):
    """Makes the database's folder and leaves its name to luck; the store did so until this rig was built."""

    def __init__(self, path: Path):
        path.parent.mkdir(parents=True, exist_ok=True)
        super().__init__(path)


STORES: dict[str, type[Store]] = {
    "synchronous_off": NeverSynced,
    "synchronous_normal": SyncedAtCheckpoint,
    "record_and_visit_apart": RecordAndVisitApart,
    "print_job_apart": PrintJobApart,
    "sealed_and_visit_apart": SealedAndVisitApart,
    "copies_and_visit_apart": CopiesAndVisitApart,
    "box_and_copy_apart": BoxAndCopyApart,
    "told_before_commit": ToldBeforeCommit,
    "tidies_the_wal": TidiesTheWal,
    "journal_in_memory": RollbackWithoutSync,
    "folder_forgotten": FolderForgotten,
}
