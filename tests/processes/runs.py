"""One run: people served while a schedule happens, then mending, draining, judging. Some runs share a province."""

import os
import shutil
import signal
import sqlite3
import sys
import tempfile
import threading
import time
from collections import Counter
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor, as_completed
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from functools import partial
from multiprocessing import active_children, get_context
from pathlib import Path

from provisioning.day import await_lists
from provisioning.hands import Hands
from provisioning.stage import StageError, wait_until
from tests.processes import evidence, judging
from tests.processes.crew import History, Staff, people
from tests.processes.province import FragileProvince
from tests.processes.schedule import LATE_TURNS, afterwards, kind_of, schedule
from tests.processes.watching import Watcher

# 30 minutes of observation are 6 seconds.
SPEED = 300
PEOPLE = 12
# A province starts in ten seconds, so several runs share one; its stock and the numbers of its people set the bound.
RUNS_EACH = 10
SHIFT_S = 60.0
# A damaged copy is asked about once a minute and replaced once a minute (`protocol.delivery.HELLO_EVERY_MS`).
DRAIN_S = 180.0
STARTS = 3


@dataclass
class Account:
    """What runs came to. `violations`: `(seed, checker, sentence)`; records, confirmed and the like are of whole provinces.

    `left_out`: kinds of fault that this machine does not allow.
    """

    runs: int = 0
    kills: int = 0
    fewest_kills: int = 0
    faults: Counter = field(default_factory=Counter)
    figures: Counter = field(default_factory=Counter)
    violations: list = field(default_factory=list)
    left_out: set = field(default_factory=set)

    def add(self, other):
        """Take in the account of other runs."""
        self.runs += other.runs
        self.kills += other.kills
        self.fewest_kills = min(self.fewest_kills or other.fewest_kills, other.fewest_kills)
        self.faults += other.faults
        self.figures += other.figures
        self.violations += other.violations
        self.left_out |= other.left_out


class Place:
    """A running province with what its screens have confirmed so far."""

    def __init__(self, *, planted="", seed=0, warm=True):
        self.folder = Path(tempfile.mkdtemp(prefix="tram-faults-"))
        self.watcher = Watcher()
        self.province = FragileProvince(
            self.folder / "province", speed=SPEED, watch=self.watcher.saw, planted=planted, seed=seed, warm=warm
        )
        self.watcher.province = self.province
        self.history = History()
        self.secrets = set()
        self.figures = Counter()

    def __enter__(self):
        try:
            self.province.start()
            for station in self.province.stations:
                await_lists(Hands(station.url))
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *exc):
        self.province.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    def run(self, seed, account):
        """Live through the schedule of `seed`; adds to `account` and gives this run's violations."""
        province, history = self.province, self.history
        came = people(PEOPLE, seed=seed)
        self.secrets.update(word for one in came for word in (one.number, one.payload.split("|")[2]))
        killed = province.killed
        calm, over = threading.Event(), threading.Event()
        crews = [
            Staff(
                station,
                came[number::2],
                history,
                calm=calm,
                over=over.is_set,
                watcher=self.watcher,
                clock_ahead=partial(province.clock_ahead, station),
            )
            for number, station in enumerate(province.stations)
        ]
        with ThreadPoolExecutor(len(crews), thread_name_prefix="crew") as pool:
            shifts = [pool.submit(crew.work) for crew in crews]
            try:
                found = self._befall(schedule(seed), account)
                calm.set()
                for turn in range(LATE_TURNS):
                    if not all(one.done() for one in shifts):
                        found += self._befall(afterwards(seed, turn), account)
                found += [("lever", sentence) for sentence in province.refused]
                wait_until(lambda: self._done(shifts), timeout_s=SHIFT_S)
                province.settle()
            finally:
                over.set()
                calm.set()
        for shift in shifts:
            shift.result()
        drained = wait_until(self._drained, timeout_s=DRAIN_S)
        more, figures = judging.at_the_end(
            province, self.watcher, history, drained=drained, secrets=sorted(self.secrets)
        )
        self.figures = Counter(figures)
        self.figures["packets"] = sum(province.proxy.hit.values())
        account.runs += 1
        kills = province.killed - killed
        account.kills += kills
        account.fewest_kills = min(account.fewest_kills or kills, kills)
        return list(dict.fromkeys(found + more))

    def keep(self, folder, seed):
        """Copy everything to `folder`/seed, if there is a folder to keep it in."""
        if folder is not None:
            left_out = shutil.ignore_patterns("ballast", "*.png")
            shutil.copytree(self.folder, folder / str(seed), symlinks=True, dirs_exist_ok=True, ignore=left_out)

    def _done(self, shifts):
        self.province.revive()
        return all(one.done() for one in shifts)

    def _drained(self):
        self.province.revive()
        return not any(map(evidence.undone, self.province.stations)) and not evidence.missing(self.province)

    def _befall(self, steps, account):
        """Live through `steps`; afterwards everything runs. Gives the violations seen meanwhile."""
        found = list(self._live_through(steps, time.monotonic(), account))
        found += [("ended", f"{name} ended by itself") for name in self.province.ended_by_themselves()]
        self.province.mend()
        return found

    def _live_through(self, steps, begun, account):
        # All of it in this thread: the kernel ends a program together with the thread that started it (`stage`).
        for step in steps:
            if not self.province.possible(step):
                account.left_out |= {step.fault} - {""}
                continue
            time.sleep(max(begun + step.at - time.monotonic(), 0))
            confirmed = frozenset(self.history.confirmed)
            self.province.revive()
            self.province.do(step)
            if step.fault:
                account.faults[step.fault] += 1
            if step.act == "kill":
                try:
                    yield from self._at_kill(step.target, confirmed)
                except sqlite3.OperationalError:
                    # Nothing can be read either while the disk is full or locked; the next look comes.
                    self.watcher.missed += 1

    def _at_kill(self, target, confirmed):
        if kind_of(target) == "kiosk":
            station = self.province.station(target)
            for each in self.province.stations:
                self.watcher.look_at_kiosk(each, woke=False)
            self.watcher.look_at_kiosk(station, woke=True)
            return judging.at_kiosk_killed(self.province, station, confirmed)
        return judging.at_server_killed(self.province) if target == "server" else []


def _place(**given):
    """A place that has started. A machine with much else to do may need a second try: nothing has befallen it yet."""
    for left in range(STARTS - 1, -1, -1):
        try:
            return Place(**given).__enter__()
        except StageError:
            if not left:
                raise
    raise AssertionError("STARTS must be positive")


def live(seeds, *, planted="", say=print, first_only=False, keep=None, warm=True):
    """Run all schedules, ten to a province; after a violation a fresh province. `first_only`: stop at the first.

    `keep`: folder into which a province with a violation is copied, disks and logs, as they lie at that moment.
    """
    account = Account()
    left = list(seeds)
    while left:
        with ExitStack() as stack:
            place = _place(planted=planted, seed=left[0], warm=warm)
            stack.push(place.__exit__)
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
                    place.keep(keep, seed)
                    break
            account.figures += place.figures
        if found and first_only:
            break
    return account


@contextmanager
def processes(count):
    """A pool that ends with us: a disk that is left mounted would stay behind. Its work goes through `in_a_process`."""
    # Afresh, not by fork: a copied interpreter would hold the threads' locks of this one.
    with ProcessPoolExecutor(max(count, 1), mp_context=get_context("spawn"), initializer=end_in_order) as pool:
        try:
            yield pool
        except BaseException:
            for each in active_children():
                each.terminate()
            raise


def end_in_order():
    """The first SIGTERM or SIGINT unwinds this process, whatever its parent had made of them.

    A second must not end the unwinding: a pool that breaks sends one more, and disks would stay mounted.
    """

    def unwind(*_):
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, signal.SIG_IGN)
        sys.exit(1)

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, unwind)


def live_side_by_side(seeds, *, sides, say=print, keep=None, warm=True):
    """As `live`, with `sides` provinces at a time, each in a process of its own: most of a run is waiting."""
    seeds = list(seeds)
    parts = [seeds[at : at + RUNS_EACH] for at in range(0, len(seeds), RUNS_EACH)]
    account = Account()
    with processes(min(sides, len(parts))) as pool:
        for done in as_completed(
            [pool.submit(in_a_process, live, part, say=say, keep=keep, warm=warm) for part in parts]
        ):
            account.add(done.result())
    return account


def in_a_process(work, *given, **more):
    """`work` in a process of a pool: told to end, it has unwound what it holds, and takes nothing more from the pool."""
    try:
        return work(*given, **more)
    except SystemExit:
        os._exit(1)
