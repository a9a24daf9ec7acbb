"""Screening decides: answers and vital signs to a conclusion, a doctor's other opinion, a form replaced meanwhile."""

import copy

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk import screening
from kiosk.outcome import Outcome
from tests.kiosk.made import FORM
from tests.kiosk.sealing import seals
from tests.kiosk.whole import EASY

ONE = {"visit": "v-1", "person": "cccd:075079001234", "state": "called"}


def conclude(pending, conclusion="eligible", reason="", one=ONE, form=FORM) -> Outcome:
    return screening.conclude(one, form, pending, conclusion=conclusion, reason=reason)


@pytest.mark.parametrize(
    ("changes", "derived"),
    [
        ({}, "eligible"),
        ({"answer.ACUTE_ILLNESS": "yes"}, "defer"),
        ({"answer.ACUTE_ILLNESS": "yes", "answer.ANAPHYLAXIS_SAME_VACCINE": "yes"}, "contraindicated"),
        ({"vital.temperature": "37,6"}, "caution"),
        ({"vital.temperature": "37.5"}, "eligible"),
        ({"consent": "no"}, "refused"),
    ],
)
def test_answers_conclude(changes, derived):
    outcome = screening.judge(ONE, FORM, {**EASY, **changes})
    assert (outcome.screen, outcome.pending["derived"]) == ("conclusion", derived)
    fact = seals(conclude(outcome.pending, derived))
    assert b'"derived":"%s"' % derived.encode() in fact[0]


@pytest.mark.parametrize("missing", sorted(EASY))
def test_nothing_may_be_left_unasked(missing):
    submitted = {key: value for key, value in EASY.items() if key != missing}
    outcome = screening.judge(ONE, FORM, submitted)
    assert outcome.screen == "screening"
    assert list(outcome.pending["errors"].values()) == ["missing_answer"]


def test_no_consent_needs_no_answers():
    assert screening.judge(ONE, FORM, {"consent": "no"}).pending["derived"] == "refused"


@pytest.mark.parametrize(
    ("typed", "value"),
    [("36.8", 368), ("36", 360), ("036.8", 368), ("36.", 360), ("3_6", None), ("٣٦", None), ("-1", None), ("1e2", None),
     ("36.85", None), ("99999", None), ("", None), ("²", None), (" 36", None)],
)  # fmt: skip
def test_numbers_are_scaled(typed, value):
    assert screening.scaled(typed, 10) == value


def test_other_opinion_needs_a_reason():
    pending = screening.judge(ONE, FORM, EASY).pending
    assert conclude(pending, "defer").notice.code == "need_reason"
    assert conclude(pending, "defer", "  \n").notice.code == "need_reason"
    assert conclude(pending, "nonsense", "x").notice.code == "missing_answer"
    seals(conclude(pending, "defer", "mệt"))


@pytest.mark.parametrize("state", ["waiting", "cleared", "observing", "left", "gone", "nonsense"])
def test_person_no_longer_called_is_not_concluded(state):
    pending = screening.judge(ONE, FORM, EASY).pending
    assert conclude(pending, one={**ONE, "state": state}).notice.code == "wrong_state"


def test_form_replaced_meanwhile_is_read_again():
    """A conclusion stands under the form that gave it; a new one with another question is asked first."""
    pending = screening.judge(ONE, FORM, EASY).pending
    newer = copy.deepcopy(FORM) | {"version": "5002/QĐ-BYT"}
    outcome = conclude(pending, form=newer)
    assert (outcome.facts, outcome.screen, outcome.notice.code) == ((), "conclusion", "read_again")
    assert seals(conclude(outcome.pending, form=newer))[0].count(b"5002/Q") == 1
    newer["items"].append({"code": "PREGNANT", "vi": "Có thai", "en": "Pregnant", "yes": "caution"})
    outcome = conclude(pending, form=newer)
    assert (outcome.screen, outcome.pending["errors"]) == ("screening", {"PREGNANT": "missing_answer"})


@pytest.mark.parametrize(
    ("today", "version"), [("1970-01-01", "old"), ("2021-08-01", "old"), ("2021-10-03", "new"), ("2099-01-01", "new")]
)
def test_wrong_clock_still_finds_a_form(today, version):
    """F35: nobody is turned away because the clock says 1970 or next century."""
    forms = [{"version": "new", "from": "2021-09-10"}, {"version": "old", "from": "2021-07-01", "to": "2021-09-09"}]
    assert screening.form_for(forms, today, 42)["version"] == version


def test_form_by_age():
    forms = [{"version": "grown", "age_min": 18}, {"version": "child", "age_min": 12, "age_max": 17}]
    assert [screening.form_for(forms, "2021-10-03", age)["version"] for age in (42, 13, 5)] == [
        "grown",
        "child",
        "child",
    ]
    assert screening.form_for(forms, "2021-10-03", -1) is not None
    assert screening.form_for([], "2021-10-03", 42) is None


@given(st.dictionaries(st.one_of(st.sampled_from(sorted(EASY)), st.text()), st.text()), st.text(), st.text())
def test_anything_submitted_gives_an_outcome(submitted, conclusion, reason):
    """I11."""
    outcome = screening.judge(ONE, FORM, submitted)
    if outcome.screen == "conclusion":
        assert isinstance(conclude(outcome.pending, conclusion, reason), Outcome)


@given(st.text())
def test_any_temperature_gives_an_outcome(typed):
    outcome = screening.judge(ONE, FORM, {**EASY, "vital.temperature": typed})
    if outcome.screen == "conclusion":
        seals(conclude(outcome.pending, outcome.pending["derived"]))
