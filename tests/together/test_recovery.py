"""A kiosk burns before it found the centre; the paper it printed gives the dose back at another kiosk, by its real QR code (I1, I12)."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
import zxingcpp
from PIL import Image

from protocol import slip_code
from provisioning.crew import Crew, History
from provisioning.crowd import crowd
from provisioning.hands import Hands
from provisioning.small_province import SmallProvince
from provisioning.stage import wait_until

pytestmark = [pytest.mark.integration, pytest.mark.timeout(240)]
WAIT_S = 60


def printed_code(folder: Path) -> str:
    """The code of a result slip among the pictures that came out of the printer."""
    for picture in sorted(folder.glob("*.png")):
        with Image.open(picture) as image:
            for found in zxingcpp.read_barcodes(image.convert("L")):
                if found.text.startswith("TRAM1:"):
                    return str(found.text)
    return ""


def test_paper_outlives_its_kiosk(tmp_path: Path) -> None:
    (citizen,) = crowd(1, seed=31)
    with SmallProvince(tmp_path / "province", kiosks=2, speed=600, early=True) as province:
        burnt, other = province.stations

        def asked(question: str) -> list[tuple]:
            with closing(sqlite3.connect(province.folder / "server" / "tram.db")) as ledger:
                return ledger.execute(question).fetchall()

        for station in province.stations:
            assert wait_until(lambda station=station: "Trảng Dài" in Hands(station.url).whole(), timeout_s=WAIT_S)
        Hands(burnt.url).pull("network", "pulled")
        Crew(burnt, [citizen], History()).work()
        assert wait_until(lambda: printed_code(burnt.folder / "slips") != "", timeout_s=WAIT_S)
        code = printed_code(burnt.folder / "slips")
        province.kill_kiosk(burnt)
        for file in burnt.folder.glob("kiosk.db*"):
            file.unlink()
        assert asked("SELECT count(*) FROM vaccination") == [(0,)]
        crew = Crew(other, [], History())
        crew._sign_in("injector", "injection")
        hands = Hands(other.url)

        def shown() -> bool:
            hands.pull("scan", code)
            return hands.wait_for("recovery", timeout_s=5).screen == "recovery"

        assert wait_until(shown, timeout_s=WAIT_S)
        assert hands.touch("recover").screen == "queue"
        assert wait_until(lambda: asked("SELECT count(*) FROM vaccination") == [(1,)], timeout_s=WAIT_S)
        value = slip_code.decode(code)[0]
        rows = asked("SELECT person, lot, vaccine, dose_no, given_at, slip, status FROM vaccination")
        assert rows == [(value["p"], value["l"], value["v"], value["d"], value["t"], value["s"], "given")]
        assert asked("SELECT count(*) FROM certificate WHERE standing") == [(1,)]
        assert "DIFFERS" not in province.command("rebuild", "--check")
