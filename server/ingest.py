"""Takes what writers send over MQTT into the ledger and answers with signed acknowledgements. Decides nothing itself.

Theory of operation: paho's thread only puts messages into a queue; one thread of ours takes what waits there in one
transaction, one by one when that fails: ledger (COMMIT), then the acknowledgement on `down`, then the PUBACK. Trouble with
the database keeps the message at the head and unacknowledged. The thread publishes the lists too; no broker need keep any.
"""

import logging
import queue
import threading
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

import paho.mqtt.client as mqtt
from paho.mqtt.reasoncodes import ReasonCode
from sqlalchemy.exc import DBAPIError

from protocol import enrolling, envelope, inbox, topics, wanting
from protocol.errors import ProtocolError
from server import boxes, commands
from server.broker_link import Link, every_topic, subscriptions
from server.clock import Clock
from server.enrolment import Enrolment, TurnedAway
from server.errors import HelloRefused
from server.ledger import intake, returned
from server.ledger.ledger import UNDERIVABLE, Ledger
from server.ledger.shelf import Log
from server.reference import ReferenceLists
from server.shares import Shares

logger = logging.getLogger(__name__)

DELAYS = {"database_first_s": 0.1, "database_last_s": 10.0, "stop_s": 10.0}
# What one transaction takes at most: beyond 64 messages little is gained, and what is behind waits for all of it.
BATCH_MESSAGES = 64
BATCH_BYTES = 512 * 1024
# What one message may raise and the others shall not suffer for: each is then taken by itself.
SPLITS = (*UNDERIVABLE, HelloRefused, DBAPIError)
# Reason codes from here on are refusals, which MQTT 3.1.1 did not even tell (protocol.md).
REFUSED = 0x80
ALARMS_KEPT = 100


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
        self, *, ledger: Ledger, lists: ReferenceLists, clock: Clock, link: Link, lists_every_s: float = 60.0,
        enrolment: Enrolment | None = None,
    ) -> None:  # fmt: skip
        self.alarms: deque[Alarm] = deque(maxlen=ALARMS_KEPT)
        self.connected = threading.Event()
        self._ledger = ledger
        self._lists = lists
        self._clock = clock
        self._link = link
        self._shares = Shares(db=ledger.db, name=link.client_id, asked=link.shards)
        # Held by whoever tells the broker what we want: our thread when shares move, paho's after a reconnect.
        self._wanting = threading.Lock()
        self._subscribed: frozenset[str] = frozenset()
        self._lists_every_ms = int(lists_every_s * 1000)
        self._lists_at = 0
        self._lists_connection = 0
        self._urgent: object = None
        self._post = commands.Post(db=ledger.db, signer=ledger.signer)
        self._enrolment = enrolment
        self._stopping = threading.Event()
        # None wakes the thread: something else than a message is to be done.
        self._arrived: queue.Queue[_Arrived | None] = queue.Queue()
        self._connection = 0
        self._topics_under_way: dict[int, str] = {}
        self._thread = threading.Thread(target=self._work, name="tram-ingest", daemon=True)
        self._client = self._make_client()

    def start(self) -> None:
        """Connect, now or as soon as the broker is there, and work until `stop`."""
        self._thread.start()
        self._link.open(self._client)
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
        try:
            self._shares.leave()
        except DBAPIError:
            logger.warning("ingest_left_without_a_word")
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
            shard, site, k, leaf = topics.read(topic)
        except ProtocolError as error:
            logger.warning("ingest_topic_unknown code=%s", error.code)
            return []
        if leaf == topics.STATE:
            self._ledger.db.transact(lambda conn: boxes.hear(conn, k, payload, now=now))
            return []
        if enrolling.is_renew(payload):
            return [(topics.writer(shard, site, k, topics.DOWN), answer) for answer in self._renew(payload, k)]
        if wanting.is_want(payload):
            return [(topics.writer(shard, site, k, topics.DOWN), answer) for answer in self._give_back(payload, k, now)]
        answers: list[tuple[str, bytes]] = []
        told: Mapping[Log, bytes] = {}
        pairs = intake.split(payload)
        if inbox.is_hello(payload):
            # Whoever glued something to a hello: that too is taken or put aside.
            self._post.again(k)
            answers = [(k, answer) for answer in self._hear(pairs.pop(0), k=k, now=now)]
            if pairs:
                told = self._ledger.accept(pairs, k=k, site=site, now=now, topic=topic).told
        else:
            told = self._ledger.accept_message(payload, k=k, site=site, now=now, topic=topic).told
        for (writer, _), line in sorted(told.items()):
            # Of a carried log the carrier is told too: it may stop.
            answer = self._ledger.signer.document(line)
            answers.extend((name, answer) for name in dict.fromkeys((writer, k)))
        return [(topics.writer(shard, site, name, topics.DOWN), answer) for name, answer in answers]

    def take_all(self, messages: Sequence[tuple[str, bytes]]) -> list[tuple[str, bytes]]:
        """As `take`, for several messages that are all hellos or all records, in one transaction; one answer a log.

        Raises what any of them causes; then nothing is stored, and each is to be taken by itself.
        """
        now = self._clock.wall_ms()
        read = [(topics.read(topic), topic, intake.split(payload)) for topic, payload in messages]
        answers: dict[tuple[str, str], bytes] = {}
        # In order of arrival, and each once: topic on `down`, log.
        wanted: dict[tuple[str, tuple[str, str]], None] = {}
        if inbox.is_hello(messages[0][1]):
            for (_, _, k, _), _, _ in read:
                self._post.again(k)
            for hello in self._ledger.hear_all([(k, pairs[0]) for (_, _, k, _), _, pairs in read], now=now):
                log = (hello["k"], hello["inc"])
                answers[log] = self._ledger.ack(*log, now=now, hello=hello)
            logs = [{log for log in answers if log[0] == k} for (_, _, k, _), _, _ in read]
        else:
            deliveries = [intake.Delivery(pairs, k, site, topic) for (_, site, k, _), topic, pairs in read]
            outcome, logs = self._ledger.accept_all(deliveries, now=now)
            answers = {log: self._ledger.signer.document(line) for log, line in outcome.told.items()}
        for ((shard, site, k, _), _, _), spoken in zip(read, logs, strict=True):
            for log in sorted(spoken):
                # Of a carried log the carrier is told too: it may stop.
                wanted |= {(topics.writer(shard, site, name, topics.DOWN), log): None for name in (log[0], k)}
        return [(down, answers[log]) for down, log in wanted]

    def _renew(self, payload: bytes, k: str) -> list[bytes]:
        if self._enrolment is None:  # the authority lies on another machine: the kiosk asks its door
            return []
        try:
            return [self._enrolment.renew(*intake.split(payload)[0], who=k)]
        except TurnedAway as away:
            logger.warning("ingest_renewal_refused k=%s code=%s", k, away.code)
            return []

    def _give_back(self, payload: bytes, k: str, now: int) -> list[bytes]:
        with self._ledger.db.read() as conn:
            found = returned.pairs(conn, intake.split(payload)[0], k=k, now=now)
        return [envelope.pack(found)] if found else []

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
                self._take_share()
                self._publish_lists()
                self._publish_commands()
                message = self._arrived.get(timeout=1.0)
            except queue.Empty:
                continue
            except DBAPIError:
                logger.exception("ingest_lists_failed")
                self._stopping.wait(DELAYS["database_first_s"])
                continue
            if message is not None:
                for _, alike in groupby(self._with_what_waits(message), key=_sort):
                    self._handle_all(list(alike))

    def _take_share(self) -> None:
        if self._shares.look(self._clock.mono_ms()):
            logger.info("ingest_share shards=%s", ",".join(self._shares.held))
            if self._client.is_connected():
                self._subscribe()
            # Who took them before may have died before its last word.
            self._lists_connection = 0
            self._post.again()

    def _with_what_waits(self, first: _Arrived) -> list[_Arrived]:
        found, size = [first], len(first.payload)
        while len(found) < BATCH_MESSAGES and size < BATCH_BYTES:
            try:
                message = self._arrived.get_nowait()
            except queue.Empty:
                break
            if message is not None:
                found.append(message)
                size += len(message.payload)
        return found

    def _handle_all(self, messages: list[_Arrived]) -> None:
        if len(messages) > 1 and _sort(messages[0]) and not self._stopping.is_set():
            try:
                answers = self.take_all([(message.topic, message.payload) for message in messages])
            except SPLITS as error:
                # Which, and why, shows when they are taken one by one.
                logger.warning("ingest_batch_split messages=%d kind=%s", len(messages), type(error).__name__)
            except Exception:  # loop edge: a fault of ours on one message must not stop the others
                logger.exception("ingest_batch_failed messages=%d", len(messages))
            else:
                self._answer(answers, messages)
                return
        for message in messages:
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
            self._answer(answers, [message])
            return

    def _answer(self, answers: Sequence[tuple[str, bytes]], messages: Sequence[_Arrived]) -> None:
        for topic, payload in answers:
            self._publish(topic, payload, retain=False)
        for message in messages:
            # A packet number means nothing on another connection.
            if message.connection == self._connection:
                self._client.ack(message.mid, 1)

    def _publish_lists(self) -> None:
        now = self._clock.mono_ms()
        connection = self._connection
        # After a reconnect the broker may have lost what it retained: everything again.
        whole = connection != self._lists_connection
        if not self.connected.is_set():
            return
        # A revoked kiosk or a stopped lot does not wait for the minute.
        urgent = self._lists.urgent()
        if now < self._lists_at and not whole and urgent == self._urgent:
            return
        self._urgent = urgent
        for topic, payload in self._lists.messages(self._clock.wall_ms(), everything=whole, shards=self._shares.only):
            self._publish(topic, payload, retain=True)
        self._lists_connection = connection
        self._lists_at = now + self._lists_every_ms

    def _publish_commands(self) -> None:
        if self.connected.is_set():
            for topic, payload in self._post.due(self._clock.wall_ms(), shards=self._shares.only):
                self._publish(topic, payload, retain=False)

    def _publish(self, topic: str, payload: bytes, *, retain: bool) -> None:
        # Not to be queued by paho: by the time it is back, the next hello brings a fresher acknowledgement.
        if not self.connected.is_set():
            return
        sent = self._client.publish(topic, payload, qos=1, retain=retain)
        if sent.rc == mqtt.MQTT_ERR_SUCCESS:
            self._topics_under_way[sent.mid] = topic

    def _make_client(self) -> mqtt.Client:
        client = self._link.make_client()
        client.on_connect = self._on_connect
        client.on_disconnect = self._on_disconnect
        client.on_subscribe = self._on_subscribe
        client.on_publish = self._on_publish
        client.on_message = self._on_message
        return client

    def _subscribe(self) -> None:
        with self._wanting:
            wanted = self._shares.held
            gone = self._subscribed.difference(wanted)
            if gone:
                self._client.unsubscribe(every_topic(sorted(gone)))
            if wanted:
                self._client.subscribe(subscriptions(wanted))
            else:
                # More processes than shards: there is no SUBACK to wait for.
                self._ready()
            self._subscribed = frozenset(wanted)

    def _ready(self) -> None:
        self.connected.set()
        self._arrived.put(None)

    # paho calls what follows on its own thread: note and return.

    def _on_connect(self, _client: mqtt.Client, _data: Any, _flags: Any, code: ReasonCode, _more: Any) -> None:
        if code.value >= REFUSED:
            self._alarm("connect", code)
            return
        self._connection += 1
        self._topics_under_way.clear()
        self._subscribe()

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
        self._ready()
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
        try:
            topic = message.topic
        except UnicodeDecodeError:
            # Out of here it would end paho's thread, and nobody would be heard any more. Its writer sends it again.
            logger.warning("ingest_topic_unreadable")
            self._client.ack(message.mid, 1)
            return
        self._arrived.put(_Arrived(topic, bytes(message.payload), message.mid, self._connection))

    def _alarm(self, what: str, code: ReasonCode, detail: str = "") -> None:
        self.alarms.append(Alarm(what, code.value, detail, self._clock.wall_ms()))
        logger.error("ingest_refused what=%s code=0x%02x reason=%s detail=%s", what, code.value, code, detail)


def _sort(message: _Arrived) -> str:
    """As `intake.sort_of`; what is neither record nor hello is taken alone."""
    alone = message.topic.endswith("/" + topics.STATE) or enrolling.is_renew(message.payload)
    alone = alone or wanting.is_want(message.payload)
    return "" if alone else intake.sort_of(message.payload)
