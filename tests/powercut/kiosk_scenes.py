"""The kiosk's workflows as they are recorded: a desk over a real store, acts touched as on the screen."""

import json
import sqlite3
from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import Any

from kiosk.app import ALPHABET, APP
from kiosk.config import Enrolment
from kiosk.crypto import Sealer, Signer
from kiosk.desk import prints
from kiosk.desk.log import open_log
from kiosk.desk.loop import MACHINE, Desk
from kiosk.desk.retention import KEEP_MS, Retention
from kiosk.desk.touch import Touch
from kiosk.observation import OBSERVE_S
from kiosk.outcome import Fact, Outcome
from kiosk.store import Store
from protocol import canon
from tests.kiosk.made import CARD, LISTS, OTHER_CARD, HandClock, Made
from tests.powercut.kiosk_bugs import STORES

Confirmed = Callable[[str, sqlite3.Connection, list[str]], None]
DATABASE = "data/kiosk.db"
# The WAL is copied into the file after so few pages that it happens every other act; SQLite's own number is 1000.
SOON = 12
A_DAY_S = 86_400
# Ticks of the desk that a night's work takes, and that the wait for the next one needs.
TICKS, TICK_MS = 12, 70_000


def enrolment() -> Enrolment:
    """Who the kiosk of every scene is."""
    return Enrolment(shard="dong-nai", site="trang-dai", k="kiosk-01", brokers=(), kit=Path("nowhere"))


def boot(store: Store, *, clock: HandClock, key: Path) -> tuple[Desk, bool]:
    """A desk over an opened store, as `kiosk.app` starts it, not yet serving; and whether its log is new."""
    record_log, fresh = open_log(store, enrolment=enrolment(), signer=Signer(key))
    draw = Random(record_log.seq)
    desk = Desk(
        store=store, clock=clock, record_log=record_log, lane="A", name="1", demo=False,
        mint=lambda count: "".join(draw.choice(ALPHABET) for _ in range(count)),
    )  # fmt: skip
    return desk, fresh


def list_rows(version: int, **changes: Any) -> list[dict[str, Any]]:
    """The reference lists as the shelf hands them to the desk."""
    rows = []
    for name, body in {**LISTS, **changes}.items():
        data = json.dumps(body, ensure_ascii=False).encode()
        rows.append(
            {
                "name": name,
                "version": version,
                "sha256": canon.digest(data),
                "body": data,
                "issued": 1,
                "received_at": version,
            }
        )
    return rows


class Scene(Made):
    """A running desk whose every act is reported to `confirmed` once its page has said so."""

    def __init__(self, disk: Path, key: Path, confirmed: Confirmed, *, planted: str = "", pages: int = 0):
        self.path = disk / DATABASE
        self.key = key
        self.clock = HandClock()
        self._confirmed = confirmed
        self._told: set[str] = set()
        self._planted = planted
        self._pages = pages
        self.open()

    def open(self) -> None:
        self.store = STORES.get(self._planted, Store)(self.path)
        if self._pages:
            self.store.db.execute(f"PRAGMA wal_autocheckpoint = {self._pages}")
        self.confirm("opened")
        self.desk, fresh = boot(self.store, clock=self.clock, key=self.key)
        self.confirm("log named")
        if fresh:
            self.desk.write(Outcome(facts=(Fact("log.opened", {"app": APP, "why": "enrolled"}),)), who=MACHINE)
            self.confirm("log opened")
        for job in self.store.prints("sending"):
            prints.done(self.desk, job, "unknown")
            self.confirm("fate unknown")
        self.desk.start()
        self.touch = Touch(self.desk)
        self.confirm("started")

    def confirm(self, act: str) -> None:
        """Whoever waits for `act` has been told."""
        desk = getattr(self, "desk", None)
        if desk is not None and desk.log.seq:
            self._told.add(desk.log.head)
        served = desk.call if getattr(self, "touch", None) else lambda work: work()
        served(lambda: self._confirmed(act, self.store.db.conn, sorted(self._told)))

    def close(self) -> None:
        super().close()
        del self.touch, self.desk

    def act(self, name: str, **fields: object) -> dict[str, object]:
        view = super().act(name, **fields)
        assert view["screen"] != "trouble", view
        self.confirm(name)
        return view

    def bring(self, rows: list[dict[str, Any]]) -> None:
        """Reference lists have come."""
        self.desk.call(lambda: self.desk.lists_arrived(rows))
        self.confirm("lists")

    def acknowledge(self, committed: int, statuses: list[tuple[int, str, str]]) -> None:
        """The centre's word has come: the mark, and then what it put aside."""
        self.desk.call(lambda: self.desk.safe(committed, []))
        self.confirm("safe mark")
        if statuses:
            self.desk.call(lambda: self.desk.safe(committed, statuses))
            self.confirm("put aside")

    def print_one(self, result: str) -> None:
        """The printer takes a slip and says what became of it."""
        taken = self.touch.take_print()
        assert taken is not None
        self.confirm("print taken")
        self.touch.print_done(taken[0], result)
        self.desk.call(lambda: None)  # it was posted
        self.confirm("print " + result)

    def commits_are_told(self) -> None:
        """From here on each transaction of the store is a state of its own: the machine's own work has no screen."""
        store = self.store

        def told(work: Callable[..., None]) -> Callable[..., None]:
            def done(*given: Any) -> None:
                work(*given)
                self._confirmed("committed", store.db.conn, sorted(self._told))

            return done

        store.commit = told(store.commit)  # type: ignore[method-assign]
        store.mark_alive = told(store.mark_alive)  # type: ignore[method-assign]

    def forget(self, upto: int) -> None:
        """What the centre has archived for a month may go: nobody was told that it stays here."""
        rows = self.store.db.conn.execute("SELECT digest FROM entry WHERE seq <= ?", (upto,)).fetchall()
        self._told -= {row[0] for row in rows}

    def alive(self) -> None:
        """Twenty seconds pass; the desk notes that it lives."""
        moment = self.clock.now()
        self.desk.call(lambda: self.store.mark_alive(moment.boot, moment.mono + 20_000, moment.wall))
        self.confirm("alive")


def _observe(scene: Scene) -> str:
    scene.act("next")
    scene.act("observation")
    return scene.touch.view()["data"]["tiles"][0]["visit"]


def first_start(scene: Scene) -> None:
    """From an empty card to the first ticket: migrations, the log's name, its first record, the first lists."""
    scene.bring(list_rows(7))
    scene.alive()
    scene.check_in()


def check_in(scene: Scene) -> None:
    """Two people with cards, one typed by hand; tickets printed."""
    scene.check_in(CARD)
    scene.print_one("printed")
    scene.check_in(OTHER_CARD)
    scene.act("no_code")
    typed = {
        "name": "Trần Thị Ánh",
        "dob_day": "5",
        "dob_month": "7",
        "dob_year": "1950",
        "sex": "F",
        "doc_no": "",
        "phone": "",
    }
    # The page's own field is called "name" too.
    assert scene.touch.act("typed", typed, scene.touch.view()["token"])
    assert scene.touch.view()["screen"] == "confirm", scene.touch.view()
    scene.act("yes", phone="0912 345 678")


def screening(scene: Scene) -> None:
    """One found fit, one sent home with a reason, one not there."""
    scene.check_in(CARD)
    scene.check_in(OTHER_CARD)
    scene.screen()
    scene.act("call_next")
    scene.act(
        "judge",
        **{
            "answer.ANAPHYLAXIS_SAME_VACCINE": "no",
            "answer.ACUTE_ILLNESS": "yes",
            "vital.temperature": "38.4",
            "consent": "yes",
        },
    )
    scene.act("conclude", conclusion="defer", reason="Sốt", until="")


def dosing(scene: Scene) -> None:
    """A dose with its slip code, taken back, given again."""
    scene.check_in()
    scene.screen()
    scene.dose()
    scene.act("undo")
    scene.act("undo_dose", reason="Chọn nhầm người")
    scene.dose()


def observing(scene: Scene) -> None:
    """A reaction is reported; half an hour later the person leaves and the slip is ordered, printed, and ordered again."""
    scene.check_in()
    scene.screen()
    scene.dose()
    visit = _observe(scene)
    scene.act("react", visit=visit)
    scene.act("report", severity="common", symptoms=["rash"], note="Nổi mẩn ở tay")
    scene.clock.pass_s(OBSERVE_S)
    scene.act("release", visit=visit)
    scene.print_one("printed")
    scene.print_one("printed")
    scene.act("reprint")
    scene.print_one("printed")


def printing(scene: Scene) -> None:
    """Slips that fail and are ordered again, and one whose fate nobody knows; the power goes while one is sent."""
    scene.check_in(CARD)
    scene.print_one("no_paper")
    scene.print_one("unknown")
    scene.check_in(OTHER_CARD)
    assert scene.touch.take_print() is not None
    scene.confirm("print taken")


def lists(scene: Scene) -> None:
    """Larger lists are swapped in, then older ones that change nothing."""
    people = [
        {
            "person": f"cccd:0750790{number:05d}",
            "name": "Nguyễn Văn An",
            "at": 1633228920000,
            "vaccine": "AZ",
            "history": [],
        }
        for number in range(400)
    ]
    scene.bring(list_rows(8, appointments={"items": people}))
    scene.bring(list_rows(6))
    scene.bring(list_rows(9, lots={"items": []}))


def safe_mark(scene: Scene) -> None:
    """The centre acknowledges, puts a record aside, acknowledges more."""
    scene.acknowledge(1, [])
    scene.check_in()
    scene.acknowledge(2, [(2, "quarantined", "future"), (1, "fork", "other_bytes")])
    scene.alive()


def sealing(scene: Scene) -> None:
    """A day is past and safe: it is sealed visit by visit, the file written anew; a month after it was archived it goes."""
    retention = Retention(scene.desk, Sealer(scene.key.with_name("server-sealing.pub")))

    def night(archived: int, days: int) -> None:
        scene.clock.pass_s(days * A_DAY_S)
        scene.desk.call(lambda: retention.heard(scene.desk.log.inc, archived, scene.clock.wall))
        for _ in range(TICKS):
            scene.clock.patience += TICK_MS
            scene.desk.call(lambda: retention.step(scene.clock.now()))

    for card in (CARD, OTHER_CARD):
        scene.check_in(card)
        scene.screen()
        scene.dose()
        visit = _observe(scene)
        scene.clock.pass_s(OBSERVE_S)
        scene.act("release", visit=visit)
        scene.act("sign_out")
    scene.print_one("printed")
    upto = scene.desk.log.seq
    scene.acknowledge(upto, [])
    scene.commits_are_told()
    night(0, 1)
    scene.desk.call(lambda: scene.desk.safe(scene.desk.log.seq, []))
    night(upto, 1)
    scene.desk.call(lambda: scene.forget(upto))
    scene.confirm("a month has passed")
    night(upto, KEEP_MS // (A_DAY_S * 1000) + 1)
    assert scene.store.kept.gone(scene.desk.log.inc), "nothing was deleted after a month"


def checkpoint(scene: Scene) -> None:
    """A morning in which the WAL is copied into the file again and again and begun anew, and a restart in between."""
    scene.check_in(CARD)
    scene.screen()
    scene.dose()
    visit = _observe(scene)
    scene.clock.pass_s(OBSERVE_S)
    scene.act("release", visit=visit)
    scene.store.db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
    scene.confirm("WAL emptied")
    scene.print_one("printed")
    scene.close()
    scene.open()
    scene.check_in(OTHER_CARD)


def start_again(scene: Scene) -> None:
    """After a cut: the WAL is replayed, a slip that was being sent is of unknown fate, work goes on."""
    scene.check_in(OTHER_CARD)
    scene.print_one("printed")
