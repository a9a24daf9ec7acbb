"""`make bench`: what a touch, a picture, a slip and a record cost on this machine. One JSON object per line.

Absolute times are the machine's; compare lines of one run. Last numbers and the command stand in README.md beside.
"""

import json
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from random import Random

from kiosk.hardware.escpos_raster import steps, trimmed, weight
from tests.bench import frames, ingest_rate, whole
from tests.bench.lines import spread, timed
from tests.kiosk import golden_slips
from tests.kiosk.hardware.vietnamese import card_payload
from tests.kiosk.made import Made
from tests.kiosk.written import bytes_a_dose

TAPS = 60
PEOPLE_A_DAY = 600
BAUDS = (38_400, 115_200)
SEED = 7
WORN_BY = 20


def bench_slips() -> None:
    """Drawing slips; what they weigh on the printer's line, beside the plain raster and the line's limit (baud / 10)."""
    cutting = []
    for name, picture in golden_slips.draw().items():
        begun = time.perf_counter()
        job = steps(trimmed(picture), centres=True, doubles=True)
        cutting.append((time.perf_counter() - begun) * 1000)
        seconds = {f"s_at_{baud}_baud": round(weight(job) * 10 / baud, 2) for baud in BAUDS}
        plain = picture.width // 8 * picture.height
        line = {"bench": f"slip {name}", "bytes": weight(job), "bytes_plain_raster": plain, **seconds}
        print(json.dumps({**line, "s_plain_at_115200_baud": round(plain * 10 / 115_200, 2)}))
    spread("cut a slip into bands", cutting)
    spread("draw all slips of the golden set", [timed(golden_slips.draw) for _ in range(5)])


@contextmanager
def desk() -> Iterator[Made]:
    """A desk with a store on this machine's disk."""
    with tempfile.TemporaryDirectory() as folder:
        made = Made(Path(folder))
        yield made
        made.close()


def bench_touches() -> None:
    """Tap → durable → next screen, at a day's beginning and at its end, against one bare commit of the same store."""
    with desk() as made:
        chance = Random(SEED)
        samples = []
        for _ in range(PEOPLE_A_DAY):
            made.scan(card_payload(chance))
            token = made.touch.view()["token"]

            def tap(token: str = token) -> None:
                made.touch.act("yes", {}, token)
                made.touch.view()

            samples.append(timed(tap))
            made.act("done")
        spread("tap, durable, next screen (check-in)", samples[:TAPS])
        spread(f"the same with {PEOPLE_A_DAY} people in line", samples[-TAPS:])
        alive = [timed(lambda: made.desk.call(lambda: made.store.mark_alive("bench", 1, 1))) for _ in range(TAPS)]
        spread("one bare commit of the store", alive)


def bench_wear() -> None:
    """Bytes handed to the memory card for one person's whole way; beside them what 600 people a day make in a year."""
    with tempfile.TemporaryDirectory() as folder:
        made = Made(Path(folder))
        try:
            a_dose = bytes_a_dose(made, WORN_BY)
        finally:
            made.close()
    year_gb = round(a_dose * PEOPLE_A_DAY * 365 / 1e9, 1)
    print(
        json.dumps(
            {"bench": "bytes to the card, one dose", "bytes": a_dose, f"gb_a_year_at_{PEOPLE_A_DAY}_a_day": year_gb}
        )
    )


def main() -> None:
    """All of them."""
    bench_touches()
    bench_wear()
    whole.main()
    frames.main()
    bench_slips()
    ingest_rate.main()


if __name__ == "__main__":
    main()
