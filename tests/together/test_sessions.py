"""A planned session arrives at the kiosk of its site over a real broker, with the stop of a lot, before the first dose (issue 5)."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from protocol.clocktext import time_of
from provisioning.broker import Broker
from provisioning.hands import healthy
from provisioning.stage import free_port, wait_until
from server import app as server_app
from server import commands, reference
from server.clock import DemoClock
from server.config import Config
from server.ledger.ledger import Ledger
from server.sessions import tables
from server.sessions.judging import Candidate, Choice
from server.sessions.keeping import Keeper, Telling, choice_of
from tests.kiosk.made import LISTS, MORNING
from tests.kiosk.whole import NAME, SHARD, SITE, Whole

pytestmark = [pytest.mark.integration, pytest.mark.timeout(120)]
WAIT_S = 60
DAY_MS = 86_400_000
LOT, PERSON = "ABV001", "cccd:075079001234"


@dataclass
class Province:
    """A kiosk that is switched off, a broker, and a server that goes on."""

    whole: Whole
    ledger: Ledger

    def at(self, wall: int) -> None:
        """It is this moment (UTC ms) for everybody."""
        told = json.loads(self.whole.clock.read_text("utf-8"))
        now = DemoClock(self.whole.clock).wall_ms()
        self.whole.set_clock(wall=told["wall"] + wall - now)

    @property
    def desk(self):
        return self.whole.kiosk._desk


@pytest.fixture
def province(tmp_path: Path) -> Iterator[Province]:
    port = free_port()
    whole = Whole(tmp_path / "kiosk", broker_port=port)
    config = Config(
        folder=tmp_path / "server", keys=whole.keys, broker_port=port, desk="centre", reference_every_s=1,
        demo_clock=str(whole.clock),
    )  # fmt: skip
    with Broker(whole.keys, writers=[whole.writer], port=port):
        clock = server_app.make_clock(config)
        db = server_app.start_db(config)
        ledger = server_app.start_ledger(config, db=db, clock=clock)
        ledger.db.transact(lambda conn: begin(ledger, conn, whole))
        ingest = server_app.start_ingest(config, ledger=ledger, clock=clock)
        try:
            assert ingest.connected.wait(WAIT_S)
            yield Province(whole, ledger)
        finally:
            whole.stop()
            ingest.stop()
            db.close()


def begin(ledger, conn, whole) -> None:
    """The site as the centre knows it: its kiosk, staff, one lot, one person on the list of recipients."""
    site = {"site": SITE, "shard": SHARD, "name": "Trạm y tế Trảng Dài", "address": "", "hotline": "", "unit": "25993"}
    reference.put_site(conn, site)
    pem = whole.writer.public_key_pem
    ledger.enrol(conn, k=NAME, shard=SHARD, site=SITE, public_key=pem, now=MORNING)
    for person in LISTS["staff"]["items"]:
        reference.put_item(conn, site=SITE, list_name=reference.STAFF, key=person["id"], value=person)
    lot = {"receipt": "r-1", "vaccine": "AZ", "lot": LOT, "expiry": "2022-01-31", "place": SITE, "vials": 10}
    ledger.append(conn, "stock.received", {**lot, "doses_per_vial": 10, "document": ""}, who="kho", now=MORNING)


def planned(province: Province, *, now: int) -> dict:
    """A session of the third day, one person invited; gives the appointment."""
    one = Candidate(person=PERSON, name="Nguyễn Văn An", dob="1979-04-14", sex="M", phone="0901234567")
    keep = Keeper(
        ledger=province.ledger, candidates=lambda *_what: [one], facts=reference.read_data("vaccines"),
        say=lambda template, values: template + values["hhmm"], day_offset_min=420,
    )  # fmt: skip
    wanted = {
        "session": "ss-1", "site": SITE, "day": "2021-10-06", "vaccine": "AZ", "hours": [(9, 20)], "choice": choice_of(Choice()),
    }  # fmt: skip

    def work(conn):
        keep.save(
            conn, wanted, keep.judge(conn, wanted), version=0, telling=Telling(by="m", now=now, today="2021-10-04")
        )
        keep.invite(conn, "ss-1", by="m", now=now, today="2021-10-04")
        return tables.appointments(conn, "ss-1")[0]

    return province.ledger.transact(work)


def test_a_kiosk_away_for_three_days_expects_its_people_and_refuses_the_stopped_lot(province: Province) -> None:
    """F81: what it holds is three days old and allows the lot; its first dose is judged by what the centre says now."""
    whole = province.whole
    province.at(MORNING + DAY_MS)
    appointment = planned(province, now=MORNING + DAY_MS)

    def stop(conn):
        reference.put_item(conn, site=SITE, list_name=reference.STOPPED_LOTS, key=LOT, value={"lot": LOT})
        commands.issue(province.ledger, conn, ks=[NAME], what="stop_lot", by="m", now=MORNING + DAY_MS, about=LOT)

    province.ledger.transact(stop)
    province.at(MORNING + 3 * DAY_MS)
    whole.start(LISTS)
    assert not any(one["stopped"] for one in LISTS["lots"]["items"] if one["lot"] == LOT)

    def expected() -> bool:
        return any(one["at"] == appointment["at"] for one in province.desk.lists.appointments)

    assert wait_until(expected, timeout_s=WAIT_S)
    whole.home()
    whole.hands.pull("scan", "075079001234|271234567|Nguyễn Văn An|14041979|Nam|Trảng Dài|25062021")
    page = whole.hands.wait_for("confirm")
    assert f"{time_of(appointment['at'])} · AstraZeneca" in page.text
    whole.hands.touch("yes")
    (came,) = whole.wait_for_record("visit.checked_in")
    assert came.body["appointment"] == str(appointment["at"])
    whole.sign_in("1002")
    whole.hands.touch("call_next")
    whole.hands.touch("judge", **healthy(Path(reference.__file__).with_name("data") / "screening_forms.json"))
    whole.hands.touch("conclude", conclusion="eligible", reason="")
    whole.sign_in("1003", "injection")
    assert whole.hands.touch("call_next").screen == "dosing"
    page = whole.hands.touch("lot", lot=LOT)
    assert "ngừng sử dụng" in page.text
    whole.hands.touch("confirm_dose")
    assert "dose.given" not in whole.kinds()
