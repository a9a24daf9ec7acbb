"""`make slips SLIPS=n SEED=s`: n slips drawn, spoiled, read back by the camera path, and the register rebuilt from them.

The last line is JSON. `python -m tests.slips --seed 1 --lot 3` repeats one lot.
"""

import argparse
import json
import logging
import os
import random
import shutil
import sys
import tempfile
import time
from dataclasses import replace
from functools import cache, partial
from multiprocessing import Pool
from pathlib import Path

from kiosk.hardware.decoder import DecoderChain
from kiosk.hardware.zbar_decoder import ZbarDecoder
from kiosk.hardware.zxing_decoder import ZxingDecoder
from kiosk.slip_picture import WIDTH_58_MM, WIDTH_80_MM, render_dose_slip
from protocol import envelope, slip_code
from server import vaccinations
from server.db import Database
from tests.kiosk import golden_slips
from tests.server import databases, made
from tests.server.made import MINUTE, MORNING, Office
from tests.slips.paper import held, printed

LOT = 50
# How many frames the camera sees while a person holds a slip: a third of a second at 15 a second.
FRAMES = 5
WANTED = 0.995
FOLDER = next((path for path in ("/dev/shm",) if Path(path).is_dir()), None)
TOLD = ("person", "vaccine", "lot", "dose_no", "place", "given_on", "given_at", "injector", "slip", "status")


@cache
def _template():
    return databases.migrated_file(Path(tempfile.mkdtemp(prefix="tram-slips-", dir=FOLDER)))


def code_of(kiosk, line):
    """The signed copy of the dose in `line`, as the kiosk prints it."""
    record = envelope.parse(line)
    body = record.body
    who = made.identity(int(body["dose"].partition("-")[2]))
    value = {
        "s": body["slip"], "k": kiosk.k, "i": kiosk.inc, "q": record.seq, "p": body["person"], "n": who["name"],
        "b": who["dob"], "v": body["vaccine"], "l": body["lot"], "d": body["dose_no"], "t": record.t["wall"],
        "w": record.who["id"], "x": record.site,
    }  # fmt: skip
    signed = slip_code.payload(value)
    return slip_code.encode(signed, kiosk.signer.sign_raw(signed))


def read_back(code, decoder, dice):
    """`(text, frames looked at)` of a slip with `code`, printed, spoiled and held before the camera; text "" when unread."""
    words = replace(golden_slips.DOSE, qr_text=code, next_due=dice.choice((None, "26/12/2021")))
    slip = printed(render_dose_slip(words, width_dots=dice.choice((WIDTH_80_MM, WIDTH_58_MM))), dice)
    for number in range(1, FRAMES + 1):
        for found in decoder.decode(held(slip, dice)):
            if found.data.startswith(slip_code.SLIP_PREFIX.encode()):
                return found.data.decode("ascii", "replace"), number
    return "", FRAMES


def doses(office, numbers):
    """What the register says of these people's doses."""
    with office.db.read() as conn:
        return {
            number: [tuple(dose[name] for name in TOLD) for dose in vaccinations.of_person(conn, made.person(number))]
            for number in numbers
        }


def lot(number, *, seed, sizes, planted=False):
    """One lot: `{"slips", "read", "at_first", "wrong", "differing"}`."""
    size = sizes[number] if number < len(sizes) else LOT
    dice = random.Random(f"{seed}:{number}")
    folder = Path(tempfile.mkdtemp(prefix="tram-slips-", dir=FOLDER))
    offices = []
    for name in ("original", "rebuilt"):
        shutil.copy(_template(), folder / f"{name}.db")
        offices.append(Office(Database(f"sqlite:///{folder / f'{name}.db'}", pool_size=1)))
    original, rebuilt = offices
    decoder = DecoderChain(ZxingDecoder(), ZbarDecoder(), every=FRAMES)
    account = {"slips": size, "read": 0, "at_first": 0, "wrong": 0}
    try:
        burnt, other = original.kiosk("kiosk-1"), rebuilt.kiosk("kiosk-2")
        rebuilt.enrol(burnt)
        people = range(number * LOT + 1, number * LOT + size + 1)
        seen = []
        for n in people:
            given = {"vaccine": dice.choice(("pfizer", "astrazeneca")), "lot": f"L{dice.randrange(10**6):06d}"}
            pairs = burnt.visit(n, MORNING + (n % 400) * MINUTE, dose_no=dice.choice((1, 2)), **given)
            original.accept(burnt, *pairs)
            code = code_of(burnt, next(line for line, _ in pairs if envelope.parse(line).kind == "dose.given"))
            text, frames = read_back(code, decoder, dice)
            if planted and n == people[0] and text:
                text = text[:-1] + ("0" if text[-1] != "0" else "1")
            account["wrong"] += bool(text) and text != code
            if text:
                account["read"] += 1
                account["at_first"] += frames == 1
                seen.append((n, text))
        for n, text in seen:
            value = {"slip": f"s-{n}", "person": made.person(n), "code": text}
            rebuilt.accept(other, other.write("dose.recovered", value))
        numbers = [n for n, _ in seen]
        wanted, got = doses(original, numbers), doses(rebuilt, numbers)
        account["differing"] = sum(wanted[n] != got[n] or len(wanted[n]) != 1 for n in numbers)
    finally:
        decoder.close()
        for office in offices:
            office.db.close()
        shutil.rmtree(folder)
    return account


def main(arguments=None):
    """Run; exit code 1 when too few slips were read, any was read wrong, the registers differ, or the planted bug hid."""
    options = argparse.ArgumentParser(prog="python -m tests.slips")
    options.add_argument("--slips", type=int, default=10_000)
    options.add_argument("--seed", type=int, default=1)
    options.add_argument("--lot", type=int, help="only this lot")
    options.add_argument("--begin", type=int, default=0, help="the first lot: a long run in parts")
    options.add_argument("--jobs", type=int, default=os.cpu_count())
    chosen = options.parse_args(arguments)
    begun = time.monotonic()
    seen = lot(0, seed=chosen.seed, sizes=[2], planted=True)["differing"] == 1
    print(f"  planted: one sign of one code altered: {'seen' if seen else 'NOT SEEN'}", flush=True)
    sizes = [LOT] * chosen.begin + [min(LOT, chosen.slips - at) for at in range(0, chosen.slips, LOT)]
    numbers = range(chosen.begin, len(sizes)) if chosen.lot is None else [chosen.lot]
    total = {"slips": 0, "read": 0, "at_first": 0, "wrong": 0, "differing": 0}
    with Pool(chosen.jobs, initializer=logging.disable, initargs=(logging.CRITICAL,)) as pool:
        for one in pool.imap_unordered(partial(lot, seed=chosen.seed, sizes=sizes), numbers):
            total = {name: total[name] + one[name] for name in total}
            told = ", ".join(f"{total[name]} {name}" for name in total)
            print(f"  {told}", flush=True)
    summary = {
        **total, "read_share": round(total["read"] / total["slips"], 4), "at_first_share": round(total["at_first"] / total["slips"], 4),
        "frames": FRAMES, "planted_seen": seen, "seed": chosen.seed, "begin": chosen.begin, "seconds": round(time.monotonic() - begun),
    }  # fmt: skip
    print(json.dumps(summary))
    sound = seen and not total["wrong"] and not total["differing"]
    return 0 if sound and total["read"] >= WANTED * total["slips"] else 1


if __name__ == "__main__":
    sys.exit(main())
