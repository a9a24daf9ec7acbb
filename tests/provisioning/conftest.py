"""A made-up centre with three enrolled kiosks, a real broker, and clients that remember what they were told."""

import queue
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import paho.mqtt.client as mqtt
import pytest

from provisioning.broker import Broker
from server.pki import Writer, enrol_kiosk, kiosk_home, make_authority, make_server_identity

# The broker judges certificates by the machine's own clock, so the keys are made at the real time.
NOW = datetime.now(UTC)
SHARD = "ha-giang"


@dataclass(frozen=True)
class Centre:
    """Two kiosks of one site and one of another."""

    folder: Path
    one: Writer
    two: Writer
    elsewhere: Writer

    @property
    def writers(self) -> tuple[Writer, ...]:
        return (self.one, self.two, self.elsewhere)

    def kit(self, writer: Writer) -> Path:
        return kiosk_home(self.folder, writer.k) / "kit"

    @property
    def server(self) -> Path:
        return self.folder / "server"


def make_centre(folder: Path, *, now: datetime = NOW, validity: timedelta = timedelta(days=30)) -> Centre:
    make_authority(folder, now=now)
    make_server_identity(folder, now=now)
    kiosks = (("yen-minh-01", "kiosk-01"), ("yen-minh-01", "kiosk-02"), ("dong-van-01", "kiosk-03"))
    return Centre(
        folder,
        *(
            enrol_kiosk(
                folder,
                shard=SHARD,
                site=site,
                writer=k,
                broker_host="localhost",
                broker_port=8883,
                now=now,
                validity=validity,
            )
            for site, k in kiosks
        ),
    )


class Client:
    """A paho client; every callback becomes one tuple in `told`. It never reconnects by itself."""

    def __init__(self, kit: Path, port: int, *, client_id: str = "any", will: str = "") -> None:
        self.told: queue.Queue[tuple] = queue.Queue()
        self.announced = None
        self.paho = mqtt.Client(
            mqtt.CallbackAPIVersion.VERSION2, client_id=client_id, protocol=mqtt.MQTTv5, reconnect_on_failure=False
        )
        self.paho.tls_set(str(kit / "ca.pem"), str(kit / "client.pem"), str(kit / "client.key"))
        if will:
            self.paho.will_set(will, b"gone", qos=1)
        self.paho.on_connect = self._connected
        self.paho.on_publish = lambda _c, _u, _mid, reason, _p: self.told.put(("published", reason.value))
        self.paho.on_subscribe = lambda _c, _u, _mid, reasons, _p: self.told.put(("subscribed", reasons[0].value))
        self.paho.on_message = lambda _c, _u, message: self.told.put(("message", message.topic, message.payload))
        self.paho.on_disconnect = lambda _c, _u, _flags, _reason, _p: self.told.put(("disconnected",))
        self.paho.connect("127.0.0.1", port)
        self.paho.loop_start()

    def _connected(self, _client, _userdata, _flags, reason, properties) -> None:
        self.announced = properties
        self.told.put(("connected", reason.value))

    def next(self, timeout_s: float = 5.0) -> tuple:
        return self.told.get(timeout=timeout_s)

    def silent(self, for_s: float = 0.3) -> bool:
        time.sleep(for_s)
        return self.told.empty()

    def publish(self, topic: str, payload: bytes = b"x", *, retain: bool = False) -> int:
        """The broker's reason code for one QoS 1 message."""
        self.paho.publish(topic, payload, qos=1, retain=retain)
        kind, reason = self.next()
        assert kind == "published"
        return reason

    def subscribe(self, topic: str) -> int:
        self.paho.subscribe(topic, qos=1)
        kind, reason = self.next()
        assert kind == "subscribed"
        return reason

    def vanish(self) -> None:
        """End the connection without a word, so that the broker sends the will."""
        self.paho.loop_stop()
        self.paho.socket().close()

    def close(self) -> None:
        self.paho.disconnect()
        self.paho.loop_stop()
        # Nothing may hold the client in a ring: only its own end closes its inner pair of sockets.
        self.paho.on_connect = self.paho.on_publish = self.paho.on_subscribe = None
        self.paho.on_message = self.paho.on_disconnect = None


@pytest.fixture(scope="module")
def centre(tmp_path_factory):
    return make_centre(tmp_path_factory.mktemp("centre"))


@pytest.fixture
def broker(centre):
    with Broker(centre.folder, writers=centre.writers) as running:
        yield running


@pytest.fixture
def connect(broker):
    """`connect(kit)`: a connected client, closed at the end of the test."""
    clients = []

    def _connect(kit: Path, *, port: int = 0, **options) -> Client:
        client = Client(kit, port or broker.port, **options)
        clients.append(client)
        assert client.next() == ("connected", 0)
        return client

    yield _connect
    for client in clients:
        client.close()
