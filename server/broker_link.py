"""Where the broker is, who we are to it, and the client that speaks with it. Knows topics, no message and no database."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import paho.mqtt.client as mqtt
from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from paho.mqtt.subscribeoptions import SubscribeOptions

from protocol import topics

DELAYS = {
    # The broker allows 30 s at most (provisioning/mosquitto); paho does not obey its answer by itself.
    "keepalive_s": 20,
    "reconnect_first_s": 1,
    "reconnect_last_s": 60,
    # The broker keeps our session, and what arrives meanwhile, this long; what it loses comes again from the kiosks.
    "session_s": 86400,
    # Of a process that shares: others take its shards after seconds, so what waits for it longer waits in vain.
    "shared_session_s": 60,
}
# As many as the broker hands out unacknowledged (max_inflight_messages).
MOST_UNDER_WAY = 500
# All shards; our share of them (server/shares.py).
ALL, SHARE = "+", "*"


@dataclass(frozen=True, kw_only=True)
class Link:
    """Where the broker is and who we are to it. `identity`: folder with ca.pem, client.pem, client.key."""

    host: str
    port: int
    identity: Path
    client_id: str
    shards: Sequence[str] = (ALL,)

    @property
    def shared(self) -> bool:
        """Do we take a share of the shards, beside other processes?"""
        return tuple(self.shards) == (SHARE,)

    def make_client(self) -> mqtt.Client:
        """A client with our identity that acknowledges nothing by itself; it has no callbacks yet."""
        client = mqtt.Client(
            CallbackAPIVersion.VERSION2,
            client_id=self.client_id,
            protocol=MQTTProtocolVersion.MQTTv5,
            manual_ack=True,
        )
        place = self.identity
        client.tls_set(str(place / "ca.pem"), str(place / "client.pem"), str(place / "client.key"))
        client.max_inflight_messages_set(MOST_UNDER_WAY)
        client.reconnect_delay_set(int(DELAYS["reconnect_first_s"]), int(DELAYS["reconnect_last_s"]))
        return client

    def open(self, client: mqtt.Client) -> None:
        """Connect, now or as soon as the broker is there."""
        properties = Properties(PacketTypes.CONNECT)  # type: ignore[no-untyped-call]  # paho's constructor has no types
        properties.SessionExpiryInterval = DELAYS["shared_session_s" if self.shared else "session_s"]
        properties.ReceiveMaximum = MOST_UNDER_WAY
        # A process that shares does not know at its start what it had: subscriptions of then would be others' by now.
        clean = mqtt.MQTT_CLEAN_START_FIRST_ONLY if self.shared else False
        client.connect_async(self.host, self.port, int(DELAYS["keepalive_s"]), clean_start=clean, properties=properties)
        client.loop_start()


def subscriptions(shards: Iterable[str]) -> list[tuple[str, SubscribeOptions]]:
    """What the centre listens to in these shards."""
    return [(topic, SubscribeOptions(qos=1)) for topic in every_topic(shards)]


def every_topic(shards: Iterable[str]) -> list[str]:
    """The topics of these shards: records and hellos, and what kiosks say of themselves."""
    return [topics.every(leaf, shard) for shard in shards for leaf in (topics.UP, topics.STATE)]
