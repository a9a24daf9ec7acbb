"""Does a record cost more the more the ledger holds? The same messages at every size, in shares of the limit of
`tests.bench.ingest_rate`, whose parts hold nothing. `python -m tests.bench.growth`. No broker, no network.
"""

import json
import tempfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from server.db import Database
from server.migrations.upgrade import upgrade
from tests.bench.ingest_rate import BARE, _bare, _ingest, _messages, _seconds, _take
from tests.server import databases
from tests.server.made import Office

VISITS = 140
TURNS = 25
TOLD_EVERY = 6
A_MESSAGE = 50


def bench() -> Iterator[dict[str, object]]:
    """A row for every 5,880 records held, on each database."""
    with tempfile.TemporaryDirectory() as folder, closing(Database(f"sqlite:///{Path(folder) / 'bench.db'}")) as db:
        yield from _on(db, "SQLite")
    if databases.binaries() is not None:
        with databases.postgresql(fsync=True) as address, closing(Database(address)) as db:
            yield from _on(db, "PostgreSQL")


def _on(db: Database, name: str) -> Iterator[dict[str, object]]:
    upgrade(db)
    office = Office(db)
    ingest = _ingest(office)
    BARE.create(db.engine)
    held = 0
    for turn in range(TURNS):
        kiosk, messages = _messages(office, turn + 1, visits=VISITS, size=A_MESSAGE)
        limit = _seconds(lambda k=kiosk, m=messages: _bare(db, k, m, 1))
        taken = _seconds(lambda k=kiosk, m=messages: _take(ingest, k, m, 1))
        count = sum(len(part) for part in messages)
        if turn and turn % TOLD_EVERY == 0:
            row = {"bench": f"growth, {name}", "held": held, "records_per_s": round(count / taken)}
            yield {**row, "of_limit": round(limit / taken, 2)}
        held += count
    BARE.drop(db.engine)


def main() -> None:
    """Print the rows."""
    for row in bench():
        print(json.dumps(row), flush=True)


if __name__ == "__main__":
    main()
