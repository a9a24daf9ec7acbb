"""F26, F27, F28, F38, F39: SIGKILL of a real kiosk at any moment. What a page confirmed is there, once, and nothing by half."""

import json
import random
import subprocess
import sys
import threading
from itertools import pairwise

import pytest

from kiosk import visitbook
from kiosk.store import Store
from protocol import canon, envelope
from provisioning.hands import Hands, KioskAway
from provisioning.stage import Stage, free_port, url_answers
from tests.kiosk.made import PIN
from tests.kiosk.whole import EASY, Whole

pytestmark = [pytest.mark.integration, pytest.mark.timeout(180)]
KILLS = 4
WHAT = {"visit.checked_in": "checked in", "visit.screened": "screened", "dose.given": "dosed"}


class People:
    """Keep coming until the kiosk is away; remember what the screens said."""

    def __init__(self) -> None:
        self.confirmed: list[tuple[str, str]] = []
        self.number = 0

    def come(self, hands: Hands) -> None:
        while True:
            self._one(hands)

    def _one(self, hands: Hands) -> None:
        self._to_welcome(hands)
        self.number += 1
        hands.pull("scan", f"0750790{self.number:05d}||Nguyễn Văn An|14041979|Nam|Biên Hòa|25062021")
        if hands.wait_for("confirm", timeout_s=3).screen != "confirm":
            return
        page = hands.touch("yes")
        if page.screen == "ticket":
            self.confirmed.append(("visit.checked_in", page.tickets[0]))
        self._to_welcome(hands)
        hands.touch("staff")
        hands.touch("sign_in", code="1009", pin=PIN)
        hands.touch("station", station="screening")
        ticket = hands.touch("call_next").tickets[0]
        hands.touch("judge", **EASY)
        if hands.touch("conclude", conclusion="eligible", reason="").screen == "queue":
            self.confirmed.append(("visit.screened", ticket))
        hands.touch("change_station")
        hands.touch("station", station="injection")
        ticket = hands.touch("call_next").tickets[0]
        hands.touch("lot", lot="ABV001")
        if hands.touch("confirm_dose", reason="x").screen == "dosed":
            self.confirmed.append(("dose.given", ticket))
        hands.touch("next")

    def _to_welcome(self, hands: Hands) -> None:
        page = hands.look()
        while page.screen != "welcome":
            act = {"ticket": "done", "confirm": "no", "sign_in": "back", "type_id": "back"}.get(page.screen, "sign_out")
            page = hands.touch(act)


def check(whole: Whole, people: People) -> None:
    """The disk holds every confirmed act once, in an unbroken signed chain, and the live table says the same."""
    store = Store(whole.database)
    assert store.db.conn.execute("PRAGMA integrity_check").fetchone()[0] == "ok"
    lines = list(store.lines())
    records = [envelope.parse(line) for line in lines]
    assert [record.seq for record in records] == list(range(1, len(records) + 1))
    assert all(after.prev == canon.digest(before.line) for before, after in pairwise(records))
    rebuilt = visitbook.rebuilt(lines)
    live = {row[0]: json.loads(row[1]) for row in store.db.conn.execute("SELECT visit, body FROM visit")}
    assert rebuilt == live
    slips = {row[0] for row in store.db.conn.execute("SELECT slip FROM slip_code")}
    assert {record.body["slip"] for record in records if record.kind == "dose.given"} == slips
    store.close()
    tickets = {visit: one["ticket"] for visit, one in rebuilt.items()}
    assert len(set(tickets.values())) == len(tickets), "one number for two people"
    stored = [(record.kind, tickets[record.body["visit"]]) for record in records if record.kind in WHAT]
    assert len(set(stored)) == len(stored), "an act stands twice"
    assert set(people.confirmed) <= set(stored), set(people.confirmed) - set(stored)


@pytest.mark.parametrize("seed", [1, 2])
def test_confirmed_acts_survive(whole: Whole, seed: int):
    """I1, I3, I13: kills at random moments; after each start the screen tells the last confirmed act."""
    dice = random.Random(seed)
    port = free_port()
    whole.settings["screen_port"] = port
    whole.prepare()
    url = f"http://127.0.0.1:{port}/"
    people = People()
    with Stage(whole.folder / "log") as stage:
        for _ in range(KILLS):
            program = stage.start(
                "kiosk", ("python", "-m", "kiosk", "run", "--config", str(whole.toml)), ready=lambda: url_answers(url)
            )
            hands = Hands(url)
            killer = threading.Timer(dice.uniform(0.3, 4.0), program.kill)
            killer.start()
            with pytest.raises((KioskAway, RuntimeError)):
                people.come(hands)
            killer.join()
            stage.forget(program)
            check(whole, people)
    assert people.confirmed, "nothing was confirmed: the test tested nothing"


def test_restart_tells_the_last_act(whole: Whole):
    """F27, I13: killed between commit and the next page: the record is there and the count of unsent is true."""
    port = free_port()
    whole.settings["screen_port"] = port
    whole.prepare()
    url = f"http://127.0.0.1:{port}/"
    with Stage(whole.folder / "log") as stage:
        for _ in range(2):
            program = stage.start(
                "kiosk", ("python", "-m", "kiosk", "run", "--config", str(whole.toml)), ready=lambda: url_answers(url)
            )
            hands = Hands(url)
            if not whole.kinds().count("visit.checked_in"):
                hands.pull("scan", "075079001234||Nguyễn Văn An|14041979|Nam|Biên Hòa|25062021")
                hands.wait_for("confirm")
                hands.touch("yes")
                program.kill()
                stage.forget(program)
    told = subprocess.run(
        (sys.executable, "-m", "kiosk", "outbox", "--config", str(whole.toml)), capture_output=True, check=True
    )
    answer = json.loads(told.stdout)
    assert answer["waiting"] == answer["records"] >= 2
