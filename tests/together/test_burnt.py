"""A kiosk burns with a dose that never left the site; its neighbour brings it to the centre (I1, F31, F33, protocol.md flow 5 and 6)."""

import shutil
import sqlite3
import tomllib
from contextlib import closing
from pathlib import Path

import pytest

from provisioning.crew import Crew, History
from provisioning.crowd import crowd
from provisioning.hands import Hands
from provisioning.small_province import SEED, SmallProvince, Station
from provisioning.stage import wait_until

pytestmark = [pytest.mark.integration, pytest.mark.timeout(240)]
WAIT_S = 90


def asked(province: SmallProvince, question: str) -> int:
    with closing(sqlite3.connect(province.folder / "server" / "tram.db")) as ledger:
        return int(ledger.execute(question).fetchone()[0])


def shown(station: Station, words: str) -> bool:
    return wait_until(lambda: words in Hands(station.url).whole(), timeout_s=WAIT_S)


def sent(province: SmallProvince, station: Station) -> bool:
    def empty() -> bool:
        return province.account(station)["waiting"] == 0

    return wait_until(empty, timeout_s=WAIT_S)


def to_neighbours(station: Station) -> Hands:
    """The site's lead signs in and opens the list of the other kiosks."""
    lead = next(one for one in tomllib.loads(SEED.read_text("utf-8"))["staff"] if one["role"] == "lead")
    hands = Hands(station.url)
    hands.touch("staff")
    hands.touch("sign_in", code=lead["code"], pin=lead["pin"])
    hands.touch("station", station="screening")
    hands.touch("neighbours")
    return hands


def test_a_burnt_kiosks_dose_is_brought_by_its_neighbour(tmp_path: Path) -> None:
    with SmallProvince(tmp_path / "province", kiosks=2, speed=600, early=True) as province:
        burnt, alive = province.stations
        assert all(shown(station, "Trảng Dài") for station in province.stations)
        assert sent(province, burnt)
        assert sent(province, alive)
        province.stop_server()
        history = History()
        Crew(burnt, crowd(1, seed=31), history).work()
        assert len(history.confirmed) == 4
        # ✔✔: the screen of the kiosk that is about to burn says that another box holds it, and that box has said so.
        assert shown(burnt, "đã lưu ở 2 máy")
        province.kill_kiosk(burnt)
        shutil.rmtree(burnt.folder)
        # What the broker had queued for the centre goes with it: durability is at the two ends only.
        province._broker.kill()
        province._broker.start()
        province.start_server()
        assert sent(province, alive)
        assert asked(province, "SELECT count(*) FROM vaccination") == 0
        hands = to_neighbours(alive)
        assert wait_until(lambda: "kiosk-01" in hands.look().text, timeout_s=WAIT_S)
        hands.touch("carry", k="kiosk-01")
        dose = "SELECT count(*) FROM vaccination WHERE status = 'given'"
        assert wait_until(lambda: asked(province, dose) == 1, timeout_s=WAIT_S)
        left = "SELECT count(*) FROM visit WHERE left_at IS NOT NULL"
        assert wait_until(lambda: asked(province, left) == 1, timeout_s=WAIT_S)
        assert asked(province, "SELECT count(*) FROM quarantine") == 0
        assert asked(province, "SELECT count(*) FROM fork") == 0
        # The centre's acknowledgement of the dead log reaches its carrier, whose screen then says so.
        assert shown(alive, "đã về trung tâm")
        assert wait_until(lambda: "chưa chắc đã về trung tâm" not in hands.look().text, timeout_s=WAIT_S)
        assert "DIFFERS" not in province.command("rebuild", "--check")
