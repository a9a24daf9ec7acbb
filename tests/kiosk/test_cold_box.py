"""The cold box over time: a record every ten minutes and at each change, gaps that are said, an alarm after half an hour."""

import pytest

from kiosk import cold_box
from kiosk.cold_box import ALARM_MS, NO_DATA_MS, RECORD_EVERY_MS, Measured

TEN_S = 10_000
PROOF = {"boot": 1, "n": 5, "up_s": 50, "mac": "5f" * 32}


def run(box, now, until, tenths_c, every=TEN_S):
    """Readings every ten seconds (none when `tenths_c` is None); state, time, bodies of the records."""
    bodies = []
    while now < until:
        now += every
        if tenths_c is not None:
            box = cold_box.taken(box, Measured("box-01", tenths_c, "", PROOF), now)
        box, facts = cold_box.step(box, now)
        bodies += [fact.body for fact in facts]
    return box, now, bodies


def test_a_good_hour_is_six_records_without_gaps():
    box, now, bodies = run(cold_box.begin(0), 0, 3_600_000, 45)
    assert [body["state"] for body in bodies] == ["in_range"] * 6  # the first at once
    assert max(body["gap_s"] for body in bodies) <= 10
    assert bodies[-1] == {
        "box": "box-01", "span_s": 600, "readings": 60, "gap_s": 10, "state": "in_range", "fault": "",
        "low": 45, "high": 45, "last": 45, "proof": PROOF,
    }  # fmt: skip
    assert not cold_box.is_alarm(box, now)
    assert cold_box.shown(box, now) == {"state": "in_range", "tenths_c": 45, "minutes": 0, "alarm": False}


def test_a_board_that_never_speaks_is_no_data_and_never_in_range():
    box, now, bodies = run(cold_box.begin(0), 0, ALARM_MS, None)
    assert {body["state"] for body in bodies} == {"no_data"}
    assert {body["fault"] for body in bodies} == {"board"}
    assert {body["readings"] for body in bodies} == {0}
    assert not any(name in body for body in bodies for name in ("low", "high", "last", "proof"))
    assert len(bodies) == ALARM_MS // RECORD_EVERY_MS
    assert cold_box.is_alarm(box, now)
    assert cold_box.shown(box, now)["tenths_c"] is None


def test_a_reading_that_stops_is_said_after_a_minute():
    box, now, _ = run(cold_box.begin(0), 0, 300_000, 45)
    box, now, bodies = run(box, now, now + NO_DATA_MS + TEN_S, None)
    (body,) = bodies
    assert (body["state"], body["readings"], body["gap_s"]) == ("no_data", 29, 70)
    box, now, bodies = run(box, now, now + TEN_S, 46)
    (body,) = bodies
    assert body["state"] == "in_range"


@pytest.mark.parametrize(("tenths_c", "state"), [(81, "too_warm"), (19, "too_cold"), (-5, "too_cold")])
def test_out_of_range_is_recorded_at_once_and_alarms_after_half_an_hour(tenths_c, state):
    box, now, _ = run(cold_box.begin(0), 0, 300_000, 50)
    box, now, bodies = run(box, now, now + TEN_S, tenths_c)
    assert [body["state"] for body in bodies] == [state]
    begun = now
    box, now, _ = run(box, now, begun + ALARM_MS - TEN_S, tenths_c)
    assert not cold_box.is_alarm(box, now)
    box, now, _ = run(box, now, begun + ALARM_MS, tenths_c)
    assert cold_box.is_alarm(box, now)
    box, now, bodies = run(box, now, now + TEN_S, 50)
    assert not cold_box.is_alarm(box, now)
    assert bodies[0]["state"] == "in_range"


def test_a_gap_does_not_end_what_was_wrong_and_a_good_reading_does():
    box, now, _ = run(cold_box.begin(0), 0, TEN_S, 120)
    box, now, _ = run(box, now, now + ALARM_MS // 2, 120)
    box, now, _ = run(box, now, now + ALARM_MS // 2, None)
    assert box.state == "no_data"
    assert cold_box.is_alarm(box, now)
    box, now, _ = run(box, now, now + TEN_S, 50)
    assert not cold_box.is_alarm(box, now)


def test_a_sensor_that_fails_names_its_fault():
    box = cold_box.begin(0)
    for now in range(0, 600_000 + TEN_S, TEN_S):
        box = cold_box.taken(box, Measured("box-01", None, "absent"), now)
        box, facts = cold_box.step(box, now)
        if facts:
            assert facts[0].body["fault"] == "absent"
            assert facts[0].body["box"] == "box-01"
    assert box.state == "no_data"
