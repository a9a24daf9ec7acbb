"""`python -m tests.simulation.cloned --forks 1000 --clean 10000`: every planted fork is found, and none where no card was copied.

Schedules with other faults of every kind around; `--forks` plants a copied or put back card into each and counts those whose two
branches both wrote. The last line is one JSON object.
"""

import argparse
import itertools
import json
import random
import sys
import time
from dataclasses import replace
from functools import partial
from multiprocessing import Pool

from tests.simulation import schedule, workers
from tests.simulation.centre import Centre
from tests.simulation.checkers import ack_durability, forks, loss
from tests.simulation.world import World

COPYING = ("card_cloned", "card_restored")


def without_sites():
    """The numbers of schedules whose kiosks write to a centre: a site has none, and no card of it is copied."""
    return (number for number in itertools.count() if not schedule.of_site(number))


def clean(seed, number):
    """Schedule `number` without any copied card; its other faults stay."""
    plan = schedule.make(seed, number)
    return plan.without({step.index for step in plan.steps if step.what in COPYING})


def planted(seed, number):
    """Schedule `number` with one copied card, in the middle of the first half, at a kiosk where people work."""
    plan = clean(seed, number)
    dice = random.Random(f"{seed}:{number}:copy")
    at = dice.randrange(len(plan.waits) // 4, len(plan.waits) // 2)
    what = dice.choices(COPYING, (4, 1))[0]
    step = schedule.Step(10_000, at, what, dice.randrange(8), dice.getrandbits(31), double=False)
    return replace(plan, steps=tuple(sorted((*plan.steps, step), key=lambda one: one.at)))


def one(number, *, seed, make, centre_class=Centre):
    """`(number, forks planted, forks found, new logs, false alarms, sentences)` of one schedule.

    Planted: names under which two records were written and neither is excused. Found: those with a fork at the centre.
    """
    world = World(make(seed, number), centre_class=centre_class)
    history = world.run()
    written, opened = {}, set()
    for _, event in history.of("wrote"):
        name = (event["k"], event["inc"], event["seq"])
        if event["digest"] not in history.excused:
            written.setdefault(name, set()).add(event["digest"])
        if event["kind"] == "log.opened" and event["body"]["why"] in COPY_WORDS:
            opened.add((event["dev"], event["inc"]))
    two = {name for name, digests in written.items() if len(digests) > 1}
    called = {name[:3] for name in history.forks}
    aside = {row["digest"] for row in history.quarantine}
    # A second record of a revoked writer stands in quarantine, with its name: that is known too.
    found = {name for name in two if name in called or written[name] & aside}
    copied = {history.devices[device] for device in history.restored}
    false = len([name for name in called if name[0] not in copied]) + len(
        [device for device, _ in opened if history.devices[device] not in copied]
    )
    sentences = [f"{number}: {said}" for checker in (forks, loss, ack_durability) for said in checker.check(history)]
    workers.sweep()
    return number, len(two), len(found), len(opened), false, sentences


COPY_WORDS = ("cloned", "restored")


def main(arguments=None):
    """Run; exit code 1 when a planted fork was not found or a clean schedule gave an alarm."""
    options = argparse.ArgumentParser(prog="python -m tests.simulation.cloned")
    options.add_argument(
        "--forks", type=int, default=1000, help="schedules in which two branches of a card have written"
    )
    options.add_argument("--clean", type=int, default=10_000, help="schedules without a copied card")
    options.add_argument("--seed", type=int, default=1)
    options.add_argument("--jobs", type=int, default=2)
    chosen = options.parse_args(arguments)
    begun = time.monotonic()
    told = {"logs": 0, "planted": 0, "found": 0, "begun_anew": 0, "schedules_with_a_copy": 0}
    false, sentences = 0, []
    with Pool(chosen.jobs, initializer=workers.ready) as pool:
        # Not every copy forks: its second machine may never have written. As many schedules as it takes.
        more = without_sites()
        while told["logs"] < chosen.forks:
            numbers = list(itertools.islice(more, min(400, max(16, chosen.forks - told["logs"]))))
            for _, two, found, opened, wrong, said in pool.imap_unordered(
                partial(one, seed=chosen.seed, make=planted), numbers, chunksize=4
            ):
                told["schedules_with_a_copy"] += 1
                told["logs"] += bool(two)
                told["planted"] += two
                told["found"] += found
                told["begun_anew"] += opened
                false += wrong
                sentences.extend(said)
        for _, two, _, _, wrong, said in pool.imap_unordered(
            partial(one, seed=chosen.seed, make=clean), itertools.islice(without_sites(), chosen.clean), chunksize=16
        ):
            false += wrong + two
            sentences.extend(said)
    for sentence in sentences[:10]:
        print(sentence, flush=True)
    missed = told["planted"] - told["found"]
    summary = {
        "forked_logs": told["logs"], "schedules_with_a_copy": told["schedules_with_a_copy"], "forks_planted": told["planted"],
        "forks_found": told["found"], "begun_anew": told["begun_anew"], "clean": chosen.clean, "false_alarms": false,
        "violations": missed + false + len(sentences), "seed": chosen.seed, "seconds": round(time.monotonic() - begun),
    }  # fmt: skip
    print(json.dumps(summary))
    return 1 if summary["violations"] else 0


if __name__ == "__main__":
    sys.exit(main())
