"""Kiosks over several shards, messages and a manager, all at once; and what must be in the database afterwards."""

import itertools
import json
import time

from sqlalchemy import func, select

from protocol import canon
from server import accounts, app, messages, reference, units
from server.broker_acl import SERVER_NAME
from server.db import Database, rows_of, upsert
from server.ledger import rebuild
from server.ledger.tables import FORK, QUARANTINE, RECORD
from server.units import Unit
from server.worker import read_outbox
from tests.apart.desk import LOGIN, PASSWORD, Desk
from tests.bench.centre import site_of
from tests.bench.wires import Wires
from tests.server.made import MINUTE, MORNING

MOST_S = 300.0
MOST_LATE_S = 0.1


def pairs_of(wire):
    """A kiosk's records without end: every other visit is of somebody whom all the kiosks see, under the same names."""
    own = int(wire.kiosk.inc, 16) * 1000
    for n in itertools.count():
        number = own + n if n % 2 else n % 1000
        yield from wire.kiosk.visit(number, MORNING + n * MINUTE, vaccine="PFIZER")


class Load:
    """What keeps `centre` busy. `records_per_s`: of all kiosks together; `messages_per_s`: queued by the server's own desk."""

    def __init__(self, centre, *, records_per_s, messages_per_s, sites=1):
        self._centre = centre
        self._db = Database(centre.config.database_url)
        self._ledger = app.start_ledger(centre.config, db=self._db, clock=app.make_clock(centre.config))
        self._fill(sites)
        self.wires, self.crowd = Wires(), [centre.wire(name) for name in centre.names]
        self._pairs = itertools.cycle([(wire, pairs_of(wire)) for wire in self.crowd])
        self._record_every_s, self._message_every_s = 1 / records_per_s, 1 / messages_per_s
        self._next_record = self._next_message = 0.0
        self.queued = []
        self.desk = Desk(centre.web, place=site_of(centre.names[0]))

    def begin(self):
        """Kiosks connect, the manager signs in."""
        self.wires.connect(self.crowd)
        self.desk.start()

    def go_on(self, until, *, most_s=MOST_S):
        """Keep it busy until `until()`. False when `most_s` were not enough."""
        return self.wires.run(until, each=self._write, most_s=most_s)

    def for_s(self, seconds):
        """Keep it busy for so long."""
        end = time.monotonic() + seconds
        self.go_on(lambda: time.monotonic() > end)

    def committed(self):
        """How many records kiosks hold for safe."""
        return sum(wire.outbox.committed for wire in self.crowd)

    def held_for_safe(self):
        """Is all that kiosks were told is safe in the database, byte for byte (I2)? Gives what is not."""
        promised = [(wire, wire.outbox.committed) for wire in self.crowd]
        with self._db.read() as conn:
            rows = conn.execute(select(RECORD.c.k, RECORD.c.seq, RECORD.c.digest))
            held = {(row.k, row.seq): row.digest for row in rows}
        return [
            (wire.kiosk.k, seq)
            for wire, upto in promised
            for seq, (line, _) in enumerate(wire.pairs[:upto], 1)
            if held.get((wire.kiosk.k, seq)) != canon.digest(line)
        ]

    def end(self):
        """Nothing new comes; what is under way arrives. False when it does not."""
        self.desk.stop()
        drained = self.wires.run(lambda: all(not wire.outbox.backlog() for wire in self.crowd), most_s=MOST_S)
        sent = self.wires.run(self._all_sent, most_s=MOST_S)
        self.wires.close()
        return drained and sent

    def judge(self):
        """Lost and doubled of each sort, counted; all of them must be 0 but for the last three."""
        written = {
            (wire.kiosk.k, seq): canon.digest(line)
            for wire in self.crowd
            for seq, (line, _) in enumerate(wire.pairs, 1)
        }
        with self._db.read() as conn:
            rows = conn.execute(
                select(RECORD.c.k, RECORD.c.seq, RECORD.c.digest).where(RECORD.c.k != SERVER_NAME)
            ).all()
            aside = sum(
                conn.execute(select(func.count()).select_from(table)).scalar_one() for table in (FORK, QUARANTINE)
            )
            own = rows_of(conn, select(RECORD.c.kind, RECORD.c.line).where(RECORD.c.k == SERVER_NAME))
        held = {(row.k, row.seq): row.digest for row in rows}
        bodies = [(row["kind"], json.loads(bytes(row["line"]))["body"]) for row in own]
        receipts = [body["receipt"] for kind, body in bodies if kind == "stock.received"]
        recorded = [body["message"] for kind, body in bodies if kind == "message.sent" and body["result"] == "sent"]
        told = [line["message"] for line in read_outbox(self._centre.config.outbox_file)]
        return {
            "records_lost": len(written.items() - held.items()), "records_doubled": len(rows) - len(held),
            "records_unknown": len(held.keys() - written.keys()), "aside": aside,
            "receipts_lost": len(set(self.desk.entered) - set(receipts)), "receipts_doubled": len(receipts) - len(set(receipts)),
            "messages_lost": len(set(self.queued) - set(told)), "messages_doubled": len(told) - len(set(told)),
            "sendings_unrecorded": len(set(told) - set(recorded)), "sendings_recorded_twice": len(recorded) - len(set(recorded)),
            "differs_from_rebuild": 0 if rebuild.check(self._ledger).same else 1,
            "records": len(written), "receipts": len(self.desk.entered), "messages": len(self.queued),
        }  # fmt: skip

    def close(self):
        """The test's own connections."""
        self._db.close()

    def _write(self):
        now = time.monotonic()
        # Whoever is late catches up a little only: the centre is to be busy, not drowned.
        self._next_record = max(self._next_record, now - MOST_LATE_S)
        while now >= self._next_record:
            self._next_record += self._record_every_s
            wire, pairs = next(self._pairs)
            wire.write([next(pairs)])
        if now >= self._next_message:
            self._next_message = max(self._next_message + self._message_every_s, now)
            message = f"m-{len(self.queued)}"
            body = {"message": message, "to": "0901234567", "template": "complaint_received", "text": "TIEMCHUNG"}
            self._ledger.transact(
                lambda conn: self._ledger.append(conn, "message.queued", body, who="a-1", now=MORNING)
            )
            self.queued.append(message)

    def _all_sent(self):
        with self._db.read() as conn:
            return messages.states(conn).get(messages.SENT, 0) == len(self.queued)

    def _fill(self, sites):
        row = {"name": "Trạm y tế", "address": "", "hotline": "", "unit": "75"}
        with self._db.write() as conn:
            for code, name, level, parent in (("VN", "Việt Nam", "country", ""), ("75", "Đồng Nai", "province", "VN")):
                day = {"valid_from": "2021-07-01", "valid_to": ""}
                units.put(conn, Unit(code=code, name=name, level=level, parent=parent, **day))
            for writer in self._centre.writers[:sites]:
                upsert(conn, reference.SITE, [{"site": writer.site, "shard": writer.shard, **row}])
            accounts.create(
                conn, passwords=accounts.Passwords(), login=LOGIN, name="Nguyễn Thị Hoa", email="", role="manager", unit="75",
                unit_from="2021-07-01", password=PASSWORD, must_change=False, now=MORNING,
            )  # fmt: skip


def zeros(account):
    """What of an account must be 0 and is not."""
    return {name: n for name, n in account.items() if n and name not in ("records", "receipts", "messages")}
