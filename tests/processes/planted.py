"""`python -m tests.processes.planted BUG kiosk|server …`: the true program with one bug planted, to prove that the rig sees.

Replaces one function before the program's own main begins; nothing of it ships.
"""

import sys
import time
from collections import Counter
from contextlib import suppress
from dataclasses import replace

from kiosk import __main__ as kiosk_main
from kiosk import app as kiosk_app
from kiosk import feeds
from kiosk.desk import board, views
from kiosk.desk.loop import Desk
from kiosk.errors import NotWritten
from kiosk.store import Batch, Store
from kiosk.sync import Sync
from protocol import clocktext, envelope, inbox
from server import __main__ as server_main
from server.ingest import Ingest
from server.ledger import derive, intake

# How long a bug keeps from the disk what it has told: a kill must meet it.
HELD_S = 1.5


def acks_before_commit():
    """The server answers with "all of it is durable" and only then begins to write."""
    true = Ingest.take

    def take(self, topic, payload):
        if not inbox.is_hello(payload):
            record = envelope.parse(intake.split(payload)[-1][0])
            line = inbox.make_ack(
                k=record.k, inc=record.inc, covered=inbox.Ranges([[1, record.seq]]), last=record.seq, status=[],
                archived=0, now=self._clock.wall_ms(), head=record.digest,
            )  # fmt: skip
            self._publish(topic.rsplit("/", 1)[0] + "/down", self._ledger.signer.document(line), retain=False)
            time.sleep(HELD_S / 3)
        return true(self, topic, payload)

    Ingest.take = take
    # The same for what came together.
    Ingest.take_all = lambda self, messages: [answer for one in messages for answer in self.take(*one)]


def drops_outbox_on_restart():
    """A kiosk that starts again forgets what the centre has not acknowledged."""
    true = kiosk_app.open_log

    def open_log(store, **given):
        inc = store.meta("inc")
        safe = int(store.meta("committed:" + inc, "0"))
        with store.db.atomic():
            store.db.conn.execute("DELETE FROM record WHERE inc = ? AND seq > ?", (inc, safe))
        return true(store, **given)

    kiosk_app.open_log = open_log


def confirms_before_commit():
    """A kiosk shows the act as done while its transaction is still open."""
    began = [0.0]
    true_tick = Desk._tick

    def commit(self, batch):
        if not self.db.conn.in_transaction:
            self.db.conn.execute("BEGIN")
            began[0] = time.monotonic()
        self._write(batch)

    def tick(self):
        if self.store.db.conn.in_transaction and time.monotonic() - began[0] > HELD_S:
            self.store.db.conn.execute("COMMIT")
        true_tick(self)

    Store.commit = commit
    Desk._tick = tick


def prints_again_after_restart():
    """A slip that was being sent when the power went is printed once more under the same copy number."""

    def recover(desk):
        desk.store.db.conn.execute("UPDATE print_job SET state = 'waiting' WHERE state IN ('sending', 'printed')")
        desk.store.db.conn.commit()

    kiosk_app.prints.recover = recover


def logs_the_card():
    """A kiosk's log tells what was read from the card."""
    true = feeds._scanned

    def scanned(sink, scan):
        feeds.log.info("scan_read data=%s", scan.data.decode("utf-8", "replace"))
        true(sink, scan)

    feeds._scanned = scanned


def signature_not_checked():
    """The server takes any signature for a good one. Only a packet that was altered under way shows it."""
    intake.crypto.verify = lambda *_: True


def counts_repeated_packets():
    """The server counts the doses of a packet that says of itself "I come again" once more."""
    repeated = []
    true_message, true_take, true_all = Ingest._on_message, Ingest.take, Ingest.take_all

    def on_message(self, client, data, message):
        if message.dup:
            repeated.append(bytes(message.payload))
        true_message(self, client, data, message)

    def count(conn, payload):
        cells = Counter()
        for line, _ in intake.split(payload):
            one = envelope.parse(line)
            if one.kind == "dose.given":
                item = f"{one.body['vaccine']}/{one.body['dose_no']}"
                cells["doses", one.site, clocktext.day_of(one.t["wall"]), item] += 1
        derive.move_counters(conn, cells)

    def late(self, payloads):
        for payload in payloads:
            if payload in repeated and not inbox.is_hello(payload):
                repeated.remove(payload)
                self._ledger.db.transact(lambda conn, payload=payload: count(conn, payload))

    def take(self, topic, payload):
        answers = true_take(self, topic, payload)
        late(self, [payload])
        return answers

    def take_all(self, messages):
        answers = true_all(self, messages)
        late(self, [payload for _, payload in messages])
        return answers

    Ingest._on_message, Ingest.take, Ingest.take_all = on_message, take, take_all


def disk_error_swallowed():
    """A write that the kiosk's disk refuses is taken for done."""
    true = Store.commit

    def commit(self, batch):
        with suppress(NotWritten):
            true(self, batch)

    Store.commit = commit


def observation_by_wall_clock():
    """The half hour is counted on the wall clock, which may jump."""
    board.observed_ms = lambda desk, one: desk.moment().wall - one["dose"]["wall"]


def trusts_puback():
    """A kiosk holds for safe what the broker has taken."""
    true = Sync._on_publish

    def on_publish(self, *given):
        true(self, *given)
        desk = self._desk
        desk.post(lambda: desk.safe(desk.log.seq, []))

    Sync._on_publish = on_publish


def shows_sent_as_safe():
    """The header counts what was not sent yet, not what is not acknowledged."""
    sent = [0]
    true_send, true_shown = Sync._send, views.shown

    def send(self, inc, first, last):
        true_send(self, inc, first, last)
        sent[0] = max(sent[0], last)

    def shown(desk):
        seen = true_shown(desk)
        seen["sync"]["waiting"] = max(desk.log.seq - max(sent[0], desk.committed), 0)
        return seen

    Sync._send, views.shown = send, shown


def torn_transaction():
    """A kiosk writes the records of an act, and in a transaction of its own how they change the visit."""

    def commit(self, batch):
        with self.writing():
            self._write(Batch(records=batch.records))
        if batch.records:
            time.sleep(HELD_S / 5)
        with self.writing():
            self._write(replace(batch, records=()))

    Store.commit = commit


BUGS = {
    bug.__name__: bug
    for bug in (
        acks_before_commit,
        drops_outbox_on_restart,
        confirms_before_commit,
        prints_again_after_restart,
        logs_the_card,
        signature_not_checked,
        counts_repeated_packets,
        disk_error_swallowed,
        observation_by_wall_clock,
        trusts_puback,
        shows_sent_as_safe,
        torn_transaction,
    )
}


if __name__ == "__main__":
    _, planted, house, *words = sys.argv
    BUGS[planted]()
    (kiosk_main if house == "kiosk" else server_main).main(args=words, prog_name=house)
