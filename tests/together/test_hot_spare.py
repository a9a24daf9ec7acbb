"""No Internet, a kiosk burns, its spare takes its place from the neighbour and serves its people (I1, F31, F33, F46)."""

from pathlib import Path

import pytest

from provisioning.account import account, arrived
from provisioning.crew import Crew, History
from provisioning.crowd import crowd
from provisioning.day import await_lists
from provisioning.hands import Hands
from provisioning.misfortunes import ON_TWO, take_place
from provisioning.small_province import SmallProvince
from provisioning.stage import wait_until

pytestmark = [pytest.mark.integration, pytest.mark.timeout(240)]
WAIT_S = 90


class AtTheDoor(Crew):
    """Checks people in; who comes after noon finds another kiosk."""

    def come(self) -> None:
        for citizen in self._people:
            self._check_in(citizen)

    def serve(self, hands: Hands) -> None:
        self.hands = hands
        for work in (self._screen_all, self._dose_all, self._release_all):
            self._again(work)


def test_a_spare_serves_the_people_of_a_burnt_kiosk_without_internet(tmp_path: Path) -> None:
    with SmallProvince(tmp_path / "province", kiosks=2, speed=600, early=True, hub=True, spares=1) as province:
        burnt, alive = province.stations
        for station in province.stations:
            await_lists(Hands(station.url))
        province.cut_off()
        history = History()
        crew = AtTheDoor(burnt, crowd(1, seed=33), history)
        crew.come()
        assert wait_until(lambda: ON_TWO in Hands(burnt.url).whole(), timeout_s=WAIT_S)
        assert wait_until(lambda: province.account(burnt)["printing"] == 0, timeout_s=WAIT_S)
        province.burn(burnt)
        (spare,) = province.spares
        province.start_kiosk(spare)
        await_lists(Hands(spare.url))
        take_place(Hands(spare.url), burnt.name)
        crew.serve(Hands(spare.url))
        assert len(history.confirmed) == 4
        province.reconnect()
        assert wait_until(lambda: arrived(province, history), timeout_s=WAIT_S)
        told = account(province, history)
        assert (told["lost"], told["doubled"], told["unseen"]) == (0, 0, 0)
        assert province.account(alive)["quarantined"] == 0
