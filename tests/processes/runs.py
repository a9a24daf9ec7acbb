"""One run: people served while a schedule happens, then mending, draining, judging. Some runs share a province."""

import shutil
import tempfile
import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

from provisioning.day import _await_lists
from provisioning.hands import Hands
from provisioning.stage import StageError, wait_until
from tests.processes import evidence, judging
from tests.processes.crew import History, Staff, people
from tests.processes.province import FragileProvince
from tests.processes.schedule import LENGTH_S, kind_of, schedule

# 30 minutes of observation are 6 seconds.
SPEED = 300
PEOPLE = 8
# A province starts in ten seconds, so several runs share one; its stock and the numbers of its people set the bound.
RUNS_EACH = 10
SHIFT_S = LENGTH_S + 30.0
DRAIN_S = 60.0


@dataclass
class Account:
    """What runs came to. `violations`: `(seed, checker, sentence)`; records, confirmed and the like are of whole provinces."""

    runs: int = 0
    kills: int = 0
    fewest_kills: int = 0
    faults: Counter = field(default_factory=Counter)
    figures: Counter = field(default_factory=Counter)
    violations: list = field(default_factory=list)


class Place:
    """A running province with what its screens have confirmed so far."""

    def __init__(self, *, planted=""):
        self.folder = Path(tempfile.mkdtemp(prefix="tram-faults-"))
        self.province = FragileProvince(self.folder / "province", speed=SPEED, planted=planted)
        self.history = History()
        self.people = []
        self.figures = Counter()

    def __enter__(self):
        try:
            self.province.start()
            for station in self.province.stations:
                _await_lists(Hands(station.url))
        except BaseException:
            self.province.stop()
            raise
        return self

    def __exit__(self, *exc):
        self.province.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    def run(self, seed, account):
        """Live through the schedule of `seed`; adds to `account` and gives this run's violations."""
        province, history = self.province, self.history
        came = people(PEOPLE, seed=seed)
        self.people += came
        killed, begun = province.killed, time.monotonic()
        over = threading.Event()
        crews = [
            Staff(station, came[number::2], history, over=over.is_set)
            for number, station in enumerate(province.stations)
        ]
        with ThreadPoolExecutor(len(crews), thread_name_prefix="crew") as pool:
            shifts = [pool.submit(crew.work) for crew in crews]
            try:
                found = list(self._live_through(schedule(seed), begun, account))
                found += [("ended", f"{one.name} ended by itself") for one in province.ended()]
                province.mend()
                found += [("lever", sentence) for sentence in province.refused]
                wait_until(lambda: all(one.done() for one in shifts), timeout_s=begun + SHIFT_S - time.monotonic())
            finally:
                over.set()
        for shift in shifts:
            shift.result()
        drained = wait_until(lambda: not any(map(evidence.undone, province.stations)), timeout_s=DRAIN_S)
        more, figures = judging.at_the_end(province, history, drained=drained, people=self.people)
        self.figures = Counter(figures)
        account.runs += 1
        kills = province.killed - killed
        account.kills += kills
        account.fewest_kills = min(account.fewest_kills or kills, kills)
        return list(dict.fromkeys(found + more))

    def _live_through(self, steps, begun, account):
        # All of it in this thread: the kernel ends a program together with the thread that started it (`stage`).
        for step in steps:
            time.sleep(max(begun + step.at - time.monotonic(), 0))
            confirmed = frozenset(self.history.confirmed)
            self.province.do(step)
            if step.fault:
                account.faults[step.fault] += 1
            if step.act == "kill" and kind_of(step.target) == "kiosk":
                yield from judging.at_kiosk_killed(self.province._station_of(step.target), confirmed)
            if step.act == "kill" and step.target == "server":
                yield from judging.at_server_killed(self.province)


def live(seeds, *, planted="", say=print, first_only=False):
    """Run all schedules, ten to a province; after a violation a fresh province. `first_only`: stop at the first."""
    account = Account()
    left = list(seeds)
    while left:
        with Place(planted=planted) as place:
            for _ in range(min(RUNS_EACH, len(left))):
                seed = left.pop(0)
                begun = time.monotonic()
                try:
                    found = place.run(seed, account)
                except StageError as error:
                    account.runs += 1
                    found = [("stage", str(error)[:300])]
                account.violations += [(seed, checker, sentence) for checker, sentence in found]
                say(seed, found, time.monotonic() - begun)
                if found:
                    break
            account.figures += place.figures
        if found and first_only:
            break
    return account
