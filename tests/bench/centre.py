"""A real centre to be measured: keys, database, mosquitto as shipped, and `python -m server ingest` as its own process."""

from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Self

from provisioning.broker import Broker
from provisioning.stage import Stage, wait_until
from server import app, pki
from server.config import load
from server.crypto import Signer, load_public
from tests.bench.wires import Wire
from tests.server.made import Kiosk

SHARD = "dong-nai"
READY_S = 60


class Centre:
    """`kiosks`: how many are enrolled, each at a site of its own. Use as a context manager; all lies in `folder`."""

    def __init__(self, folder: Path, *, kiosks: int) -> None:
        settings = folder / "server.toml"
        self.folder = folder
        settings.write_text(f'folder = "{folder}"\nlog_level = "WARNING"\n', "utf-8")
        config = load(settings)
        app.ensure_keys(config)
        now = datetime.now(UTC)
        self.names = [f"kiosk-{number + 1:04d}" for number in range(kiosks)]
        self.writers = [
            pki.enrol_kiosk(
                config.keys_folder, shard=SHARD, site=site_of(name), writer=name, broker_host="localhost",
                broker_port=8883, now=now,
            )
            for name in self.names
        ]  # fmt: skip
        with closing(app.start_db(config)) as db:
            ledger = app.start_ledger(config, db=db, clock=app.make_clock(config))
            with db.write() as conn:
                for one in self.writers:
                    ledger.enrol(conn, k=one.k, shard=SHARD, site=one.site, public_key=one.public_key_pem, now=1)
        self._keys = config.keys_folder
        self._server_key = load_public((config.keys_folder / "server-signing.pub").read_bytes())
        self.broker = Broker(config.keys_folder, writers=self.writers)
        self._stage = Stage(folder / "log")
        self._settings = settings

    def __enter__(self) -> Self:
        self.broker.start()
        with self._settings.open("a", encoding="utf-8") as more:
            more.write(f"broker_port = {self.broker.port}\n")
        command = ("python", "-m", "server", "--config", str(self._settings), "ingest")
        # The broker's log tells when the server has subscribed; before that, what is sent is lost and sent again.
        self._stage.start("ingest", command)
        wait_until(lambda: "as server/" in self._broker_log() or "as server" in self._broker_log(), timeout_s=READY_S)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stage.stop()
        self.broker.stop()

    def wire(self, name: str) -> Wire:
        """The kiosk of that name, with an empty log; its records are signed with its own key."""
        kit = pki.kiosk_home(self._keys, name) / "kit"
        signer = Signer.from_pem((kit / "record-signing.key").read_bytes())
        number = self.names.index(name) + 1
        kiosk = Kiosk(name, site=site_of(name), inc=f"{number:016x}", signer=signer)
        return Wire(kiosk, shard=SHARD, kit=kit, port=self.broker.port, server_key=self._server_key)

    def _broker_log(self) -> str:
        return self.broker.log.read_text("utf-8", errors="replace") if self.broker.log.exists() else ""


def site_of(name: str) -> str:
    """The site of a kiosk."""
    return "site-" + name.rsplit("-", 1)[1]
