"""The shipped mosquitto configuration and ACL, on a real mosquitto: who gets in, who may say what to whom."""

import shutil
import socket
import ssl
from dataclasses import replace
from datetime import timedelta

import pytest

from protocol import topics
from provisioning.broker import Broker
from server.door import SUITES, listening
from tests.provisioning.conftest import NOW, make_centre

pytestmark = pytest.mark.integration

OK, NO_SUBSCRIBERS, NOT_AUTHORIZED = 0, 0x10, 0x87


def topic(writer, leaf):
    return topics.writer(writer.shard, writer.site, writer.k, leaf)


def handshake(context, port, *, name="localhost"):
    """Complete TLS and wait for a word: an error's reason, or "silence" when the broker waits for our CONNECT."""
    with socket.create_connection(("127.0.0.1", port), timeout=1) as plain:
        try:
            with context.wrap_socket(plain, server_hostname=name) as secure:
                return "closed" if not secure.recv(1) else "spoke"
        except TimeoutError:
            return "silence"
        except ssl.SSLError as refused:
            return refused.reason


def suite_of(context, port):
    """The suite that TLS 1.2 came to, or why it came to none."""
    with socket.create_connection(("127.0.0.1", port), timeout=10) as plain:
        try:
            with context.wrap_socket(plain, server_hostname="localhost") as secure:
                return secure.cipher()[0]
        except ssl.SSLError as refused:
            return refused.reason


def context_of(kit, *, ca=None):
    context = ssl.create_default_context(cafile=str((ca or kit) / "ca.pem"))
    if kit is not None:
        context.load_cert_chain(kit / "client.pem", kit / "client.key")
    return context


def test_kiosk_writes_its_own_up_and_the_server_hears_it(centre, connect):
    server, kiosk = connect(centre.server), connect(centre.kit(centre.one))
    assert server.subscribe(topics.every(topics.UP)) == 1
    assert kiosk.publish(topic(centre.one, topics.UP), b"record") == OK
    assert server.next() == ("message", topic(centre.one, topics.UP), b"record")


def test_nobody_listening_is_told(centre, connect):
    """F62."""
    kiosk = connect(centre.kit(centre.one))
    assert kiosk.publish(topic(centre.one, topics.UP)) == NO_SUBSCRIBERS


@pytest.mark.parametrize("leaf", [topics.UP, topics.STATE, topics.DOWN, topics.HELD])
def test_writing_for_another_kiosk_is_refused_aloud(centre, connect, leaf):
    """F63, I21."""
    kiosk = connect(centre.kit(centre.one))
    assert kiosk.publish(topic(centre.two, leaf)) == NOT_AUTHORIZED
    assert kiosk.publish(topic(centre.elsewhere, leaf)) == NOT_AUTHORIZED


def test_kiosk_writes_neither_its_down_nor_the_lists(centre, connect):
    kiosk = connect(centre.kit(centre.one))
    assert kiosk.publish(topic(centre.one, topics.DOWN)) == NOT_AUTHORIZED
    assert kiosk.publish(topics.reference(centre.one.shard, centre.one.site)) == NOT_AUTHORIZED
    assert kiosk.publish(topics.reference(centre.one.shard, centre.one.site, "lots")) == NOT_AUTHORIZED


def test_down_is_read_within_the_site_only(centre, connect):
    """Subscribing too widely is granted by this broker, and then nothing is delivered: DECISIONS.md 4."""
    server, two, far = (connect(kit) for kit in (centre.server, centre.kit(centre.two), centre.kit(centre.elsewhere)))
    two.subscribe(topics.neighbours(topics.DOWN, centre.two.shard, centre.two.site))
    far.subscribe(topic(centre.one, topics.DOWN))
    far.subscribe("tram/1/#")
    assert server.publish(topic(centre.one, topics.DOWN), b"ack") == OK
    assert two.next() == ("message", topic(centre.one, topics.DOWN), b"ack")
    assert far.silent()


@pytest.mark.parametrize("leaf", [topics.UP, topics.HELD])
def test_records_of_a_kiosk_are_read_by_its_neighbours_and_at_no_other_site(centre, connect, leaf):
    """Protocol.md, The site without Internet; I21."""
    one, two, far = (connect(centre.kit(writer)) for writer in (centre.one, centre.two, centre.elsewhere))
    two.subscribe(topics.neighbours(leaf, centre.two.shard, centre.two.site))
    far.subscribe(topics.neighbours(leaf, centre.one.shard, centre.one.site))
    far.subscribe("#")
    assert one.publish(topic(centre.one, leaf)) == OK
    assert two.next() == ("message", topic(centre.one, leaf), b"x")
    assert far.silent()


def test_retained_lists_reach_their_site_only(centre, connect):
    server = connect(centre.server)
    manifest = topics.reference(centre.one.shard, centre.one.site)
    server.publish(manifest, b"manifest", retain=True)
    server.publish(f"{manifest}/lots", b"body", retain=True)
    inside, outside = connect(centre.kit(centre.two)), connect(centre.kit(centre.elsewhere))
    inside.subscribe(f"{manifest}/#")
    assert {inside.next(), inside.next()} == {
        ("message", manifest, b"manifest"),
        ("message", f"{manifest}/lots", b"body"),
    }
    outside.subscribe(f"{manifest}/#")
    assert outside.silent()


def test_claims_are_shared_within_a_site(centre, connect):
    claims = f"{topics.ROOT}/{centre.one.shard}/{centre.one.site}/{topics.CLAIMS}"
    one, two, elsewhere = (connect(centre.kit(writer)) for writer in centre.writers)
    two.subscribe(claims)
    assert one.publish(claims) == OK
    assert two.next()[0] == "message"
    assert elsewhere.publish(claims) == NOT_AUTHORIZED


def test_will_is_sent_for_oneself_only(centre, connect):
    """This broker accepts a CONNECT whose will is forbidden, and drops the will when its time comes."""
    server = connect(centre.server)
    server.subscribe(topics.every(topics.STATE))
    connect(centre.kit(centre.one), will=topic(centre.two, topics.STATE)).vanish()
    assert server.silent()
    connect(centre.kit(centre.one), will=topic(centre.one, topics.STATE)).vanish()
    assert server.next() == ("message", topic(centre.one, topics.STATE), b"gone")


def test_client_id_is_the_certificate_not_a_wish(centre, connect):
    """Or any enrolled kiosk could end another's connection, the server's even, by taking its id."""
    server = connect(centre.server)
    connect(centre.kit(centre.one), client_id="server")
    server.subscribe(topics.every(topics.UP))
    assert server.silent()


def test_cloned_kiosk_ends_the_older_connection(centre, connect, broker):
    """F64. mosquitto 2.0.11 sends no 0x8E over TLS: the end is bare, and only the broker's log names it."""
    first = connect(centre.kit(centre.one))
    connect(centre.kit(centre.one))
    assert first.next() == ("disconnected",)
    assert f"Client {centre.one.identity} already connected" in broker.log.read_text("utf-8")


def test_limits_are_told_at_connect(centre, connect):
    """F48, F56: what the kiosk must know to stay within them."""
    announced = connect(centre.kit(centre.one)).announced
    assert (announced.ReceiveMaximum, announced.ServerKeepAlive, announced.MaximumPacketSize) == (500, 30, 2097152)


def test_no_certificate_is_refused(centre, broker):
    context = context_of(None, ca=centre.server)
    assert handshake(context, broker.port) == "TLSV13_ALERT_CERTIFICATE_REQUIRED"


def test_certificate_of_another_authority_is_refused(centre, broker, tmp_path):
    stranger = make_centre(tmp_path)
    context = context_of(stranger.kit(stranger.one), ca=centre.server)
    assert handshake(context, broker.port) == "TLSV1_ALERT_UNKNOWN_CA"


def test_expired_certificate_is_refused(tmp_path):
    """F58."""
    old = make_centre(tmp_path, now=NOW - timedelta(days=40), validity=timedelta(days=30))
    with Broker(old.folder, writers=old.writers) as broker:
        assert handshake(context_of(old.kit(old.one)), broker.port) == "SSLV3_ALERT_CERTIFICATE_EXPIRED"


def test_plain_text_is_refused(broker):
    with socket.create_connection(("127.0.0.1", broker.port), timeout=2) as plain:
        plain.sendall(bytes.fromhex("101100044d5154540502003c000004") + b"kio1")
        try:
            answer = plain.recv(100)
        except ConnectionResetError:
            answer = b""
    assert answer == b""


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
def test_tls_1_2_is_the_lowest_and_1_3_works(centre, broker, version):
    """That nothing older works is OpenSSL's own default here, so the configuration has to say it, not rely on it."""
    context = context_of(centre.kit(centre.one))
    context.minimum_version = context.maximum_version = version
    assert suite_of(context, broker.port).startswith("TLS_" if version == ssl.TLSVersion.TLSv1_3 else "ECDHE-ECDSA-")
    assert "tls_version tlsv1.2" in (broker.place / "mosquitto.conf").read_text("ascii").splitlines()


def test_strong_suites_only_and_the_same_at_the_door(centre, broker):
    """ASVS 12.1.2: each named suite works, and nothing without fresh keys or with separate authentication does."""
    text = (broker.place / "mosquitto.conf").read_text("ascii")
    assert f"\nciphers {SUITES}\n" in text
    for suites, said in (
        *((suite, suite) for suite in SUITES.split(":")),
        ("ECDHE-ECDSA-AES128-SHA256:ECDHE-ECDSA-AES256-SHA:ECDHE-ECDSA-AES128-CCM8", "SSLV3_ALERT_HANDSHAKE_FAILURE"),
        ("AES256-GCM-SHA384:AES128-SHA", "SSLV3_ALERT_HANDSHAKE_FAILURE"),
    ):
        context = context_of(centre.kit(centre.one))
        context.maximum_version = ssl.TLSVersion.TLSv1_2
        context.set_ciphers(suites)
        assert suite_of(context, broker.port) == said, suites
    door = listening(centre.folder / "broker")
    known = {each["name"] for each in door.get_ciphers()}
    assert known - {"TLS_AES_256_GCM_SHA384", "TLS_CHACHA20_POLY1305_SHA256", "TLS_AES_128_GCM_SHA256"} == set(
        SUITES.split(":")
    )
    assert door.minimum_version == ssl.TLSVersion.TLSv1_2


def test_kiosk_refuses_a_broker_of_another_authority(centre, broker, tmp_path):
    """F61."""
    stranger = make_centre(tmp_path)
    context = context_of(centre.kit(centre.one), ca=stranger.server)
    assert handshake(context, broker.port) == "CERTIFICATE_VERIFY_FAILED"


def test_kiosk_keys_cannot_play_the_broker(tmp_path):
    """A stolen kiosk must not be able to stand in the middle."""
    made = make_centre(tmp_path)
    for stem in ("pem", "key"):
        shutil.copy(made.kit(made.one) / f"client.{stem}", made.folder / "broker" / f"broker.{stem}")
    with Broker(made.folder, writers=made.writers) as broker:
        context = context_of(made.kit(made.two))
        context.check_hostname = False
        assert handshake(context, broker.port) == "CERTIFICATE_VERIFY_FAILED"


def test_enrolled_but_unlisted_may_do_nothing_until_the_reload(centre, connect, broker):
    broker.reload_acl((centre.one,))
    kiosk = connect(centre.kit(centre.two))
    assert kiosk.publish(topic(centre.two, topics.UP)) == NOT_AUTHORIZED
    # At once one after the other: the broker forgets a signal that comes while it still reads.
    for writers in (centre.writers, (centre.one,), centre.writers):
        broker.reload_acl(writers)
    assert kiosk.publish(topic(centre.two, topics.UP)) == NO_SUBSCRIBERS


def test_revoked_kiosk_is_refused_on_its_open_connection(centre, connect, broker):
    """F105."""
    server, kiosk = connect(centre.server), connect(centre.kit(centre.one))
    kiosk.subscribe(topic(centre.one, topics.DOWN))
    broker.reload_acl((replace(centre.one, revoked_at=1), centre.two))
    assert kiosk.publish(topic(centre.one, topics.UP)) == NOT_AUTHORIZED
    server.publish(topic(centre.one, topics.DOWN))
    assert kiosk.silent()


def test_killed_broker_comes_back_on_its_port_and_remembers_nothing(centre, connect, broker):
    """F53: retained messages too are gone, so the server publishes its manifests at every connect."""
    server, kiosk = connect(centre.server), connect(centre.kit(centre.one))
    manifest = topics.reference(centre.one.shard, centre.one.site)
    server.publish(manifest, b"manifest", retain=True)
    port = broker.port
    broker.kill()
    assert kiosk.next() == ("disconnected",)
    broker.restart()
    assert broker.port == port
    again = connect(centre.kit(centre.one))
    again.subscribe(manifest)
    assert again.silent()


def test_broker_stays_its_user_and_leaves_no_open_key(centre, broker):
    assert {path.stat().st_mode & 0o777 for path in broker.place.iterdir()} == {0o600}
