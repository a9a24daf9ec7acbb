"""Outages end: one kiosk with a month of records, many kiosks at once, thousands that reconnect; and what the others feel.

`python -m tests.bench.backlog --help`. Simulated kiosks over TLS, shipped mosquitto, the server's own ingest process.
"""

import itertools
import json
import statistics
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import click

from tests.bench.centre import Centre
from tests.bench.wires import Wire, Wires
from tests.server import databases
from tests.server.made import MINUTE, MORNING

LIVE = 10
LIVE_EVERY_S = 0.5
QUIET_S = 10.0
MOST_S = 900.0
# Any number will do, so long as no two kiosks make the same person.
_PEOPLE = 1000


def pairs_of(wire: Wire, count: int) -> list[tuple[bytes, bytes]]:
    """The next `count` records of a kiosk: whole visits, one after the other."""
    first = int(wire.kiosk.inc, 16) * _PEOPLE + wire.kiosk.seq
    visits = (wire.kiosk.visit(first + n, MORNING + n * MINUTE) for n in itertools.count())
    return list(itertools.islice(itertools.chain.from_iterable(visits), count))


class Live:
    """Kiosks at work: each writes one record now and then. `every_s`: between two of one kiosk."""

    def __init__(self, wires: Sequence[Wire], *, every_s: float, records: int) -> None:
        self._waiting = [(wire, iter(pairs_of(wire, records))) for wire in wires]
        self._wires = wires
        self._every_s = every_s
        self._next = 0.0

    def __call__(self) -> None:
        """Write what is due: the kiosks take turns, evenly spread."""
        now = time.monotonic()
        if now < self._next:
            return
        self._next = max(self._next + self._every_s / len(self._waiting), now - self._every_s)
        wire, pairs = self._waiting[0]
        self._waiting.append(self._waiting.pop(0))
        pair = next(pairs, None)
        if pair is not None:
            wire.write([pair])

    def taken(self) -> list[float]:
        """Latencies since the last call, in seconds."""
        found = [one for wire in self._wires for one in wire.latencies]
        for wire in self._wires:
            wire.latencies.clear()
        return found


def spread(samples: Sequence[float]) -> dict[str, float]:
    """p50 and p99 in milliseconds."""
    ranked = sorted(samples)
    p99 = ranked[min(len(ranked) - 1, int(len(ranked) * 0.99))]
    return {"p50_ms": round(statistics.median(ranked) * 1000, 1), "p99_ms": round(p99 * 1000, 1)}


def drained(folder: Path, *, kiosks: int, records: int, quiet_s: float = QUIET_S) -> dict[str, object]:
    """`kiosks` come back with `records` each while others work; what the others feel before and meanwhile."""
    with Centre(folder, kiosks=LIVE + kiosks) as centre:
        wires = Wires()
        working = [centre.wire(name) for name in centre.names[:LIVE]]
        backlog = [centre.wire(name) for name in centre.names[LIVE:]]
        for wire in backlog:
            wire.write(pairs_of(wire, records))
        live = Live(working, every_s=LIVE_EVERY_S, records=int(MOST_S / LIVE_EVERY_S))
        wires.connect(working)
        until = time.monotonic() + quiet_s
        wires.run(lambda: time.monotonic() > until, each=live, most_s=MOST_S)
        before = live.taken()
        begun = time.monotonic()
        wires.connect(backlog)
        done = wires.run(lambda: all(not wire.outbox.backlog() for wire in backlog), each=live, most_s=MOST_S)
        took = time.monotonic() - begun
        meanwhile = live.taken()
        wires.close()
    quiet, busy = spread(before), spread(meanwhile or before)
    total = kiosks * records
    return {
        "bench": f"backlog, {kiosks} x {records}", "drained": done, "seconds": round(took, 1),
        "records_per_s": round(total / took), "sent_per_record": round(sum(w.sent for w in backlog) / total, 2),
        "others_before": quiet, "others_meanwhile": busy,
        "ratio_p50": round(busy["p50_ms"] / quiet["p50_ms"], 2), "n": [len(before), len(meanwhile)],
    }  # fmt: skip


def stampede(folder: Path, *, kiosks: int) -> dict[str, object]:
    """All connect at once, each with one record: how long until each knows it safe."""
    with Centre(folder, kiosks=kiosks) as centre:
        wires, crowd = Wires(), [centre.wire(name) for name in centre.names]
        for wire in crowd:
            wire.write(pairs_of(wire, 1))
        begun = time.monotonic()
        wires.connect(crowd)
        connected = time.monotonic() - begun
        done = wires.run(lambda: all(not wire.outbox.backlog() for wire in crowd), most_s=MOST_S)
        took = [wire.answered_at - begun for wire in crowd if wire.answered_at]
        wires.close()
    return {"bench": f"stampede of {kiosks}", "all_safe": done, "connected_s": round(connected, 1),
            "last_s": round(max(took, default=0), 1), **spread(took or [0.0]),
            "sent_per_record": round(sum(wire.sent for wire in crowd) / kiosks, 2)}  # fmt: skip


def paced(
    folder: Path, *, per_s: int, seconds: float = 10.0, kiosks: int = 50, database: str = "", processes: Sequence[str] = ("ingest",)
) -> dict[str, object]:  # fmt: skip
    """Acknowledgement latency while `per_s` records a second come, one a message."""
    with Centre(folder, kiosks=kiosks, database=database, processes=processes, shards=4 if database else 1) as centre:
        wires, crowd = Wires(), [centre.wire(name) for name in centre.names]
        wires.connect(crowd)
        live = Live(crowd, every_s=kiosks / per_s, records=int(per_s * seconds / kiosks) + 1)
        until = time.monotonic() + seconds
        wires.run(lambda: time.monotonic() > until, each=live, most_s=MOST_S)
        wires.run(lambda: all(not wire.outbox.backlog() for wire in crowd), most_s=MOST_S)
        taken = live.taken()
        wires.close()
    return {
        "bench": f"acknowledgement at {per_s} records/s, {'PostgreSQL' if database else 'SQLite'}, {len(processes)} ingest",
        **spread(taken),
        "n": len(taken),
        "asked": per_s * seconds,
    }


def on_postgresql(folder: Path, *, per_s: int) -> dict[str, object]:
    """As `paced`, two ingest processes on a PostgreSQL that waits for its disk."""
    with databases.postgresql(fsync=True) as address:
        return paced(folder, per_s=per_s, database=address, processes=("ingest-1", "ingest-2"))


def bench(*, big: int, many: int, each: int, crowd: int, per_s: int) -> Iterator[dict[str, object]]:
    """Every scenario in a folder of its own; 0 leaves one out."""
    has_postgresql = databases.binaries() is not None
    wanted = [
        (per_s // 10, lambda folder: paced(folder, per_s=per_s // 10)),
        (per_s, lambda folder: paced(folder, per_s=per_s)),
        (per_s // 10 * has_postgresql, lambda folder: on_postgresql(folder, per_s=per_s // 10)),
        (per_s * has_postgresql, lambda folder: on_postgresql(folder, per_s=per_s)),
        (big, lambda folder: drained(folder, kiosks=1, records=big)),
        (many, lambda folder: drained(folder, kiosks=many, records=each)),
        (crowd, lambda folder: stampede(folder, kiosks=crowd)),
    ]
    for size, work in wanted:
        if size:
            with tempfile.TemporaryDirectory(prefix="tram-bench-") as folder:
                yield work(Path(folder))


@click.command()
@click.option("--big", default=10_000, help="Records of the one kiosk that was away.")
@click.option("--many", default=500, help="Kiosks that come back together …")
@click.option("--each", default=200, help="… with so many records each.")
@click.option("--crowd", default=2_000, help="Kiosks that reconnect at once.")
@click.option("--per-s", default=500, help="Records a second for the acknowledgement's latency.")
def main(big: int, many: int, each: int, crowd: int, per_s: int) -> None:
    """Print one line a scenario."""
    for row in bench(big=big, many=many, each=each, crowd=crowd, per_s=per_s):
        print(json.dumps(row), flush=True)


if __name__ == "__main__":
    main()
