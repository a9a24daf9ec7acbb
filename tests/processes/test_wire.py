"""The frame proxy between real clients and a real mosquitto: what each kind does to a packet, and who still gets in."""

import socket
import ssl
from contextlib import suppress

import pytest

from protocol import topics
from provisioning.broker import Broker
from provisioning.stage import wait_until
from tests.processes import wire
from tests.provisioning.conftest import Client, make_centre

pytestmark = [pytest.mark.integration, pytest.mark.timeout(60)]
SUCCESS = 0


class Between:
    """A kiosk behind the proxy, a server at the broker itself."""

    def __init__(self, folder):
        self.centre = make_centre(folder)
        self.seen = []
        self.broker = Broker(folder, writers=self.centre.writers)
        self.broker.start()
        self.proxy = wire.FrameProxy(
            target_port=self.broker.port,
            broker=folder / "broker",
            watch=lambda *what: self.seen.append(what),
            kinds=dict.fromkeys(wire.KINDS, 1.0),
        )
        self.kit = self.centre.kit(self.centre.one)
        self.port = self.proxy.add("one", identity=self.kit)
        self.proxy.start()
        self.server = Client(self.centre.server, self.broker.port)
        assert self.server.next() == ("connected", SUCCESS)
        self.server.subscribe(topics.every(topics.UP))
        self.clients = [self.server]
        writer = self.centre.one
        self.up = topics.writer(writer.shard, writer.site, writer.k, topics.UP)

    def kiosk(self):
        made = Client(self.kit, self.port)
        self.clients.append(made)
        assert made.next() == ("connected", SUCCESS)
        return made

    def hit(self, kind, times=1):
        """Has it befallen so many packets?"""
        return wait_until(lambda: self.proxy.hit[kind] == times, timeout_s=5)

    def heard(self, timeout_s=5.0):
        """The payload of the next message at the server."""
        return self.server.next(timeout_s)[2]

    def stop(self):
        for one in self.clients:
            one.close()
        self.proxy.stop()
        self.broker.stop()


@pytest.fixture
def between(tmp_path_factory):
    made = Between(tmp_path_factory.mktemp("between"))
    yield made
    made.stop()


def test_what_nothing_befalls_is_seen_and_passes(between):
    assert between.kiosk().publish(between.up, b"a") == SUCCESS
    assert between.heard() == b"a"
    assert between.seen == [("one", wire.UP, between.up, b"a")]


def test_each_kind(between):
    kiosk = between.kiosk()

    def under(kind, *payloads):
        between.proxy.mishandle("one", wire.UP, kind)
        for payload in payloads:
            kiosk.paho.publish(between.up, payload, qos=1)

    under("twice", b"a")
    assert [between.heard(), between.heard()] == [b"a", b"a"]
    under("swapped", b"1")
    assert between.hit("swapped")
    between.proxy.mishandle("one", wire.UP, "")
    kiosk.paho.publish(between.up, b"2", qos=1)
    assert [between.heard(), between.heard()] == [b"2", b"1"]
    under("late", b"3", b"4")
    assert [between.heard(), between.heard()] == [b"3", b"4"]
    under("shortened", b"0123456789")
    assert b"0123456789".startswith(between.heard())
    under("altered", b"mark:7")
    changed = between.heard()
    assert changed != b"mark:7"
    assert changed.startswith(b"mark:")
    under("still", b"5")
    assert between.server.silent()
    between.proxy.mend()
    # The connection goes on or is gone, as a line that was dead for a while.
    assert between.server.silent() or between.heard() == b"5"


def test_a_packet_is_gone_and_its_sender_is_told_otherwise(between):
    kiosk = between.kiosk()
    between.proxy.mishandle("one", wire.UP, "kept")
    assert kiosk.publish(between.up, b"never") == SUCCESS
    between.proxy.mishandle("one", wire.UP, "dropped")
    kiosk.paho.publish(between.up, b"nor this", qos=1)
    assert between.hit("dropped")
    between.proxy.mishandle("one", wire.UP, "")
    assert kiosk.publish(between.up, b"after") == SUCCESS
    assert between.heard() == b"after"


def test_half_a_packet_then_the_end(between):
    kiosk = between.kiosk()
    between.proxy.mishandle("one", wire.UP, "torn")
    kiosk.paho.publish(between.up, b"x" * 1000, qos=1)
    assert kiosk.next() == ("disconnected",)
    between.proxy.mend()
    assert between.kiosk().publish(between.up, b"again") == SUCCESS
    assert between.heard() == b"again"


def test_raw_passes_and_sees_nothing(between):
    between.proxy.pass_raw("one", raw=True)
    assert between.kiosk().publish(between.up, b"unseen") == SUCCESS
    assert between.heard() == b"unseen"
    assert between.seen == []
    between.proxy.mend()
    assert between.kiosk().publish(between.up, b"seen") == SUCCESS
    assert wait_until(lambda: len(between.seen) == 1, timeout_s=5)


def test_nobody_gets_in_without_the_provinces_keys(between, tmp_path_factory):
    stranger = make_centre(tmp_path_factory.mktemp("stranger"))
    context = ssl.create_default_context(cafile=str(between.kit / "ca.pem"))
    kit = stranger.kit(stranger.one)
    context.load_cert_chain(kit / "client.pem", kit / "client.key")
    with (
        socket.create_connection(("127.0.0.1", between.port), timeout=5) as plain,
        suppress(OSError),
        context.wrap_socket(plain, server_hostname="localhost") as secure,
    ):
        # TLS 1.3 tells a client whose certificate is refused only afterwards: by an alert, or by the end.
        assert secure.recv(1) == b""
    assert between.seen == []
    assert b"connected from" not in between.broker.log.read_bytes().split(b"as server", 1)[1]
