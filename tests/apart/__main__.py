"""`python -m tests.apart`: SIGKILL of each process in turn under load on PostgreSQL, round after round; JSON, the account last."""

import json
import sys
import tempfile
import time
from contextlib import closing
from pathlib import Path

import click

from tests.apart.load import Load, zeros
from tests.bench.centre import Centre
from tests.server import databases


def alone(load, centre, *, name):
    """Kill an ingest and leave it dead: seconds until a record that was written afterwards is safe, of every kiosk."""
    centre.kill(name)
    begun, marks = time.monotonic(), {wire: len(wire.pairs) for wire in load.crowd}
    taken = load.go_on(lambda: all(wire.outbox.committed > mark for wire, mark in marks.items()))
    seconds = time.monotonic() - begun
    centre.start(name)
    centre.await_ready(name)
    return {"taken_over": taken, "seconds": round(seconds, 1)}


@click.command()
@click.option("--rounds", default=5, help="How often each process is killed.")
@click.option("--kiosks", default=24, help="Kiosks at work.")
@click.option("--shards", default=6, help="Among how many shards they are spread.")
@click.option("--of-each", default=2, help="Processes of each sort.")
@click.option("--records-per-s", default=100, help="Of all kiosks together.")
@click.option("--messages-per-s", default=5, help="Queued by the server's own desk.")
@click.option(
    "--cold", is_flag=True, help="Start each process by its command line, not as a fork of one that has imported all."
)
def main(**asked):
    """Kill, look, start again; exits 1 where something was lost or doubled."""
    names = tuple(f"{part}-{n + 1}" for n in range(asked["of_each"]) for part in ("ingest", "web", "worker"))
    with tempfile.TemporaryDirectory(prefix="tram-apart-") as folder, databases.postgresql(fsync=True) as address:
        account = run(Path(folder), address, names, **asked)
    print(json.dumps(account), flush=True)
    sys.exit(not account["whole"])


def run(folder, address, names, *, rounds, kiosks, shards, of_each, records_per_s, messages_per_s, cold):
    """The account of `rounds` in which each process was killed once."""
    begun, kills, broken = time.monotonic(), 0, []
    with (
        Centre(folder, kiosks=kiosks, database=address, processes=names, shards=shards, warm=not cold) as centre,
        closing(Load(centre, records_per_s=records_per_s, messages_per_s=messages_per_s, sites=kiosks)) as load,
    ):
        load.begin()
        for number in range(rounds):
            for name in names:
                mark = load.committed()
                assert load.go_on(lambda mark=mark: load.committed() > mark + kiosks), "nothing is taken any more"
                centre.kill(name)
                kills += 1
                broken += load.held_for_safe()
                load.for_s(0.5)
                centre.start(name)
            done = {"round": number + 1, "kills": kills, "committed": load.committed(), "not_held": len(broken)}
            print(json.dumps(done), flush=True)
        for name in names:
            centre.await_ready(name)
        takeover = alone(load, centre, name="ingest-2") if of_each > 1 else None
        kills += of_each > 1
        arrived = load.end()
        account = load.judge()
    wrong = zeros(account)
    return {"kills": kills, "arrived": arrived, "not_held_at_a_kill": len(broken), **account, "takeover": takeover,
            "form_tries": load.desk.tries, "form_troubles": dict(load.desk.troubles),
            "whole": arrived and not wrong and not broken, "seconds": round(time.monotonic() - begun)}  # fmt: skip


if __name__ == "__main__":
    main()
