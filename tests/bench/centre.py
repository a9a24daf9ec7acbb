"""A real centre to be measured or killed: keys, database, mosquitto as shipped, and `python -m server` in its own processes."""

from collections.abc import Sequence
from contextlib import closing
from datetime import UTC, datetime
from os import environ
from pathlib import Path
from types import TracebackType
from typing import Self

from provisioning.broker import Broker
from provisioning.stage import Program, Stage, free_port, wait_until
from server import app, pki
from server.broker_acl import processes_of
from server.config import load
from server.crypto import Signer, load_public
from tests.bench.wires import Wire
from tests.processes.warm import Mother, WarmProgram
from tests.server.made import Kiosk

SHARD = "dong-nai"
READY_S = 60
READY = "Tram is ready"


class Centre:
    """`kiosks`: how many are enrolled, each at a site of its own. Use as a context manager; all lies in `folder`.

    `database`: a PostgreSQL address, empty for SQLite. `processes`: what runs, such as `ingest-1 ingest-2 web-1 worker-1`;
    `shards`: among how many the kiosks are spread. `warm`: processes are forks of one that has imported all.
    """

    def __init__(
        self, folder: Path, *, kiosks: int, database: str = "", processes: Sequence[str] = ("ingest",), shards: int = 1,
        warm: bool = False,
    ) -> None:  # fmt: skip
        settings = folder / "server.toml"
        self.folder, self.processes = folder, tuple(processes)
        self.web = f"http://127.0.0.1:{free_port()}/"
        lines = [
            f'folder = "{folder}"',
            'log_level = "WARNING"',
            'second_factor_roles = ""',
            f"web_port = {self.web.rpartition(':')[2][:-1]}",
        ]
        lines += [f'database = "{database}"'] if database else []
        lines += (
            ['shards = "*"', "share_ports = true", "worker_every_ms = 50", "quiet_hours = false"]
            if processes != ("ingest",)
            else []
        )
        settings.write_text("\n".join(lines) + "\n", "utf-8")
        self.config = config = load(settings)
        app.ensure_keys(config)
        now = datetime.now(UTC)
        self.names = [f"kiosk-{number + 1:04d}" for number in range(kiosks)]
        self._shards = [SHARD] if shards == 1 else [f"shard-{n}" for n in range(shards)]
        self.writers = [
            pki.enrol_kiosk(
                config.keys_folder, shard=self._shard_of(name), site=site_of(name), writer=name, broker_host="localhost",
                broker_port=8883, now=now,
            )
            for name in self.names
        ]  # fmt: skip
        with closing(app.start_db(config)) as db:
            ledger = app.start_ledger(config, db=db, clock=app.make_clock(config))
            with db.write() as conn:
                for one in self.writers:
                    ledger.enrol(conn, k=one.k, shard=one.shard, site=one.site, public_key=one.public_key_pem, now=1)
            for name in self.processes:
                if name.startswith("ingest-"):
                    app.add_process(config, ledger=ledger, name=name)
        self._keys = config.keys_folder
        self._server_key = load_public((config.keys_folder / "server-signing.pub").read_bytes())
        self.broker = Broker(config.keys_folder, writers=self.writers, processes=processes_of(config.keys_folder))
        self._stage = Stage(folder / "log")
        self._settings = settings
        self._mother = Mother("server", log=folder / "log" / "mother.log") if warm else None
        self.running: dict[str, Program] = {}
        # How often each has said that it is ready, over its lives.
        self._said: dict[str, int] = {}

    def __enter__(self) -> Self:
        self.broker.start()
        with self._settings.open("a", encoding="utf-8") as more:
            more.write(f"broker_port = {self.broker.port}\n")
        for name in self.processes:
            self.start(name)
        for name in self.processes:
            self.await_ready(name)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stage.stop()
        if self._mother is not None:
            self._mother.stop()
        self.broker.stop()

    def start(self, name: str) -> None:
        """Start a process as systemd would; does not wait for it."""
        part = name.partition("-")[0]
        words = ("--config", str(self._settings), part, *(("--process", name) if name.startswith("ingest-") else ()))
        log = self._stage.folder / f"{name}.log"
        if self._mother is None:
            program = self._stage.start(name, ("python", "-m", "server", *words), environment={"PYTHONUNBUFFERED": "1"})
        else:
            given = {**environ, "PYTHONUNBUFFERED": "1"}
            program = WarmProgram(name, words, log=log, environment=given, mother=self._mother)
            self._stage.add(program)
        self.running[name] = program

    def await_ready(self, name: str) -> None:
        """Until it says so; of an ingest until the broker has seen it too. What is sent before that is sent again."""
        program, before = self.running[name], self._said.get(name, 0)
        program.await_ready(lambda: _ready(program.log) > before, timeout_s=READY_S)
        self._said[name] = _ready(program.log)
        if name.startswith("ingest"):
            who = name if name.startswith("ingest-") else "server"
            wait_until(lambda: any(f"as {who}" in line for line in _lines(self.broker.log)), timeout_s=READY_S)

    def kill(self, name: str) -> None:
        """SIGKILL."""
        self.running[name].kill()
        self._stage.forget(self.running.pop(name))

    def stop(self, name: str) -> None:
        """SIGTERM, and its end awaited."""
        self._stage.forget(self.running.pop(name))

    def wire(self, name: str) -> Wire:
        """The kiosk of that name, with an empty log; its records are signed with its own key."""
        kit = pki.kiosk_home(self._keys, name) / "kit"
        signer = Signer.from_pem((kit / "record-signing.key").read_bytes())
        number = self.names.index(name) + 1
        kiosk = Kiosk(name, site=site_of(name), inc=f"{number:016x}", signer=signer)
        shard = self._shard_of(name)
        return Wire(kiosk, shard=shard, kit=kit, port=self.broker.port, server_key=self._server_key)

    def _shard_of(self, name: str) -> str:
        return self._shards[self.names.index(name) % len(self._shards)]


def site_of(name: str) -> str:
    """The site of a kiosk."""
    return "site-" + name.rsplit("-", 1)[1]


def _ready(log: Path) -> int:
    return sum(READY in line for line in _lines(log))


def _lines(path: Path) -> list[str]:
    return path.read_text("utf-8", errors="replace").splitlines() if path.exists() else []
