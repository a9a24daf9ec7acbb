"""What is seen while a run lasts: acknowledgements and records on the wire, disks after a kill, headers of screens.

Writes events as the simulation's checkers read them (`tests.simulation.history`); judges nothing. What a disk holds is
read from its file by another connection: only what is committed shows.
"""

import sqlite3
import threading
from contextlib import suppress

from protocol import envelope, inbox, topics
from protocol.delivery import WINDOW
from protocol.errors import ProtocolError
from tests.processes import evidence, wire
from tests.simulation.history import History

TABLES = {
    "record": "SELECT id, k, inc, seq, digest FROM record WHERE id > ?",
    "fork": "SELECT rowid, k, inc, seq, digest FROM fork WHERE rowid > ?",
    # Of damaged bytes only the number is known: `digest` stays empty.
    "quarantine": "SELECT id, k, inc, seq, '' FROM quarantine WHERE id > ? AND seq IS NOT NULL",
}


class Watcher:
    """Events of one province. Called by the frame proxy's thread, by crews and by the run itself."""

    def __init__(self):
        self.history = History()
        self.province = None
        self.topics = set()
        # Looks that a full disk or a lock made impossible, and acknowledgements put against the ledger.
        self.missed = 0
        # How far each log file has been read.
        self.read_up_to = {}
        self.acknowledged = 0
        self._lock = threading.RLock()
        self._seen = dict.fromkeys(TABLES, 0)
        self._written = {}
        # `visit: kiosks that recorded something of it`, and the kiosk that it began at.
        self._spoken, self._came_to = {}, {}
        # `digest: record` that was seen open once.
        self._known = {}
        self._marks = {}
        # Marks that went out while the ledger could not be read.
        self._unjudged = set()

    def saw(self, link, direction, topic, payload):
        """A PUBLISH on the wire of program `link`: from its sender (up), or on its way to its receiver (down)."""
        self.topics.add(topic)
        with suppress(ProtocolError):
            leaf, k = topics.read(topic)[3], topics.read(topic)[2]
            if leaf == topics.DOWN and link == "server" and direction == wire.UP:
                self._answered(k, payload)
            elif leaf == topics.DOWN and direction == wire.DOWN and link == k:
                for line, _ in envelope.unpack(payload):
                    ack = inbox.read_ack(line)
                    held = max(ack["committed"], self._marks.get((k, ack["inc"]), 0))
                    self._marks[k, ack["inc"]] = held
            elif leaf == topics.UP and link != "server" and direction == wire.UP:
                self._published(k, payload)

    def _answered(self, k, payload):
        for line, _ in envelope.unpack(payload):
            ack = inbox.read_ack(line)
            if not self.look_at_ledger():
                self._unjudged.add((ack["inc"], ack["committed"]))
                continue
            with self._lock:
                self.acknowledged += 1
                self.history.add("answered", 0, k=k, inc=ack["inc"], mark=ack["committed"])

    def _published(self, k, payload):
        """Judged against the highest mark that was on its way to the kiosk: it cannot know of a higher one.

        What begins behind the window is offered to the neighbours, who need not wait for the centre (`protocol/held.py`).
        """
        names = {}
        for line, _ in envelope.unpack(payload):
            if not inbox.is_hello(line):
                record = envelope.parse(line)
                names.setdefault(record.inc, []).append(record.seq)
        with self._lock:
            for inc, numbers in names.items():
                mark = self._marks.get((k, inc), 0)
                if min(numbers) <= mark + WINDOW:
                    self.history.add(
                        "published", 0, dev=k, inc=inc, first=min(numbers), last=max(numbers), committed=mark,
                        forked=False,
                    )  # fmt: skip

    def look_at_ledger(self):
        """Note what the ledger has taken since; False when it cannot be read now."""
        with self._lock:
            for table, query in TABLES.items():
                try:
                    rows = evidence.read(self.province.ledger, query, (self._seen[table],))
                except sqlite3.OperationalError:
                    self.missed += 1
                    return False
                for number, k, inc, seq, digest in rows:
                    self._seen[table] = max(number, self._seen[table])
                    self.history.add("stored", 0, name=(k, inc, seq, digest), how=table)
        return True

    def look_at_kiosk(self, station, *, woke):
        """Note what a kiosk's disk has taken since, its mark, and with `woke` what it would wake with."""
        with self._lock:
            try:
                plain = evidence.kiosk_records(station)
                records = self._with_sealed(station, plain)
                marks = evidence.kiosk_marks(station)
                visits, shared = evidence.kiosk_visits(station)
            except sqlite3.OperationalError:
                self.missed += 1
                return
            name = station.name
            last = (0, "", 0)
            for one in records:
                last = (one.seq, one.inc, one.t["mono"])
                if self._written.setdefault(name, set()) & {one.digest}:
                    continue
                self._written[name].add(one.digest)
                evidence.wrote(self.history, name, one)
                visit = one.body.get("visit")
                self._spoken.setdefault(visit, set()).add(name)
                self._known[one.digest] = one
                if one.kind == "visit.checked_in":
                    self._came_to[visit] = name
                self.history.add("told", one.t["mono"], dev=name, names=[(*one.name(), one.digest)], act="")
            for inc, mark in marks.items():
                if (inc, mark) in self._unjudged:
                    continue
                self.history.add("taken", last[2], dev=name, inc=inc, mark=mark)
            if woke:
                # Copies of neighbours' records go when they are safe, what they changed stays; a sealed visit is shown no more.
                shared |= {one.body.get("visit") for one in records} - {one.body.get("visit") for one in plain}
                shared |= {visit for visit, names in self._spoken.items() if names != {name}}
                visits = {
                    visit: state
                    for visit, state in visits.items()
                    if visit not in shared and self._came_to.get(visit) == name
                }
                self.history.add("restarted", last[2], dev=name, inc=last[1], seq=last[0], visits=visits, shared=shared)

    def _with_sealed(self, station, plain):
        """`plain` and what is sealed on that disk, from an earlier look or, for it is sealed once it is there, the ledger."""
        sealed = evidence.kiosk_sealed(station) - {one.digest for one in plain}
        if sealed - set(self._known):
            self._known |= {one.digest: one for one in evidence.centre_records(self.province)}
        earlier = [self._known[digest] for digest in sealed if digest in self._known]
        incs = list(dict.fromkeys(one.inc for one in plain))
        return sorted(
            [*earlier, *plain], key=lambda one: (incs.index(one.inc) if one.inc in incs else -1, one.inc, one.seq)
        )

    def header_shown(self, station, *, before, waiting):
        """A header said that `waiting` records are not at the centre yet. `before`: `(inc, seq)` on the disk before that."""
        inc, last = before
        if self.look_at_ledger():
            with self._lock:
                self.history.add("shown", 0, dev=station.name, inc=inc, last=last, waiting=waiting)

    def events(self):
        """All events so far, in the order in which they were seen."""
        with self._lock:
            return list(self.history.events)
