"""A kiosk behind its site's hub: centre away, hub killed, hub back. Nothing is lost, nothing twice (F45, F53, I1, I3)."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from kiosk.outcome import Fact, Outcome
from provisioning.broker import Broker
from provisioning.hub import SiteHub
from provisioning.stage import free_port, wait_until
from server.hubs import enrol_hub
from tests.kiosk.small_centre import SmallCentre
from tests.kiosk.whole import SHARD, SITE, Whole

pytestmark = [pytest.mark.integration, pytest.mark.timeout(120)]
WAIT_S = 40


class Behind:
    """Kiosk, hub, the centre's broker, a small centre. `direct`: the kiosk knows the centre's address too."""

    def __init__(self, folder: Path, *, direct: bool) -> None:
        port = free_port()
        self.whole = Whole(folder, broker_port=port)
        self.whole.settings["printer"] = "none"
        keys = self.whole.keys
        hub = enrol_hub(keys, name="hub-01", shard=SHARD, site=SITE, hosts=("127.0.0.1",), now=datetime.now(UTC))
        self.broker = Broker(keys, writers=[self.whole.writer], port=port)
        self.hub = SiteHub(keys, hub, centre=("localhost", port), writers=[self.whole.writer], port=free_port())
        self.whole.settings["brokers"] = f"127.0.0.1:{self.hub.port}" + (f" 127.0.0.1:{port}" if direct else "")
        self.centre = SmallCentre(keys, port=port, shard=SHARD, site=SITE)

    @property
    def desk(self):
        return self.whole.kiosk._desk

    @property
    def cables(self):
        return self.whole.bench._cables

    def write(self, count: int) -> None:
        fact = Outcome(facts=(Fact("staff.signed_in", {"station": "reception"}),))
        for _ in range(count):
            assert self.desk.call(lambda: self.desk.take(fact))

    def safe(self) -> bool:
        return wait_until(
            lambda: self.desk.committed == self.desk.log.seq == self.centre.held(self.desk.log.inc), timeout_s=WAIT_S
        )


@pytest.fixture
def behind(quick_folder: Path, request: pytest.FixtureRequest) -> Iterator[Behind]:
    made = Behind(quick_folder, direct=request.param)
    with made.broker, made.hub, made.centre:
        made.whole.start()
        assert made.safe()
        yield made
        made.whole.stop()


@pytest.mark.parametrize("behind", [False], indirect=True)
def test_centre_away_and_hub_killed(behind: Behind) -> None:
    """The kiosk knows its hub only, and needs nothing else than its address."""
    behind.write(20)
    assert behind.safe()
    assert behind.cables[0].connections == 1
    behind.broker.kill()
    behind.write(20)
    assert behind.desk.committed < behind.desk.log.seq
    behind.hub.kill()
    behind.write(20)
    assert wait_until(lambda: not behind.desk.online, timeout_s=WAIT_S)
    behind.broker.start()
    behind.hub.start()
    assert behind.safe()
    assert behind.centre.order == sorted(set(behind.centre.order))
    assert [record.line for record in behind.whole.records()] == list(
        behind.centre.ledger[behind.desk.log.inc].values()
    )


@pytest.mark.parametrize("behind", [True], indirect=True)
def test_hub_dead_the_kiosk_goes_direct_and_returns(behind: Behind) -> None:
    hub, centre = behind.cables
    assert (hub.connections, centre.connections) == (1, 0)
    behind.hub.kill()
    behind.write(20)
    assert behind.safe()
    assert wait_until(lambda: (hub.connections, centre.connections) == (0, 1), timeout_s=WAIT_S)
    behind.hub.start()
    assert wait_until(lambda: (hub.connections, centre.connections) == (1, 0), timeout_s=WAIT_S)
    behind.write(20)
    assert behind.safe()
