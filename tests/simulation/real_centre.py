"""The centre as the server's own ledger over an SQLite file, with real ES256: what a sample of the schedules runs on."""

import shutil
import tempfile
from functools import cache
from pathlib import Path

from sqlalchemy import event, select

from protocol import envelope, inbox
from protocol.delivery import FINAL
from protocol.errors import UnknownKind
from server import backup
from server.clock import Clock
from server.db import Database, plain
from server.errors import HelloRefused
from server.ledger import carried, intake, rebuild, release, shelf, times
from server.ledger.derive import spelled
from server.ledger.ledger import Ledger
from server.ledger.tables import COUNTER, FORK, QUARANTINE, RECORD, TOUCH
from tests.server import databases
from tests.simulation import deriving, places
from tests.simulation.history import may_rest
from tests.simulation.signing import signer, unsealer

# Memory where the machine has a file system of it: the ledger syncs every commit.
FOLDER = next((path for path in ("/dev/shm",) if Path(path).is_dir()), None)


class Crash(BaseException):
    """The centre's process is gone."""


@cache
def _template():
    return databases.migrated_file(Path(tempfile.mkdtemp(prefix="tram-sim-", dir=FOLDER)))


class CentreClock(Clock):
    """The world's time."""

    def __init__(self, world):
        self._world = world
        self.boot = "centre"

    def wall_ms(self):
        return places.MORNING + self._world.now

    def mono_ms(self):
        return self._world.now


class RealCentre:
    """The same levers as `centre.Centre`."""

    def __init__(self, world):
        self.world = world
        self.folder = Path(tempfile.mkdtemp(prefix="tram-sim-", dir=FOLDER))
        self.path = self.folder / "tram.db"
        shutil.copy(_template(), self.path)
        self.signer = signer("server", real=True).inner
        self.crash = ""
        self.unknown = frozenset()
        self.enrolled = []
        self._dying = False
        self._heard = {}
        self._brought = {}
        self.backups = 0
        self._open()
        self.backup()

    def _open(self):
        self.db = Database(f"sqlite:///{self.path}", pool_size=1)
        event.listen(self.db.engine, "commit", self._committing)
        self.ledger = Ledger(
            self.db,
            features=deriving.features(),
            clock=CentreClock(self.world),
            signer=self.signer,
            shard=places.SHARD,
            unsealer=unsealer(),
        )
        self.ledger.parse = self.parse
        self.ledger.deriver._parse = self.parse
        self._settle()
        self.ledger.open_desk(now=self.now())
        for k in self.enrolled:
            self._enrol(k)

    def now(self):
        return places.MORNING + self.world.now

    def parse(self, line):
        record = envelope.parse(line)
        if record.kind in self.unknown:
            raise UnknownKind("unknown_kind")
        return record

    def _committing(self, _conn):
        if self._dying:
            raise Crash

    def enrol(self, k):
        self.enrolled.append(k)
        self._enrol(k)
        self.backup()

    def _enrol(self, k):
        pem = signer(k, real=True).public_pem
        with self.db.write() as conn:
            self.ledger.enrol(conn, k=k, shard=places.SHARD, site=places.SITE, public_key=pem, now=self.now())

    def revoke(self, k):
        with self.db.write() as conn:
            self.ledger.revoke(conn, k=k, now=self.now())

    def receive(self, k, payload):
        """As `server.ingest.Ingest.take`."""
        crash, self.crash = self.crash, ""
        before = self._held()
        self._dying = crash in ("before", "between")
        try:
            logs = self._take(k, payload)
        except Crash:
            return []
        finally:
            self._dying = False
        for how, name in sorted(self._held() - before):
            self.world.history.add("stored", self.world.now, how=how, name=name)
        if crash == "after":
            return []
        answers = []
        for writer, inc in logs:
            document = self.ledger.ack(
                writer, inc, now=self.now(), hello=self._heard.get((writer, inc)),
                brought=self._brought.get((writer, inc), ()),
            )  # fmt: skip
            mark = inbox.read_ack(document.split(b"\n")[0])["committed"]
            self.world.history.add("answered", self.world.now, k=writer, inc=inc, mark=mark)
            answers.extend((name, document) for name in dict.fromkeys((writer, k)))
        return answers

    def _take(self, k, payload):
        self._heard, pairs, logs = {}, intake.split(payload), set()
        if inbox.is_hello(payload):
            try:
                hello = self.ledger.hear(*pairs[0], k=k, now=self.now())
                self._heard[k, hello["inc"]] = hello
            except HelloRefused:
                pass
            pairs, logs = pairs[1:], set(self._heard)
        if pairs:
            logs.update(self.ledger.accept(pairs, k=k, site=places.SITE, now=self.now()).logs)
        lines = [intake.opened(pair, unsealer())[0][0] for pair in pairs]
        self._brought = carried.brought([(k, lines, logs)])
        return sorted(logs)

    def _held(self):
        with self.db.read() as conn:
            found = {
                ("ledger", tuple(row))
                for row in conn.execute(select(RECORD.c.k, RECORD.c.inc, RECORD.c.seq, RECORD.c.digest))
            }
            found |= {
                ("fork", tuple(row)) for row in conn.execute(select(FORK.c.k, FORK.c.inc, FORK.c.seq, FORK.c.digest))
            }
            rows = conn.execute(select(QUARANTINE.c.k, QUARANTINE.c.inc, QUARANTINE.c.seq))
            found |= {("quarantine", (*row, "")) for row in rows if row.seq is not None}
        return found

    def backup(self):
        """By the server's own command: verified, off the host, marked."""
        self.backups += 1
        away = self.folder / f"away-{self.backups}"
        home = self.folder / "home"
        self.place = backup.write(self.db, to=away, home=home, off_host=True, now=self.now()).place
        with self.db.read() as conn:
            held = set(conn.execute(select(RECORD.c.digest)).scalars()) | set(
                conn.execute(select(FORK.c.digest)).scalars()
            )
            lines = conn.execute(select(QUARANTINE.c.payload)).scalars()
            held |= {envelope.canon.digest(bytes(line)) for line in lines}
        self.world.history.add("backed", self.world.now, held=frozenset(held))

    def restore(self):
        """By the server's own command; what the own desk begins with is a record like any other."""
        before = self._held()
        self.db.close()
        backup.restore_file(backup.read_manifest(self.place), self.path, replace=True, now=self.now())
        self._open()
        self._note_wrote(self.ledger.begin_anew(now=self.now()), f"restored:{self.world.now}:{self.backups}")
        self.world.on_no_card({name for _, name in before - self._held()})
        self.world.history.add("forgot", self.world.now, held=frozenset(name for _, name in self._held()))

    def _note_wrote(self, record, act):
        self.world.history.add(
            "wrote", self.world.now, dev="centre", k=record.k, inc=record.inc, seq=record.seq, digest=record.digest,
            prev=record.prev, kind=record.kind, act=act, body=record.body, t=record.t,
        )  # fmt: skip

    def run(self, unknown=frozenset()):
        """A release that knows every kind but these starts: it looks whether another program derived last."""
        self.unknown = frozenset(unknown)
        self._settle()

    def _settle(self):
        release.settle(self.ledger, now=self.now(), mark=f"all but {sorted(self.unknown)}")

    def correct(self, pick):
        """An officer corrects a dose at the server's own desk."""
        with self.db.read() as conn:
            rows = conn.execute(select(TOUCH.c.entity_id).where(TOUCH.c.entity == "dose").distinct()).scalars().all()
        if not rows:
            return
        dose = sorted(rows)[pick % len(rows)]

        def work(conn):
            seen = self.ledger.records_of(conn, "dose", dose)
            person = seen[0].body["person"] if seen else "cccd:000"
            body = {"dose": dose, "person": person, "changes": {"dose_no": 1 + pick % 3}, "reason": "Theo giấy"}
            return self.ledger.append_all(conn, [("dose.corrected", body)], who="officer-1", now=self.now())

        before = self._held()
        for record in self.ledger.transact(work):
            self._note_wrote(record, f"centre:{self.world.now}:{pick}")
        for how, name in sorted(self._held() - before):
            self.world.history.add("stored", self.world.now, how=how, name=name)

    def holds(self, name, digest):
        with self.db.read() as conn:
            for table in (RECORD, FORK):
                wanted = (
                    table.c.k == name[0],
                    table.c.inc == name[1],
                    table.c.seq == name[2],
                    table.c.digest == digest,
                )
                if conn.execute(select(table.c.seq).where(*wanted)).first():
                    return True
            rows = conn.execute(select(QUARANTINE).where(QUARANTINE.c.k == name[0])).mappings()
            return any(
                envelope.canon.digest(bytes(row["payload"])) == digest and may_rest(row, self.world.history.revoked)
                for row in rows
            )

    def damaged(self, k, inc):
        with self.db.read() as conn:
            found = shelf.statuses(conn, k, inc)
        return {int(seq) for seq, word, reason in found if word == "quarantined" and reason not in FINAL}

    def forked(self, k, inc):
        with self.db.read() as conn:
            return conn.execute(select(FORK.c.seq).where(FORK.c.k == k, FORK.c.inc == inc)).first() is not None

    def finish(self, history):
        """What stands, the ledger's own check, and the same derived by the plain dictionaries of tier S."""
        report = rebuild.check(self.ledger)
        history.sentences = () if report.same else report.sentences
        with self.db.read() as conn:
            records = [envelope.parse(bytes(line)) for line in conn.execute(select(RECORD.c.line)).scalars()]
            history.ledger = {record.name(): record for record in records}
            forks = [envelope.parse(bytes(line)) for line in conn.execute(select(FORK.c.line)).scalars()]
            history.forks = {(*record.name(), record.digest): record for record in forks}
            for row in conn.execute(select(QUARANTINE)):
                name = None if row.seq is None else (row.k, row.inc, row.seq)
                digest = envelope.canon.digest(bytes(row.payload))
                resolved = row.resolved_at is not None
                history.quarantine.append(
                    {"k": row.k, "name": name, "reason": row.reason, "digest": digest, "resolved": resolved}
                )
            derived = self.ledger.deriver.tables()
            live = {table.name: spelled(table, map(plain, conn.execute(select(table)))) for table in derived}
            counters = conn.execute(select(COUNTER)).all()
            boots = sorted({times.boot_of(record) for record in records + forks})
            dated = times.dated(records + forks, times.anchors(conn, boots))
        history.best = {record.digest: (record.at, record.sure, record.err) for record in dated}
        history.counters = {(row.name, row.place, row.day, row.item): row.n for row in counters if row.n}
        tables, history.rebuilt_counters = deriving.from_scratch(records + forks, deriving.touched)
        # The database says booleans and columns in its own way: here the number of rows must agree, above every byte.
        history.tables = {name: len(rows) for name, rows in live.items() if rows}
        history.rebuilt = history.shuffled = {name: len(rows) for name, rows in tables.items()}

    def close(self):
        self.db.close()
        shutil.rmtree(self.folder)
