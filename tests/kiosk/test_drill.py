"""The drill: its table of stages, what each step proves, what is given up after a while. And that the wire obeys it."""

import pytest

from kiosk import drill
from kiosk.drill import CUTTING, IDLE, OVER, PRINTING, READING, SENDING, Drill
from tests.kiosk.test_opening import made, step, to_opening

__all__ = ["made"]
ALL = ("printer", "camera", "reader")


def begun(fitted=ALL):
    return drill.start(Drill(), fitted=fitted, token="ABCD2345", now=0)


def test_the_whole_way():
    one = begun()
    assert (one.stage, one.code) == (PRINTING, "TRAM-DRILL:ABCD2345")
    one = drill.printed(one, "printed", 1_000)
    assert one.stage == READING
    one = drill.read(one, one.code, "reader", 2_000)
    assert (one.stage, one.done) == (READING, {"printer": "ok", "reader": "ok"})
    one = drill.read(one, one.code, "camera", 3_000)
    assert one.stage == CUTTING
    assert one.is_cut(9_999)
    one = drill.written(one, 17, 4_000, away=True)
    assert (one.stage, one.is_cut(6_999), one.is_cut(7_000)) == (SENDING, True, False)
    assert drill.sent(one, committed=16, beside=17, now=8_000).stage == SENDING
    one = drill.sent(one, committed=17, beside=0, now=9_000)
    assert (one.stage, one.is_passed, one.done["sync"]) == (OVER, True, "ok")


def test_another_drills_slip_proves_nothing():
    one = drill.printed(begun(), "printed", 0)
    assert drill.read(one, "TRAM-DRILL:OTHER", "camera", 0) == one


def test_a_slip_read_before_the_printer_has_answered_counts():
    one = drill.read(begun(("printer", "reader")), "TRAM-DRILL:ABCD2345", "reader", 0)
    assert one.stage == PRINTING
    assert drill.printed(one, "printed", 0).stage == CUTTING


@pytest.mark.parametrize("stage", [READING, CUTTING, SENDING])
def test_it_is_not_begun_anew_while_it_is_on_its_way(stage):
    one = Drill(fitted=ALL, stage=stage, token="ABCD2345")
    again = drill.start(one, fitted=ALL, token="NEW", now=0)
    assert (again == one) == (drill.START not in drill.TRANSITIONS[stage])


def test_without_paper_it_stands_until_somebody_begins_again_or_goes_on():
    one = drill.printed(begun(), "no_paper", 0)
    assert (one.stage, one.done) == (PRINTING, {"printer": "failed"})
    again = drill.start(one, fitted=ALL, token="NEW", now=0)
    assert (again.stage, again.done) == (PRINTING, {})
    on = drill.skip(drill.skip(one, 0), 0)
    assert (on.stage, on.done) == (CUTTING, {"printer": "failed", "camera": "skipped", "reader": "skipped"})
    assert not drill.sent(drill.written(on, 3, 0, away=True), committed=3, beside=0, now=1).is_passed


@pytest.mark.parametrize(("beside", "state", "passed"), [(17, "beside", True), (16, "failed", False)])
def test_a_centre_that_does_not_answer_is_given_up(beside, state, passed):
    one = drill.written(Drill(fitted=(), stage=CUTTING), 17, 0, away=True)
    assert drill.sent(one, committed=1, beside=beside, now=29_999).stage == SENDING
    over = drill.sent(one, committed=1, beside=beside, now=30_000)
    assert (over.done["sync"], over.is_passed) == (state, passed)


def test_a_kiosk_without_devices_proves_disk_and_wire_alone():
    assert begun(()).stage == CUTTING
    assert begun(()).steps == ("offline", "sync")
    assert Drill().stage == IDLE


def test_nothing_happens_out_of_turn():
    for stage in (IDLE, CUTTING, SENDING, OVER):
        one = Drill(fitted=ALL, stage=stage, token="T")
        assert drill.skip(one, 0) == one
        assert drill.printed(one, "printed", 0) == one
        assert drill.read(one, one.code, "camera", 0) == one


def test_on_the_screen_a_failed_slip_is_said(made):
    to_opening(made)
    made.act("drill")
    made.act("drill_start")
    job, _words = made.touch.take_print()
    made.touch.print_done(job, "no_paper")
    view = made.touch.view()
    assert [one["state"] for one in view["data"]["steps"] if one["name"] == "printer"] == ["failed"]
    assert made.touch.take_print() is None
    made.act("drill_skip")
    made.act("drill_skip")
    step(made)
    assert made.kinds()[-1] == "site.drilled"
    assert "slip.printed" not in made.kinds()
