"""A card that was cloned or put back: a new incarnation with its first record, and the work goes on (I4, I13, F44, F77)."""

import pytest

from kiosk.desk import anew
from kiosk.errors import NotWritten
from tests.kiosk.made import CARD, OTHER_CARD, Made

NEW = "00000000000000b2"


def begin(made: Made, *, inc: str = NEW, why: str = "cloned") -> str:
    """The desk begins anew; gives the incarnation before."""
    before = made.desk.log.inc
    made.desk.call(lambda: anew.begin(made.desk, forked=before, inc=inc, why=why, app="tram-test"))
    return before


@pytest.mark.parametrize("why", ["cloned", "restored"])
def test_a_new_log_begins_with_a_record_and_a_sentence(made: Made, why: str) -> None:
    made.check_in()
    count, clock = len(made.records()), made.desk.log.hlc
    made.desk.call(lambda: made.desk.safe(count, []))
    assert made.touch.view()["sync"]["waiting"] == 0
    old = begin(made, why=why)
    view = made.touch.view()
    assert view["notice"]["code"] == "log_" + why
    assert view["sync"]["waiting"] == count + 1, "no mark of the old log says any more that ours are there"
    opened = next(record for record in made.records() if record.inc == NEW)
    assert (opened.seq, opened.kind, opened.body["why"], opened.prev) == (1, "log.opened", why, "0" * 64)
    assert tuple(opened.t["hlc"]) > clock
    made.desk.call(lambda: anew.held(made.desk, inc=old, whole=True))
    assert made.touch.view()["sync"]["waiting"] == 1
    made.desk.call(lambda: anew.held(made.desk, inc=old, whole=False))
    assert made.touch.view()["sync"]["waiting"] == count + 1


def test_the_sentence_waits_for_somebody_at_a_kiosk_nobody_touched(made: Made) -> None:
    made.touch.view()
    made.clock.patience += 3_600_000
    begin(made)
    for _minute in range(9):
        made.desk.call(made.desk._tick)
        assert made.touch.view()["notice"]["code"] == "log_cloned"
        made.clock.patience += 60_000
    made.act("staff")
    assert made.touch.view()["notice"] is None
    made.act("back")
    begin(made, inc="00000000000000c3")
    made.clock.patience += 601_000
    made.desk.call(made.desk._tick)
    assert made.touch.view()["notice"] is None


def test_a_restart_keeps_it_and_tickets_go_on(made: Made) -> None:
    made.check_in()
    begin(made)
    made.restart()
    assert made.desk.log.inc == NEW
    assert made.desk.log.seq == 1
    assert made.touch.view()["sync"]["waiting"] == len(made.records())
    made.check_in(OTHER_CARD)
    assert [one["ticket"] for one in made.desk.call(made.desk.visits_today)] == ["A-001", "A-002"]
    assert [record.kind for record in made.records() if record.inc == NEW] == ["log.opened", "visit.checked_in"]


def test_an_act_in_the_middle_is_recorded_in_the_new_log(made: Made) -> None:
    made.scan(CARD)
    begin(made)
    view = made.act("yes")
    assert view["data"]["ticket"] == "A-001"
    assert [record.seq for record in made.records() if record.inc == NEW] == [1, 2]


def test_asked_twice_it_happens_once(made: Made) -> None:
    old = begin(made)
    made.desk.call(lambda: anew.begin(made.desk, forked=old, inc="0" * 16, why="cloned", app="tram-test"))
    assert made.desk.log.inc == NEW


def test_a_full_disk_changes_nothing(made: Made, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_batch: object) -> None:
        raise NotWritten("full")

    before = made.desk.log.inc
    monkeypatch.setattr(made.store, "commit", full)
    begin(made)
    monkeypatch.undo()
    assert made.desk.log.inc == before
    made.check_in()
    begin(made)
    assert made.desk.log.inc == NEW
