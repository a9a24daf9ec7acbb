"""Observation decides: 30 minutes of monotonic time, never less, whatever clocks and power do."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk import observation
from kiosk.observation import OBSERVE_S
from kiosk.outcome import Outcome
from protocol import envelope
from tests.kiosk.sealing import seals

FULL_MS = OBSERVE_S * 1000
ONE = {
    "visit": "v-1",
    "person": "cccd:075079001234",
    "state": "observing",
    "dose": {"dose": "d-1", "slip": "ABCDEFGHJK"},
}
LISTED = [{"code": "rash"}, {"code": "breathing"}]


def life(boot: str, first: int, last: int) -> dict:
    return {"boot": boot, "first_mono": first, "last_mono": last}


@pytest.mark.parametrize(
    ("boots", "boot", "mono", "passed"),
    [
        ([life("a", 0, 5000)], "a", 9000, 8000),
        ([], "a", 9000, 8000),
        ([life("a", 0, 5000), life("b", 100, 100)], "b", 600, 4500),
        ([life("a", 0, 5000), life("b", 100, 900), life("c", 50, 50)], "c", 1050, 4000 + 800 + 1000),
        ([life("0", 0, 99_999), life("a", 0, 5000), life("b", 100, 100)], "b", 600, 4500),
        ([life("b", 100, 100)], "b", 9_999_999, 0),
        ([life("a", 0, 500), life("b", 100, 100)], "b", 600, 500),
        ([life("a", 0, 5000)], "a", 500, 0),
    ],
)
def test_time_counts_only_with_power(boots, boot, mono, passed):
    """F36, I7: of other boots only what they are known to have lived; a boot nobody noted counts for nothing."""
    assert observation.elapsed_ms({"boot": "a", "mono": 1000}, boot=boot, mono=mono, boots=boots) == passed


@given(st.lists(st.tuples(st.integers(0, 10**7), st.integers(0, 10**7)), max_size=5), st.integers(0, 10**7))
def test_never_more_than_the_boots_have_lived(spans, mono):
    """I7: whatever restarts there were, the observation cannot end early."""
    boots = [life(str(number), min(span), max(span)) for number, span in enumerate(spans)]
    since = {"boot": "0", "mono": boots[0]["first_mono"] if boots else 0}
    passed = observation.elapsed_ms(since, boot="now", mono=mono, boots=boots)
    assert 0 <= passed <= sum(one["last_mono"] - one["first_mono"] for one in boots)


@pytest.mark.parametrize(
    ("passed", "left"), [(0, 1800), (1, 1800), (1000, 1799), (FULL_MS - 1, 1), (FULL_MS, 0), (10**9, 0)]
)
def test_seconds_left_are_rounded_up(passed, left):
    assert observation.left_s(passed) == left


def test_early_needs_a_reason():
    assert observation.release(ONE, observed_ms=FULL_MS - 1, early_reason=None, copy=1).screen == "release_early"
    assert observation.release(ONE, observed_ms=FULL_MS - 1, early_reason=" ", copy=1).notice.code == "need_reason"
    outcome = observation.release(ONE, observed_ms=FULL_MS - 1, early_reason="xin về", copy=1)
    assert envelope.parse(seals(outcome)[0]).body["outcome"] == "early"


@pytest.mark.parametrize(("reaction", "outcome"), [(None, "well"), ("severe", "reaction")])
def test_release_orders_one_slip(reaction, outcome):
    one = {**ONE, "reaction": reaction} if reaction else ONE
    released = observation.release(one, observed_ms=FULL_MS, early_reason=None, copy=1)
    assert envelope.parse(seals(released)[0]).body["outcome"] == outcome
    assert [(job.slip, job.what, job.copy) for job in released.prints] == [("ABCDEFGHJK", "dose", 1)]


def test_visit_forgotten_for_weeks_can_be_ended():
    seals(observation.release(ONE, observed_ms=40 * 86_400_000, early_reason=None, copy=1))


@pytest.mark.parametrize(
    "one", [{**ONE, "state": "left"}, {**ONE, "state": "ready"}, {"visit": "v", "state": "observing"}]
)
def test_who_is_not_observed_is_not_released(one):
    assert observation.release(one, observed_ms=FULL_MS, early_reason=None, copy=1).notice.code == "wrong_state"


def report(severity="severe", symptoms=("rash",), note="", one=ONE) -> Outcome:
    return observation.report(one, severity=severity, symptoms=list(symptoms), note=note, aefi="e-1", listed=LISTED)


def test_reaction_needs_severity_and_a_symptom():
    assert report(severity="").notice.code == "missing_answer"
    assert report(symptoms=()).notice.code == "missing_answer"
    assert report(symptoms=("nonsense",)).notice.code == "missing_answer"
    seals(report(symptoms=("rash", "nonsense", "breathing"), note="x" * 9000))


@pytest.mark.parametrize(
    ("state", "taken"), [("observing", True), ("left", True), ("ready", False), ("waiting", False)]
)
def test_reaction_after_leaving_is_taken(state, taken):
    assert bool(report(one={**ONE, "state": state}).facts) is taken


def test_reaction_without_a_dose_is_not():
    assert report(one={"visit": "v-1", "state": "observing"}).notice.code == "wrong_state"


@given(st.text(), st.lists(st.text()), st.text())
def test_any_report_gives_an_outcome(severity, symptoms, note):
    assert isinstance(report(severity, symptoms, note), Outcome)


def test_a_symptom_that_its_list_calls_severe_makes_the_reaction_severe():
    listed = [{"code": "rash", "severity": "common"}, {"code": "breathing", "severity": "severe"}]
    one = {"severity": "common", "note": "", "aefi": "e-1", "listed": listed}
    mild = observation.report(ONE, symptoms=["rash"], **one)
    assert (mild.facts[0].body["severity"], mild.screen) == ("common", "observation")
    grave = observation.report(ONE, symptoms=["rash", "breathing"], onset=" 12 ", **one)
    assert (grave.facts[0].body["severity"], grave.facts[0].body["onset_min"]) == ("severe", 12)
    assert (grave.screen, grave.pending) == ("follow_up", {"visit": "v-1", "aefi": "e-1"})
    seals(grave)


def test_an_alarm_records_how_long_after_the_needle_it_was_raised():
    outcome = observation.alarm(ONE, aefi="e-1", observed_ms=7 * 60_000 + 59_000)
    assert outcome.facts[0].body["onset_min"] == 7
    seals(outcome)
    seals(observation.alarm(ONE, aefi="e-1", observed_ms=10**12))
    assert observation.alarm({**ONE, "state": "ready"}, aefi="e-1", observed_ms=0).notice.code == "wrong_state"


@given(st.dictionaries(st.sampled_from(["severity", "outcome", "grade", "note", "symptoms", "treatment"]), st.text()))
def test_any_follow_up_gives_an_outcome(form):
    one = {**ONE, "reactions": {"e-1": {"severity": "severe"}}}
    lists = {"symptoms": LISTED, "grades": [{"code": "II", "severity": "severe"}], "treatments": LISTED}
    assert isinstance(observation.follow_up(one, aefi="e-1", form=form, **lists), Outcome)
    assert observation.follow_up(ONE, aefi="e-1", form=form, **lists).notice.code == "wrong_state"
