"""A kiosk's card is copied; original and copy work offline under one name, then both find the centre (I1, I4, F44, F77)."""

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from provisioning.crew import Crew, History
from provisioning.crowd import crowd
from provisioning.hands import Hands
from provisioning.small_province import SmallProvince, Station
from provisioning.stage import free_port, wait_until

pytestmark = [pytest.mark.integration, pytest.mark.timeout(280)]
WAIT_S = 60


def outbox(province: SmallProvince, station: Station) -> dict[str, object]:
    return province.account(station)


def drained(province: SmallProvince, station: Station) -> bool:
    return wait_until(lambda: outbox(province, station)["waiting"] == 0, timeout_s=WAIT_S)


def begun_anew(province: SmallProvince, station: Station, inc: object) -> bool:
    return wait_until(lambda: outbox(province, station)["inc"] != inc, timeout_s=WAIT_S)


def asked(province: SmallProvince, question: str) -> int:
    with closing(sqlite3.connect(province.folder / "server" / "tram.db")) as ledger:
        return int(ledger.execute(question).fetchone()[0])


def copied(station: Station) -> Station:
    """The same card, in another machine."""
    folder = station.folder.with_name("copy-of-" + station.name)
    shutil.copytree(station.folder, folder)
    port = free_port()
    said = station.settings.read_text("utf-8").replace(str(station.folder), str(folder))
    lines = [f"screen_port = {port}" if line.startswith("screen_port") else line for line in said.splitlines()]
    settings = folder / "kiosk.toml"
    settings.write_text("\n".join(lines) + "\n", "utf-8")
    return Station(name=folder.name, url=f"http://127.0.0.1:{port}/", settings=settings, folder=folder)


def test_a_cloned_card_loses_nothing_of_either(tmp_path: Path) -> None:
    people = crowd(5, seed=77)
    with SmallProvince(tmp_path / "province", kiosks=1, speed=600, early=True) as province:
        original = province.stations[0]
        histories = []

        def serve(station: Station, citizens: list, *, offline: bool) -> None:
            if offline:
                Hands(station.url).pull("network", "pulled")
            history = History()
            histories.append(history)
            Crew(station, citizens, history).work()
            assert len(history.confirmed) == 4 * len(citizens)

        assert wait_until(lambda: "[lists]" in lists_of(original), timeout_s=WAIT_S)
        serve(original, people[:1], offline=False)
        assert drained(province, original)
        before = outbox(province, original)["inc"]
        province.stop_kiosk(original)
        clone = copied(original)
        province.start_kiosk(original)
        serve(original, people[1:3], offline=True)
        province.stop_kiosk(original)
        # The copy is the first to meet the centre: it takes the names, and nobody can know yet.
        province.start_kiosk(clone)
        serve(clone, people[3:], offline=True)
        Hands(clone.url).pull("network", "plugged")
        assert drained(province, clone)
        assert outbox(province, clone)["inc"] == before
        province.stop_kiosk(clone)
        province.start_kiosk(original)
        assert begun_anew(province, original, before)
        assert drained(province, original), "the old log's records are known to be there, so the count is true"
        province.stop_kiosk(original)
        province.start_kiosk(clone)
        assert begun_anew(province, clone, before)
        assert drained(province, clone)
        first, second = outbox(province, original)["inc"], outbox(province, clone)["inc"]
        assert len({before, first, second}) == 3
        assert asked(province, "SELECT count(*) FROM fork") > 0
        begun = (
            "SELECT count(DISTINCT inc) FROM record WHERE kind = 'log.opened' AND CAST(line AS TEXT) LIKE '%cloned%'"
        )
        assert asked(province, begun) + asked(province, begun.replace("cloned", "restored")) == 2
        assert asked(province, "SELECT count(*) FROM vaccination WHERE status = 'given'") == len(people)
        assert asked(province, "SELECT count(DISTINCT person) FROM vaccination") == len(people)
        assert asked(province, "SELECT count(*) FROM visit WHERE left_at IS NOT NULL") == len(people)
        assert asked(province, "SELECT sum(n) FROM counter WHERE name = 'doses'") == len(people)
        assert "DIFFERS" not in province.command("rebuild", "--check")


def lists_of(station: Station) -> str:
    return "[lists]" if "Trảng Dài" in Hands(station.url).whole() else ""
