"""A site's hub: its configuration, the command that makes its kit, and a real one for demo, day and tests.

Owns no key (`server.hubs` makes them) and no rule: a hub is a mosquitto that bridges, and everything in it may be lost.
"""

from collections.abc import Iterable
from pathlib import Path
from string import Template

import click

from provisioning.broker import Broker, broker_config
from server import app, config
from server.broker_acl import hub_acl_text
from server.errors import ServerError
from server.hubs import Hub, hub_home
from server.pki import PkiError, Writer, check_host, write_private

TEMPLATE = Path(__file__).with_name("mosquitto") / "bridge.conf.template"
# Where provisioning/README.md puts a hub's kit, and what it listens on.
PLACE = Path("/etc/tram/broker")
PORT = 8883


def hub_config(hub: Hub, *, folder: Path, port: int, bind: str, user: str, log: str, centre: tuple[str, int]) -> str:
    """The whole configuration of a hub: the shipped broker's, then the bridge to `centre` (host, port)."""
    bridge = Template(TEMPLATE.read_text("ascii")).substitute(
        HUB=hub.name,
        CENTRE_HOST=centre[0],
        CENTRE_PORT=centre[1],
        FOLDER=folder,
        TOPICS=f"tram/1/{hub.shard}/{hub.site}",
    )
    return broker_config(folder=folder, port=port, bind=bind, user=user, log=log) + "\n" + bridge


class SiteHub(Broker):
    """A running hub. `folder`: where the keys lie; `writers`: all that are enrolled; `centre`: host and port."""

    def __init__(
        self, folder: Path, hub: Hub, *, centre: tuple[str, int], writers: Iterable[Writer] = (), port: int = 0
    ) -> None:
        self._hub = hub
        self._centre = centre
        super().__init__(folder, place=hub_home(folder, hub.name) / "kit", writers=writers, port=port, name=hub.name)

    def acl(self, writers: Iterable[Writer]) -> str:
        """Its own site's kiosks."""
        return hub_acl_text(self._hub, writers)

    def config(self, *, port: int, bind: str, user: str) -> str:
        """The broker's configuration with the bridge."""
        return hub_config(
            self._hub, folder=self.place, port=port, bind=bind, user=user, log="stderr", centre=self._centre
        )


@click.group()
@click.option(
    "--config", "path", type=click.Path(path_type=Path, dir_okay=False), envvar="TRAM_SERVER_CONFIG",
    help="The server's TOML file of settings.",
)  # fmt: skip
@click.pass_context
def main(context: click.Context, path: Path | None) -> None:
    """Hubs of sites, made at the centre."""
    try:
        context.obj = config.load(path)
    except ServerError as error:
        raise click.ClickException(error.sentence) from error


@main.command()
@click.option("--hub", "name", required=True, help="Name of the new hub, such as hub-01; never used before.")
@click.option("--site", required=True, help="The site whose kiosks it serves.")
@click.option("--shard", required=True, help="The shard of that site.")
@click.option("--host", "hosts", required=True, multiple=True, help="Name or address kiosks reach it by; may repeat.")
@click.option("--centre-host", help="The centre's broker as the hub reaches it; the server's own setting by default.")
@click.option("--centre-port", type=int, help="Its port; the server's own setting by default.")
@click.pass_obj
def enrol(
    settings: config.Config, *, name: str, site: str, shard: str, hosts: tuple[str, ...], centre_host: str | None,
    centre_port: int | None,
) -> None:  # fmt: skip
    """Make a hub's whole kit: certificates, ACL, mosquitto.conf. Writes the centre's ACL too (its broker needs SIGHUP)."""
    centre = (centre_host or settings.broker_host, centre_port or settings.broker_port)
    db = app.start_db(settings)
    try:
        check_host(centre[0])
        ledger = app.start_ledger(settings, db=db, clock=app.make_clock(settings))
        hub = app.enrol_hub(settings, ledger=ledger, name=name, site=site, shard=shard, hosts=hosts)
    except PkiError as error:
        raise click.ClickException(str(error)) from error
    finally:
        db.close()
    kit = hub_home(settings.keys_folder, hub.name) / "kit"
    text = hub_config(hub, folder=PLACE, port=PORT, bind="0.0.0.0", user="mosquitto", log="stderr", centre=centre)  # noqa: S104 - kiosks reach it
    write_private(kit / "mosquitto.conf", text.encode("ascii"))
    click.echo(str(kit))


@main.command()
@click.option("--hub", "name", required=True, help="Name of the hub that shall do nothing any more.")
@click.pass_obj
def revoke(settings: config.Config, *, name: str) -> None:
    """Take a hub out of the centre's ACL file (its broker needs SIGHUP)."""
    db = app.start_db(settings)
    try:
        ledger = app.start_ledger(settings, db=db, clock=app.make_clock(settings))
        app.revoke_hub(settings, ledger=ledger, name=name)
    except PkiError as error:
        raise click.ClickException(str(error)) from error
    finally:
        db.close()
    click.echo(f"Hub {name} is left out of the ACL.")


if __name__ == "__main__":
    main(prog_name="python -m provisioning.hub")
