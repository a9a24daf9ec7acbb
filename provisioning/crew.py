"""The staff of a scripted day's kiosk and the people who come to it, through devices and screens only.

`History` is what the screens confirmed, not what a program believes.
"""

import threading
import time
import tomllib
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial

from provisioning.crowd import Citizen
from provisioning.hands import Hands, KioskAway, Page, healthy
from provisioning.small_province import SEED, Station

ROUND = 5
PATIENCE_S = 120.0
# From a screen towards the welcome page; from any other one by signing out.
BACK = {"ticket": "done", "confirm": "no", "sign_in": "back", "type_id": "back", "trouble": "retry"}
MOST_TOUCHES = 30
# What the read-back says of a vial whose hours are over; with a quick clock that comes before it is empty.
TOO_LONG_OPEN = "Lọ đã mở từ"


class Moved(KioskAway):
    """The kiosk is another one now: what was begun is begun anew."""


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
        self._go, self._resting = threading.Event(), threading.Event()
        self._go.set()
        self._broken_off = self._home = False

    def work(self) -> None:
        """The whole day: in rounds of a few people, each through every station."""
        for start in range(0, len(self._people), ROUND):
            for citizen in self._people[start : start + ROUND]:
                self._again(partial(self._check_in, citizen))
                self.progress += 1
            self._again(self._screen_all)
            self._again(self._dose_all)
            self._again(self._release_all)
        self._home = True

    def busy(self) -> bool:
        """Are people still to come?"""
        return self.progress < len(self._people)

    def rest(self, timeout_s: float) -> bool:
        """Let go of the kiosk after the act at hand. True when the hands are off it (also when the day's work is done)."""
        self._go.clear()
        until = time.monotonic() + timeout_s
        while not (self._resting.wait(0.05) or self._home) and time.monotonic() < until:
            pass
        return self._resting.is_set() or self._home

    def go_on(self, station: Station) -> None:
        """Work on, perhaps at another kiosk: what was begun at the old one is begun anew."""
        self.station, self.hands = station, Hands(station.url)
        self._go.set()

    def stop(self) -> None:
        """The day is broken off: end at the next breath."""
        self._broken_off = True
        self._go.set()

    def _breathe(self) -> None:
        """Between two acts: rest when told to."""
        if self._broken_off:
            message = "the day was broken off"
            raise RuntimeError(message)
        if self._go.is_set():
            return
        before = self.station
        self._resting.set()
        self._go.wait()
        self._resting.clear()
        if self.station is not before:
            message = "work goes on at another kiosk"
            raise Moved(message)

    def _again(self, work: Callable[[], None]) -> None:
        """Do a piece of work; when the kiosk is away, wait for it and do it over: what was confirmed shows."""
        until = time.monotonic() + PATIENCE_S
        while True:
            try:
                work()
            except Moved:
                until = time.monotonic() + PATIENCE_S
            except KioskAway:
                if time.monotonic() > until:
                    raise
                time.sleep(0.3)
            else:
                return

    def _check_in(self, citizen: Citizen) -> None:
        self._breathe()
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
            self._breathe()
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
            self._breathe()
            page = self.hands.touch("call_next")
            if page.screen != "dosing":
                return
            ticket = page.tickets[0]
            lot = tomllib.loads(SEED.read_text("utf-8"))["receipt"][0]["lot"]
            self.hands.pull("scan", f"TRAM-LOT:{lot}")
            page = self.hands.wait_for("read_back")
            _expect(page, "read_back")
            if TOO_LONG_OPEN in page.text:
                self.hands.touch("back")
                _expect(self.hands.touch("new_vial", lot=lot), "read_back")
            page = self.hands.touch("confirm_dose", reason="")
            if page.screen == "read_back":
                page = self.hands.touch("confirm_dose", reason="bác sĩ đồng ý")
            _expect(page, "dosed")
            self._history.saw("dosed", ticket)
            self.hands.touch("next")

    def _release_all(self) -> None:
        page = self._sign_in("observer", "observation")
        until = time.monotonic() + PATIENCE_S
        # The board shows the whole site's people; each kiosk's hands let go of those they checked in.
        while (ours := self._ours(page)) and time.monotonic() < until:
            self._breathe()
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
