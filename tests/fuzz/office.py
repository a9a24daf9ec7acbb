"""The real ingest over a database of its own, and the account of every pair that went in. Planted bugs override the ledger.

Every pair is found again at the end: in the ledger, among the forks or in quarantine; the ledger's own sums say the same.
"""

import math
import shutil
import tempfile
import time
import tracemalloc
from collections import Counter
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import cache
from itertools import groupby
from pathlib import Path

from sqlalchemy import func, select

from protocol import canon, envelope, inbox, topics
from server import ingest
from server.clock import Clock
from server.crypto import verify
from server.db import Database
from server.ingest import Ingest, Link
from server.ledger import intake, rebuild
from server.ledger.ledger import Ledger
from server.ledger.tables import FORK, QUARANTINE, RECORD
from server.pki import make_authority, make_server_identity
from server.reference import ReferenceLists
from tests.fuzz.corpus import NAMES, signer
from tests.server import databases, made

# Memory where the machine has a file system of it: every message is a transaction that waits for the disk.
FOLDER = next((path for path in ("/dev/shm",) if Path(path).is_dir()), None)
# I11: processor time and memory that one message may take. A message of many pairs may take it once more for each 8.
MOST_MS = 50
PAIRS_PER_SHARE = 8
REPEATS = 3
MOST_BYTES = 8 * 1024 * 1024
WEIGH_EVERY = 100


@cache
def _kit():
    """`(template of the database, keys of the centre)`, made once per process."""
    folder = Path(tempfile.mkdtemp(prefix="tram-fuzz-", dir=FOLDER))
    now = datetime.now(UTC)
    make_authority(folder / "keys", now=now)
    make_server_identity(folder / "keys", now=now)
    return databases.migrated_file(folder), folder / "keys" / "server"


class CountingLedger(Ledger):
    """The server's ledger; what it says became of each message is added up in `sums`."""

    def __init__(self, *given, **named):
        super().__init__(*given, **named)
        self.sums = Counter()

    def accept(self, *given, **named):
        outcome = super().accept(*given, **named)
        self._add(outcome)
        return outcome

    def accept_all(self, deliveries, *, now):
        outcome, spoken = super().accept_all(deliveries, now=now)
        self._add(outcome)
        return outcome, spoken

    def _add(self, outcome):
        for name in ("taken", "duplicates", "forks", "quarantined"):
            self.sums[name] += getattr(outcome, name)


class Office:
    """A centre for some thousand messages. `feed` gives it one; `close` counts and gives what is wrong."""

    def __init__(self, corpus, *, ledger_class=CountingLedger):
        template, keys = _kit()
        self.folder = Path(tempfile.mkdtemp(prefix="tram-fuzz-", dir=FOLDER))
        shutil.copy(template, self.folder / "tram.db")
        self.db = Database(f"sqlite:///{self.folder / 'tram.db'}", pool_size=1)
        own = signer("server")
        self.ledger = ledger_class(self.db, features=made.features(), clock=Clock(), signer=own, shard=made.SHARD)
        self.ledger.open_desk(now=made.MORNING)
        with self.db.write() as conn:
            for kiosk in corpus.kiosks.values():
                pem = kiosk.signer.public_pem
                self.ledger.enrol(conn, k=kiosk.k, shard=made.SHARD, site=made.SITE, public_key=pem, now=made.MORNING)
        lists = ReferenceLists(
            db=self.db, signer=own, portal="https://example.vn/", day_offset_min=420, valid_ms=made.DAY
        )
        link = Link(host="127.0.0.1", port=1, identity=keys, client_id="server")
        self.ingest = Ingest(ledger=self.ledger, lists=lists, clock=Clock(), link=link)
        self.fed = Counter()
        self.hellos = Counter()
        self.found = []
        self.together = 0
        self.slowest_ms = 0.0
        self.heaviest = 0
        self._count = 0

    def feed(self, kind, k, site, payload):
        """One message through `Ingest.take`; what is wrong with how it was taken goes to `found`."""
        shares = 1 + len(_pairs(payload)) // PAIRS_PER_SHARE
        if self._to_weigh(1):
            with self._weighed(kind, payload):
                self._take(kind, k, site, payload)
            return
        took_ms = self._take(kind, k, site, payload)
        for _ in range(REPEATS):
            if took_ms <= MOST_MS * shares:
                break
            # The machine may have been busy with others: what is slow of itself is slow again.
            took_ms = min(took_ms, self._take(kind, k, site, payload))
        else:
            self.found.append(("slow", f"{took_ms:.0f} ms for a message of kind {kind}", payload))
        self.slowest_ms = max(self.slowest_ms, took_ms / shares)

    def feed_together(self, messages):
        """Messages that wait at once, as `Ingest` takes them: alike ones in one transaction, split when that fails."""
        for sort, alike in groupby(messages, key=lambda one: intake.sort_of(one[-1])):
            some = list(alike)
            if not sort or len(some) == 1 or not self._take_together(some):
                for one in some:
                    self.feed(*one)

    def _to_weigh(self, count):
        self._count += count
        return self._count % WEIGH_EVERY < count

    @contextmanager
    def _weighed(self, kind, payload):
        tracemalloc.start()
        yield
        took = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        self.heaviest = max(self.heaviest, took)
        if took > MOST_BYTES:
            self.found.append(("memory", f"{took >> 20} MB for a message of kind {kind}", payload))

    def _take_together(self, messages):
        if self._to_weigh(len(messages)):
            with self._weighed("together", messages[0][-1]):
                return self._take_timed(messages, most_ms=math.inf)
        return self._take_timed(messages, most_ms=MOST_MS)

    def _take_timed(self, messages, *, most_ms):
        begun = time.thread_time()
        try:
            answers = self.ingest.take_all([(_topic(k, site), payload) for _, k, site, payload in messages])
        except ingest.SPLITS:
            return False
        except Exception as error:  # noqa: BLE001 - loop edge: a crash is what this looks for
            self.found.append(("crash", f"{type(error).__name__} at {len(messages)} messages", messages[0][-1]))
            return False
        took_ms = (time.thread_time() - begun) * 1000
        shares = sum(1 + len(_pairs(payload)) // PAIRS_PER_SHARE for *_, payload in messages)
        if took_ms > most_ms * shares:
            self.found.append(("slow", f"{took_ms:.0f} ms for {len(messages)} messages", messages[0][-1]))
        self.together += len(messages)
        self._read("together", answers, messages[0][-1])
        for _, k, site, payload in messages:
            self._note(k, site, payload, heard=True)
        return True

    def _take(self, kind, k, site, payload):
        """Processor time it took, in ms."""
        topic = _topic(k, site)
        begun = time.thread_time()
        try:
            answers = self.ingest.take(topic, payload)
        except Exception as error:  # noqa: BLE001 - loop edge: a crash is what this looks for
            self.found.append(("crash", f"{type(error).__name__} at a message of kind {kind}", payload))
            return 0.0
        took_ms = (time.thread_time() - begun) * 1000
        self._read(kind, answers, payload)
        self._note(k, site, payload, heard=bool(answers))
        return took_ms

    def _note(self, k, site, payload, *, heard):
        """What went in, pair by pair."""
        pairs = _pairs(payload)
        if payload.startswith(b'{"hello":'):
            self.hellos["heard" if heard else "refused"] += 1
            pairs = pairs[1:]
        for line, signature in pairs:
            self.fed[k, site, canon.digest(line), canon.digest(line + b"\n" + signature), signature] += 1

    def _read(self, kind, answers, payload):
        for _, document in answers:
            try:
                inbox.read_ack(document.split(b"\n")[0])
            except ValueError as error:
                self.found.append(("answer", f"an acknowledgement that nobody can read: {error}, kind {kind}", payload))

    def _belongs(self, line, signature, k, site):
        record = envelope.parse(line)
        # Its own writer brought it, on whatever topic; or a neighbour, on one of their site.
        brought = record.k == k or (k in NAMES and site == made.SITE)
        return record.site == made.SITE and brought and verify(signer(record.k).public, line, signature)

    def close(self):
        """The account: `{what: how many}`. Everything wrong is in `found` by then."""
        with self.db.read() as conn:
            held = {
                row.digest: row.line
                for table in (RECORD, FORK)
                for row in conn.execute(select(table.c.digest, table.c.line))
            }
            aside = set(conn.execute(select(QUARANTINE.c.digest)).scalars())
            counts = (
                conn.execute(select(func.count()).select_from(table)).scalar_one()
                for table in (RECORD, FORK, QUARANTINE)
            )
            taken, forks, quarantined = counts
        good = bad = 0
        for (k, site, line, pair, signature), count in self.fed.items():
            # The same pair may be good on its own topic and have been put aside on another's.
            if line in held and (pair not in aside or self._belongs(held[line], signature, k, site)):
                good += count
            elif pair in aside:
                bad += count
        lost = sum(self.fed.values()) - good - bad
        sums = self.ledger.sums
        expected = {
            "taken": taken, "forks": forks, "quarantined": quarantined, "duplicates": good - taken - forks,
        }  # fmt: skip
        if lost:
            self.found.append(("vanished", f"{lost} pairs are nowhere", b""))
        if aside - {pair for _, _, _, pair, _ in self.fed}:
            self.found.append(("invented", "quarantine holds what nobody sent", b""))
        if held.keys() - {line for _, _, line, _, _ in self.fed}:
            self.found.append(("invented", "the ledger holds what nobody sent", b""))
        for name, count in expected.items():
            if sums[name] != count:
                self.found.append(("sums", f"{name}: the ledger says {sums[name]}, there are {count}", b""))
        report = rebuild.check(self.ledger)
        if not report.same:
            self.found.append(("rebuild", report.sentences[-1], b""))
        self.db.close()
        shutil.rmtree(self.folder)
        return {
            "pairs": sum(self.fed.values()), "accepted": taken, "duplicates": expected["duplicates"], "forks": forks,
            "quarantined": quarantined, "quarantined_again": bad - quarantined,
            "together": self.together, "hellos": self.hellos["heard"], "hellos_refused": self.hellos["refused"],
        }  # fmt: skip


def _topic(k, site):
    return topics.writer(made.SHARD, site, k, topics.UP)


def _pairs(payload):
    """The pairs of a message, found without the server's code."""
    lines = payload.split(b"\n")
    if lines[-1] == b"":
        lines = lines[:-1]
    lines += [b""] * (len(lines) % 2)
    return list(zip(lines[::2], lines[1::2], strict=True))
