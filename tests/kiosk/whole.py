"""A whole kiosk for tests: enrolled, with lists as the centre would send them, fake devices, real screens over HTTP."""

import json
import time
from datetime import UTC, datetime
from pathlib import Path

from kiosk.app import Kiosk
from kiosk.config import load
from kiosk.folders import write_whole
from kiosk.store import Store
from protocol import canon, envelope
from provisioning.hands import Hands, Page
from provisioning.stage import wait_until
from server.pki import enrol_kiosk, kiosk_home, make_authority, make_server_identity
from tests.kiosk.made import CARD, LISTS, MORNING, PIN

SHARD, SITE, NAME = "dong-nai", "trang-dai", "kiosk-01"
WAIT_S = 15
EASY = {
    "answer.ANAPHYLAXIS_SAME_VACCINE": "no",
    "answer.ACUTE_ILLNESS": "no",
    "vital.temperature": "36.8",
    "consent": "yes",
}


class Whole:
    """One kiosk and the hands at it. `settings` may be changed before `start()`."""

    def __init__(self, folder: Path, *, broker_port: int = 1) -> None:
        self.folder = folder
        self.keys = folder / "keys"
        now = datetime.now(UTC)
        make_authority(self.keys, now=now)
        make_server_identity(self.keys, now=now)
        self.writer = enrol_kiosk(
            self.keys, shard=SHARD, site=SITE, writer=NAME, broker_host="127.0.0.1", broker_port=broker_port, now=now
        )
        self.clock = folder / "clock.json"
        real = time.time_ns() // 1_000_000
        self.clock.write_text(json.dumps({"real": real, "wall": MORNING, "mono": 100_000, "speed": 1}))
        self.data = folder / "data"
        self.settings: dict[str, object] = {
            "folder": str(self.data),
            "kit": str(kiosk_home(self.keys, NAME) / "kit"),
            "screen_port": 0,
            "camera": "none",
            "reader": "fake",
            "printer": "fake",
            # Its folder may lie in memory, where little room is left: that is no news of a memory card.
            "machine": "none",
            "reserve_mb": 0,
            "demo_clock": str(self.clock),
        }
        self.kiosk: Kiosk | None = None
        self.hands: Hands

    def set_clock(self, **changes: object) -> None:
        """What the shared clock's file says from now on: whole at every moment, for other threads read it as they go."""
        told = json.loads(self.clock.read_text("utf-8"))
        write_whole(self.clock, json.dumps({**told, **changes}).encode())

    @property
    def database(self) -> Path:
        return self.data / "kiosk.db"

    @property
    def toml(self) -> Path:
        return self.folder / "kiosk.toml"

    def prepare(self, lists: dict[str, object] | None = None) -> None:
        """Write the settings, and the lists into the store as if the centre had sent them."""
        self.toml.write_text(
            "".join(f"{name} = {json.dumps(value)}\n" for name, value in self.settings.items()), "utf-8"
        )
        store = Store(self.database)
        store.swap_lists(list_rows(LISTS if lists is None else lists))
        store.close()

    def start(self, lists: dict[str, object] | None = None) -> None:
        self.prepare(lists)
        self.kiosk = Kiosk(load(self.toml))
        self.kiosk.start()
        self.hands = Hands(self.kiosk.url)

    def stop(self) -> None:
        if self.kiosk is not None:
            self.kiosk.stop()
            self.kiosk = None

    @property
    def bench(self):
        return self.kiosk.bench

    @property
    def printer(self):
        return self.bench._printer

    def sign_in(self, code: str, station: str | None = None) -> Page:
        self.home()
        self.hands.touch("staff")
        page = self.hands.touch("sign_in", code=code, pin=PIN)
        if page.screen == "station":
            page = self.hands.touch("station", station=str(station))
        return page

    def home(self) -> None:
        page = self.hands.look()
        while page.screen != "welcome":
            act = {"ticket": "done", "confirm": "no", "sign_in": "back", "type_id": "back"}.get(page.screen, "sign_out")
            page = self.hands.touch(act)

    def check_in(self, card: str = CARD) -> Page:
        """A person scans their card and says yes; gives the ticket's page."""
        self.home()
        self.hands.pull("scan", card)
        assert self.hands.wait_for("confirm").screen == "confirm"
        return self.hands.touch("yes")

    def dose(self) -> Page:
        """The person checked in is screened and gets a dose; gives the page after."""
        self.sign_in("1002")
        self.hands.touch("call_next")
        self.hands.touch("judge", **EASY)
        self.hands.touch("conclude", conclusion="eligible", reason="")
        self.sign_in("1003", "injection")
        self.hands.touch("call_next")
        self.hands.touch("lot", lot="ABV001")
        return self.hands.touch("confirm_dose")

    def release(self) -> Page:
        """The person dosed leaves; the slip is ordered."""
        self.hands.touch("next")
        page = self.hands.touch("observation")
        self.bench.pull("time", "31")
        return self.hands.touch("release", visit=page.visits[0])

    def records(self) -> list[envelope.Record]:
        """What is on disk, read beside the running kiosk."""
        return read_records(self.database)

    def kinds(self) -> list[str]:
        return [record.kind for record in self.records()]

    def wait_for_record(self, kind: str, count: int = 1) -> list[envelope.Record]:
        """Wait until `count` records of a kind stand on disk."""
        wait_until(lambda: self.kinds().count(kind) >= count, timeout_s=WAIT_S)
        found = [record for record in self.records() if record.kind == kind]
        assert len(found) >= count, self.kinds()
        return found


def list_rows(lists: dict[str, object], version: int = 7) -> list[dict[str, object]]:
    """Rows as `Store.swap_lists` takes them."""
    rows = []
    for name, body in lists.items():
        data = json.dumps(body, ensure_ascii=False).encode()
        rows.append(
            {
                "name": name,
                "version": version,
                "sha256": canon.digest(data),
                "body": data,
                "issued": 1,
                "received_at": MORNING,
            }
        )
    return rows


def read_records(database: Path) -> list[envelope.Record]:
    """Every record of a kiosk's file, in order."""
    store = Store(database)
    try:
        return [envelope.parse(line) for line in store.lines()]
    finally:
        store.close()
