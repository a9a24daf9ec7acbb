"""The kiosk's commands: `python -m kiosk run|doctor|outbox|rebuild`. Each says what it did in one line."""

from __future__ import annotations

import json
import signal
import sys
import threading
from contextlib import nullcontext
from pathlib import Path

import click

from kiosk import doctor as doctor_of
from kiosk import logbook
from kiosk.app import Kiosk
from kiosk.clock import DemoClock, SystemClock
from kiosk.config import load, read_enrolment
from kiosk.desk import reading
from kiosk.desk.outbox import store_account
from kiosk.errors import KioskError
from kiosk.hardware.machine_pi import PiMachine
from kiosk.one_writer import OneWriter
from kiosk.screens.words import DEFAULT_LANGUAGE, languages, load_words
from kiosk.store import Batch, Store
from kiosk.unenrolled import Unenrolled, is_blank

_config = click.option(
    "--config", type=click.Path(path_type=Path, exists=True, dir_okay=False), help="The settings file (TOML)."
)


@click.group()
def main() -> None:
    """Trạm, the kiosk of an injection site."""


@main.command()
@_config
def run(config: Path | None) -> None:
    """Run this kiosk until it is told to stop; one without a kit asks for the enrolment QR first."""
    settings = load(config)
    logbook.begin(level=settings.text("log_level"), stream=sys.stderr)
    stop = threading.Event()
    if is_blank(settings):
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: stop.set())
        with Unenrolled(settings) as waiting:
            click.echo(f"kiosk, not enrolled: {waiting.url}")
            enrolled = waiting.wait(stop)
        if enrolled is None:
            return
        settings = enrolled
    kiosk = Kiosk(settings)
    kiosk.start()
    click.echo(f"kiosk: {kiosk.url}")
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: kiosk.stop_soon())
    if stop.is_set():
        kiosk.stop_soon()
    try:
        kiosk.wait()
    finally:
        kiosk.stop()


@main.command()
@_config
def outbox(config: Path | None) -> None:
    """Say how many records are here, how many the centre has not acknowledged, how many slips wait for the printer."""
    settings = load(config)
    store = Store(settings.path("folder") / "kiosk.db")
    click.echo(json.dumps(store_account(store, k=read_enrolment(settings).k)))
    store.close()


@main.command()
@_config
@click.option("--check", is_flag=True, help="Compare only; change nothing.")
def rebuild(config: Path | None, *, check: bool) -> None:
    """Read every visit anew from the records and compare it with the live table."""
    settings = load(config)
    folder = settings.path("folder")
    with OneWriter(folder) if not check else nullcontext():
        visits, differing, count = _rebuilt(folder / "kiosk.db", check=check)
    click.echo(f"{visits} visits, {differing} differed from the records; {count} records are sealed")
    if check and differing:
        raise SystemExit(1)


def _rebuilt(path: Path, *, check: bool) -> tuple[int, int, int]:
    """How many visits, how many of them differed, how many records are sealed."""
    store = Store(path)
    visits = reading.rebuilt(store)
    differing = [visit for visit, body in visits.items() if store.visit(visit) != json.loads(json.dumps(body))]
    # A reading goes with its records when they are sealed; one without any is left from nowhere.
    differing += sorted(store.kept.visits() - set(visits))
    if not check:
        store.commit(Batch(visits=tuple(visits.values())))
    count = store.kept.counts()[0]
    store.close()
    return len(visits), len(differing), count


@main.command()
@_config
@click.option(
    "--lang", type=click.Choice(list(languages())), default=DEFAULT_LANGUAGE, help="The language of the sentences."
)
@click.option("--json", "as_json", is_flag=True, help="The tiles as JSON, for a script.")
def doctor(config: Path | None, *, lang: str, as_json: bool) -> None:
    """Say how this machine is, as its status page does; exit code 1 when something needs a hand."""
    settings = load(config)
    clock = DemoClock(settings.path("demo_clock")) if settings.text("demo_clock") else SystemClock()
    found = doctor_of.examine(settings, clock=clock, machine=PiMachine(folder=settings.path("folder")))
    click.echo(json.dumps(found) if as_json else "\n".join(doctor_of.lines(found, load_words()[lang])))
    raise SystemExit(doctor_of.CODES[found["worst"]])


if __name__ == "__main__":
    try:
        main()
    except KioskError as error:
        click.echo(f"{type(error).__name__}: {error}", err=True)
        raise SystemExit(2) from error
