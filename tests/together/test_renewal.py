"""F58: a kiosk's certificate near its end is renewed over its connection, one long over at the door; no record is lost."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select

from kiosk import enrolment
from kiosk.outcome import Fact, Outcome
from provisioning.broker import Broker
from provisioning.stage import free_port, wait_until
from server import app as server_app
from server import boxes, fleet, pki, reference
from server.config import Config
from server.ledger.ledger import Ledger
from server.ledger.tables import RECORD
from tests.kiosk.whole import NAME, SHARD, SITE, Whole

pytestmark = [pytest.mark.integration, pytest.mark.timeout(120)]
WAIT_S = 40
DAY_MS = 86_400_000


class Province:
    """One kiosk, a real broker, the centre's ingest and door."""

    def __init__(self, folder: Path) -> None:
        self.whole = Whole(folder / "kiosk", broker_port=free_port())
        self.whole.settings["printer"] = "none"
        self.kit = Path(str(self.whole.settings["kit"]))
        port = int(enrolment_port(self.kit))
        self.config = Config(
            folder=folder / "server", keys=self.whole.keys, broker_port=port, desk="centre", door_port=free_port(),
            demo_clock=str(self.whole.clock),
        )  # fmt: skip
        # As a kit has it that was made by a QR.
        with (self.kit / "enrolment.toml").open("a") as file:
            file.write(f'door_host = "127.0.0.1"\ndoor_port = {self.config.door_port}\nhardware = ""\n')
        self.broker = Broker(self.whole.keys, writers=[self.whole.writer], port=port)
        self.ledger: Ledger

    def certificate(self, *, now: datetime, validity: timedelta) -> None:
        """Another certificate for the same key, as time would have made of it."""
        key = enrolment._key(self.kit / "client.key")
        name = self.whole.writer.identity
        made = pki.Authority(self.whole.keys).certify(key.public_key(), name=name, validity=validity, now=now)
        (self.kit / "client.pem").write_bytes(made)

    def write(self, count: int) -> None:
        """So many acts at the kiosk."""
        desk = self.desk
        fact = Outcome(facts=(Fact("staff.signed_in", {"station": "reception"}),))
        for _ in range(count):
            assert desk.call(lambda: desk.take(fact))

    @property
    def desk(self):
        return self.whole.kiosk._desk

    def arrived(self) -> bool:
        """Is every record of the kiosk in the ledger?"""

        def same() -> bool:
            with self.ledger.db.read() as conn:
                held = conn.execute(select(func.count()).where(RECORD.c.k == NAME)).scalar_one()
            return held == self.desk.log.seq == self.desk.committed

        return wait_until(same, timeout_s=WAIT_S)

    def renewed(self) -> bool:
        """Does the kit hold a certificate for years?"""
        years = int(datetime.now(UTC).timestamp() * 1000) + 365 * DAY_MS
        return wait_until(lambda: enrolment.certificate_until(self.kit) > years, timeout_s=WAIT_S)


def enrolment_port(kit: Path) -> str:
    lines = (kit / "enrolment.toml").read_text("ascii").splitlines()
    return next(line.partition(" = ")[2] for line in lines if line.startswith("broker_port"))


@pytest.fixture
def province(tmp_path: Path) -> Iterator[Province]:
    made = Province(tmp_path)
    clock = server_app.make_clock(made.config)
    db = server_app.start_db(made.config)
    ledger = made.ledger = server_app.start_ledger(made.config, db=db, clock=clock)
    site = {"site": SITE, "shard": SHARD, "name": "Trạm y tế Trảng Dài", "address": "", "hotline": "", "unit": "25993"}
    with db.write() as conn:
        reference.put_site(conn, site)
        pem = made.whole.writer.public_key_pem
        ledger.enrol(conn, k=NAME, shard=SHARD, site=SITE, public_key=pem, now=clock.wall_ms())
    with made.broker:
        door = server_app.start_door(made.config, ledger=ledger, clock=clock)
        ingest = server_app.start_ingest(made.config, ledger=ledger, clock=clock)
        try:
            assert ingest.connected.wait(WAIT_S)
            yield made
        finally:
            made.whole.stop()
            ingest.stop()
            door.stop()
            db.close()


def test_a_certificate_is_renewed_over_the_connection_and_one_long_over_at_the_door(province: Province):
    now = datetime.now(UTC)
    province.certificate(now=now, validity=timedelta(hours=6))
    province.whole.start()
    province.write(5)
    assert province.renewed()
    with province.ledger.db.read() as conn:
        box = boxes.one(conn, NAME)
    assert (box["certificate_until"], box["renewed_at"] is None) == (enrolment.certificate_until(province.kit), False)
    # It changes over at its next connection.
    province.broker.restart()
    province.write(5)
    assert province.arrived()
    assert f"as {province.whole.writer.identity}" in province.broker.log.read_text("utf-8")

    # Months in a cupboard: what it recorded last is still unsent, and its certificate is over.
    province.whole.stop()
    province.broker.stop()
    province.certificate(now=now - timedelta(hours=2), validity=timedelta(hours=1))
    province.whole.start()
    province.write(20)
    province.broker.start()
    assert province.renewed()
    assert province.arrived()
    with province.ledger.db.read() as conn:
        assert fleet.quarantine(conn) == []
        assert boxes.turned_away(conn) == []
