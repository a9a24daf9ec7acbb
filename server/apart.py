"""The commands of a server in several processes: web, ingest, worker, and who shares the ingest. No rule stands here."""

import logging
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import click

from server import app, exposure, shares
from server.config import Config
from server.errors import ServerError
from server.pki import PkiError

logger = logging.getLogger(__name__)


@contextmanager
def sentences() -> Iterator[None]:
    """Errors that somebody at the terminal can mend become one sentence; all others keep their traceback."""
    try:
        yield
    except ServerError as error:
        raise click.ClickException(error.sentence) from error


def serve(config: Config, parts: tuple[str, ...]) -> None:
    """Run these parts until SIGTERM or SIGINT."""
    with sentences():
        for each in exposure.check(config):
            logger.warning("exposure_in_the_clear setting=%s", each.setting)
    if exposure.callers_look_alike(config):
        logger.warning("exposure_callers_alike setting=proxy")
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    with sentences():
        app.run(config, clock=app.make_clock(config), stop=stop, say=click.echo, parts=parts)


@click.command()
@click.pass_obj
def web(config: Config) -> None:
    """Only the pages and the API. Several on one machine: setting `share_ports`."""
    serve(config, (app.WEB,))


@click.command()
@click.option("--process", help="Overrides the setting `process`: each of several has a name of its own.")
@click.pass_obj
def ingest(config: Config, process: str | None) -> None:
    """Only the taking in of records over MQTT, and the reference lists. Several: setting `shards = "*"`."""
    serve(Config(**{**vars(config), "process": process or config.process}), (app.INGEST,))


@click.command()
@click.pass_obj
def worker(config: Config) -> None:
    """Only the sending of messages. Several need no setting: each message is sent by one of them."""
    serve(config, (app.WORKER,))


@click.command("add-ingest")
@click.argument("name")
@click.pass_obj
def add_ingest(config: Config, name: str) -> None:
    """Give one more ingest process an identity and its lines in the broker's ACL. Again: no harm."""
    with sentences():
        db = app.start_db(config)
        try:
            ledger = app.start_ledger(config, db=db, clock=app.make_clock(config))
            app.add_process(config, ledger=ledger, name=name)
        except PkiError as error:
            raise click.ClickException(str(error)) from error
        finally:
            db.close()
    click.echo(str(config.keys_folder / name))


@click.command("shares")
@click.pass_obj
def shares_command(config: Config) -> None:
    """Which ingest process takes which shards, as each said at its last look."""
    with sentences():
        db = app.start_db(config)
        try:
            with db.read() as conn:
                rows = shares.told(conn)
        finally:
            db.close()
    for row in rows:
        click.echo(f"{row['name']}: {row['takes'] or 'nothing'} ({row['beats']} beats)")


COMMANDS = (web, ingest, worker, add_ingest, shares_command)
