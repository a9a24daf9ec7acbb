"""Takes what writers send over MQTT into the ledger and answers with signed acknowledgements. Decides nothing itself.

Theory of operation: paho's thread only puts messages into a queue; one thread of ours takes them in order: ledger
(COMMIT), then the acknowledgement on `down`, then the PUBACK. Trouble with the database keeps the message at the head
and unacknowledged. The same thread publishes the reference lists. Nothing relies on the broker keeping anything.
"""

import logging
import queue
import threading
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import paho.mqtt.client as mqtt
from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode
from paho.mqtt.subscribeoptions import SubscribeOptions
from sqlalchemy.exc import DBAPIError

from protocol import inbox, topics
from protocol.errors import ProtocolError
from server.clock import Clock
from server.errors import HelloRefused
from server.ledger import intake
from server.ledger.ledger import Ledger
from server.reference import ReferenceLists

logger = logging.getLogger(__name__)

DELAYS = {
    # The broker allows 30 s at most (provisioning/mosquitto); paho does not obey its answer by itself.
    "keepalive_s": 20,
    "reconnect_first_s": 1,
    "reconnect_last_s": 60,
    "database_first_s": 0.1,
    "database_last_s": 10.0,
    "stop_s": 10.0,
    # The broker keeps our session, and what arrives meanwhile, this long; what it loses comes again from the kiosks.
    "session_s": 86400,
}
# As many as the broker hands out unacknowledged (max_inflight_messages).
MOST_UNDER_WAY = 500
# Reason codes from here on are refusals, which MQTT 3.1.1 did not even tell (protocol.md).
REFUSED = 0x80
ALARMS_KEPT = 100


@dataclass(frozen=True, kw_only=True)
class Link:
    """Where the broker is and who we are to it. `identity`: folder with ca.pem, client.pem, client.key."""

    host: str
    port: int
    identity: Path
    client_id: str
    shards: Sequence[str] = ("+",)


@dataclass(frozen=True)
class Alarm:
    """A refusal by the broker: `what` was refused (connect, subscribe, publish, disconnect), its reason code, when."""

    what: str
    code: int
    detail: str
    at: int


@dataclass(frozen=True)
class _Arrived:
    topic: str
    payload: bytes
    mid: int
    connection: int


class Ingest:
    """One MQTT client around one ledger. `lists_every_s`: seconds between two looks for changed reference lists."""

    def __init__(
        self, *, ledger: Ledger, lists: ReferenceLists, clock: Clock, link: Link, lists_every_s: float = 60.0
    ) -> None:
        self.alarms: deque[Alarm] = deque(maxlen=ALARMS_KEPT)
        self.connected = threading.Event()
        self._ledger = ledger
        self._lists = lists
        self._clock = clock
        self._link = link
        self._lists_every_ms = int(lists_every_s * 1000)
        self._lists_at = 0
        self._lists_connection = 0
        self._stopping = threading.Event()
        # None wakes the thread: something else than a message is to be done.
        self._arrived: queue.Queue[_Arrived | None] = queue.Queue()
        self._connection = 0
        self._topics_under_way: dict[int, str] = {}
        self._thread = threading.Thread(target=self._work, name="tram-ingest", daemon=True)
        self._client = self._make_client()

    def start(self) -> None:
        """Connect, now or as soon as the broker is there, and work until `stop`."""
        properties = Properties(PacketTypes.CONNECT)  # type: ignore[no-untyped-call]  # paho's constructor has no types
        properties.SessionExpiryInterval = DELAYS["session_s"]
        properties.ReceiveMaximum = MOST_UNDER_WAY
        self._thread.start()
        self._client.connect_async(
            self._link.host, self._link.port, int(DELAYS["keepalive_s"]), clean_start=False, properties=properties
        )
        self._client.loop_start()
        logger.info("ingest_started host=%s port=%d", self._link.host, self._link.port)

    def stop(self) -> None:
        """End in order: the message under way is finished, the rest stays unacknowledged with the broker."""
        self._stopping.set()
        self._arrived.put(None)
        if self._thread.ident is not None:
            self._thread.join(DELAYS["stop_s"])
        self._client.disconnect()
        self._client.loop_stop()
        # paho closes its wake-up sockets only when it is freed, and our own methods would keep it in a circle.
        self._client.on_connect = self._client.on_disconnect = self._client.on_subscribe = None
        self._client.on_publish = self._client.on_message = None
        if self._thread.is_alive():
            logger.error("ingest_thread_left_running")
        logger.info("ingest_stopped")

    def alive(self) -> bool:
        """Does the thread still take messages?"""
        return self._thread.is_alive()

    def take(self, topic: str, payload: bytes) -> list[tuple[str, bytes]]:
        """Take one message and return what to publish for it, after COMMIT. Raises `DBAPIError`: nothing is stored."""
        now = self._clock.wall_ms()
        try:
            shard, site, k, _leaf = topics.read(topic)
        except ProtocolError as error:
            logger.warning("ingest_topic_unknown code=%s", error.code)
            return []
        answers: list[tuple[str, bytes]] = []
        logs: tuple[tuple[str, str], ...] = ()
        if inbox.is_hello(payload):
            # Whoever glued something to a hello: that too is taken or put aside.
            first, *behind = intake.split(payload)
            answers = [(k, answer) for answer in self._hear(first, k=k, now=now)]
            if behind:
                logs = self._ledger.accept(behind, k=k, site=site, now=now, topic=topic).logs
        else:
            logs = self._ledger.accept_message(payload, k=k, site=site, now=now, topic=topic).logs
        for writer, inc in logs:
            # Of a carried log the carrier is told too: it may stop.
            answer = self._ledger.ack(writer, inc, now=now)
            answers.extend((name, answer) for name in dict.fromkeys((writer, k)))
        return [(topics.writer(shard, site, name, topics.DOWN), answer) for name, answer in answers]

    def _hear(self, pair: intake.Pair, *, k: str, now: int) -> list[bytes]:
        line, signature = pair
        try:
            hello = self._ledger.hear(line, signature, k=k, now=now)
        except HelloRefused as error:
            logger.warning("ingest_hello_refused k=%s code=%s", k, error.code)
            return []
        return [self._ledger.ack(k, hello["inc"], now=now, hello=hello)]

    def _work(self) -> None:
        while not self._stopping.is_set():
            try:
                self._publish_lists()
                message = self._arrived.get(timeout=1.0)
            except queue.Empty:
                continue
            except DBAPIError:
                logger.exception("ingest_lists_failed")
                self._stopping.wait(DELAYS["database_first_s"])
                continue
            if message is not None:
                self._handle(message)

    def _handle(self, message: _Arrived) -> None:
        wait = DELAYS["database_first_s"]
        while not self._stopping.is_set():
            answers: list[tuple[str, bytes]] = []
            try:
                answers = self.take(message.topic, message.payload)
            except DBAPIError:
                logger.exception("ingest_database_failed wait_s=%.1f", wait)
                self._stopping.wait(wait)
                wait = min(wait * 2, DELAYS["database_last_s"])
                continue
            except Exception:  # loop edge: a fault of ours on one message must not stop those behind it
                # Nothing is lost by the PUBACK: the writer keeps every record until our own acknowledgement covers it.
                logger.exception("ingest_message_failed bytes=%d", len(message.payload))
            for topic, payload in answers:
                self._publish(topic, payload, retain=False)
            # A packet number means nothing on another connection.
            if message.connection == self._connection:
                self._client.ack(message.mid, 1)
            return

    def _publish_lists(self) -> None:
        now = self._clock.mono_ms()
        connection = self._connection
        # After a reconnect the broker may have lost what it retained: everything again.
        whole = connection != self._lists_connection
        if not self.connected.is_set() or (now < self._lists_at and not whole):
            return
        for topic, payload in self._lists.messages(self._clock.wall_ms(), everything=whole):
            self._publish(topic, payload, retain=True)
        self._lists_connection = connection
        self._lists_at = now + self._lists_every_ms

    def _publish(self, topic: str, payload: bytes, *, retain: bool) -> None:
        # Not to be queued by paho: by the time it is back, the next hello brings a fresher acknowledgement.
        if not self.connected.is_set():
            return
        sent = self._client.publish(topic, payload, qos=1, retain=retain)
        if sent.rc == mqtt.MQTT_ERR_SUCCESS:
            self._topics_under_way[sent.mid] = topic

    def _make_client(self) -> mqtt.Client:
        client = mqtt.Client(
            CallbackAPIVersion.VERSION2,
            client_id=self._link.client_id,
            protocol=MQTTProtocolVersion.MQTTv5,
            manual_ack=True,
        )
        place = self._link.identity
        client.tls_set(str(place / "ca.pem"), str(place / "client.pem"), str(place / "client.key"))
        client.max_inflight_messages_set(MOST_UNDER_WAY)
        client.reconnect_delay_set(int(DELAYS["reconnect_first_s"]), int(DELAYS["reconnect_last_s"]))
        client.on_connect = self._on_connect
        client.on_disconnect = self._on_disconnect
        client.on_subscribe = self._on_subscribe
        client.on_publish = self._on_publish
        client.on_message = self._on_message
        return client

    # paho calls what follows on its own thread: note and return.

    def _on_connect(self, client: mqtt.Client, _data: Any, _flags: Any, code: ReasonCode, _more: Any) -> None:
        if code.value >= REFUSED:
            self._alarm("connect", code)
            return
        self._connection += 1
        self._topics_under_way.clear()
        wanted = [(topics.every(topics.UP, shard), SubscribeOptions(qos=1)) for shard in self._link.shards]
        client.subscribe(wanted)

    def _on_subscribe(
        self,
        _client: mqtt.Client,
        _data: Any,
        _mid: int,
        codes: list[ReasonCode],
        _more: Any,
    ) -> None:
        for code in codes:
            if code.value >= REFUSED:
                self._alarm("subscribe", code)
        self.connected.set()
        self._arrived.put(None)
        logger.info("ingest_connected")

    def _on_disconnect(self, _client: mqtt.Client, _data: Any, _flags: Any, code: ReasonCode, _more: Any) -> None:
        self.connected.clear()
        if code.value >= REFUSED:
            self._alarm("disconnect", code)

    def _on_publish(self, _client: mqtt.Client, _data: Any, mid: int, code: ReasonCode, _more: Any) -> None:
        topic = self._topics_under_way.pop(mid, "")
        if code.value >= REFUSED:
            self._alarm("publish", code, topic)

    def _on_message(self, _client: mqtt.Client, _data: Any, message: mqtt.MQTTMessage) -> None:
        self._arrived.put(_Arrived(message.topic, bytes(message.payload), message.mid, self._connection))

    def _alarm(self, what: str, code: ReasonCode, detail: str = "") -> None:
        self.alarms.append(Alarm(what, code.value, detail, self._clock.wall_ms()))
        logger.error("ingest_refused what=%s code=0x%02x reason=%s detail=%s", what, code.value, code, detail)
