"""The commands of `python -m server`. Each parses, calls one function of a part, prints; no rule stands here."""

import json
import secrets
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click
from sqlalchemy import Connection, func, select

from protocol.clocktext import DAY_MS, day_number, day_of
from protocol.fields import is_day
from server import (
    accounts,
    apart,
    app,
    audit,
    contacts,
    delegation,
    fleet,
    inventory,
    logbook,
    messages,
    reporting,
    safekeeping,
    seed,
    units,
)
from server.clock import Clock
from server.config import Config, load
from server.credentials import added as credentials_of
from server.db import row_of
from server.enrolment import write_acl
from server.errors import ServerError
from server.import_command import import_list
from server.ledger import rebuild as rebuilding
from server.ledger import release
from server.ledger.ledger import Ledger
from server.ledger.tables import RECORD
from server.nightly import search_duplicates
from server.pki import PkiError, kiosk_home
from server.units import Unit
from server.worker import read_outbox

DATA = Path(__file__).with_name("data")
DEMO_SEED, UNITS_FILE = DATA / "seed_demo.toml", DATA / "units.csv"
# Units adrift that `units load` names; whoever has more looks into the table.
MOST_TOLD = 20


def _read_day(_context: click.Context, _option: click.Parameter, day: str | None) -> str | None:
    if day is not None and not is_day(day):
        raise click.ClickException(f"{day!r} is no day like 2021-10-03")
    return day


_day_option = click.option("--day", callback=_read_day, help="The day, YYYY-MM-DD; today by default.")


@click.group(commands=[search_duplicates, import_list, *apart.COMMANDS])
@click.option(
    "--config", "path", type=click.Path(path_type=Path, dir_okay=False), envvar="TRAM_SERVER_CONFIG",
    help="The TOML file of settings; without it the defaults hold (server/README.md).",
)  # fmt: skip
@click.option("--folder", type=click.Path(path_type=Path, file_okay=False), help="Overrides the setting `folder`.")
@click.option(
    "--credentials", type=click.Path(path_type=Path, file_okay=False), envvar="CREDENTIALS_DIRECTORY",
    help="Where systemd puts this service's secrets (tram.database, tram.session_key).",
)  # fmt: skip
@click.pass_context
def main(context: click.Context, path: Path | None, folder: Path | None, credentials: Path | None) -> None:
    """Tram's central server."""
    try:
        config = credentials_of(load(path), folder=credentials)
        logbook.begin(level=config.log_level, form=config.log_form, stream=sys.stderr)
    except ServerError as error:
        raise click.ClickException(error.sentence) from error
    if folder is not None:
        config = Config(**{**vars(config), "folder": folder})
    context.obj = config


@main.command()
@click.pass_obj
def run(config: Config) -> None:
    """Everything in one process: pages and API, ingest, worker. Ends cleanly on SIGTERM."""
    apart.serve(config, app.PARTS)


@main.command()
@click.pass_obj
def migrate(config: Config) -> None:
    """Bring the database to the newest schema, and make the server's keys when there are none.

    Where another program derived last, derive everything again: before several processes start, so that none waits.
    """
    clock = app.make_clock(config)
    with _opened(config, clock) as ledger:
        app.session_key(config)
        release.settle(ledger, now=clock.wall_ms())
        # A broker starts with this file, before the first kiosk is enrolled.
        write_acl(config, ledger)
        click.echo("The database is at the newest schema.")


@main.command("create-account")
@click.option("--login", required=True, help="The name to sign in with; one person, one account.")
@click.option("--name", required=True, help="The person's full name.")
@click.option("--role", required=True, type=click.Choice(accounts.ROLES), help="What the person may do.")
@click.option("--unit", required=True, help="Code of the person's unit: they see it and what is below it.")
@click.option("--email", default="", help="Where the person can be reached.")
@click.option("--password", help="The first password; a random one is made and printed without it.")
@click.pass_obj
def create_account(
    config: Config, *, login: str, name: str, role: str, unit: str, email: str, password: str | None
) -> None:
    """Make a personal account; its first password has to be changed before anything else."""
    first = password or secrets.token_urlsafe(12)
    clock = app.make_clock(config)
    with _opened(config, clock) as ledger, ledger.db.write() as conn:
        held = _unit(conn, unit, config, clock)
        accounts.create(
            conn, passwords=accounts.Passwords(), login=login, name=name, email=email, role=role, unit=unit,
            unit_from=held.valid_from, password=first, now=clock.wall_ms(),
        )  # fmt: skip
    click.echo(f"Account {login} is made. First password: {first if password is None else 'as given'}")


@main.command("audit")
@click.option("--since", help="A head printed earlier and kept elsewhere: does it still stand?")
@click.pass_obj
def audit_command(config: Config, *, since: str | None) -> None:
    """Read the whole chain of who looked at what; prints its head, exits 1 where a row was removed or altered."""
    with _opened(config) as ledger, ledger.db.read() as conn:
        broken, head, rows = audit.broken_at(conn), audit.head(conn), audit.count(conn)
        lost = since is not None and not audit.holds(conn, since)
    if broken is not None:
        click.echo(f"The chain is BROKEN at row {broken}.")
    elif lost:
        click.echo("The chain was CUT: the head that you kept does not stand in it.")
    else:
        click.echo(f"The chain is whole: {rows} rows. Keep its head elsewhere:\n{head}")
    if broken is not None or lost:
        sys.exit(1)


@main.command("reset-account")
@click.option("--login", required=True, help="Whose password and second factor are lost.")
@click.pass_obj
def reset_account(config: Config, *, login: str) -> None:
    """A new first password, no second factor, every session ended: for whom no administrator above can help."""
    clock = app.make_clock(config)
    with _opened(config, clock) as ledger, ledger.db.write() as conn:
        row = row_of(conn, accounts.ACCOUNT.select().where(accounts.ACCOUNT.c.login == login.strip().lower()))
        if row is None:
            raise click.ClickException(f"there is no account {login!r}")
        first = delegation.reset(conn, by="operator", passwords=accounts.Passwords(), row=row, now=clock.wall_ms())
    click.echo(f"First password: {first}")


@main.command("create-token")
@click.option("--name", required=True, help="The program that will hold it.")
@click.option("--unit", required=True, help="Code of the unit whose figures it reads, with all below it.")
@click.option("--may", type=click.Choice(accounts.WRITES), multiple=True, help="What it may write, beside reading.")
@click.pass_obj
def create_token(config: Config, *, name: str, unit: str, may: tuple[str, ...]) -> None:
    """Make a token for a program that uses the API. It is shown once; only its digest is kept."""
    clock = app.make_clock(config)
    with _opened(config, clock) as ledger, ledger.db.write() as conn:
        held = _unit(conn, unit, config, clock)
        now = clock.wall_ms()
        token = accounts.issue_token(conn, name=name, now=now, unit=unit, unit_from=held.valid_from, may=may)
    click.echo(token)


@main.command("revoke-token")
@click.option("--name", required=True, help="The program whose tokens end.")
@click.pass_obj
def revoke_token(config: Config, *, name: str) -> None:
    """End every token of a program at once."""
    clock = app.make_clock(config)
    with _opened(config, clock) as ledger, ledger.db.write() as conn:
        click.echo(f"{accounts.revoke_token(conn, name=name, now=clock.wall_ms())} revoked.")


@main.group("units")
def units_group() -> None:
    """The tree of units: load it, look at it."""


@units_group.command("contact")
@click.option("--unit", required=True, help="Code of the unit.")
@click.option("--duty", type=click.Choice(contacts.DUTIES), default=contacts.DUTIES[0], help="What the number is for.")
@click.option("--phone", required=True, help="The number that messages go to.")
@click.pass_obj
def units_contact(config: Config, *, unit: str, duty: str, phone: str) -> None:
    """Name whom to tell at a unit of a severe reaction at its sites; replaces the number named before."""
    clock = app.make_clock(config)
    with _opened(config, clock) as ledger, apart.sentences(), ledger.db.write() as conn:
        held = _unit(conn, unit, config, clock)
        contacts.put(conn, unit=held.code, duty=duty, phone=phone)
        click.echo(f"{held.name}: {duty} {phone}")


@units_group.command("load")
@click.argument("path", type=click.Path(path_type=Path, dir_okay=False, exists=True), default=UNITS_FILE)
@click.pass_obj
def units_load(config: Config, path: Path) -> None:
    """Load units from a CSV file, by default those of Viet Nam since 1 July 2021. Loading it again changes nothing."""
    clock = app.make_clock(config)
    with _opened(config, clock) as ledger, apart.sentences(), path.open(encoding="utf-8-sig", newline="") as source:
        rows = units.read(source)
        with ledger.db.write() as conn:
            click.echo(f"{units.load(conn, rows)} units loaded.")
            day = day_of(clock.wall_ms(), config.day_offset_min)
            click.echo(f"On {day}: {_counted(conn, day)}")
            for row in units.adrift(conn, day=day)[:MOST_TOLD]:
                click.echo(f"  {row.level} {row.code} ({row.name}): its unit {row.parent} has ended, place it anew")


@units_group.command("count")
@_day_option
@click.pass_obj
def units_count(config: Config, day: str | None) -> None:
    """How many units of each level stand on a day."""
    clock = app.make_clock(config)
    with _opened(config, clock) as ledger, ledger.db.read() as conn:
        click.echo(_counted(conn, day or day_of(clock.wall_ms(), config.day_offset_min)))


@main.command()
@click.option("--kiosk", required=True, help="Name of the new writer, such as kiosk-01; never used before.")
@click.option("--site", required=True, help="The site it stands at, such as trang-dai.")
@click.option("--shard", required=True, help="The shard of that site, such as dong-nai.")
@click.option("--folder", type=click.Path(path_type=Path, file_okay=False), help="Overrides the setting `keys`.")
@click.option("--broker-host", help="The broker as the kiosk reaches it; the server's own setting by default.")
@click.option("--broker-port", type=int, help="Its port; the server's own setting by default.")
@click.pass_obj
def enrol(
    config: Config, *, kiosk: str, site: str, shard: str, folder: Path | None, broker_host: str | None,
    broker_port: int | None,
) -> None:  # fmt: skip
    """Make a kiosk's keys and its kit, register it here, and write the broker's ACL file (the broker needs SIGHUP)."""
    if folder is not None:
        config = Config(**{**vars(config), "keys": folder.absolute()})
    with _opened(config) as ledger:
        try:
            made = app.enrol(
                config, ledger=ledger, kiosk=kiosk, site=site, shard=shard,
                host=broker_host or config.broker_host, port=broker_port or config.broker_port,
            )  # fmt: skip
        except PkiError as error:
            raise click.ClickException(str(error)) from error
    click.echo(str(kiosk_home(config.keys_folder, made.k) / "kit"))


@main.command("seed")
@click.argument("path", type=click.Path(path_type=Path, dir_okay=False, exists=True), default=DEMO_SEED)
@click.pass_obj
def seed_command(config: Config, path: Path) -> None:
    """Load a seed file (the demo's by default): units, a site, its staff, lots and appointments. Again: no harm."""
    clock = app.make_clock(config)
    with _opened(config, clock) as ledger:
        seeded = seed.read(path)
        found = seed.load(seeded, ledger=ledger, now=clock.wall_ms(), day_offset_min=config.day_offset_min)
    click.echo(json.dumps({"site": seeded.site.site, **found}))


@main.command()
@click.option(
    "--check", is_flag=True, help="Change nothing: compare the live tables with a rebuild and say what differs."
)
@click.pass_obj
def rebuild(config: Config, *, check: bool) -> None:
    """Derive every table again from the records alone."""
    with _opened(config) as ledger:
        if not check:
            click.echo(f"Derived again from {rebuilding.rebuild(ledger)} records.")
            return
        report = rebuilding.check(ledger)
    for sentence in report.sentences:
        click.echo(sentence)
    if not report.same:
        sys.exit(1)


@main.command("backup")
@click.option("--to", required=True, type=click.Path(path_type=Path, file_okay=False), help="Folder to write into.")
@click.option("--off-host", is_flag=True, help="TO stands on another machine: kiosks may then count on this backup.")
@click.pass_obj
def backup_command(config: Config, *, to: Path, off_host: bool) -> None:
    """Write a backup while the server runs, read it again, and with --off-host let kiosks know what it holds."""
    with apart.sentences():
        for sentence in safekeeping.back_up(config, to=to, off_host=off_host):
            click.echo(sentence)


@main.command("restore")
@click.option(
    "--from", "source", required=True, type=click.Path(path_type=Path, file_okay=False), help="A backup's folder."
)
@click.option("--replace", is_flag=True, help="Put a living database aside (it is kept) and restore in its place.")
@click.pass_obj
def restore_command(config: Config, *, source: Path, replace: bool) -> None:
    """Put a backup back while the server does not run; kiosks then bring by themselves what it lacks."""
    with apart.sentences():
        sentences, same = safekeeping.restore(config, source=source, replace=replace)
    for sentence in sentences:
        click.echo(sentence)
    if not same:
        sys.exit(1)


@main.command()
@click.pass_obj
def replay(config: Config) -> None:
    """Judge again what stands in quarantine: what this release can read becomes a record, once. Runs at every upgrade."""
    clock = app.make_clock(config)
    with _opened(config, clock) as ledger:
        taken = ledger.replay(now=clock.wall_ms())
        with ledger.db.read() as conn:
            left = fleet.reasons(conn)
    click.echo(f"{taken} became records; {sum(left.values())} stay in quarantine.")
    for reason, count in sorted(left.items()):
        click.echo(f"  {reason}: {count}")


@main.command("report")
@_day_option
@click.pass_obj
def report_command(config: Config, day: str | None) -> None:
    """The figures of a day as JSON: records by kind, progress, doses, stock, messages."""
    clock = app.make_clock(config)
    with _opened(config, clock) as ledger:
        found = _figures(ledger, day or day_of(clock.wall_ms(), config.day_offset_min), config.day_offset_min)
    click.echo(json.dumps(found, ensure_ascii=False, indent=1))


@main.command()
@click.pass_obj
def outbox(config: Config) -> None:
    """What provider `file` has sent, one JSON line each. Holds phone numbers: not for a shared screen."""
    for line in read_outbox(config.outbox_file):
        click.echo(json.dumps(line, ensure_ascii=False))


def _counted(conn: Connection, day: str) -> str:
    return ", ".join(f"{n} {level}" for level, n in units.count(conn, day=day).items()) or "no units"


def _unit(conn: Connection, code: str, config: Config, clock: Clock) -> Unit:
    day = day_of(clock.wall_ms(), config.day_offset_min)
    held = units.find(conn, code, day=day)
    if held is None:
        raise click.ClickException(f"there is no unit {code!r} on {day}")
    return held


def _figures(ledger: Ledger, day: str, day_offset_min: int) -> dict[str, Any]:
    begin = day_number(day) * DAY_MS - day_offset_min * 60_000
    by_kind = select(RECORD.c.kind, func.count()).group_by(RECORD.c.kind).order_by(RECORD.c.kind)
    of_day = by_kind.where(RECORD.c.wall >= begin, RECORD.c.wall < begin + DAY_MS)
    with ledger.db.read() as conn:
        return {
            **reporting.progress(conn, day),
            "records": {kind: int(n) for kind, n in conn.execute(by_kind)},
            "records_today": {kind: int(n) for kind, n in conn.execute(of_day)},
            "stock": inventory.on_hand(conn),
            "messages": messages.states(conn),
        }


@contextmanager
def _opened(config: Config, clock: Clock | None = None) -> Iterator[Ledger]:
    with apart.sentences():
        db = app.start_db(config)
        try:
            yield app.start_ledger(config, db=db, clock=clock or app.make_clock(config))
        finally:
            db.close()


if __name__ == "__main__":
    main(prog_name="python -m server")
