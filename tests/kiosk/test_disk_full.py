"""F29, F30: the memory card is full or refuses. Nothing is confirmed, nothing half done, and it goes on with room."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from kiosk.desk.loop import ALIVE_EVERY_MS
from kiosk.observation import OBSERVE_S
from kiosk.reserve import Reserve
from kiosk.status import Machine
from kiosk.store import connect
from provisioning.stage import wait_until
from tests.kiosk.made import CARD, OTHER_CARD, PIN, Made
from tests.kiosk.small_disk import SmallDisk, small_disk
from tests.kiosk.whole import WAIT_S, Whole


@pytest.fixture
def disk(quick_folder: Path) -> Iterator[SmallDisk]:
    with small_disk(quick_folder / "disk") as found:
        yield found


def test_whole_kiosk_on_a_full_disk(whole: Whole, disk: SmallDisk):
    """F29, I1: "trouble" instead of a ticket; after space is back the same person goes on where they were."""
    whole.data = disk.folder
    whole.settings |= {"folder": str(disk.folder), "printer": "none", "room_mb": 0, "reserve_mb": 0}
    whole.start()
    whole.hands.pull("scan", CARD)
    whole.hands.wait_for("confirm")
    disk.fill()
    page = whole.hands.touch("yes")
    assert (page.screen, page.tickets) == ("trouble", [])
    assert whole.hands.touch("retry").screen == "confirm"
    assert whole.hands.touch("yes").screen == "trouble"
    disk.empty()
    assert "visit.checked_in" not in whole.kinds()
    whole.hands.touch("retry")
    page = whole.hands.touch("yes")
    assert (page.screen, page.tickets[0]) == ("ticket", "A-001")
    assert whole.kinds().count("visit.checked_in") == 1


def test_below_200_mb_no_new_check_in_and_doses_go_on(whole: Whole):
    """F29: the sentence says where to go; who is in the line already is served; with room again all is as before."""
    whole.settings |= {"machine": "fake"}
    whole.start()
    assert whole.check_in().screen == "ticket"
    whole.bench.pull("disk", "full")
    whole.hands.touch("done")
    whole.hands.pull("scan", OTHER_CARD)
    whole.hands.wait_for("confirm")
    assert wait_until(lambda: not whole.kiosk._desk.condition.has_room(), timeout_s=WAIT_S)
    page = whole.hands.touch("yes")
    assert page.screen == "confirm"
    assert "gần đầy" in page.text
    assert whole.dose().screen == "dosed"
    assert whole.kinds().count("visit.checked_in") == 1
    whole.bench.pull("disk", "roomy")
    assert wait_until(whole.kiosk._desk.condition.has_room, timeout_s=WAIT_S)
    assert whole.check_in(OTHER_CARD).screen == "ticket"


def test_a_dose_takes_the_room_that_was_kept_back(disk: SmallDisk):
    """F29: the card is full to the last byte: no check-in, but the needle's record stands; the room is kept back again."""
    made = Made(disk.folder)
    try:
        made.check_in()
        made.screen()
        made.sign_in("1003", "injection")
        made.act("call_next")
        made.act("lot", lot="ABV001")
        condition = made.desk.condition
        condition.reserve, condition.room_mb = Reserve(disk.folder / "reserve", 1_000_000), 0
        condition.keep_room()
        assert condition.reserve.held
        disk.fill()
        assert made.act("confirm_dose")["screen"] == "dosed"
        assert not condition.reserve.held
        assert made.kinds().count("dose.given") == 1
        disk.fill()
        made.act("sign_out")
        made.scan(OTHER_CARD)
        assert made.act("yes")["screen"] == "trouble"
        assert made.touch.status()["worst"] == "bad"
        disk.empty()
        made.touch.machine(Machine(free_mb=3))
        made.act("retry")
        assert made.act("yes")["screen"] == "ticket"
        assert condition.reserve.held
    finally:
        made.close()


def test_a_reserve_that_cannot_be_made_leaves_nothing(disk: SmallDisk):
    reserve = Reserve(disk.folder / "reserve", 100_000_000)
    assert not reserve.make()
    assert not (disk.folder / "reserve").exists()
    assert not reserve.give_up()


class Locked:
    """A disk that refuses every write, as a card turned read-only does; it needs no root."""

    def __init__(self, made: Made) -> None:
        made.desk.call(lambda: made.store.db.conn.execute("PRAGMA busy_timeout = 30"))
        self.other = connect(made.store.path)

    def __enter__(self) -> None:
        self.other.conn.execute("BEGIN IMMEDIATE")

    def __exit__(self, *_what: object) -> None:
        self.other.conn.rollback()
        self.other.conn.close()


def test_every_act_that_records_says_so_and_can_be_done_again(made: Made):
    """F30, I1: each step of the road first on a disk that refuses, then again: once each, with what was typed."""

    def twice(name: str, **fields: object) -> dict:
        before = made.kinds()
        with Locked(made):
            view = made.act(name, **fields)
            assert view["screen"] == "trouble", name
        assert made.kinds() == before
        made.act("retry")
        return made.act(name, **fields)

    made.scan(CARD)
    twice("yes")
    made.act("done")
    made.act("staff")
    twice("sign_in", code="1002", pin=PIN)
    twice("call_next")
    made.act("judge", **{"answer.ANAPHYLAXIS_SAME_VACCINE": "no", "answer.ACUTE_ILLNESS": "no",
                         "vital.temperature": "36.8", "consent": "yes"})  # fmt: skip
    twice("conclude", conclusion="eligible", reason="")
    made.sign_in("1009", "injection")
    twice("call_next")
    made.act("lot", lot="ABV001")
    twice("confirm_dose")
    made.act("undo")
    twice("undo_dose", reason="nhầm")
    made.act("call_next")
    made.act("lot", lot="ABV001")
    made.act("confirm_dose")
    made.act("next")
    visit = made.act("observation")["data"]["tiles"][0]["visit"]
    made.act("react", visit=visit)
    twice("report", severity="common", symptoms=["rash"])
    made.clock.pass_s(OBSERVE_S)
    twice("release", visit=visit)
    assert made.kinds().count("dose.given") == 2
    assert made.store.visit(visit)["state"] == "left"


def test_nobody_works_without_a_recorded_sign_in(made: Made):
    """I8: the sign-in could not be written, so nobody is signed in."""
    made.act("staff")
    with Locked(made):
        assert made.act("sign_in", code="1002", pin=PIN)["staff"] is None
    assert made.act("retry")["screen"] == "sign_in"


def test_trouble_falls_back_to_the_welcome(made: Made):
    """Nothing of the person stays on the screen of a kiosk that cannot write."""
    made.scan(CARD)
    with Locked(made):
        made.act("yes")
    made.clock.patience += 61_000
    made.desk.call(made.desk._tick)
    assert made.touch.view()["screen"] == "welcome"
    assert "Nguyễn" not in str(made.touch.view())


def test_acknowledgement_that_cannot_be_kept_is_shown_all_the_same(made: Made):
    """The centre has the records; after a restart it says so again."""
    made.check_in()
    with Locked(made):
        made.desk.call(lambda: made.desk.safe(2, [(1, "quarantined", "future")]))
    assert made.touch.view()["sync"]["waiting"] == 0
    made.restart()
    assert made.touch.view()["sync"]["waiting"] == 2


def test_acknowledgement_that_could_not_be_kept_is_kept_later(made: Made):
    """The centre says it once; it is written as soon as the disk takes it."""
    made.check_in()
    with Locked(made):
        made.desk.call(lambda: made.desk.safe(2, [(1, "quarantined", "future")]))
    made.clock.patience += ALIVE_EVERY_MS + 1
    made.desk.call(made.desk._tick)
    assert made.store.meta("committed:" + made.desk.log.inc) == "2"
    made.restart()
    assert made.touch.view()["sync"]["waiting"] == 0
