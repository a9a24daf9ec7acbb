"""`make fuzz INPUTS=n SEED=s`: planted bugs first, then any bytes into the real ingest; the last line is one JSON object.

Inputs come in lots of two thousand, each with an office and dice of its own: `python -m tests.fuzz --seed 1 --lot 41` repeats one.
"""

import argparse
import base64
import gc
import json
import logging
import os
import random
import resource
import sys
import time
from collections import Counter
from functools import partial
from multiprocessing import Pool

from tests.fuzz.corpus import Corpus
from tests.fuzz.inputs import draw
from tests.fuzz.office import CountingLedger, Office
from tests.fuzz.planted import PLANTED

LOT = 2_000
# How many messages the centre finds waiting.
WAITING = (*[1] * 60, *[2] * 6, *[8] * 3, 64)
SHOWN = 10
PLANTED_SIZE = 160
PLANTED_LOTS = 12


def lot(number, *, seed, size=LOT, ledger_class=CountingLedger):
    """One office and its messages: `(account, kinds, found, slowest ms, heaviest bytes, resident MB)`."""
    dice = random.Random(f"{seed}:{number}")
    corpus = Corpus(dice)
    office = Office(corpus, ledger_class=ledger_class)
    kinds = Counter()
    # Sweeping what was there before would be counted as a message's time.
    gc.collect()
    gc.freeze()
    left = size
    while left:
        # Alone, or so many that wait for the centre at once.
        some = [draw(dice, corpus) for _ in range(min(left, dice.choice(WAITING)))]
        left -= len(some)
        kinds.update(kind for kind, *_ in some)
        office.feed_together(some)
    gc.unfreeze()
    account = office.close()
    resident = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10
    return Counter(account), kinds, office.found, office.slowest_ms, office.heaviest, resident


def seen(name, *, seed, size=LOT):
    """After how many lots a planted bug was found by the check that is to find it; 0 when it was not."""
    ledger_class, wanted = PLANTED[name]
    for number in range(PLANTED_LOTS):
        if any(what == wanted for what, _, _ in lot(number, seed=seed, size=size, ledger_class=ledger_class)[2]):
            return number + 1
    return 0


def main(arguments=None):
    """Run; exit code 1 when anything crashed, vanished or was counted wrongly, or a planted bug was not seen."""
    options = argparse.ArgumentParser(prog="python -m tests.fuzz")
    options.add_argument("--inputs", type=int, default=20_000)
    options.add_argument("--seed", type=int, default=1)
    options.add_argument("--first", type=int, default=0, help="number of the first lot")
    options.add_argument("--lot", type=int, help="only this lot")
    options.add_argument("--size", type=int, default=LOT, help="messages in a lot")
    options.add_argument("--jobs", type=int, default=os.cpu_count())
    options.add_argument("--no-planted", action="store_true")
    chosen = options.parse_args(arguments)
    begun = time.monotonic()
    planted = (
        {}
        if chosen.no_planted or chosen.lot is not None
        else {n: seen(n, seed=chosen.seed, size=PLANTED_SIZE) for n in PLANTED}
    )
    for name, lots in planted.items():
        print(f"  planted {name:24} {f'seen in lot {lots}' if lots else 'NOT SEEN'}", flush=True)
    count = 1 if chosen.lot is not None else -(-chosen.inputs // chosen.size)
    first = chosen.first if chosen.lot is None else chosen.lot
    account, kinds, found = Counter(), Counter(), []
    slowest, heaviest, resident = 0.0, 0, []
    with Pool(chosen.jobs, initializer=_quiet) as pool:
        for part in pool.imap_unordered(partial(lot, seed=chosen.seed, size=chosen.size), range(first, first + count)):
            account.update(part[0])
            kinds.update(part[1])
            found.extend(part[2])
            slowest, heaviest = max(slowest, part[3]), max(heaviest, part[4])
            resident.append(part[5])
    for what, sentence, payload in found[:SHOWN]:
        print(f"{what}: {sentence}\n  {base64.b64encode(payload[:3_000]).decode()}", flush=True)
    for kind, n in sorted(kinds.items()):
        print(f"  {kind:18} {n}")
    summary = {
        "inputs": kinds.total(), "kinds": len(kinds), "crashes": sum(what == "crash" for what, _, _ in found), "violations": len(found),
        **account, "planted": len(planted), "planted_seen": sum(map(bool, planted.values())), "slowest_ms": round(slowest, 1),
        "heaviest_kb": heaviest >> 10, "resident_mb": max(resident), "seed": chosen.seed, "first_lot": first, "lots": count,
        "seconds": round(time.monotonic() - begun),
    }  # fmt: skip
    print(json.dumps(summary))
    return 1 if found or not all(planted.values()) else 0


def _quiet():
    logging.getLogger("server").setLevel(logging.CRITICAL)


if __name__ == "__main__":
    # Here and not in main(): a test that calls it would leave the server's log silent for all tests after it.
    _quiet()
    sys.exit(main())
