"""F63, F58: whom a real broker turned away stands on the console's pages: which one, what it tried, how often, when."""

import time
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from protocol import topics
from provisioning.broker import Broker
from provisioning.stage import wait_until
from server import pki, reference
from server.broker_watch import BrokerWatch
from server.db import upsert
from tests.provisioning.conftest import NOW, SHARD, Client, make_centre
from tests.provisioning.test_broker import context_of, handshake
from tests.server.web_office import WebOffice

pytestmark = [pytest.mark.integration, pytest.mark.timeout(120)]
WAIT_S = 30.0
PLACES = {"yen-minh-01": "Trạm y tế Yên Minh", "dong-van-01": "Trạm y tế Đồng Văn"}


@pytest.fixture
def office(db):
    made = WebOffice(db)
    with made.db.write() as conn:
        for site, name in PLACES.items():
            row = {"site": site, "shard": SHARD, "name": name, "address": "", "hotline": "", "unit": "25993"}
            upsert(conn, reference.SITE, [row])
    return made


def handshakes_refused(broker: Broker) -> int:
    """Each by one of two lines: the second when all of the client's hello was there before the broker looked."""
    text = broker.log.read_text("utf-8")
    return text.count("OpenSSL Error") + text.count("Client connection from ")


def test_each_refusal_is_seen_on_the_page_of_kiosks(office: WebOffice, tmp_path: Path):
    centre = make_centre(tmp_path)
    with office.db.write() as conn:
        for one in centre.writers:
            office.ledger.enrol(conn, k=one.k, shard=one.shard, site=one.site, public_key=one.public_key_pem, now=1)
    stranger = make_centre(tmp_path / "stranger")
    one, two, elsewhere = centre.writers
    unlisted = replace(two, revoked_at=1)
    with Broker(centre.folder, writers=[one, unlisted, elsewhere]) as broker:
        clients = [Client(centre.kit(writer), broker.port) for writer in (one, two)]
        try:
            for client in clients:
                assert client.next(WAIT_S) == ("connected", 0)
            clients[0].publish(topics.writer(two.shard, two.site, two.k, topics.UP))
            clients[0].publish(topics.writer(elsewhere.shard, elsewhere.site, elsewhere.k, topics.UP))
            clients[0].subscribe("tram/1/#")
            clients[1].publish(topics.writer(two.shard, two.site, two.k, topics.UP))
        finally:
            for client in clients:
                client.close()
        authority = pki.Authority(centre.folder)
        old = tmp_path / "old"
        authority.issue(
            old, stem="client", name=one.identity, validity=timedelta(hours=1), now=NOW - timedelta(hours=2)
        )
        for context in (
            context_of(None, ca=centre.server),
            context_of(stranger.kit(one), ca=centre.server),
            context_of(old, ca=centre.server),
        ):
            assert handshake(context, broker.port) not in ("silence", "spoke")
        assert wait_until(lambda: handshakes_refused(broker) >= 3, timeout_s=WAIT_S), broker.log.read_text("utf-8")
        watch = BrokerWatch(db=office.db, clock=office.clock, path=broker.log)
        begun = time.monotonic()
        while watch.step() and time.monotonic() - begun < WAIT_S:
            pass
        watch.close()

    page = office.browser("admin").get("/console/kiosks").text
    for words in (
        "kiosk-01: ghi tin dưới tên kiosk khác", "kiosk-01: gửi tin sang điểm tiêm khác",
        "kiosk-01: muốn nghe tin ngoài điểm tiêm của mình", "kiosk-02: bị máy chủ tin từ chối",
        "127.0.0.1: kết nối không có chứng thư", "127.0.0.1: chứng thư không được chấp nhận",
        f"tram/1/{SHARD}/dong-van-01/kiosk-03/up", "từ địa chỉ này trước đây có kiosk-01 kiosk-02",
    ):  # fmt: skip
        assert words in page, words
    own = office.browser("manager").get("/console/kiosks/of/kiosk-01?lang=en").text
    assert "kiosk-01: wrote to another site" in own
    assert "came without a certificate" in own, "from the same address"
    assert "not admitted by the broker" not in own
