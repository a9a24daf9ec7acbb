"""`python -m server import`: a list from a file, at a terminal. Reads and reviews as the console does; prints figures."""

import json
from pathlib import Path
from typing import Any

import click

from protocol.clocktext import day_of
from server import app, units
from server.config import Config
from server.db import Database
from server.imports import columns, export, staging, words
from server.imports.work import Importer
from server.pages.import_terms import FILE_WORDS, ROW_WORDS

WHO = "operator"
# A line for every so many rows.
TOLD_EVERY = 50_000


@click.command("import")
@click.argument("kind", type=click.Choice(columns.KINDS))
@click.argument("path", type=click.Path(path_type=Path, dir_okay=False, exists=True))
@click.option("--unit", required=True, help="Code of the unit the list is for.")
@click.option("--whole", is_flag=True, help="The file is the whole list of the unit.")
@click.option("--accept", multiple=True, type=click.Choice(words.ASKS), help="Proposals to take over; may be repeated.")
@click.option("--commit", "commits", is_flag=True, help="Write it. Without this nothing but the review is printed.")
@click.option("--take-off", is_flag=True, help="With --whole: take off the list who is not in the file.")
@click.option(
    "--failed", type=click.Path(path_type=Path, dir_okay=False), help="Write the rows not taken here, as CSV."
)
@click.pass_obj
def import_list(
    config: Config, *, kind: str, path: Path, unit: str, whole: bool, accept: tuple[str, ...], commits: bool, take_off: bool,
    failed: Path | None,
) -> None:  # fmt: skip
    """Bring in a list (XLSX or CSV). The same command again goes on where one was cut off."""
    clock = app.make_clock(config)
    db = app.start_db(config)
    importer = Importer(db=db, clock=clock, day_offset_min=config.day_offset_min)
    try:
        day = day_of(clock.wall_ms(), config.day_offset_min)
        with db.write() as conn, path.open("rb") as file:
            held = units.find(conn, unit, day=day)
            if held is None:
                raise click.ClickException(f"there is no unit {unit!r} on {day}")
            name = staging.resumable(conn, kind=kind, unit=held, file=file) or staging.begin(
                conn, kind=kind, unit=held, file=file, file_name=path.name, whole=whole, who=WHO, now=clock.wall_ms()
            )
        row = _go_on(db, importer, name)
        if row["state"] == staging.FAILED_TO_READ:
            raise click.ClickException(FILE_WORDS[row["fault"]])
        if row["state"] == staging.REVIEW:
            with db.write() as conn:
                staging.accept(conn, row, accept, who=WHO, now=clock.wall_ms())
            click.echo(json.dumps({"import": name, **_review(db, name)}, ensure_ascii=False))
            if commits:
                with db.write() as conn:
                    staging.commit(conn, _row(db, name), take_off=take_off, who=WHO, now=clock.wall_ms())
                row = _go_on(db, importer, name)
        if row["state"] == staging.DONE:
            figures = {key: value for key, value in row["figures"].items() if key != "headings"}
            click.echo(
                json.dumps({"import": name, "rows": row["rows"], **figures, **_review(db, name)}, ensure_ascii=False)
            )
        if failed is not None:
            _write_failed(db, name, failed)
    finally:
        importer.close()
        db.close()


def _go_on(db: Database, importer: Importer, name: str) -> dict[str, Any]:
    """Work until this import waits for somebody or is over."""
    told = 0
    row = _row(db, name)
    while row["state"] in staging.AT_WORK and importer.step():
        row = _row(db, name)
        if row["at_row"] - told >= TOLD_EVERY or row["at_row"] < told:
            told = row["at_row"]
            click.echo(f"{row['state']}: {told} of {row['rows'] or '?'} rows", err=True)
    return row


def _row(db: Database, name: str) -> dict[str, Any]:
    with db.read() as conn:
        row = staging.get(conn, name)
    if row is None:
        raise click.ClickException("the import is gone")
    return row


def _review(db: Database, name: str) -> dict[str, Any]:
    with db.read() as conn:
        found = staging.figures(conn, name)
    return {"states": dict(found["state"]), "words": dict(found["word"])}


def _write_failed(db: Database, name: str, out: Path) -> None:
    row = _row(db, name)
    with db.read() as conn, out.open("wb") as file:
        found = export.lines(
            row["kind"], row["figures"].get("headings", []), staging.failed(conn, row),
            reason=lambda said: "; ".join(ROW_WORDS[word] for word in said),
        )  # fmt: skip
        for piece in export.as_csv(found):
            file.write(piece)
