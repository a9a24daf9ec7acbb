"""The staff of one kiosk at work while it is killed under their hands. Writes down what the screens said, nothing else.

What a screen confirmed is `ok`; an act whose page never came is unknown and done over, as a person would.
"""

import re
import sqlite3
import threading
import time
from contextlib import suppress
from dataclasses import dataclass
from functools import partial

from provisioning.crew import Crew
from provisioning.crowd import crowd
from provisioning.hands import Hands, KioskAway
from tests.processes import evidence

# A kiosk that shows something unexpected is tried again; so many times in a row is a finding, unless it is still what the
# machine suffers (longer than `schedule` says when programs start slowly meanwhile): by a clock a year ahead every lot has
# expired, and the lead is asked for.
PATIENCE = 12
SUFFERS_S = 30.0
AWAY_S = 40.0
# People who come when everything runs again: what a machine lacks then must not be missed for want of acts.
LATECOMERS = 2
CALM_S = 600.0


@dataclass
class Person:
    """One invented person: the QR text of their card, its number, and how they hold it up."""

    payload: str
    number: str
    by_camera: bool


def people(count, *, seed):
    """`count` people whom no other seed within a thousand brings: runs share a province."""
    made = []
    for place, one in enumerate(crowd(count, seed=seed)):
        number = f"{one.payload[:6]}{seed % 1000:03d}{place:03d}"
        payload = "|".join((number, *one.payload.split("|")[1:]))
        made.append(Person(payload, number, one.by_camera))
    return made


def header(page):
    """How many records the page's header calls not yet at the centre; None when it speaks of something else."""
    if found := re.search(r"(\d+) chờ gửi", page):
        return int(found[1])
    return 0 if "đã về trung tâm" in page else None


class History:
    """What the screens confirmed: `(what, k, number of the person)`; one for all crews and runs of a province."""

    def __init__(self):
        self.confirmed = set()
        self.stuck = []
        self._lock = threading.Lock()

    def saw(self, what, k, number):
        with self._lock:
            self.confirmed.add((what, k, number))

    def gave_up(self, sentence):
        with self._lock:
            self.stuck.append(sentence)


class CarefulHands(Hands):
    """Hands that can touch a page they saw before: when another has come up meanwhile, nothing happens."""

    def touch_on(self, page, act):
        """Touch a button of `page`; gives the page after."""
        self._ask("POST", f"/act/{act}", {"token": page.token})
        return self.look()


class _Said:
    """The `History` that `provisioning.day.Crew` writes to: turns tickets into people."""

    def __init__(self, history, k):
        self._history = history
        self._k = k
        self.number = ""
        self.people = {}

    def saw(self, what, ticket):
        if what == "checked_in":
            self.people[ticket] = self.number
        if ticket in self.people:
            self._history.saw(what, self._k, self.people[ticket])


class Staff(Crew):
    """Serves `people` of one run, each through every station; goes on until all are through or `over()`."""

    def __init__(self, station, people, history, *, calm, over, watcher, clock_ahead):
        """`calm`: set when the misfortunes of processes are over; the last two come only then. `over()`: go home.

        `clock_ahead()`: for `with`, this kiosk's wall clock an hour ahead.
        """
        self._said = _Said(history, station.name)
        super().__init__(station, people, self._said)
        self.hands = CarefulHands(station.url)
        self._all = history
        self._calm, self._over = calm, over
        self._watcher, self._clock_ahead = watcher, clock_ahead

    def work(self):
        """Reception, then the stations in turn; what a kill interrupted is taken up again."""
        for number, citizen in enumerate(self._people):
            if number == len(self._people) - LATECOMERS:
                self._calm.wait(CALM_S)
            self._said.number = citizen.number
            self._again(partial(self._check_in, citizen))
            self.progress += 1
            if self.progress % 2 == 0 or not self.busy():
                self._again(self._screen_all)
                self._again(self._dose_all)
                self._again(self._look_around)
        self._again(self._release_all)

    def _look_around(self):
        """Tries at once to let those go who were just injected, the last one first: a clock that jumps must not open the door.

        It jumps at this very moment: left to the schedule, a jump seldom met anybody's six seconds on a slow machine.
        """
        ours = self._ours(self._sign_in("observer", "observation"))
        with self._clock_ahead():
            for visit, ticket in reversed(ours.items()):
                self._said.saw("dosed", ticket)
                self._release(visit)

    @property
    def camera(self):
        """Only the first kiosk has one."""
        return self.station.name == "kiosk-01"

    def _check_in(self, citizen):
        """With the very page on which this person's name stood: a card left before the camera must not answer for them."""
        name = citizen.payload.split("|")[2]
        self._to_welcome()
        hold = "card" if citizen.by_camera and self.camera else "scan"
        self.hands.pull(hold, citizen.payload)
        page = self.hands.wait_for("confirm", timeout_s=4)
        self.hands.pull("card", "")
        if page.screen != "confirm" or name.casefold() not in page.text.casefold():
            # Camera unplugged or covered: the reader next time.
            citizen.by_camera = False
            message = f"no card read, but {page.screen}"
            raise AssertionError(message)
        page = self.hands.touch_on(page, "yes")
        if page.screen != "ticket":
            message = f"expected a ticket, saw {page.screen}"
            raise AssertionError(message)
        self._said.saw("checked_in", page.tickets[0])
        self._tickets.add(page.tickets[0])
        self.hands.touch("done")
        self._glance()

    def _glance(self):
        """What does the header say is not at the centre yet? Compared with the disk as it was just before."""
        with suppress(sqlite3.OperationalError):
            before = evidence.kiosk_head(self.station)
            waiting = header(self.hands.whole())
            if waiting is not None:
                self._watcher.header_shown(self.station, before=before, waiting=waiting)

    def _again(self, work):
        odd, odd_since, away_since = 0, time.monotonic(), None
        while not self._over():
            try:
                work()
            except KioskAway:
                away_since = away_since or time.monotonic()
                if time.monotonic() - away_since > AWAY_S:
                    self._all.gave_up(f"{self.station.name} stayed away")
                    return
            except (AssertionError, IndexError, RuntimeError) as error:
                # The page of a kiosk that was killed and is back at its welcome, say.
                odd, odd_since = odd + 1, odd_since if odd else time.monotonic()
                if odd > PATIENCE and time.monotonic() - odd_since > SUFFERS_S:
                    self._all.gave_up(f"{self.station.name}: {error}")
                    return
            else:
                return
            time.sleep(0.2)
