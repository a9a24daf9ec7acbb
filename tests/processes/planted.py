"""`python -m tests.processes.planted BUG kiosk|server …`: the true program with one bug planted, to prove that the rig sees.

Replaces one function before the program's own main begins; nothing of it ships.
"""

import sys
import time

from kiosk import __main__ as kiosk_main
from kiosk import app as kiosk_app
from kiosk.desk.loop import Desk
from kiosk.store import Store
from protocol import envelope, inbox
from server import __main__ as server_main
from server.ingest import Ingest
from server.ledger import intake

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
    true = kiosk_app._scanned

    def scanned(touch, scan):
        kiosk_app.log.info("scan_read data=%s", scan.data.decode("utf-8", "replace"))
        true(touch, scan)

    kiosk_app._scanned = scanned


BUGS = {
    bug.__name__: bug
    for bug in (
        acks_before_commit,
        drops_outbox_on_restart,
        confirms_before_commit,
        prints_again_after_restart,
        logs_the_card,
    )
}


if __name__ == "__main__":
    _, planted, house, *words = sys.argv
    BUGS[planted]()
    (kiosk_main if house == "kiosk" else server_main).main(args=words, prog_name=house)
