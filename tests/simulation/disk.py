"""A kiosk's disk as an image in memory, and the real store over it. Contains the faults of disks, no decision.

Rules of the disk: a transaction is whole or not at all, and survives a power cut once `commit` has returned. Faults:
full, failing, power that goes before or after the commit. Planted bugs turn the rules off.
"""

import dataclasses
import sqlite3
from functools import cache

from sqlite_utils import Database

from kiosk.errors import NotWritten
from kiosk.migrations import migrations
from kiosk.record_reader import RecordReader
from kiosk.store import Store

# A forgetful disk syncs every ninth transaction only: SQLite with synchronous=OFF, and the kernel's flush.
FORGETFUL = 9


class PowerCut(BaseException):
    """The power went during a write: nothing above the disk runs on."""


@cache
def _empty():
    connection = sqlite3.connect(":memory:")
    migrations.apply(Database(connection))
    image = connection.serialize()
    connection.close()
    return image


class Disk:
    """An image and its levers. `cut`: the next write loses power `before` or `after` its commit."""

    def __init__(self, *, synced=True, atomic=True):
        self.synced = synced
        self.atomic = atomic
        self.full = False
        self.errors = 0
        self.cut = ""
        self._connection = None
        self._durable = _empty()
        self.writes = 0
        self.plug_in()

    def plug_in(self):
        """Mount what is durable."""
        self.close()
        self._connection = sqlite3.connect(":memory:", check_same_thread=False)
        self._connection.row_factory = sqlite3.Row
        self._connection.deserialize(self._durable)
        self._connection.execute("PRAGMA foreign_keys = ON")
        self._connection.execute("PRAGMA secure_delete = ON")

    def close(self):
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def database(self):
        return Database(self._connection)

    def check(self):
        """Refuse a write as a full or failing disk does."""
        if self.full or self.errors:
            self.errors = max(self.errors - 1, 0)
            raise NotWritten("store: disk")

    def written(self):
        """A transaction was committed."""
        self.writes += 1
        if not self.synced and self.writes % FORGETFUL == 0:
            self._durable = self._connection.serialize()

    def power_cut(self):
        """What was not synced is gone."""
        if self.synced:
            self._durable = self._connection.serialize()
        self.plug_in()

    def snapshot(self):
        """An image of the card as it is now."""
        return self._connection.serialize()

    def restore(self, image):
        """Put another image in."""
        self._durable = image
        self.plug_in()


class SimStore(Store, RecordReader):
    """The real store on a simulated disk; the wire's reader reads on the same connection."""

    def __init__(self, disk):
        self.disk = disk
        self.db = disk.database()
        self.path = None
        # Told of what leaves the open tables or the disk.
        self.on_away = lambda _event, **_members: None

    def commit(self, batch):
        self.disk.check()
        cut, self.disk.cut = self.disk.cut, ""
        if cut == "before":
            if not self.disk.atomic:
                self._keep(dataclasses.replace(batch, visits=(), prints=(), codes=()))
            raise PowerCut
        self._keep(batch)
        if cut == "after":
            raise PowerCut

    def _keep(self, batch):
        gone = [row for inc, upto in (batch.away.forget if batch.away else ()) for row in self._sealed(inc, upto)]
        super().commit(batch)
        self.disk.written()
        if batch.away and batch.away.visits:
            self.on_away("sealed", visits=batch.away.visits)
        if gone:
            self.on_away("deleted", names=gone)
        if batch.over:
            self.on_away("over", visits=batch.over)

    def _sealed(self, inc, upto):
        query = "SELECT inc, seq, digest FROM sealed_record WHERE inc = ? AND seq <= ?"
        return [tuple(row) for row in self.db.conn.execute(query, (inc, upto))]

    def put_aside(self, inc, statuses):
        self.disk.check()
        super().put_aside(inc, statuses)
        self.disk.written()

    def mark_alive(self, boot, mono, wall):
        self.disk.check()
        super().mark_alive(boot, mono, wall)
        self.disk.written()

    # For the history.

    def records(self, inc, after=0):
        """`(seq, digest, line)` of a log's records."""
        rows = self.db.conn.execute(
            "SELECT seq, digest, line FROM record WHERE inc = ? AND seq > ? ORDER BY seq", (inc, after)
        )
        return [(int(row[0]), str(row[1]), bytes(row[2])) for row in rows]

    def all_records(self):
        """`(inc, seq, digest)` of every record on the disk."""
        return [tuple(row) for row in self.db.conn.execute("SELECT inc, seq, digest FROM entry ORDER BY inc, seq")]

    def all_copies(self):
        """`(k, inc, seq, digest)` of every neighbour's record on the disk."""
        query = (
            "SELECT k, inc, seq, digest FROM neighbour_record UNION ALL SELECT k, inc, seq, digest FROM neighbour_box"
        )
        return [tuple(row) for row in self.db.conn.execute(query)]

    def states(self):
        """Every visit's state as the disk has it."""
        return {row[0]: row[1] for row in self.db.conn.execute("SELECT visit, state FROM visit")}

    def shared(self):
        """The visits of which a neighbour recorded anything."""
        query = "SELECT DISTINCT visit FROM neighbour_record WHERE visit IS NOT NULL"
        return frozenset(row[0] for row in self.db.conn.execute(query))
