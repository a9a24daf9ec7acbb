"""Many kiosks on one thread: each a real MQTT connection over TLS, driven by the product's own `protocol.outbox`.

A record's latency is from the moment it is written until a verified acknowledgement covers it.
"""

import random
import selectors
import ssl
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor

import paho.mqtt.client as mqtt
from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion

from protocol import envelope, inbox, topics
from protocol.outbox import Outbox
from server.crypto import verify

# As kiosk/sync.py: records a message when catching up.
PER_MESSAGE = 16
LOOP_S = 0.02
HOUSEKEEPING_S = 2.0
AT_ONCE = 16


class Wire:
    """One kiosk's log, outbox and connection. `latencies`: seconds, one per record."""

    def __init__(self, kiosk, *, shard, kit, port, server_key):
        self.kiosk = kiosk
        self.pairs = []
        self.latencies = []
        self.sent = 0
        self.answered_at = 0.0
        self.outbox = Outbox(kiosk.k, kiosk.inc, last=0, committed=0)
        self._written = []
        self._counted = 0
        self._port = port
        self._server_key = server_key
        self._up = topics.writer(shard, kiosk.site, kiosk.k, topics.UP)
        self._down = topics.writer(shard, kiosk.site, kiosk.k, topics.DOWN)
        self._tls = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        self._tls.load_verify_locations(kit / "ca.pem")
        self._tls.load_cert_chain(kit / "client.pem", kit / "client.key")
        self.client = None

    def write(self, pairs: Sequence[tuple[bytes, bytes]]) -> None:
        """Records that the kiosk has just saved."""
        self.pairs.extend(pairs)
        self._written.extend([time.monotonic()] * len(pairs))
        self.outbox.appended(len(self.pairs))

    def connect(self) -> None:
        """As a kiosk does; blocks until TLS stands."""
        client = mqtt.Client(CallbackAPIVersion.VERSION2, client_id=self.kiosk.k, protocol=MQTTProtocolVersion.MQTTv5)
        client.tls_set_context(self._tls)
        client.on_connect = lambda client, *_: client.subscribe([(self._down, 1)])
        client.on_subscribe = lambda *_: self.outbox.connected(_ms())
        client.on_message = lambda _client, _data, message: self._take(bytes(message.payload))
        client.connect("localhost", self._port, keepalive=20)
        self.client = client

    def due(self) -> None:
        """Send what the outbox says."""
        for what, first, last in self.outbox.poll(_ms(), random.random()):
            if what == "hello":
                line, signature = self.kiosk.hello(last=len(self.pairs))
                self.client.publish(self._up, envelope.pack([(line, signature)]), qos=1)
                continue
            for start in range(first, last + 1, PER_MESSAGE):
                part = self.pairs[start - 1 : min(start + PER_MESSAGE - 1, last)]
                self.sent += len(part)
                self.client.publish(self._up, envelope.pack(part), qos=1)

    def close(self) -> None:
        """End the connection."""
        if self.client is not None:
            self.client.disconnect()
            link = self.client.socket()
            if link is not None:
                link.close()
            self.client.on_connect = self.client.on_subscribe = self.client.on_message = None
            self.client = None

    def _take(self, payload: bytes) -> None:
        for line, signature in envelope.unpack(payload):
            assert verify(self._server_key, line, signature)
            self.outbox.acked(inbox.read_ack(line), _ms())
            now = self.answered_at = time.monotonic()
            while self._counted < self.outbox.committed:
                self.latencies.append(now - self._written[self._counted])
                self._counted += 1


class Wires:
    """Moves all connections until somebody is content."""

    def __init__(self) -> None:
        self.wires: list[Wire] = []
        self._selector = selectors.DefaultSelector()
        self._house_at = 0.0

    def connect(self, wires: Sequence[Wire]) -> None:
        """All of them at once, as after an outage."""
        with ThreadPoolExecutor(AT_ONCE, thread_name_prefix="connecting") as pool:
            for _ in pool.map(Wire.connect, wires):
                pass
        for wire in wires:
            self._selector.register(wire.client.socket(), selectors.EVENT_READ, wire)
        self.wires.extend(wires)

    def run(self, until: Callable[[], bool], *, each: Callable[[], None] = lambda: None, most_s: float) -> bool:
        """Move the network until `until()`; `each` is called every round. False when `most_s` were not enough."""
        end = time.monotonic() + most_s
        while not until():
            if time.monotonic() > end:
                return False
            each()
            for key, _ in self._selector.select(LOOP_S):
                link = key.data.client.socket()
                _moved(key.data.client.loop_read())
                while link.pending():
                    _moved(key.data.client.loop_read())
            keep = time.monotonic() > self._house_at
            if keep:
                self._house_at = time.monotonic() + HOUSEKEEPING_S
            for wire in self.wires:
                wire.due()
                if wire.client.want_write():
                    _moved(wire.client.loop_write())
                if keep:
                    _moved(wire.client.loop_misc())
        return True

    def close(self) -> None:
        """End all connections."""
        for wire in self.wires:
            self._selector.unregister(wire.client.socket())
            wire.close()
        self._selector.close()


def _moved(code: int) -> None:
    assert code == mqtt.MQTT_ERR_SUCCESS, f"a connection was lost: {code}"


def _ms() -> int:
    return int(time.monotonic() * 1000)
