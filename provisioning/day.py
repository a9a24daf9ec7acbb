"""`make day`: a scripted day over real processes, through devices and screens only. Its last line is its account.

People hold cards before cameras and readers; staff touch the screens; for a third of the day the network is cut; one
kiosk is killed and started again. `confirmed` is what the screens said, not what a program believes; it is compared
with the server's ledger fact by fact.
"""

import json
import shutil
import sqlite3
import threading
import time
import tomllib
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import click

from protocol import envelope
from provisioning.crowd import Citizen, crowd
from provisioning.hands import Hands, KioskAway, Page, healthy
from provisioning.small_province import SEED, SITE, SmallProvince, Station
from provisioning.stage import wait_until

FOLDER = Path(".day")
# Real seconds of observation become 15: the day runs 120 times as fast as the people's patience.
SPEED = 120
ROUND = 5
DRAIN_S = 120.0
LISTS_S = 30.0
# From a screen towards the welcome page; from any other one by signing out.
BACK = {"ticket": "done", "confirm": "no", "sign_in": "back", "type_id": "back", "trouble": "retry"}
MOST_TOUCHES = 30
KINDS = {"visit.checked_in": "checked_in", "visit.screened": "screened", "dose.given": "dosed", "visit.left": "left"}


@dataclass
class History:
    """What the screens confirmed: `(what, ticket)`. One for the whole day; the hands share it."""

    confirmed: set[tuple[str, str]] = field(default_factory=set)
    lock: threading.Lock = field(default_factory=threading.Lock)
    killed: int = 0

    def saw(self, what: str, ticket: str) -> None:
        """A screen said so."""
        with self.lock:
            self.confirmed.add((what, ticket))


class Crew:
    """The staff of one kiosk and the people who come to it, one act after the other."""

    def __init__(self, station: Station, people: list[Citizen], history: History) -> None:
        self.station = station
        self.hands = Hands(station.url)
        self._people = people
        self._history = history
        self._staff = {
            one["role"]: one for one in tomllib.loads(SEED.read_text("utf-8"))["staff"] if not one.get("revoked")
        }
        self._tickets: set[str] = set()
        self.progress = 0

    def work(self) -> None:
        """The whole day: in rounds of a few people, each through every station."""
        for start in range(0, len(self._people), ROUND):
            for citizen in self._people[start : start + ROUND]:
                self._again(partial(self._check_in, citizen))
                self.progress += 1
            self._again(self._screen_all)
            self._again(self._dose_all)
            self._again(self._release_all)

    def busy(self) -> bool:
        """Are people still to come?"""
        return self.progress < len(self._people)

    def _again(self, work: Any) -> None:
        """Do a piece of work; when the kiosk is away, wait for it and do it over: what was confirmed shows."""
        until = time.monotonic() + DRAIN_S
        while True:
            try:
                work()
            except KioskAway:
                if time.monotonic() > until:
                    raise
                time.sleep(0.3)
            else:
                return

    def _check_in(self, citizen: Citizen) -> None:
        self._to_welcome()
        for _ in range(4):
            self.hands.pull("card" if citizen.by_camera else "scan", citizen.payload)
            if self.hands.wait_for("confirm", timeout_s=5).screen == "confirm":
                break
        page = self.hands.touch("yes")
        _expect(page, "ticket")
        self._history.saw("checked_in", page.tickets[0])
        self._tickets.add(page.tickets[0])
        self.hands.touch("done")

    def _to_welcome(self) -> None:
        page = self.hands.look()
        for _ in range(MOST_TOUCHES):
            if page.screen == "welcome":
                return
            page = self.hands.touch(BACK.get(page.screen, "sign_out"))
        _expect(page, "welcome")

    def _sign_in(self, role: str, station: str) -> Page:
        self._to_welcome()
        self.hands.touch("staff")
        page = self.hands.touch("sign_in", code=self._staff[role]["code"], pin=self._staff[role]["pin"])
        if page.screen == "station":
            page = self.hands.touch("station", station=station)
        return page

    def _screen_all(self) -> None:
        self._sign_in("screener", "screening")
        while True:
            page = self.hands.touch("call_next")
            if page.screen != "screening":
                return
            ticket = page.tickets[0]
            page = self.hands.touch("judge", **healthy(SEED.parent / "screening_forms.json"))
            _expect(page, "conclusion")
            page = self.hands.touch("conclude", conclusion="eligible", reason="")
            _expect(page, "queue")
            self._history.saw("screened", ticket)

    def _dose_all(self) -> None:
        self._sign_in("injector", "injection")
        while True:
            page = self.hands.touch("call_next")
            if page.screen != "dosing":
                return
            ticket = page.tickets[0]
            lot = tomllib.loads(SEED.read_text("utf-8"))["receipt"][0]["lot"]
            self.hands.pull("scan", f"TRAM-LOT:{lot}")
            _expect(self.hands.wait_for("read_back"), "read_back")
            page = self.hands.touch("confirm_dose", reason="")
            if page.screen == "read_back":
                page = self.hands.touch("confirm_dose", reason="bác sĩ đồng ý")
            _expect(page, "dosed")
            self._history.saw("dosed", ticket)
            self.hands.touch("next")

    def _release_all(self) -> None:
        page = self._sign_in("observer", "observation")
        until = time.monotonic() + DRAIN_S
        # The board shows the whole site's people; each kiosk's hands let go of those they checked in.
        while (ours := self._ours(page)) and time.monotonic() < until:
            for ticket in ours.values():
                self._history.saw("dosed", ticket)
            if not self._release(next(iter(ours))):
                time.sleep(0.5)
            page = self.hands.look()

    def _release(self, visit: str) -> bool:
        """Let a person go whose time is over; False: it is not, and they stay."""
        page = self.hands.touch("release", visit=visit)
        if page.screen == "release_early":
            self.hands.touch("back")
            return False
        _expect(page, "released")
        self._history.saw("left", page.tickets[0])
        self.hands.touch("next")
        return True

    def _ours(self, page: Page) -> dict[str, str]:
        return {visit: ticket for visit, ticket in page.ticket_of.items() if ticket in self._tickets}


def _expect(page: Page, screen: str) -> None:
    if page.screen != screen:
        message = f"expected screen {screen}, saw {page.screen}: {page.text[:200]}"
        raise AssertionError(message)


def run_day(folder: Path, *, people: int, kiosks: int, outage: bool, seed: int = 7) -> dict[str, Any]:
    """Run the day in a fresh `folder`; gives the account."""
    if folder.exists():
        shutil.rmtree(folder)
    citizens = crowd(people, seed=seed)
    history = History()
    with SmallProvince(folder, kiosks=kiosks, speed=SPEED) as province:
        before = _stock(province)
        crews = [Crew(station, citizens[number::kiosks], history) for number, station in enumerate(province.stations)]
        for crew in crews:
            _await_lists(crew.hands)
        with ThreadPoolExecutor(len(crews), thread_name_prefix="crew") as pool:
            shifts = [pool.submit(crew.work) for crew in crews]
            if outage:
                _misfortunes(province, crews, shifts, people, history)
            for shift in shifts:
                shift.result()
        drained = wait_until(
            lambda: all(_waiting(province, station) == 0 for station in province.stations), timeout_s=DRAIN_S
        )
        slips = sum(len(list((station.folder / "slips").glob("*.png"))) for station in province.stations)
        checked = province.command("rebuild", "--check")
        return {**_account(province, history), "people": people, "slips": slips, "stock_before": before, "stock_after": _stock(province),
                "drained": drained, "kills": history.killed, "outage": outage,
                "rebuild_identical": "identical" in checked and "DIFFERS" not in checked}  # fmt: skip


def _misfortunes(
    province: SmallProvince, crews: list[Crew], shifts: list[Future[None]], people: int, history: History
) -> None:
    """Cut every kiosk's network for the middle third of the day; kill the last kiosk in the middle of it."""

    def done() -> int:
        return sum(crew.progress for crew in crews)

    def alive() -> bool:
        return any(crew.busy() and not shift.done() for crew, shift in zip(crews, shifts, strict=True))

    def reach(part: float) -> None:
        while alive() and done() < people * part:
            time.sleep(0.05)

    reach(1 / 3)
    for crew in crews:
        Hands(crew.station.url).pull("network", "pulled")
    reach(1 / 2)
    victim = province.stations[-1]
    province.kill_kiosk(victim)
    history.killed += 1
    province.start_kiosk(victim)
    # The cable of a restarted kiosk is plugged in: pull it again, the outage is not over.
    Hands(victim.url).pull("network", "pulled")
    reach(2 / 3)
    for crew in crews:
        Hands(crew.station.url).pull("network", "plugged")


def _await_lists(hands: Hands) -> None:
    """Until the kiosk has its lists: the reception's sign-in works then."""
    seed = tomllib.loads(SEED.read_text("utf-8"))
    if not wait_until(lambda: "[lists]" in _marks(hands, seed["site"]["name"]), timeout_s=LISTS_S):
        message = "the kiosk got no reference lists"
        raise AssertionError(message)


def _marks(hands: Hands, site_name: str) -> str:
    return "[lists]" if site_name in hands.whole() else ""


def _waiting(province: SmallProvince, station: Station) -> int:
    """Records not yet acknowledged and slips not yet printed."""
    told = province.account(station)
    return int(told["waiting"] + told["printing"])


def _stock(province: SmallProvince) -> int:
    figures = json.loads(province.command("report"))
    return sum(int(row["on_hand"]) for row in figures["stock"] if row["place"] == SITE)


def _lines(province: SmallProvince) -> list[bytes]:
    """Every record's bytes as the server's ledger holds them."""
    with closing(sqlite3.connect(province.folder / "server" / "tram.db")) as ledger:
        return [bytes(row[0]) for row in ledger.execute("SELECT line FROM record ORDER BY id")]


def _account(province: SmallProvince, history: History) -> dict[str, Any]:
    """Compare what the screens confirmed with the server's ledger, fact by fact."""
    tickets: dict[str, str] = {}
    facts: dict[tuple[str, str], int] = {}
    records = [envelope.parse(line) for line in _lines(province)]
    for record in records:
        if record.kind == "visit.checked_in":
            tickets[record.body["visit"]] = record.body["ticket"]
    for record in records:
        if record.kind in KINDS:
            key = (KINDS[record.kind], tickets.get(record.body["visit"], "?"))
            facts[key] = facts.get(key, 0) + 1
    return {
        "confirmed": len(history.confirmed),
        "on_server": len(history.confirmed & facts.keys()),
        "lost": len(history.confirmed - facts.keys()),
        "doubled": sum(count - 1 for count in facts.values()),
        "unseen": len(facts.keys() - history.confirmed),
        "doses": sum(count for (what, _), count in facts.items() if what == "dosed"),
        "records": len(records),
    }


@click.command()
@click.option("--people", default=30, help="How many people come.")
@click.option("--kiosks", default=2, help="How many kiosks serve them.")
@click.option("--outage", default=1, help="1: the network is cut for a third of the day and one kiosk killed.")
@click.option("--folder", type=click.Path(path_type=Path, file_okay=False), default=FOLDER, help="Made anew each time.")
def main(people: int, kiosks: int, outage: int, folder: Path) -> None:
    """A scripted day; ends with status 1 when anything was lost, doubled, or does not balance."""
    begun = time.monotonic()
    account = run_day(folder, people=people, kiosks=kiosks, outage=bool(outage))
    account["seconds"] = round(time.monotonic() - begun)
    click.echo(json.dumps(account))
    good = (
        account["lost"] == account["doubled"] == 0
        and account["confirmed"] == account["on_server"]
        and account["stock_before"] - account["stock_after"] == account["doses"]
        and account["rebuild_identical"]
    )
    raise SystemExit(0 if good else 1)


if __name__ == "__main__":
    main()
