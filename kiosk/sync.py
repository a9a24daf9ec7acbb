"""The wire to the centre: paho around `protocol.outbox`. paho is a wire, never a queue; what it loses is sent again.

One thread. It sends hellos and records, takes signed acknowledgements and reference lists, and tells the desk.
"""

from __future__ import annotations

import logging
import random
import secrets
from functools import partial
from typing import Any

import paho.mqtt.client as mqtt
from paho.mqtt.enums import CallbackAPIVersion
from paho.mqtt.reasoncodes import ReasonCode
from paho.mqtt.subscribeoptions import SubscribeOptions

from kiosk import away
from kiosk.brokers import Brokers
from kiosk.clock import Clock
from kiosk.config import APP
from kiosk.crypto import Signer, Verifier
from kiosk.desk import news
from kiosk.desk.loop import Desk
from kiosk.desk.retention import Retention
from kiosk.errors import BadList
from kiosk.neighbourhood import Neighbourhood
from kiosk.oldlog import OldLog
from kiosk.record_reader import RecordReader
from kiosk.reflists import Shelf
from kiosk.regain import Regain
from kiosk.renewal import Renewal
from kiosk.telemetry import Telemetry
from kiosk.wire import CONNECT_TIMEOUT_S, KEEPALIVE_S, Wire, answers, tls
from protocol import commands, enrolling, envelope, fields, inbox, topics
from protocol.errors import ProtocolError
from protocol.outbox import Outbox, make_hello

log = logging.getLogger(__name__)
# A touch may wait for a word about claims that the desk has put there meanwhile.
LOOP_S = 0.03
WAIT_FIRST_MS = 1_000
WAIT_LAST_MS = 60_000
# Records per message when catching up: few enough that a slow line shows progress.
PER_MESSAGE = 16
# Asks for a new incarnation again when the disk has refused it.
ANEW_EVERY_MS = 30_000
ALARM = 0x80


class Sync:
    """One connection at a time; a fresh client after every loss."""

    def __init__(
        self,
        *,
        wire: Wire,
        desk: Desk,
        retention: Retention,
        reader: RecordReader,
        signer: Signer,
        verifier: Verifier,
        clock: Clock,
        telemetry: Telemetry,
        renewal: Renewal,
    ) -> None:
        """`reader`: this thread's own; `signer` signs hellos; `verifier` knows the centre's key."""
        self._wire = wire
        self._retention = retention
        self._desk = desk
        self._reader = reader
        self._signer = signer
        self._verifier = verifier
        self._clock = clock
        self._telemetry = telemetry
        self._renewal = renewal
        self._regain = Regain(desk=desk, signer=signer)
        self._client: mqtt.Client | None = None
        self._up = False
        self._try_at = 0
        self._ask_at = 0
        self._portal = False
        self._verdict = away.Verdict()
        self._wait = WAIT_FIRST_MS
        self._brokers = Brokers(wire.brokers)
        self._outbox = Outbox(
            desk.log.k, desk.log.inc, last=desk.log.seq, committed=desk.committed, forked=reader.forked(desk.log.inc)
        )
        self._outbox.dropped(reader.kept.gone(desk.log.inc))
        self._old = {inc: self._old_log(inc, held=held) for inc, held in reader.old_logs().items()}
        self._why = "cloned"
        # Did the last acknowledgement name any? Before the first one nobody knows.
        self._statuses = True
        self._anew_at = 0
        self._shelf = Shelf(verifier=verifier, site=wire.site, issued=desk.lists.issued)
        self._neighbours = Neighbourhood(
            desk=desk, reader=reader, signer=signer, centre=verifier, sealer=retention.sealer, post=desk.post,
            silent_ms=wire.silent_ms,
        )  # fmt: skip
        self._topic_claims = topics.claims(wire.shard, wire.site)
        self._topic_ref = topics.reference(wire.shard, wire.site)

    def step(self) -> None:
        """One round: connect if need be, move the network, send what is due."""
        now = self._clock.ticks()
        self._follow_log(now)
        self._obey_drill(now)
        if self._client is None:
            if now >= self._try_at:
                self._connect(now)
            return
        try:
            code = self._client.loop(LOOP_S)
        except Exception:  # loop edge
            # paho would handle the very same packet again for ever; only a new connection is rid of it.
            log.exception("wire_unreadable")
            self._lost(now, "unreadable")
            return
        if code != mqtt.MQTT_ERR_SUCCESS:
            word = self._verdict.ask(now, stood=self._up, address=self._brokers.address, make=partial(tls, self._wire))
            self._lost(now, str(code), word)
            return
        self._speak_of_claims()
        if not self._up or self._returned(now):
            return
        self._say(now)
        self._outbox.appended(self._desk.log.seq)
        inc = self._outbox.inc
        for what, first, last in self._outbox.poll(self._clock.ticks(), random.random()):  # noqa: S311 - jitter, not secrecy
            if what == "hello":
                self._hello(inc, self._outbox.committed + 1)
            else:
                self._send(inc, first, last)
        for old in self._old.values():
            for what, first, last in old.poll(self._clock.ticks()):
                if what == "hello":
                    self._hello(old.inc, 1)
                else:
                    self._send(old.inc, first, last)
        for leaf, payload in self._neighbours.step(self._clock.ticks(), self._outbox):
            self._publish(leaf, payload)

    def _speak_of_claims(self) -> None:
        """Words of this second; those that found no wire are dropped, the next one says all again."""
        waiting = self._desk.claims.outgoing
        while not waiting.empty():
            payload = waiting.get_nowait()
            if self._client is not None and self._up:
                self._client.publish(self._topic_claims, payload, qos=0)

    def _follow_log(self, now: int) -> None:
        """See that a forked log is left, and serve the one that the desk writes in now."""
        ours = self._desk.log
        if ours.inc != self._outbox.inc:
            old = self._old[self._outbox.inc] = self._old_log(self._outbox.inc, held=False)
            self._outbox = Outbox(ours.k, ours.inc, last=ours.seq, committed=0)
            self._why = "cloned"
            if self._up:
                old.connected(now)
                self._outbox.connected(now)
                self._telemetry.connected()
        elif self._outbox.forked and now >= self._anew_at:
            self._anew_at = now + ANEW_EVERY_MS
            self._desk.post(news.begin_anew(self._desk, ours.inc, secrets.token_hex(8), self._why))

    def _old_log(self, inc: str, *, held: bool) -> OldLog:
        last, head = self._reader.head(inc)
        return OldLog(inc, last=last, head=head, held=held)

    def close(self) -> None:
        """Say good-bye."""
        if self._client is not None:
            self._client.disconnect()
            self._client.loop(LOOP_S)
            self._drop()

    def _drop(self) -> None:
        # On some errors paho's loop() returns without closing: the descriptor would live until a collection.
        link = self._client.socket() if self._client is not None else None
        if link is not None:
            link.close()
        self._client = None

    def _connect(self, now: int) -> None:
        wire = self._wire
        client = mqtt.Client(
            CallbackAPIVersion.VERSION2, client_id=f"{wire.shard}.{wire.site}.{wire.k}", protocol=mqtt.MQTTv5
        )
        try:
            client.tls_set_context(tls(wire))
            client.connect_timeout = CONNECT_TIMEOUT_S
            client.on_connect = self._on_connect
            client.on_subscribe = self._on_subscribe
            client.on_publish = self._on_publish
            client.on_message = self._on_message
            state = topics.writer(wire.shard, wire.site, wire.k, topics.STATE)
            client.will_set(state, b'{"state":"offline"}', qos=1, retain=True)
            client.connect(*self._brokers.address, keepalive=KEEPALIVE_S)
        except (OSError, ValueError) as error:
            self._client = client
            self._lost(now, type(error).__name__, self._word(error, now))
            return
        self._client = client

    def _word(self, error: Exception, now: int) -> str:
        """Why the centre is away, for people; a network that wants a login is asked for at most once a minute."""
        word = away.why(error)
        address = self._wire.login_check
        if address and word in ("cut", "no_name", "stranger") and now >= self._ask_at:
            self._ask_at = now + away.LOGIN_EVERY_MS
            self._portal = away.asks_for_login(address)
        return "login_page" if self._portal else word

    def _lost(self, now: int, why: str, word: str = "cut") -> None:
        if self._up:
            log.info("wire_lost why=%s", why)
        another = self._brokers.failed(stood=self._up)
        if not self._up and self._renewal.at_door():
            self._wait = WAIT_FIRST_MS
        self._up = False
        self._drop()
        self._outbox.disconnected()
        self._desk.post(lambda: self._desk.set_away(word))
        if another:
            self._try_at = now
            return
        self._try_at = now + WAIT_FIRST_MS // 2 + int(self._wait * random.random())  # noqa: S311 - jitter
        self._wait = min(self._wait * 2, WAIT_LAST_MS)

    def _returned(self, now: int) -> bool:
        """Left for the preferred broker, which answers again?"""
        if not self._brokers.look_due(now):
            return False
        if not self._brokers.looked(now, answers=answers(self._wire, self._brokers.first)):
            return False
        log.info("wire_returns")
        self._leave(now)
        return True

    def _obey_drill(self, now: int) -> None:
        """The drill's lever: the wire is kept down for some seconds, and the site works on."""
        cut = self._desk.draft.drill.is_cut(now)
        if cut and self._client is not None:
            self._leave(now)
            self._desk.post(lambda: self._desk.set_away("cut"))
        self._try_at = now + 1 if cut else self._try_at

    def _leave(self, now: int) -> None:
        self.close()
        self._up = False
        self._outbox.disconnected()
        self._try_at = now

    def _on_connect(
        self, client: mqtt.Client, _data: object, _flags: object, reason: ReasonCode, _properties: object
    ) -> None:
        if reason.value >= ALARM:
            log.error("wire_refused reason=%s", reason)
            self._alarm("wire_refused")
            return
        leaves = (topics.UP, topics.DOWN, topics.HELD)
        here = [topics.neighbours(leaf, self._wire.shard, self._wire.site) for leaf in leaves]
        # A broker of before grants the whole site's topics and delivers only our own: then there are no neighbours.
        wanted = [(topic, SubscribeOptions(qos=1, noLocal=True)) for topic in here]
        wanted.append((self._topic_claims, SubscribeOptions(qos=0, noLocal=True)))
        client.subscribe([*wanted, (self._topic_ref + "/#", SubscribeOptions(qos=1))])

    def _on_subscribe(
        self, _client: mqtt.Client, _data: object, _mid: int, reasons: list[ReasonCode], _properties: object
    ) -> None:
        if any(reason.value >= ALARM for reason in reasons):
            log.error("subscription_refused reasons=%s", [str(reason) for reason in reasons])
            self._alarm("wire_refused")
            return
        log.info("wire_up broker=%d", self._wire.brokers.index(self._brokers.address) + 1)
        self._up = True
        self._portal = False
        self._brokers.served(self._clock.ticks())
        self._wait = WAIT_FIRST_MS
        self._outbox.connected(self._clock.ticks())
        self._neighbours.connected(self._clock.ticks())
        for old in self._old.values():
            old.connected(self._clock.ticks())
        self._desk.post(lambda: self._desk.set_online(True))
        self._telemetry.connected()

    def _say(self, now: int) -> None:
        self._telemetry.certificate_until = self._renewal.until
        state = self._telemetry.due(now)
        if state is not None:
            self._publish(topics.STATE, state, retain=True)
        for wanted in (self._renewal.ask(), self._regain.ask(now)):
            if wanted is not None:
                self._publish(topics.UP, wanted)

    def _on_publish(
        self, _client: mqtt.Client, _data: object, _mid: int, reason: ReasonCode, _properties: object
    ) -> None:
        # 0x10 "no matching subscribers" is only news: the record stays here until the centre acknowledges it (F62, F63).
        if reason.value >= ALARM:
            log.error("publish_refused reason=%s", reason)
            self._alarm("wire_refused")

    def _alarm(self, code: str) -> None:
        self._telemetry.refused += 1
        self._desk.post(lambda: self._desk.say(code, "error"))

    def _hello(self, inc: str, first: int) -> None:
        gone = self._reader.kept.gone(inc)
        if inc == self._outbox.inc:
            self._outbox.dropped(gone)
        moment = self._clock.now()
        last, head = self._reader.head(inc)
        line = make_hello(
            k=self._wire.k, inc=inc, first=first, last=last, head=head,
            boot=moment.boot, wall=moment.wall, sure=moment.sure, app=APP, gone=gone, mono=moment.mono,
        )  # fmt: skip
        self._publish(topics.UP, envelope.pack([(line, self._signer.line(line))]))

    def _send(self, inc: str, first: int, last: int) -> None:
        for start in range(first, last + 1, PER_MESSAGE):
            span = (inc, start, min(start + PER_MESSAGE - 1, last))
            # Sealed pairs go in a message of their own: whoever is not the centre leaves it alone.
            for pairs in (self._reader.kept.pairs(*span), self._reader.pairs(*span)):
                if pairs:
                    self._publish(topics.UP, envelope.pack(pairs))

    def _publish(self, leaf: str, payload: bytes, *, retain: bool = False) -> None:
        if self._client is not None:
            topic = topics.writer(self._wire.shard, self._wire.site, self._wire.k, leaf)
            self._client.publish(topic, payload, qos=1, retain=retain)

    def _on_message(self, _client: mqtt.Client, _data: object, message: mqtt.MQTTMessage) -> None:
        try:
            if message.topic.startswith(self._topic_ref):
                self._take_reference(message.topic[len(self._topic_ref) + 1 :], bytes(message.payload))
                return
            if message.topic == self._topic_claims:
                self._desk.post(news.claimed(self._desk, bytes(message.payload)))
                return
            _shard, _site, k, leaf = topics.read(message.topic)
            if k != self._wire.k:
                self._neighbours.message(k, leaf, bytes(message.payload), self._clock.now(), self._clock.ticks())
            elif leaf == topics.DOWN:
                self._take_ack(bytes(message.payload))
        except (ProtocolError, BadList) as error:
            log.warning("message_refused what=%s", getattr(error, "code", str(error)))

    def _take_ack(self, payload: bytes) -> None:
        for line, signature in envelope.unpack(payload):
            if not self._verifier.good(line, signature):
                if not self._regain.taken(line, signature):
                    log.warning("ack_signature_bad")
                continue
            if commands.is_command(line):
                self._desk.post(news.commanded(self._desk, commands.read(line)))
                continue
            if enrolling.is_certificate(line):
                self._renewal.answered(line, signature)
                continue
            ack = inbox.read_ack(line)
            self._neighbours.acknowledged(ack, self._clock.ticks())
            if ack["k"] != self._wire.k:
                continue  # of a neighbour's log that we carry
            old = self._old.get(ack["inc"])
            if old is not None:
                if old.answered(ack.get("whole"), self._clock.ticks()):
                    self._desk.post(news.held(self._desk, old.inc, old.held))
                self._heard(ack, old.archived(ack))
                continue
            if ack["inc"] != self._outbox.inc:
                # Of this kiosk's log before it was enrolled anew, say: its numbers are not ours.
                log.warning("ack_of_another_log")
                continue
            held = self._reader.digest(self._outbox.inc, ack["committed"])
            if ack["committed"] > self._outbox.last:
                self._why = "restored"
            moved = self._outbox.acked(ack, self._clock.ticks(), held)
            self._heard(ack, min(ack["archived"], self._outbox.committed))
            statuses = [(int(seq), word, reason) for seq, word, reason in ack["status"] if fields.digits(seq)]
            # The last ones too, so that what the centre can read by now leaves the screen.
            if moved or statuses or self._statuses:
                self._statuses = bool(statuses)
                committed = self._outbox.committed
                self._desk.post(news.told(self._desk, self._outbox.inc, committed, statuses))

    def _heard(self, ack: dict[str, Any], archived: int | None) -> None:
        if archived is not None:
            self._desk.post(lambda: self._retention.heard(ack["inc"], archived, ack["now"]))

    def _take_reference(self, name: str, payload: bytes) -> None:
        moment = self._clock.now()
        if name:
            self._shelf.body(name, payload)
        else:
            self._shelf.manifest(payload, now=moment.wall if moment.sure != "unknown" else None)
        rows = self._shelf.complete(moment.wall)
        if rows:
            self._desk.post(news.listed(self._desk, rows))
