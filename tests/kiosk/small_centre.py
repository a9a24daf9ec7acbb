"""A centre for tests of the wire: takes records over a real broker, acknowledges after "commit", and has levers."""

import json
import ssl
import threading
import time
from pathlib import Path
from typing import Any, Self

import paho.mqtt.client as mqtt
from paho.mqtt.enums import CallbackAPIVersion

from protocol import canon, enrolling, envelope, inbox, topics
from protocol.inbox import Ranges
from server.crypto import Signer

MANIFEST_ORDER = ("manifest", "v", "site")


class SmallCentre:
    """Levers: `mute` acknowledges nothing, `deaf` takes nothing, `forget()` is a server restored from a backup."""

    def __init__(self, keys: Path, *, port: int, shard: str, site: str) -> None:
        self._keys, self._port, self._shard, self._site = keys, port, shard, site
        self.signer = Signer.from_pem((keys / "server-signing.key").read_bytes())
        self.ledger: dict[str, dict[int, bytes]] = {}
        self.order: list[int] = []
        self.doubled = 0
        self.hellos = 0
        self.mute = self.deaf = False
        self.statuses: list[list[str]] = []
        self._lock = threading.RLock()
        self.subscribed = threading.Event()
        self._client = mqtt.Client(CallbackAPIVersion.VERSION2, client_id="server", protocol=mqtt.MQTTv5)
        self._client.tls_set(
            ca_certs=str(keys / "server" / "ca.pem"),
            certfile=str(keys / "server" / "client.pem"),
            keyfile=str(keys / "server" / "client.key"),
            tls_version=ssl.PROTOCOL_TLS_CLIENT,
        )
        self._client.reconnect_delay_set(1, 1)
        self._client.on_connect = lambda client, *_what: client.subscribe(topics.every(topics.UP), qos=1)
        self._client.on_subscribe = lambda *_what: self.subscribed.set()
        self._client.on_message = self._on_message

    def __enter__(self) -> Self:
        self._client.connect("127.0.0.1", self._port, keepalive=10)
        self._client.loop_start()
        assert self.subscribed.wait(10)
        return self

    def __exit__(self, *_what: object) -> None:
        self._client.disconnect()
        self._client.loop_stop()

    def held(self, inc: str) -> int:
        """How many records of a log are in the ledger."""
        with self._lock:
            return len(self.ledger.get(inc, {}))

    def forget(self, inc: str, after: int) -> None:
        """Last night's backup: everything behind `after` is gone."""
        with self._lock:
            self.ledger[inc] = {seq: line for seq, line in self.ledger[inc].items() if seq <= after}

    def ack(self, k: str, inc: str, **changes: Any) -> bytes:
        """The acknowledgement of what the ledger holds, signed; `changes` bend it."""
        covered = Ranges()
        for seq in self.ledger.get(inc, {}):
            covered.add(seq)
        given: dict[str, Any] = {
            "k": k, "inc": inc, "covered": covered, "last": 0, "status": self.statuses, "archived": 0,
            "now": time.time_ns() // 1_000_000, "head": "",
        }  # fmt: skip
        return self.signer.document(inbox.make_ack(**{**given, **changes}))

    def down(self, k: str, payload: bytes) -> None:
        """Anything to a kiosk's `down` topic."""
        self._client.publish(topics.writer(self._shard, self._site, k, topics.DOWN), payload, qos=1)

    def publish_list(self, name: str, body: bytes) -> None:
        self._client.publish(topics.reference(self._shard, self._site, name), body, qos=1, retain=True)

    def publish_manifest(
        self, lists: dict[str, tuple[int, bytes]], *, issued: int, signer: Signer | None = None, **bent: Any
    ) -> None:
        """`lists`: name to version and body."""
        value = {
            "manifest": 1, "v": 1, "site": self._site, "issued": issued, "valid_until": issued + 1,
            "lists": [
                {"name": name, "version": version, "sha256": canon.digest(body), "size": len(body)}
                for name, (version, body) in lists.items()
            ],
            **bent,
        }  # fmt: skip
        payload = (signer or self.signer).document(canon.write(value, MANIFEST_ORDER))
        self._client.publish(topics.reference(self._shard, self._site), payload, qos=1, retain=True)

    def _on_message(self, _client: object, _data: object, message: mqtt.MQTTMessage) -> None:
        with self._lock:
            if self.deaf:
                return
            k, inc = topics.read(message.topic)[2], ""
            for line, _signature in envelope.unpack(bytes(message.payload)):
                if enrolling.is_renew(line):
                    return
                if inbox.is_hello(line):
                    inc = inbox.read_hello(line)["inc"]
                    self.hellos += 1
                    continue
                record = envelope.parse(line)
                inc = record.inc
                held = self.ledger.setdefault(inc, {})
                if record.seq in held:
                    assert held[record.seq] == line, "one name, two contents"
                    self.doubled += 1
                else:
                    held[record.seq] = line
                    self.order.append(record.seq)
            if not self.mute:
                self.down(k, self.ack(k, inc))


def body_of(value: object) -> bytes:
    """A list's body as the centre writes it."""
    return json.dumps(value, ensure_ascii=False).encode()
