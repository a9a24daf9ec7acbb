"""The centre's workflows as they are recorded: messages go through `Ingest.take` over a real SQLite file; no broker."""

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

from protocol import canon, envelope, inbox, topics
from server import app
from server.clock import Clock
from server.config import Config
from server.crypto import Signer
from server.db import Database
from server.ingest import Ingest, Link
from server.ledger import intake
from server.ledger.ledger import Ledger
from server.reference import ReferenceLists
from tests.powercut.centre_bugs import DATABASES, LEDGERS
from tests.powercut.disk import Files
from tests.powercut.recorder import memory_folder, read_folder
from tests.server.made import MINUTE, MORNING, SHARD, SITE, Kiosk, Pair, receipt

DATABASE = "data/tram.db"
SOON = 40
KIOSKS = ("kiosk-1", "kiosk-2")


class StandingClock(Clock):
    """A clock that stands still, so that two runs differ only in what was random."""

    def __init__(self) -> None:
        super().__init__()
        self.boot = "boot-1"

    def wall_ms(self) -> int:
        return MORNING

    def mono_ms(self) -> int:
        return 0


class Centre:
    """The server's database, ledger and ingest, as `server.app` composes them, around the files in `disk`."""

    def __init__(self, disk: Path, keys: Path, *, planted: str = ""):
        self.config = Config(folder=disk / "data", keys=keys)
        self.clock = StandingClock()
        self.db = app.start_db(self.config)
        if planted in DATABASES:
            self.db.close()
            self.db = DATABASES[planted](self.config.database_url)

    def start(self, planted: str = "") -> None:
        """Ledger with its desk, and the taking in of messages."""
        self.ledger = app.start_ledger(self.config, db=self.db, clock=self.clock)
        if planted in LEDGERS:
            self.ledger = LEDGERS[planted](
                self.db, features=self.ledger.deriver.features, clock=self.clock, signer=self.ledger.signer,
                shard=self.config.desk_shard,
            )  # fmt: skip
        lists = ReferenceLists(db=self.db, signer=self.ledger.signer, portal="", day_offset_min=420, valid_ms=1)
        link = Link(host="127.0.0.1", port=1, identity=self.config.identity_folder, client_id="server")
        self.ingest = Ingest(ledger=self.ledger, lists=lists, clock=self.clock, link=link)

    def take(self, kiosk: Kiosk, pairs: list[Pair]) -> dict[str, Any]:
        """A message of `kiosk` goes in; what the acknowledgement says that comes out."""
        answers = self.ingest.take(topics.writer(SHARD, kiosk.site, kiosk.k, topics.UP), envelope.pack(pairs))
        line = answers[-1][1].split(b"\n")[0]
        return dict(inbox.read_ack(line))


class Scene:
    """A centre whose every acknowledgement is reported to `confirmed`."""

    def __init__(
        self, disk: Path, place: Path, given: dict[str, Any], confirmed: Callable[..., None], *, planted: str = ""
    ):
        self._confirmed = confirmed
        self._told: dict[str, str] = {}
        self._sent: dict[tuple[str, int], str] = {}
        self._planted = planted
        self.kiosks = [Kiosk(k, signer=Signer.from_pem(given["kiosks"][k])) for k in KIOSKS]
        self.centre = Centre(disk, unpack_keys(place, given), planted=planted)

    def confirm(self, act: str) -> None:
        """Whoever waits for `act` has been told."""
        with self.centre.db.read() as conn:
            self._confirmed(act, conn.connection.driver_connection, sorted(self._told.values()))

    def start(self) -> None:
        """From the schema to the first message."""
        self.confirm("schema")
        self.centre.start(self._planted)
        self.confirm("desk open")
        for kiosk in self.kiosks:
            with self.centre.db.write() as conn:
                pem = kiosk.signer.public_pem
                self.centre.ledger.enrol(conn, k=kiosk.k, shard=SHARD, site=SITE, public_key=pem, now=MORNING)
            self.confirm("enrolled")

    def send(self, number: int, *pairs: Pair, act: str = "acknowledged") -> None:
        """Kiosk `number` sends; whatever its acknowledgement covers is confirmed."""
        kiosk = self.kiosks[number]
        for line, signature in pairs:
            if (name := envelope.peek_name(line)) is not None:
                # Whether as a record, a fork or put aside: one of the two digests must stand in the ledger.
                pair = intake.Judged(line, signature, None, "", None).digest
                self._sent.setdefault((kiosk.k, name[2]), f"{canon.digest(line)}|{pair}")
        committed = self.centre.take(kiosk, list(pairs))["committed"]
        self._told.update(
            {f"{k} {seq}": either for (k, seq), either in self._sent.items() if k == kiosk.k and seq <= committed}
        )
        self.confirm(act)

    def desk(self, *facts: Any) -> None:
        """The server's own desk writes."""
        ledger = self.centre.ledger
        ledger.transact(lambda conn: ledger.append_all(conn, facts, who="officer-1", now=MORNING))
        self.confirm("desk wrote")

    def close(self) -> None:
        """Stop."""
        self.centre.db.close()


def unpack_keys(place: Path, given: dict[str, Any]) -> Path:
    """The server's keys as files, outside the watched folder."""
    for path, content in given["keys"].items():
        (place / "keys" / path).parent.mkdir(parents=True, exist_ok=True)
        (place / "keys" / path).write_text(content, "utf-8")
    return place / "keys"


def centre_first_start(scene: Scene) -> None:
    """From an empty folder to the first acknowledged message."""
    one = scene.kiosks[0]
    scene.send(0, one.opened(), act="first")
    scene.send(0, *one.visit(1), act="a visit")


def ingest(scene: Scene) -> None:
    """Records one by one and many at once, again, forked, damaged, of a later release; a stock receipt at the desk."""
    one, two = scene.kiosks
    for pair in (one.opened(), *one.visit(1)):
        scene.send(0, pair)
    scene.send(1, two.hello(), act="hello")
    many = [two.opened(), *two.visit(2, MORNING + MINUTE), *two.visit(3, MORNING + 2 * MINUTE)]
    scene.send(1, *many, act="many")
    scene.send(1, *many[3:8], act="again")
    scene.desk(receipt(1))
    fork = Kiosk(two.k, signer=two.signer)
    scene.send(1, fork.opened(MORNING + 5), act="fork")
    line, signature = one.undone(1, MORNING + 50 * MINUTE)
    scene.send(0, (line, b"es256 " + b"A" * 86), act="put aside")
    scene.send(0, (line, signature), act="undone")


def ingest_checkpoint(scene: Scene) -> None:
    """Message after message while the WAL is copied into the file and begun anew."""
    with scene.centre.db.read() as conn:
        conn.exec_driver_sql(f"PRAGMA wal_autocheckpoint = {SOON}")
    one = scene.kiosks[0]
    scene.send(0, one.opened(), act="first")
    for number in range(1, 5):
        scene.send(0, *one.visit(number, MORNING + number * MINUTE), act=f"visit {number}")
    scene.desk(receipt(1), receipt(2))


WORKFLOWS: dict[str, tuple[Callable[[Scene], None], str]] = {
    "centre_first_start": (centre_first_start, "nothing"),
    "ingest": (ingest, "schema"),
    "ingest_checkpoint": (ingest_checkpoint, "schema"),
}


def prepare(workflow: str) -> tuple[Files, dict[str, Any]]:
    """The folder before the recording begins, and the keys of the server and of the kiosks."""
    place = memory_folder("prepare")
    try:
        disk, keys = place / "disk", place / "keys"
        disk.mkdir()
        app.ensure_keys(Config(folder=place, keys=keys))
        given = {
            "keys": {
                str(path.relative_to(keys)): path.read_text("utf-8") for path in keys.rglob("*") if path.is_file()
            },
            "kiosks": {k: Signer.generate().pem() for k in KIOSKS},
        }
        if WORKFLOWS[workflow][1] == "schema":
            app.start_db(Config(folder=disk / "data", keys=keys)).close()
        return read_folder(disk), given
    finally:
        shutil.rmtree(place)


def play(workflow: str, disk: Path, given: dict[str, Any], confirmed: Callable[..., None], planted: str) -> None:
    """Play a workflow on `disk`."""
    scene = Scene(disk, disk.parent, given, confirmed, planted=planted)
    try:
        scene.start()
        WORKFLOWS[workflow][0](scene)
    finally:
        scene.close()


__all__ = ["DATABASE", "WORKFLOWS", "Centre", "Database", "Ledger", "play", "prepare", "unpack_keys"]
