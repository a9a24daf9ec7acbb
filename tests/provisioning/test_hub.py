"""A site's hub on two real brokers: what it carries, what stays at the site, who is refused, what it forgets (I1, I21)."""

import pytest

from protocol import topics
from provisioning.broker import Broker
from provisioning.hub import SiteHub
from provisioning.stage import wait_until
from server.hubs import enrol_hub, revoke_hub
from tests.provisioning.conftest import NOW, SHARD, Client, make_centre

pytestmark = [pytest.mark.integration, pytest.mark.timeout(90)]
SITE = "yen-minh-01"
OK, NO_SUBSCRIBERS, NOT_AUTHORIZED = 0, 0x10, 0x87
UP, DOWN, STATE = topics.UP, topics.DOWN, topics.STATE
WAIT_S = 20


def topic(writer, leaf):
    return topics.writer(writer.shard, writer.site, writer.k, leaf)


class Road:
    """The centre's broker, one hub in front of it, and clients at both."""

    def __init__(self, folder):
        self.centre = make_centre(folder)
        self.hub_identity = enrol_hub(
            folder, name="hub-01", shard=SHARD, site=SITE, hosts=("localhost", "127.0.0.1"), now=NOW
        )
        self.broker = Broker(folder, writers=self.centre.writers)
        self.broker.start()
        self.hub = SiteHub(
            folder, self.hub_identity, centre=("localhost", self.broker.port), writers=self.centre.writers
        )
        self.clients = []
        self.hub.start()

    def at(self, broker, kit):
        client = Client(kit, broker.port)
        self.clients.append(client)
        assert client.next() == ("connected", 0)
        return client

    def kiosk(self, writer, broker=None):
        return self.at(broker or self.hub, self.centre.kit(writer))

    def server(self):
        return self.at(self.broker, self.centre.server)

    def bridged(self):
        """The bridge carries again: insisted, as a kiosk insists, for the hub itself promises nothing."""
        # The neighbour listens at the centre: a second `server` would end the first one's connection.
        ear, kiosk = self.kiosk(self.centre.one, self.broker), self.kiosk(self.centre.two)
        ear.subscribe(topic(self.centre.two, UP))

        def carried():
            kiosk.publish(topic(self.centre.two, UP), b"is it there?")
            return wait_until(lambda: not ear.told.empty(), timeout_s=0.3)

        assert wait_until(carried, timeout_s=WAIT_S)
        for client in (ear, kiosk):
            client.close()
            self.clients.remove(client)

    def close(self):
        for client in self.clients:
            client.close()
        self.hub.stop()
        self.broker.stop()


@pytest.fixture(scope="module")
def road(tmp_path_factory):
    made = Road(tmp_path_factory.mktemp("hub"))
    made.bridged()
    yield made
    made.close()


@pytest.fixture(autouse=True)
def _tidy(road):
    yield
    for client in road.clients:
        client.close()
    road.clients.clear()


def test_up_and_state_go_out_down_and_lists_come_in(road):
    """With MQTT 5 all the way: the kiosk's state and the centre's lists keep their retained mark."""
    one = road.centre.one
    server, kiosk = road.server(), road.kiosk(one)
    server.subscribe(topics.every(UP))
    assert kiosk.publish(topic(one, UP), b"record") == OK
    assert server.next() == ("message", topic(one, UP), b"record")
    assert kiosk.subscribe(topic(one, DOWN)) == 1
    assert server.publish(topic(one, DOWN), b"ack") == OK
    assert kiosk.next() == ("message", topic(one, DOWN), b"ack")
    assert kiosk.publish(topic(one, STATE), b"online", retain=True) == OK
    server.close()
    assert wait_until(lambda: retained(road, road.server, topic(one, STATE)) == b"online", timeout_s=WAIT_S)
    server = road.server()
    manifest = topics.reference(SHARD, SITE)
    assert server.publish(manifest, b"manifest", retain=True) == OK
    assert server.publish(manifest + "/lots", b"lots", retain=True) == OK
    late = lambda: road.kiosk(road.centre.two)  # noqa: E731
    assert wait_until(lambda: retained(road, late, manifest) == b"manifest", timeout_s=WAIT_S)
    assert wait_until(lambda: retained(road, late, manifest + "/lots") == b"lots", timeout_s=WAIT_S)


def retained(road, connect, name):
    client = connect()
    client.subscribe(name)
    found = client.next()[2] if wait_until(lambda: not client.told.empty(), timeout_s=0.5) else b""
    client.close()
    road.clients.remove(client)
    return found


def test_claims_and_neighbours_words_stay_at_the_site(road):
    one, two = road.centre.one, road.centre.two
    server, first, second = road.server(), road.kiosk(one), road.kiosk(two)
    claims = f"{topics.ROOT}/{SHARD}/{SITE}/{topics.CLAIMS}"
    for name in (claims, topics.every(UP), topics.every(topics.HELD)):
        server.subscribe(name)
    for name in (claims, topic(one, UP), topic(one, topics.HELD)):
        second.subscribe(name)
    assert first.publish(claims, b"mine") == OK
    assert second.next() == ("message", claims, b"mine")
    assert first.publish(topic(one, topics.HELD), b"held") == OK
    assert second.next() == ("message", topic(one, topics.HELD), b"held")
    # A record is heard by the neighbour, and by the centre once.
    assert first.publish(topic(one, UP), b"record") == OK
    assert second.next() == ("message", topic(one, UP), b"record")
    assert server.next() == ("message", topic(one, UP), b"record")
    assert server.silent()
    assert second.silent(0)


def test_the_hub_admits_its_own_sites_kiosks_only(road):
    """A kiosk of another site has a good certificate of the same authority: the hub still lets it do nothing."""
    stranger, kiosk = road.centre.elsewhere, road.kiosk(road.centre.one)
    foreign = road.kiosk(stranger)
    assert foreign.publish(topic(stranger, UP)) == NOT_AUTHORIZED
    assert foreign.publish(topic(road.centre.one, UP)) == NOT_AUTHORIZED
    assert kiosk.publish(topic(road.centre.two, UP)) == NOT_AUTHORIZED
    assert kiosk.publish(topic(road.centre.one, DOWN)) == NOT_AUTHORIZED
    foreign.subscribe(topic(road.centre.one, UP))
    assert kiosk.publish(topic(road.centre.one, UP)) == OK
    assert foreign.silent()


def test_the_centre_lets_a_hub_speak_for_its_own_site_only(road):
    """Another site's hub is refused: its certificate is good, its lines name its own site."""
    other = enrol_hub(road.centre.folder, name="hub-02", shard=SHARD, site="dong-van-01", hosts=("localhost",), now=NOW)
    road.broker.reload_acl(road.centre.writers)
    server = road.server()
    server.subscribe(topics.every(UP))
    hub = road.at(road.broker, road.centre.folder / "hubs" / "hub-02" / "kit")
    assert hub.publish(topic(road.centre.elsewhere, UP), b"theirs") == OK
    assert server.next() == ("message", topic(road.centre.elsewhere, UP), b"theirs")
    assert hub.publish(topic(road.centre.one, UP)) == NOT_AUTHORIZED
    assert hub.publish(topic(road.centre.elsewhere, DOWN)) == NOT_AUTHORIZED
    assert hub.publish(topics.reference(SHARD, "dong-van-01")) == NOT_AUTHORIZED
    hub.subscribe(topic(road.centre.one, DOWN))
    hub.subscribe(topic(road.centre.elsewhere, UP))
    assert server.publish(topic(road.centre.one, DOWN)) in (OK, NO_SUBSCRIBERS)
    assert hub.silent()
    revoke_hub(road.centre.folder, name=other.name, now=NOW)
    road.broker.reload_acl(road.centre.writers)
    assert hub.publish(topic(road.centre.elsewhere, UP)) == NOT_AUTHORIZED


def test_centre_away_neighbours_still_hear_each_other_and_it_carries_again(road):
    """F45, F46: nothing waits in the hub, so nothing old comes out of it when the centre is back."""
    one, two = road.centre.one, road.centre.two
    road.broker.kill()
    first, second = road.kiosk(one), road.kiosk(two)
    second.subscribe(topic(one, UP))
    assert first.publish(topic(one, UP), b"offline") == OK
    assert second.next() == ("message", topic(one, UP), b"offline")
    road.broker.start()
    server = road.server()
    server.subscribe(topic(one, UP))
    road.bridged()
    assert server.silent(), "the hub kept nothing: kiosks send again"
    assert first.publish(topic(one, UP), b"again") == OK
    assert server.next() == ("message", topic(one, UP), b"again")


def test_killed_hub_forgets_everything_and_carries_on(road):
    """F53: no persistence, no session."""
    road.hub.kill()
    road.hub.start()
    road.bridged()
