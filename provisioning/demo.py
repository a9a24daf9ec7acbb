"""`make demo`: a small province to touch. Says where everything is and who may sign in, then runs until Ctrl-C."""

import signal
import threading
import tomllib
from pathlib import Path

import click

from provisioning.small_province import ACCOUNTS, FIRST_PASSWORD, SEED, SmallProvince
from provisioning.stage import StageError

FOLDER = Path(".demo")
SERVER_PORT = 8080
KIOSK_PORT = 8101
WATCH_S = 1.0


@click.command()
@click.option(
    "--folder", type=click.Path(path_type=Path, file_okay=False), default=FOLDER, help="Where its things lie."
)
@click.option("--kiosks", default=2, help="How many virtual kiosks.")
@click.option("--hub", type=bool, default=False, help="1: the site has a broker of its own.")
def main(folder: Path, *, kiosks: int, hub: bool) -> None:
    """Broker, server and virtual kiosks on this machine, with one site, its staff, lots and appointments."""
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    province = SmallProvince(
        folder, kiosks=kiosks, server_port=SERVER_PORT, kiosk_port=KIOSK_PORT, hub=hub, keeper=kiosks > 1
    )
    click.echo("Starting the broker, the server and the kiosks …")
    try:
        province.start()
        click.echo(addresses(province))
        while not stop.wait(WATCH_S):
            ended = province.ended()
            if ended:
                raise click.ClickException(f"{ended[0].name} has ended\n{ended[0].tail()}")
    except StageError as error:
        raise click.ClickException(str(error)) from error
    finally:
        province.stop()


def addresses(province: SmallProvince) -> str:
    """What stands on the screen when everything is up."""
    seed = tomllib.loads(SEED.read_text("utf-8"))
    lines = ["", f"  Cổng công dân / citizens' portal   {province.server_url}"]
    lines.append(f"  Bàn điều hành / console            {province.server_url}console/")
    lines += [f"    {login} ({role}), first password {FIRST_PASSWORD}" for login, _name, role in ACCOUNTS]
    for station in province.stations:
        lines.append(f"  Ki-ốt / kiosk {station.name}             {station.url}")
        lines.append(f"    bàn thử / bench with the levers  {station.url}bench")
    lines.append("  Nhân viên / staff at the kiosks (code, PIN):")
    lines += [
        f"    {one['code']}  {one['pin']}  {one['role']:<10} {one['name']}"
        for one in seed["staff"]
        if not one.get("revoked")
    ]
    lines.append(f"  Tin nhắn / messages sent            {province.outbox}")
    lines.append("")
    lines.append("  Hold a card before the camera on the bench page and follow the kiosk's screen. Ctrl-C ends it all.")
    return "\n".join(lines)


if __name__ == "__main__":
    main()
