"""A small province on one machine: a real broker, a real server, virtual kiosks; each a process of its own.

Used by the demonstration, the scripted day and the browser tests. Everything it makes lies in one folder, keys and
databases among it; a second start finds them and is quick.
"""

import json
import shutil
import socket
import time
import tomllib
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Self

from kiosk.config import load, read_enrolment
from kiosk.desk.outbox import store_account
from kiosk.store import Store
from protocol.clocktext import DAY_MS
from provisioning.acl_watch import AclWatch
from provisioning.broker import Broker
from provisioning.codes import other_codes
from provisioning.hub import SiteHub
from provisioning.stage import Program, Stage, free_port, url_answers
from server.hubs import enrol_hub, read_hubs
from server.pki import kiosk_home, read_writers

HOST = "127.0.0.1"
SHARD, SITE, HUB = "dong-nai", "trang-dai", "hub-01"
SEED = Path(__file__).parent.parent / "server" / "data" / "seed_demo.toml"
# Who may sign in at the server: login, name, role. The first password has to be changed at once.
ACCOUNTS = (("canbo", "Cán bộ phản ánh", "officer"), ("quanly", "Quản lý tiêm chủng", "manager"))
FIRST_PASSWORD = "Doi-ngay-lan-dau-1"  # noqa: S105 - good for one sign-in of a demonstration
READY_S = 60
# Shown at any hour; no app for codes is at hand.
SERVER_SETTINGS = ("reference_every_s = 2", "worker_every_ms = 500", "quiet_hours = false", 'second_factor_roles = ""')
PROVINCE = "75"
OFFSET_MS, QUARTER_MS = 7 * 3_600_000, 900_000  # Viet Nam is seven hours ahead of UTC


@dataclass
class Station:
    """One virtual kiosk: its address, its settings file and the process, while it runs."""

    name: str
    url: str
    settings: Path
    folder: Path
    program: Program | None = None

    @property
    def paper(self) -> Path:
        """The slips that its printer has given out."""
        return self.folder.with_name(f"{self.name}-paper")


class SmallProvince:
    """Start with `start()` or as a context manager. `speed`: how fast the demonstration's day runs."""

    def __init__(
        self,
        folder: Path,
        *,
        kiosks: int = 2,
        speed: int = 1,
        server_port: int = 0,
        kiosk_port: int = 0,
        hub: bool = False,
        keeper: bool = False,
        spares: int = 0,
        unset: frozenset[str] = frozenset(),
        early: bool = False,
    ) -> None:
        """Ports 0 take free ones; a given port that is taken is replaced by a free one.

        `hub`: the site has a broker of its own, and its kiosks go through it, to the centre's only when it is dead.
        `keeper`: does the first kiosk keep one queue for the site? Else each kiosk serves its own lane.
        `spares`: kiosks enrolled and not started. `unset`: kiosks that wake in 1970 and do not know it, until `set_clock`.
        `early`: the demonstration's day begins a quarter past midnight, so that a fast one does not run into the next.
        """
        self.folder = folder.absolute()
        self.clock = self.folder / "clock.json"
        self.ledger = self.folder / "server" / "tram.db"
        self.server_settings = self.folder / "server.toml"
        self.server_url = f"http://{HOST}:{_port(server_port)}/"
        self._speed = speed
        self._keeper = keeper
        self._stage = Stage(self.folder / "log")
        self._broker: Broker | None = None
        self._acl_watch: AclWatch | None = None
        self._with_hub = hub
        self.hub: SiteHub | None = None
        self._server: Program | None = None
        self.stations = [
            self._station(number, _port(kiosk_port + number if kiosk_port else 0)) for number in range(kiosks + spares)
        ]
        self.spares = self.stations[kiosks:]
        del self.stations[kiosks:]
        self._unset, self._early = unset, early

    def __enter__(self) -> Self:
        with ExitStack() as undo:
            undo.callback(self.stop)
            self.start()
            undo.pop_all()
        return self

    def __exit__(self, *error: object) -> None:
        self.stop()

    @property
    def keys(self) -> Path:
        """Authority, identities and kiosks' kits."""
        return self.folder / "server" / "keys"

    @property
    def outbox(self) -> Path:
        """Where the server's file provider puts text messages."""
        return self.folder / "server" / "outbox.jsonl"

    def start(self) -> None:
        """Broker, server, kiosks, in that order; what is missing is made first."""
        self.folder.mkdir(parents=True, exist_ok=True)
        self._write_clock()
        broker_port = free_port()
        self._write_server_settings(broker_port)
        done = self.folder / "enrolled"
        enrolled = json.loads(done.read_text("utf-8")) if done.exists() else []
        if not enrolled:
            self.command("migrate")
            self.command("seed", str(SEED))
            for login, name, role in ACCOUNTS:
                self.command(
                    "create-account", "--login", login, "--name", name, "--role", role, "--unit", PROVINCE,
                    "--password", FIRST_PASSWORD,
                )  # fmt: skip
        for station in (*self.stations, *self.spares):
            if station.name not in enrolled:
                self.command("enrol", "--kiosk", station.name, "--site", SITE, "--shard", SHARD)
                enrolled.append(station.name)
                done.write_text(json.dumps(enrolled), "utf-8")
        self._broker = self._make_broker(broker_port)
        self._broker.start()
        self._acl_watch = AclWatch(self._broker)
        self._acl_watch.start()
        if self._with_hub:
            self._start_hub(broker_port)
        self._write_cards()
        self._write_kiosk_settings(broker_port)
        self.start_server()
        for station in self.stations:
            self.start_kiosk(station, wait=False)
        for station in self.stations:
            self._await(station)

    def _start_hub(self, broker_port: int) -> None:
        held = {hub.name: hub for hub in read_hubs(self.keys)}
        hub = held.get(HUB) or enrol_hub(
            self.keys, name=HUB, shard=SHARD, site=SITE, hosts=(HOST,), now=datetime.now(UTC)
        )
        writers = read_writers(self.keys)
        if self._broker is not None:
            self._broker.reload_acl(writers)
        self.hub = SiteHub(self.keys, hub, centre=("localhost", broker_port), writers=writers)
        self.hub.start()

    def start_server(self) -> None:
        """Start the server and wait until it answers."""
        self._server = self._stage.start(
            "server",
            ("python", "-m", "server", "--config", str(self.server_settings), "run"),
            ready=lambda: url_answers(self.server_url),
            timeout_s=READY_S,
        )

    def start_kiosk(self, station: Station, *, wait: bool = True) -> None:
        """Start one kiosk; with `wait`, until its screen answers."""
        station.program = self._stage.start(
            station.name, ("python", "-m", "kiosk", "run", "--config", str(station.settings))
        )
        if wait:
            self._await(station)

    def kill_kiosk(self, station: Station) -> None:
        """SIGKILL: as a power cut would."""
        if station.program is not None:
            station.program.kill()
            self._stage.forget(station.program)
            station.program = None

    def stop_kiosk(self, station: Station) -> None:
        """Stop one kiosk in an orderly way."""
        if station.program is not None:
            self._stage.forget(station.program)
            station.program = None

    def set_clock(self, station: Station) -> None:
        """A kiosk that woke in 1970 learns the time, as by its first contact with a time server."""
        path = self._clock_of(station.name)
        path.with_suffix(".new").write_text(self.clock.read_text("utf-8"), "utf-8")
        path.with_suffix(".new").replace(path)

    def burn(self, station: Station) -> None:
        """A kiosk and its disk are gone in an instant. Paper that it has printed is in people's hands and stays."""
        self.kill_kiosk(station)
        shutil.rmtree(station.folder)

    def cut_off(self) -> None:
        """The Internet is gone: nobody reaches the centre's broker. The site's own hub stays."""
        if self._broker is not None:
            self._broker.kill()

    def reconnect(self) -> None:
        """The Internet is back; the centre's broker remembers nothing."""
        if self._broker is not None:
            self._broker.start()

    def stop_server(self) -> None:
        """Stop the server in an orderly way."""
        if self._server is not None:
            self._stage.forget(self._server)
            self._server = None

    def stop(self) -> None:
        """Stop everything, last started first."""
        self._stage.stop()
        if self._acl_watch is not None:
            self._acl_watch.stop()
        if self.hub is not None:
            self.hub.stop()
        if self._broker is not None:
            self._broker.stop()

    def ended(self) -> tuple[Program, ...]:
        """Programs that ended though nobody stopped them."""
        return self._stage.ended()

    def command(self, *words: str) -> str:
        """Run one command of the server to its end; gives what it printed. Raises `StageError` when it fails."""
        return self._run("server", ("python", "-m", "server", "--config", str(self.server_settings), *words))

    def account(self, station: Station) -> dict[str, Any]:
        """What `python -m kiosk outbox` says of a kiosk, without a process of its own: it is asked again and again."""
        settings = load(station.settings)
        store = Store(settings.path("folder") / "kiosk.db")
        try:
            return store_account(store, k=read_enrolment(settings).k)
        finally:
            store.close()

    def kiosk_command(self, station: Station, *words: str) -> str:
        """Run one command of a kiosk to its end, such as `outbox`."""
        return self._run(station.name, ("python", "-m", "kiosk", *words, "--config", str(station.settings)))

    # What a province with misfortunes does otherwise (tests/processes). `name`: `server` or a kiosk's.

    def _make_broker(self, port: int) -> Broker:
        return Broker(self.keys, writers=read_writers(self.keys), port=port)

    def _wire_port(self, name: str, broker_port: int) -> int:
        """Where a program looks for the broker."""
        return broker_port

    def _clock_of(self, name: str) -> Path:
        """The clock a program reads: one for all but those that wake without the time."""
        return self.folder / f"clock-{name}.json" if name in self._unset else self.clock

    def _camera_of(self, name: str) -> str:
        return "fake"

    def _run(self, name: str, command: Sequence[str]) -> str:
        stage = Stage(self.folder / "log" / "commands")
        label = f"{name}-{time.monotonic_ns()}"
        program = stage.start(label, command)
        program.wait(READY_S)
        return program.tail(200)

    def _station(self, number: int, port: int) -> Station:
        name = f"kiosk-{number + 1:02d}"
        folder = self.folder / name
        return Station(name=name, url=f"http://{HOST}:{port}/", settings=folder / "kiosk.toml", folder=folder)

    def _await(self, station: Station) -> None:
        if station.program is not None:
            station.program.await_ready(lambda: url_answers(station.url), timeout_s=READY_S)

    def _write_clock(self) -> None:
        real = time.time_ns() // 1_000_000
        wall = real - (real + OFFSET_MS) % DAY_MS + QUARTER_MS if self._early else real
        base = {"real": real, "wall": wall, "mono": 3_600_000, "speed": self._speed}
        if self.clock.exists():
            # Time never goes back for records already made: go on from where the last run stood, if that is later.
            before = json.loads(self.clock.read_text("utf-8"))
            passed = (real - before["real"]) * before["speed"]
            if before["wall"] + passed > real:
                base |= {"wall": before["wall"] + passed}
            base |= {"mono": before["mono"] + passed}
        self.clock.write_text(json.dumps(base), "utf-8")
        for name in self._unset:
            self._clock_of(name).write_text(json.dumps({**base, "wall": 0, "sure": "unknown"}), "utf-8")

    def _write_server_settings(self, broker_port: int) -> None:
        port = self.server_url.rsplit(":", 1)[1].strip("/")
        lines = (
            f'folder = "{self.folder / "server"}"',
            f"web_port = {port}",
            f'public_url = "{self.server_url}"',
            f'database = "sqlite:///{self.ledger}"',
            f"broker_port = {self._wire_port('server', broker_port)}",
            f'demo_clock = "{self._clock_of("server")}"',
            f"door_port = {free_port()}",
            f'broker_log = "{self.keys / "log" / "mosquitto.log"}"',
            *SERVER_SETTINGS,
        )
        self.server_settings.write_text("\n".join(lines) + "\n", "utf-8")

    def _write_kiosk_settings(self, broker_port: int) -> None:
        for number, station in enumerate((*self.stations, *self.spares)):
            brokers = ([self.hub.port] if self.hub else []) + [self._wire_port(station.name, broker_port)]
            station.folder.mkdir(parents=True, exist_ok=True)
            station.paper.mkdir(exist_ok=True)
            if not (station.folder / "slips").exists():
                # Slips are paper in people's hands, not the kiosk's disk.
                (station.folder / "slips").symlink_to(station.paper)
            port = station.url.rsplit(":", 1)[1].strip("/")
            lines = (
                f'folder = "{station.folder}"',
                f'kit = "{kiosk_home(self.keys, station.name) / "kit"}"',
                f"screen_port = {port}",
                f'lane = "{chr(ord("A") + number)}"',
                f'desk = "{number + 1}"',
                f'keeper = "{self.stations[0].name if self._keeper else ""}"',
                f'camera = "{self._camera_of(station.name)}"',
                'reader = "fake"',
                'printer = "fake"',
                'machine = "fake"',
                "reserve_mb = 1",
                f'brokers = "{" ".join(f"{HOST}:{broker}" for broker in brokers)}"',
                f'demo_clock = "{self._clock_of(station.name)}"',
                f'demo_cards = "{self.folder / "cards.json"}"',
            )
            station.settings.write_text("\n".join(lines) + "\n", "utf-8")

    def _write_cards(self) -> None:
        (self.folder / "cards.json").write_text(json.dumps(cards(), ensure_ascii=False), "utf-8")


def cards() -> list[dict[str, str]]:
    """What lies on the virtual bench: the seed's people as cards, badges, lots, and things that are none of ours."""
    seed = tomllib.loads(SEED.read_text("utf-8"))
    found = [
        {"label": person["name"], "payload": card_payload(person), "kind": "card"} for person in seed["appointment"]
    ]
    found += other_codes(seed)
    found += [
        {"label": f"{one['name']} ({one['code']})", "payload": f"TRAM-BADGE:{one['badge']}", "kind": "badge"}
        for one in seed["staff"]
    ]
    found += [
        {"label": f"{one['vaccine']} {one['lot']}", "payload": f"TRAM-LOT:{one['lot']}", "kind": "lot"}
        for one in seed["receipt"]
    ]
    found += [
        {"label": "https://example.org", "payload": "https://example.org/", "kind": "other"},
        {"label": "ESC @", "payload": "075079001234||Nguyễn \x1b@ An|14041979|Nam|Biên Hòa|25062021", "kind": "other"},
        {"label": "3 KB", "payload": "TRAM" * 750, "kind": "other"},
    ]
    return found


def card_payload(person: dict[str, Any]) -> str:
    """The CCCD QR text of an invented person of the seed: seven fields (domain.md 1.1)."""
    year, month, day = [*person["dob"].split("-"), "", ""][:3]
    sex = {"M": "Nam", "F": "Nữ"}.get(person["sex"], "")
    return "|".join(
        (
            person["doc_no"],
            person.get("old_no", ""),
            person["name"],
            f"{day}{month}{year}",
            sex,
            person["address"],
            "25062021",
        )
    )


def _port(wanted: int) -> int:
    if wanted:
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((HOST, wanted))
            except OSError:
                return free_port()
        return wanted
    return free_port()
