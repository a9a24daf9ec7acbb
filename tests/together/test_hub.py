"""A site behind its own hub, everything a process: the centre goes, the hub is killed, both return (I1, I3, F45, F53)."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from provisioning.crew import Crew, History
from provisioning.crowd import crowd
from provisioning.hands import Hands
from provisioning.small_province import SmallProvince, Station
from provisioning.stage import wait_until

pytestmark = [pytest.mark.integration, pytest.mark.timeout(240)]
WAIT_S = 90


def asked(province: SmallProvince, question: str) -> int:
    with closing(sqlite3.connect(province.folder / "server" / "tram.db")) as ledger:
        return int(ledger.execute(question).fetchone()[0])


def drained(province: SmallProvince, station: Station) -> bool:
    def empty() -> bool:
        return province.account(station)["waiting"] == 0

    return wait_until(empty, timeout_s=WAIT_S)


def test_centre_away_then_the_hub_killed_then_both_back(tmp_path: Path) -> None:
    people = crowd(3, seed=45)
    with SmallProvince(tmp_path / "province", kiosks=2, speed=600, early=True, hub=True) as province:
        one, two = province.stations
        histories = []

        def serve(station: Station, citizens: list) -> None:
            history = History()
            histories.append(history)
            Crew(station, citizens, history).work()

        def listed(station: Station) -> bool:
            return "Trảng Dài" in Hands(station.url).whole()

        assert wait_until(lambda: listed(one) and listed(two), timeout_s=WAIT_S), "the lists came through the hub"
        serve(one, people[:1])
        assert drained(province, one)
        province._broker.kill()
        serve(two, people[1:2])
        province.hub.kill()
        serve(one, people[2:])
        province.hub.start()
        province._broker.start()
        assert drained(province, one)
        assert drained(province, two)
        # By each crew for itself: on a slow machine midnight passes between them, and tickets begin at 001 again.
        for what in ("checked_in", "screened", "dosed"):
            assert sum(what == fact for history in histories for fact, _ticket in history.confirmed) == len(people), (
                what
            )
        assert asked(province, "SELECT count(*) FROM vaccination WHERE status = 'given'") == len(people)
        assert asked(province, "SELECT count(DISTINCT person) FROM vaccination") == len(people)
        assert asked(province, "SELECT count(*) FROM visit WHERE left_at IS NOT NULL") == len(people)
        assert asked(province, "SELECT count(*) FROM quarantine") == 0
        assert asked(province, "SELECT count(*) FROM fork") == 0
