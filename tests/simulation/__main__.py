"""`make sim`: many schedules on all cores, or one replayed. The last line of standard output is one JSON object.

`python -m tests.simulation --schedules 20000 --seed 1` runs numbers 0 … 19999;
`python -m tests.simulation --seed 1 --schedule 41 --drop 0-9,12` replays one, some of its steps left out.
"""

import argparse
import json
import os
import sys
import time
from collections import Counter
from functools import partial
from multiprocessing import Pool

from tests.simulation import schedule, shrinking, workers
from tests.simulation.centre import Centre
from tests.simulation.judging import judge
from tests.simulation.mutants import MUTANTS
from tests.simulation.schedule import FAULTS

SHOWN = 5


def one(number, *, seed):
    """`(number, real, verdict)`."""
    plan = schedule.make(seed, number)
    verdict = judge(plan)
    workers.sweep()
    return number, plan.real, verdict


def main(arguments=None):
    """Run; exit code 1 when a checker found something."""
    options = argparse.ArgumentParser(prog="python -m tests.simulation")
    options.add_argument("--schedules", type=int, default=1000)
    options.add_argument("--first", type=int, default=0)
    options.add_argument("--seed", type=int, default=1)
    options.add_argument("--jobs", type=int, default=os.cpu_count())
    options.add_argument("--schedule", type=int)
    options.add_argument("--drop", default="")
    options.add_argument("--mutant", choices=sorted(MUTANTS))
    chosen = options.parse_args(arguments)
    return replay(chosen) if chosen.schedule is not None else run(chosen)


def run(chosen):
    """Many schedules, each with its own seed; failing ones are made small and named."""
    begun = time.monotonic()
    faults, records, violations, forks, real, clean_forks = Counter(), 0, 0, 0, 0, 0
    failing = []
    numbers = range(chosen.first, chosen.first + chosen.schedules)
    with Pool(chosen.jobs, initializer=workers.ready) as pool:
        for number, was_real, verdict in pool.imap_unordered(partial(one, seed=chosen.seed), numbers, chunksize=8):
            faults.update(verdict.faults)
            records += verdict.records
            forks += verdict.forks
            real += was_real
            clean_forks += verdict.forks if not {"card_cloned", "card_restored"} & set(verdict.faults) else 0
            if verdict.violations:
                violations += len(verdict.violations)
                failing.append(number)
                print(f"schedule {number}: {verdict.violations[0][0]}: {verdict.violations[0][1]}", flush=True)
    for number in sorted(failing)[:SHOWN]:
        whole = schedule.make(chosen.seed, number)
        small, verdict = shrinking.shrink(whole, judge)
        told = "; ".join(f"{step.what}@{step.at}" for step in small.steps)
        drop = shrinking.dropped(whole, small)
        print(f"{verdict.violations[0]}\n  {len(small.steps)} steps: {told}")
        print(
            f"  replay: python -m tests.simulation --seed {chosen.seed} --schedule {number}"
            + (f" --drop {drop}" if drop else "")
        )
    for name in sorted(FAULTS):
        print(f"  {name:28} {FAULTS[name][0]:14} {faults[name]}")
    summary = {
        "schedules": chosen.schedules, "faults": sum(faults.values()), "kinds": len(faults), "records": records,
        "violations": violations, "seed": chosen.seed, "first": chosen.first, "real_ledger": real, "forks_found": forks,
        "forks_without_clone": clean_forks, "seconds": round(time.monotonic() - begun),
    }  # fmt: skip
    print(json.dumps(summary))
    return 1 if violations else 0


def replay(chosen):
    """One schedule, told step by step."""
    plan = schedule.make(chosen.seed, chosen.schedule).without(shrinking.read(chosen.drop))
    parts = {}
    if chosen.mutant:
        mutant = MUTANTS[chosen.mutant][0]
        parts = {"centre_class" if issubclass(mutant, Centre) else "kiosk_class": mutant}
    for step in plan.steps:
        print(
            f"  round {step.at:3} step {step.index:3} {'FAULT ' if step.is_fault() else ''}{step.what} kiosk {step.kiosk % plan.kiosks}"
        )
    verdict = judge(plan, **parts)
    for checker, sentence in verdict.violations:
        print(f"{checker}: {sentence}")
    faults = sum(verdict.faults.values())
    told = {"schedules": 1, "faults": faults, "kinds": len(verdict.faults), "records": verdict.records}
    print(json.dumps({**told, "violations": len(verdict.violations)}))
    return 1 if verdict.violations else 0


if __name__ == "__main__":
    # Here and not in main(): a test that calls it would leave the server's log silent for all tests after it.
    workers.ready()
    sys.exit(main())
