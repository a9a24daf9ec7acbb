"""A kiosk as the centre sees it: a log of signed records, and an MQTT client that remembers what it was told."""

import queue
import time

import paho.mqtt.client as mqtt
from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion

from protocol import canon, envelope, inbox, outbox, topics
from server.crypto import Signer, load_public, verify

IDENTITY = {
    "doc_type": "cccd", "doc_no": "075079001234", "old_no": "", "name": "Nguyễn Văn An", "dob": "1979-04-14",
    "sex": "M", "address": "Trảng Dài, Biên Hòa, Đồng Nai", "phone": "",
}  # fmt: skip


class Log:
    """Signed records of one writer, chained, as `(line, signature line)` pairs."""

    def __init__(self, signer, *, k="kiosk-01", site="trang-dai", inc="00000000000000aa", wall=1_633_230_000_000):
        self.signer = signer
        self.k, self.site, self.inc, self.wall = k, site, inc, wall
        self.pairs = []
        # Of sealed pairs: what they were, for the hello's head.
        self.heads = None

    def add(self, kind, body):
        seq = len(self.pairs) + 1
        prev = canon.digest(self.pairs[-1][0]) if self.pairs else envelope.GENESIS
        now = self.wall + seq * 1000
        line = envelope.seal(
            k=self.k, inc=self.inc, seq=seq, prev=prev,
            t={"wall": now, "mono": seq * 1000, "boot": "b1", "sure": "synced", "err": 5, "hlc": [now, 0]},
            site=self.site, session="", who={"id": "nv-1003", "by": "pin"}, ref={}, kind=kind, body=body,
        )  # fmt: skip
        self.pairs.append((line, self.signer.sign(line)))
        return self

    def check_ins(self, count):
        for _ in range(count):
            number = len(self.pairs) + 1
            body = {
                "visit": f"v-{number}", "person": f"cccd:0750790{number:05d}", "ticket": f"A-{number}", "how": "cccd",
                "identity": IDENTITY, "slip": f"s-{number}",
            }  # fmt: skip
            self.add("visit.checked_in", body)
        return self

    def message(self, first=1, last=None):
        return envelope.pack(self.pairs[first - 1 : last])

    def hello(self):
        line = outbox.make_hello(
            k=self.k, inc=self.inc, first=1, last=len(self.pairs), head=canon.digest((self.heads or self.pairs)[-1][0]),
            boot="b1", wall=self.wall, sure="synced", app="0.1.0",
        )  # fmt: skip
        return self.signer.document(line)


class KioskEnd:
    """The MQTT end of a kiosk with the kit that enrolment made. `told`: `(topic, payload)` of all that came down."""

    def __init__(self, kit, *, shard, site, k, port):
        self.signer = Signer.from_pem((kit / "record-signing.key").read_bytes())
        self.server_key = load_public((kit / "server-signing.pub").read_bytes())
        self.up = topics.writer(shard, site, k, topics.UP)
        self.down = topics.writer(shard, site, k, topics.DOWN)
        self.ref = topics.reference(shard, site)
        self.told = queue.Queue()
        self.subscribed = queue.Queue()
        self.client = mqtt.Client(
            CallbackAPIVersion.VERSION2, client_id=f"{shard}/{site}/{k}", protocol=MQTTProtocolVersion.MQTTv5
        )
        self.client.tls_set(str(kit / "ca.pem"), str(kit / "client.pem"), str(kit / "client.key"))
        self.client.reconnect_delay_set(1, 1)
        self.client.on_connect = lambda client, *_: client.subscribe([(self.down, 1), (f"{self.ref}/#", 1)])
        self.client.on_subscribe = lambda *_: self.subscribed.put(True)
        self.client.on_message = lambda _client, _data, message: self.told.put((message.topic, message.payload))
        self.client.connect("127.0.0.1", port, keepalive=20)
        self.client.loop_start()
        self.subscribed.get(timeout=30)

    def send(self, payload):
        self.client.publish(self.up, payload, qos=1)

    def ack(self, *, committed, timeout_s=30.0):
        """The first acknowledgement, verified, that covers up to `committed`."""
        until = time.monotonic() + timeout_s
        while True:
            topic, payload = self.told.get(timeout=max(0.01, until - time.monotonic()))
            if topic != self.down:
                continue
            line, signature, rest = payload.split(b"\n")
            assert rest == b""
            assert verify(self.server_key, line, signature)
            ack = inbox.read_ack(line)
            if ack["committed"] >= committed:
                return ack

    def insist(self, log, *, last, committed, timeout_s=40.0):
        """Send records 1 to `last` one by one, again after each silent second, as an outbox would."""
        until = time.monotonic() + timeout_s
        while True:
            self.send(log.hello())
            for seq in range(1, last + 1):
                self.send(log.message(seq, seq))
            try:
                return self.ack(committed=committed, timeout_s=1.0)
            except queue.Empty:
                if time.monotonic() > until:
                    raise

    def lists(self, count, *, timeout_s=30.0):
        """What came on the reference topics: name ("" for the manifest) to payload, until `count` of them are known."""
        found = {}
        until = time.monotonic() + timeout_s
        while len(found) < count:
            topic, payload = self.told.get(timeout=max(0.01, until - time.monotonic()))
            if topic.startswith(self.ref):
                found[topic[len(self.ref) + 1 :]] = payload
        return found

    def close(self):
        self.client.disconnect()
        self.client.loop_stop()
        self.client.on_connect = self.client.on_subscribe = self.client.on_message = None
