"""`make faults RUNS=n SEED=s`: planted bugs first, then schedules over true processes; the last line is JSON."""

import json
import random
import sys
import time
from pathlib import Path

import click

from tests.processes.planted import BUGS
from tests.processes.runs import end_in_order, live_side_by_side
from tests.processes.telling import missed_bugs, said

FIGURES = ("records", "confirmed", "let_go", "acknowledgements", "packets", "lost", "doubled", "missed_looks")


@click.command(help=__doc__)
@click.option("--runs", default=20, show_default=True, help="schedules to live through, 20 to 30 s each")
@click.option("--seed", default=0, help="of the first run, the next one has the next; 0 draws one")
@click.option(
    "--side-by-side", "sides", default=4, show_default=True, help="provinces at a time: most of a run is waiting"
)
@click.option("--planted/--no-planted", default=True, help="catch the planted bugs first")
@click.option("--bug", multiple=True, type=click.Choice(sorted(BUGS)), help="only these bugs")
@click.option(
    "--warm/--cold", default=True, help="programs start as forks; or each as a fresh interpreter, much slower"
)
@click.option(
    "--keep", type=click.Path(path_type=Path, file_okay=False), help="copy a province with a violation to here"
)
def main(*, runs, seed, sides, planted, bug, warm, keep):
    """See the module."""
    end_in_order()
    seed = seed or random.SystemRandom().randrange(1, 1_000_000)
    print(f"seed {seed}", flush=True)
    begun = time.monotonic()
    missed = missed_bugs(bug or tuple(BUGS), seed, sides) if planted else []
    account = live_side_by_side(range(seed, seed + runs), sides=sides, say=said, keep=keep, warm=warm)
    told = {"runs": account.runs, "seed": seed, "kills": account.kills, "fewest_kills": account.fewest_kills}
    told |= {"faults": sum(account.faults.values()), "kinds": len(account.faults)}
    told |= {name: account.figures[name] for name in FIGURES}
    told["left_out"] = sorted(account.left_out)
    told |= {"violations": len(account.violations), "bugs_missed": missed}
    print(json.dumps({**told, "seconds": round(time.monotonic() - begun)}))
    sys.exit(1 if account.violations or missed else 0)


if __name__ == "__main__":
    main()
