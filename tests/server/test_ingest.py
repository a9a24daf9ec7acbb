"""Ingest against a real mosquitto with TLS and the shipped ACL: stored once, acknowledged after the COMMIT."""

import json
import queue
import sqlite3
import threading
import time
from contextlib import suppress
from datetime import UTC, datetime

import pytest
from paho.mqtt.client import MQTTMessage
from sqlalchemy import event, func, select
from sqlalchemy.exc import DBAPIError

from protocol import canon, inbox, topics, wanting
from provisioning.broker import Broker
from server import reference
from server.clock import Clock
from server.crypto import Signer, verify
from server.db import METADATA, Database
from server.ingest import Ingest, Link
from server.ledger.ledger import Ledger
from server.ledger.tables import QUARANTINE, RECORD
from server.pki import enrol_kiosk, kiosk_home, make_authority, make_server_identity
from server.reference import ReferenceLists
from tests.server.made_up_kiosk import KioskEnd, Log

pytestmark = pytest.mark.integration

SHARD, SITE, K = "dong-nai", "trang-dai", "kiosk-01"
DAY_MS = 86_400_000


class Centre:
    """Keys, broker, database, ledger; ingests and kiosk ends come and go."""

    def __init__(self, folder, broker, writer):
        self.folder, self.broker, self.writer = folder, broker, writer
        self.clock = Clock()
        self.db = Database(f"sqlite:///{folder / 'tram.db'}")
        self.signer = Signer.from_pem((folder / "keys" / "server-signing.key").read_bytes())
        METADATA.create_all(self.db.engine)
        self.ledger = Ledger(
            self.db, features=(reference.feature(),), clock=self.clock, signer=self.signer, shard="centre"
        )
        self.ledger.open_desk(now=self.clock.wall_ms())
        with self.db.write() as conn:
            self.ledger.enrol(
                conn, k=K, shard=SHARD, site=SITE, public_key=writer.public_key_pem, now=writer.enrolled_at
            )
        self.open = []

    def ingest(self, *, lists_every_s=60.0):
        lists = ReferenceLists(
            db=self.db, signer=self.signer, portal="https://example.vn/", day_offset_min=420, valid_ms=DAY_MS
        )
        link = Link(
            host="127.0.0.1", port=self.broker.port, identity=self.folder / "keys" / "server", client_id="server"
        )
        made = Ingest(ledger=self.ledger, lists=lists, clock=self.clock, link=link, lists_every_s=lists_every_s)
        made.start()
        self.open.append(made.stop)
        assert made.connected.wait(30)
        return made

    def kiosk(self):
        kit = kiosk_home(self.folder / "keys", K) / "kit"
        made = KioskEnd(kit, shard=SHARD, site=SITE, k=K, port=self.broker.port)
        self.open.append(made.close)
        return made

    def rows(self, table):
        with self.db.read() as conn:
            return conn.execute(select(func.count()).select_from(table)).scalar_one()

    def close(self):
        for stop in reversed(self.open):
            stop()
        self.db.close()


@pytest.fixture
def centre(tmp_path):
    keys = tmp_path / "keys"
    now = datetime.now(UTC)
    make_authority(keys, now=now)
    make_server_identity(keys, now=now)
    writer = enrol_kiosk(keys, shard=SHARD, site=SITE, writer=K, broker_host="localhost", broker_port=8883, now=now)
    with Broker(keys, writers=[writer]) as broker:
        made = Centre(tmp_path, broker, writer)
        yield made
        made.close()


def test_each_record_is_one_row_and_is_acknowledged_after_the_commit(centre):
    centre.ingest()
    kiosk = centre.kiosk()
    log = Log(kiosk.signer).check_ins(20)
    committed_at_ack = []
    for seq in range(1, 21):
        kiosk.send(log.message(seq, seq))
    kiosk.send(log.message(5, 12))
    ack = kiosk.ack(committed=20)
    # What another connection sees at this moment is what was committed before the acknowledgement.
    with sqlite3.connect(centre.folder / "tram.db") as other:
        committed_at_ack = other.execute("select count(*) from record where k = ?", (K,)).fetchone()[0]
    other.close()
    assert committed_at_ack == 20
    assert (ack["k"], ack["inc"], ack["need"], ack["status"]) == (K, log.inc, [], [])
    assert ack["head"] == canon.digest(log.pairs[-1][0])
    time.sleep(0.2)
    assert centre.rows(RECORD) == 20


def test_garbage_is_quarantined_and_what_is_behind_it_goes_on(centre):
    ingest = centre.ingest()
    kiosk = centre.kiosk()
    log = Log(kiosk.signer).check_ins(3)
    # A pair that proves nothing covers a number only once the writer's own hello has named it.
    kiosk.send(log.hello())
    forged = (log.pairs[1][0], Signer.generate().sign(log.pairs[1][0]))
    for payload in (b"", b"\x00\xff\n\n", b"{", b"\n".join(forged) + b"\n", b'{"hello":1}\nx\n', b"x" * 100_000):
        kiosk.send(payload)
    kiosk.send(log.message(1, 1))
    kiosk.send(log.message(3, 3))
    ack = kiosk.ack(committed=3)
    assert ack["status"] == [["2", "quarantined", "bad_signature"]]
    assert centre.rows(RECORD) == 2
    assert centre.rows(QUARANTINE) == 4
    assert list(ingest.alarms) == []
    kiosk.send(log.message(2, 2))
    while kiosk.ack(committed=3)["status"]:
        pass
    assert centre.rows(RECORD) == 3


def sent_while_it_waits(centre, ingest, kiosk, log, payloads):
    """`payloads` arrive while a hello is held at its transaction's beginning: they wait together. Gives the commits."""
    entered, gate, commits = threading.Event(), threading.Event(), []

    def wait(conn):
        if conn.get_execution_options().get("tram_write"):
            entered.set()
            gate.wait(30)

    centre.open.append(gate.set)
    event.listen(centre.db.engine, "begin", wait)
    kiosk.send(log.hello())
    assert entered.wait(30)
    for payload in payloads:
        kiosk.send(payload)
    until = time.monotonic() + 30
    while ingest._arrived.qsize() < len(payloads) and time.monotonic() < until:
        time.sleep(0.01)
    event.listen(centre.db.engine, "commit", commits.append)
    gate.set()
    return commits


def test_what_waits_is_one_transaction_and_one_acknowledgement(centre):
    ingest = centre.ingest()
    kiosk = centre.kiosk()
    log = Log(kiosk.signer).check_ins(30)
    commits = sent_while_it_waits(centre, ingest, kiosk, log, [log.message(seq, seq) for seq in range(1, 31)])
    assert [kiosk.ack(committed=0)["committed"] for _ in range(2)] == [0, 30]
    assert centre.rows(RECORD) == 30
    assert len(commits) == 2, "the hello's, and one for all"


def test_one_that_fails_in_a_batch_costs_only_itself(centre, caplog):
    """A record that no derivation can take, garbage and a strange hello between good ones: all behind it go on."""
    ingest = centre.ingest()
    kiosk = centre.kiosk()
    log = Log(kiosk.signer).check_ins(12)
    broken = log.pairs[5][0]
    derive = centre.ledger.deriver.derive

    def fail(conn, entities, **given):
        if ("visit", "v-6") in entities:
            raise ArithmeticError("nobody foresaw this")
        derive(conn, entities, **given)

    centre.ledger.deriver.derive = fail
    payloads = [log.message(seq, seq) for seq in range(1, 13)]
    payloads[8:8] = [b"garbage", b'{"hello":1}\nx\n', log.hello(), log.hello() + log.message(12, 12)]
    sent_while_it_waits(centre, ingest, kiosk, log, payloads)
    ack = kiosk.ack(committed=12)
    assert ack["status"] == [["6", "quarantined", "underivable"]]
    with centre.db.read() as conn:
        kept = {bytes(row.payload): row.reason for row in conn.execute(select(QUARANTINE))}
    assert kept.pop(broken) == "underivable"
    assert set(kept) == {b"garbage"}
    assert centre.rows(RECORD) == 11
    assert "ingest_batch_split" in caplog.text


def test_a_broker_killed_in_the_middle_loses_nothing(centre):
    centre.ingest()
    kiosk = centre.kiosk()
    log = Log(kiosk.signer).check_ins(30)
    kiosk.send(log.message(1, 10))
    kiosk.ack(committed=10)
    centre.broker.kill()
    # Sent into the void, as far as we know; the outbox sends everything again after the hello.
    kiosk.send(log.message(11, 20))
    centre.broker.start()
    kiosk.subscribed.get(timeout=20)
    # Whoever is back first, kiosk or centre: a message that nobody had asked for yet is gone, so all is sent again.
    kiosk.insist(log, last=30, committed=30)
    assert centre.rows(RECORD) == 30


def test_a_lost_acknowledgement_comes_again_with_the_next_hello(centre):
    centre.ingest()
    kiosk = centre.kiosk()
    log = Log(kiosk.signer).check_ins(4)
    kiosk.send(log.message(1, 2))
    kiosk.send(log.message(4, 4))
    kiosk.ack(committed=2)
    time.sleep(0.3)
    while not kiosk.told.empty():
        kiosk.told.get()
    kiosk.send(log.hello())
    ack = kiosk.ack(committed=2)
    assert ack["need"] == [[3, 3]]


def test_records_that_a_kiosk_has_lost_come_back_as_it_signed_them(centre):
    """F32, by the broker and its ACL: asked on `up`, answered on `down`."""
    centre.ingest()
    kiosk = centre.kiosk()
    log = Log(kiosk.signer).check_ins(4)
    kiosk.insist(log, last=4, committed=4)
    line = wanting.make_want(K, (wanting.CENTRE, K, log.inc, 2, 3))
    told = []
    for _try in range(10):  # as a kiosk does: an answer can be lost with its connection
        kiosk.send(kiosk.signer.document(line))
        with suppress(queue.Empty):
            while log.message(2, 3) not in told:
                told.append(kiosk.told.get(timeout=4)[1])
        if log.message(2, 3) in told:
            break
    assert log.message(2, 3) in told
    assert centre.rows(QUARANTINE) == 0


def test_a_hello_of_another_key_is_not_believed(centre):
    centre.ingest()
    kiosk = centre.kiosk()
    log = Log(Signer.generate()).check_ins(2)
    kiosk.send(log.hello())
    with pytest.raises(queue.Empty):
        kiosk.ack(committed=0, timeout_s=0.7)


def test_what_came_while_no_ingest_ran_is_taken_by_the_next_one(centre):
    first = centre.ingest()
    kiosk = centre.kiosk()
    log = Log(kiosk.signer).check_ins(12)
    kiosk.send(log.message(1, 4))
    kiosk.ack(committed=4)
    first.stop()
    centre.open.remove(first.stop)
    kiosk.send(log.message(5, 12))
    centre.ingest()
    kiosk.send(log.hello())
    kiosk.ack(committed=12)
    assert centre.rows(RECORD) == 12


def test_while_the_database_fails_nothing_is_acknowledged_and_then_everything(centre):
    centre.ingest()
    kiosk = centre.kiosk()
    log = Log(kiosk.signer).check_ins(2)
    broken = threading.Event()
    broken.set()

    def fail(conn):
        if broken.is_set() and conn.get_execution_options().get("tram_write"):
            raise DBAPIError("BEGIN", None, sqlite3.OperationalError("disk I/O error"))

    event.listen(centre.db.engine, "begin", fail)
    kiosk.send(log.message())
    with pytest.raises(queue.Empty):
        kiosk.ack(committed=1, timeout_s=1.0)
    assert centre.rows(RECORD) == 0
    broken.clear()
    kiosk.ack(committed=2)
    assert centre.rows(RECORD) == 2


def test_lists_come_down_signed_and_again_after_the_broker_lost_them(centre):
    with centre.db.write() as conn:
        row = {"site": SITE, "shard": SHARD, "name": "Trạm", "address": "", "hotline": "1900 9095", "unit": "25993"}
        reference.put_site(conn, row)
    centre.ingest(lists_every_s=0.2)
    names = {"site", "staff", "lots", "rules", "forms", "appointments", "keys", "texts"}
    for _ in range(2):
        kiosk = centre.kiosk()
        found = kiosk.lists(9)
        assert set(found) == names | {""}
        line, signature, _ = found[""].split(b"\n")
        assert verify(kiosk.server_key, line, signature)
        manifest = canon.read(line, reference.MANIFEST_ORDER)
        for row in manifest["lists"]:
            body = found[row["name"]]
            assert (canon.digest(body), len(body)) == (row["sha256"], row["size"])
        kiosk.close()
        centre.open.remove(kiosk.close)
        centre.broker.kill()
        centre.broker.start()


def test_a_changed_list_goes_down_with_a_higher_version(centre):
    with centre.db.write() as conn:
        row = {"site": SITE, "shard": SHARD, "name": "Trạm", "address": "", "hotline": "1900 9095", "unit": "25993"}
        reference.put_site(conn, row)
    centre.ingest(lists_every_s=0.2)
    kiosk = centre.kiosk()
    before = json.loads(kiosk.lists(9)[""].split(b"\n")[0])
    with centre.db.write() as conn:
        reference.put_item(conn, site=SITE, list_name="staff", key="nv-1", value={"id": "nv-1", "revoked": True})
    while "staff" not in (changed := kiosk.lists(1)):
        pass
    assert b'"revoked":true' in changed["staff"]
    after = json.loads(kiosk.lists(1)[""].split(b"\n")[0])
    versions = [{row["name"]: row["version"] for row in each["lists"]} for each in (before, after)]
    assert versions[1]["staff"] > versions[0]["staff"]
    assert versions[1]["forms"] == versions[0]["forms"]


def test_a_refused_publish_is_an_alarm(centre):
    ingest = centre.ingest()
    ingest._publish(topics.writer(SHARD, SITE, K, topics.UP), b"x", retain=False)
    until = time.monotonic() + 20
    while not ingest.alarms and time.monotonic() < until:
        time.sleep(0.02)
    assert [(alarm.what, alarm.code) for alarm in ingest.alarms] == [("publish", 0x87)]


def test_a_topic_that_is_no_text_does_not_end_the_listening(centre, caplog):
    """F52: a bit bent in the topic; an error in paho's thread would be its last."""
    ingest = centre.ingest()
    ingest._on_message(ingest._client, None, MQTTMessage(mid=7, topic=b"tram/1/dong-nai/trang-dai/kiosk-\xeb/up"))
    assert "ingest_topic_unreadable" in caplog.text
    assert [one for one in [*ingest._arrived.queue] if one is not None and one.mid == 7] == []


def test_an_acknowledgement_is_what_the_protocol_reads(centre):
    log = Log(Signer.from_pem((kiosk_home(centre.folder / "keys", K) / "kit" / "record-signing.key").read_bytes()))
    log.check_ins(1)
    ingest = Ingest(
        ledger=centre.ledger, lists=None, clock=centre.clock,
        link=Link(host="127.0.0.1", port=1, identity=centre.folder / "keys" / "server", client_id="server"),
    )  # fmt: skip
    [(topic, payload)] = ingest.take(topics.writer(SHARD, SITE, K, topics.UP), log.message())
    assert topic == topics.writer(SHARD, SITE, K, topics.DOWN)
    assert inbox.read_ack(payload.split(b"\n")[0])["committed"] == 1
    assert ingest.take("tram/1/elsewhere", b"x") == []
