"""Commands for the quiet hours: long searches over everything. Each opens the database, calls one function, prints."""

import json
import time
from dataclasses import asdict

import click

from server import app, duplicates, reference
from server.config import Config


@click.command("duplicates")
@click.pass_obj
def search_duplicates(config: Config) -> None:
    """Search everybody for records of one person and propose them to the officers; prints one line of JSON."""
    known = reference.read_data("duplicates")
    clock = app.make_clock(config)
    db = app.start_db(config)
    try:
        begun = time.monotonic()
        found = duplicates.search(
            db, weights=known["weights"], propose_at=known["propose_at"], now=clock.wall_ms()
        )  # fmt: skip
    finally:
        db.close()
    click.echo(json.dumps({**asdict(found), "seconds": round(time.monotonic() - begun, 1)}))
