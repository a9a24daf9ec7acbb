"""`make faults RUNS=n SEED=s`: planted bugs first, then schedules over true processes; the last line is JSON."""

import json
import random
import sys
import time

import click

from tests.processes.planted import BUGS
from tests.processes.runs import live

# A planted bug has to be seen within so many runs.
WITHIN = 10


@click.command(help=__doc__)
@click.option("--runs", default=20, show_default=True, help="schedules to live through, 20 to 30 s each")
@click.option("--seed", default=0, help="of the first run, the next one has the next; 0 draws one")
@click.option("--planted/--no-planted", default=True, help="catch the planted bugs first")
@click.option("--bug", multiple=True, type=click.Choice(sorted(BUGS)), help="only these bugs")
def main(*, runs, seed, planted, bug):
    """See the module."""
    seed = seed or random.SystemRandom().randrange(1, 1_000_000)
    print(f"seed {seed}", flush=True)
    begun = time.monotonic()
    missed = [name for name in bug or BUGS if not _caught(name, seed)] if planted else []
    account = live(range(seed, seed + runs), say=_said)
    told = {"runs": account.runs, "seed": seed, "kills": account.kills, "fewest_kills": account.fewest_kills}
    told |= {"faults": sum(account.faults.values()), "kinds": len(account.faults)}
    told |= {name: account.figures[name] for name in ("records", "confirmed", "lost", "doubled")}
    told |= {"violations": len(account.violations), "bugs_missed": missed}
    print(json.dumps({**told, "seconds": round(time.monotonic() - begun)}))
    sys.exit(1 if account.violations or missed else 0)


def _caught(name, seed):
    account = live(range(seed, seed + WITHIN), planted=name, say=lambda *_: None, first_only=True)
    checkers = sorted({checker for _, checker, _ in account.violations})
    by = f"caught by {', '.join(checkers)} after {account.runs} runs" if checkers else "NOT CAUGHT"
    print(f"  bug {name}: {by}", flush=True)
    for _, checker, sentence in account.violations[:3]:
        print(f"      {checker}: {sentence[:160]}", flush=True)
    return bool(checkers)


def _said(seed, found, seconds):
    print(f"  seed {seed}: {seconds:.0f} s, {len(found)} violations", flush=True)
    for checker, sentence in found[:10]:
        print(f"    {checker}: {sentence}", flush=True)
    if found:
        print(f"    again: make faults RUNS=1 SEED={seed}", flush=True)


if __name__ == "__main__":
    main()
