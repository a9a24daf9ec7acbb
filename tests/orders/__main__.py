"""`make orders PERMUTATIONS=n SEED=s`: a planted bug first, then a day in n orders on the real ledger; the last line is JSON.

`python -m tests.orders --seed 1 --lot 3` repeats one lot: an office to which the day comes in 25 orders.
"""

import argparse
import copy
import hashlib
import json
import logging
import os
import random
import shutil
import sys
import tempfile
import time
from functools import cache, partial
from multiprocessing import Pool
from pathlib import Path

from sqlalchemy import func, select

from server.db import Database
from server.ledger import rebuild
from server.ledger.derive import Deriver
from server.ledger.tables import FORK, QUARANTINE, RECORD
from tests.server import databases
from tests.server.a_day import a_day, clear, dump, kiosks_of, send
from tests.server.made import MINUTE, MORNING, Office

LOT = 25
FOLDER = next((path for path in ("/dev/shm",) if Path(path).is_dir()), None)


class ByArrival(Deriver):
    """Planted: derivations read records in the order in which they came."""

    def records(self, conn, entities, **given):
        found = super().records(conn, entities, **given)
        numbers = {row.line: row.id for row in conn.execute(select(RECORD.c.id, RECORD.c.line))}
        for held in found.values():
            held.sort(key=lambda record: numbers.get(record.line, 0))
        return found


@cache
def _template():
    return databases.migrated_file(Path(tempfile.mkdtemp(prefix="tram-orders-", dir=FOLDER)))


def whole_day(kiosks):
    """`(kiosk, pair)` of the day: visits, undone, corrected and late doses, a complaint, stock; and what a cloned card wrote.

    The clone goes on behind the first kiosk's first record under the same numbers: each of its records meets another.
    """
    clone = copy.copy(kiosks[0])
    clone.opened()
    told = a_day(kiosks)
    late = MORNING + 45 * MINUTE
    for pairs in (
        clone.visit(21, late),
        clone.visit(22, late, lot="AB777", vaccine="astrazeneca"),
        [clone.undone(21, late)],
    ):
        told.extend((kiosks[0], pair) for pair in pairs)
    return told


def lot(number, *, seed, size=LOT, planted=False):
    """One office: `{"records", "forks", "orders", "tables", "rows", "differing": [tables]}` of `size` orders."""
    dice = random.Random(f"{seed}:{number}")
    folder = Path(tempfile.mkdtemp(prefix="tram-orders-", dir=FOLDER))
    shutil.copy(_template(), folder / "tram.db")
    office = Office(Database(f"sqlite:///{folder / 'tram.db'}", pool_size=1))
    if planted:
        office.ledger.deriver = ByArrival(office.ledger.deriver.features, parse=office.ledger.parse)
    try:
        told = whole_day(kiosks_of(office))
        send(office, told, dice)
        wanted = dump(office)
        orders, differing = set(), set()
        for _ in range(size):
            clear(office)
            shuffled = dice.sample(told, len(told))
            orders.add(hashlib.sha256(b"".join(line for _, (line, _) in shuffled)).hexdigest())
            send(office, shuffled, dice)
            got = dump(office)
            differing |= {name for name in wanted if got[name] != wanted[name]}
        with office.db.read() as conn:
            held = [
                conn.execute(select(func.count()).select_from(table)).scalar_one()
                for table in (RECORD, FORK, QUARANTINE)
            ]
        if (sum(held[:2]), held[2]) != (len(told), 0):
            differing.add("record")
        if not rebuild.check(office.ledger).same:
            differing.add("rebuild")
    finally:
        office.db.close()
        shutil.rmtree(folder)
    rows = sum(map(len, wanted.values()))
    empty = sorted(name for name, held_rows in wanted.items() if not held_rows)
    return {
        "records": len(told), "forks": held[1], "orders": len(orders), "tables": len(wanted), "rows": rows, "empty": empty,
        "differing": sorted(differing), "lot": number,
    }  # fmt: skip


def main(arguments=None):
    """Run; exit code 1 when any order gave other tables, or the planted bug was not seen."""
    options = argparse.ArgumentParser(prog="python -m tests.orders")
    options.add_argument("--permutations", type=int, default=1000)
    options.add_argument("--seed", type=int, default=1)
    options.add_argument("--lot", type=int, help="only this lot")
    options.add_argument("--jobs", type=int, default=os.cpu_count())
    chosen = options.parse_args(arguments)
    begun = time.monotonic()
    planted = lot(0, seed=chosen.seed, size=3, planted=True)["differing"]
    print(f"  planted: read by arrival: {'seen in ' + ', '.join(planted) if planted else 'NOT SEEN'}", flush=True)
    sizes = [min(LOT, chosen.permutations - at) for at in range(0, chosen.permutations, LOT)]
    numbers = range(len(sizes)) if chosen.lot is None else [chosen.lot]
    with Pool(chosen.jobs, initializer=_quiet) as pool:
        lots = list(pool.imap_unordered(partial(_lot, seed=chosen.seed, sizes=sizes), numbers))
    for one in sorted(lots, key=lambda one: one["lot"]):
        if one["differing"]:
            print(f"lot {one['lot']}: other rows in {', '.join(one['differing'])}")
    summary = {
        "permutations": sum(one["orders"] for one in lots), "violations": sum(bool(one["differing"]) for one in lots),
        **{name: lots[0][name] for name in ("records", "forks", "tables", "rows", "empty")}, "planted_seen": bool(planted),
        "seed": chosen.seed, "seconds": round(time.monotonic() - begun),
    }  # fmt: skip
    print(json.dumps(summary))
    return 0 if planted and not summary["violations"] else 1


def _lot(number, *, seed, sizes):
    return lot(number, seed=seed, size=sizes[number] if number < len(sizes) else LOT)


def _quiet():
    logging.getLogger("server").setLevel(logging.CRITICAL)


if __name__ == "__main__":
    # Here and not in main(): a test that calls it would leave the server's log silent for all tests after it.
    _quiet()
    sys.exit(main())
