"""Screening decides: answers and vital signs to a conclusion, a doctor's other opinion, a form replaced meanwhile."""

import copy
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk import screening
from kiosk.outcome import Outcome
from protocol import rules
from tests.kiosk.made import FORM
from tests.kiosk.sealing import seals
from tests.kiosk.whole import EASY

ONE = {"visit": "v-1", "person": "cccd:075079001234", "state": "called"}


FORMS_FILE = Path(__file__).resolve().parents[2] / "server/data/screening_forms.json"
TODAY = "2021-10-03"


def conclude(pending, conclusion="eligible", reason="", *, one=ONE, form=FORM, until="") -> Outcome:
    return screening.conclude(one, form, pending, conclusion=conclusion, reason=reason, today=TODAY, until=until)


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


FORMS = {form["version"]: form for form in json.loads(FORMS_FILE.read_text("utf-8"))["forms"]}
TABLE = json.loads(Path(__file__).with_name("screening_table.json").read_text("utf-8"))["rows"]


def filled(form, **changes) -> dict[str, str]:
    """Every question answered no, everything measured that must be, consent given."""
    usual = {"temperature": "36.8", "pulse": "80", "bp_systolic": "120", "bp_diastolic": "75", "resp_rate": "16"}
    submitted = {f"answer.{item['code']}": "no" for item in form["items"]}
    submitted |= {f"vital.{row['code']}": usual[row["code"]] for row in form["vitals"] if row["code"] in usual}
    if form.get("guardian_consent"):
        submitted |= {"guardian.name": "Lê Thị Bảy", "guardian.relation": "mother"}
    return {**submitted, "consent": "yes", **changes}


@pytest.mark.parametrize(("version", "age", "changes", "derived", "because"), TABLE)
def test_table_of_forms(version, age, changes, derived, because):
    """screening_table.json: each form, each item and each limit, with what the decree says of it."""
    form = rules.for_age(FORMS[version], age)
    outcome = screening.judge(ONE, form, filled(form, **changes))
    assert outcome.screen == "conclusion", outcome.pending["errors"]
    assert (outcome.pending["derived"], outcome.pending["because"]) == (derived, because)
    until = "2021-10-17"
    [record] = seals(conclude(outcome.pending, derived, form=form, until=until))
    assert json.loads(record)["body"]["form"] == version


def test_table_holds_every_item_of_every_form():
    for version, form in FORMS.items():
        spoken = {code for row in TABLE if row[0] == version for code in row[4]}
        assert spoken == {item["code"] for item in form["items"]}, version


CHILD = FORMS["5002/QĐ-BYT"]


@pytest.mark.parametrize(
    ("changes", "missing"),
    [
        ({"guardian.name": ""}, {"guardian.name": "missing_answer"}),
        ({"guardian.relation": ""}, {"guardian.relation": "missing_answer"}),
        ({"guardian.relation": "neighbour"}, {"guardian.relation": "missing_answer"}),
        ({"answer.other": "yes"}, {"note.other": "missing_note"}),
        ({"answer.other": "yes", "note.other": " "}, {"note.other": "missing_note"}),
        ({"vital.temperature": "46"}, {"temperature": "bad_number"}),
        ({"vital.temperature": "29.9"}, {"temperature": "bad_number"}),
        ({"vital.temperature": ""}, {"temperature": "missing_answer"}),
    ],
)
def test_child_needs_a_guardian_and_what_is_to_be_written(changes, missing):
    outcome = screening.judge(ONE, CHILD, filled(CHILD, **changes))
    assert (outcome.screen, outcome.pending["errors"], outcome.notice.tone) == ("screening", missing, "warn")


def test_guardian_and_note_stand_on_the_record():
    submitted = filled(CHILD, **{"answer.other": "yes", "note.other": "Mới tiêm vắc xin khác"})
    outcome = screening.judge(ONE, CHILD, submitted)
    body = json.loads(seals(conclude(outcome.pending, "defer", form=CHILD))[0])["body"]
    assert body["guardian"] == {"name": "Lê Thị Bảy", "relation": "mother"}
    assert body["notes"] == {"other": "Mới tiêm vắc xin khác"}
    assert "until" not in body


def test_a_refusal_for_a_child_stands_without_its_guardian():
    outcome = screening.judge(ONE, CHILD, {"consent": "no"})
    body = json.loads(seals(conclude(outcome.pending, "refused", form=CHILD))[0])["body"]
    assert (body["conclusion"], body["consent"], "guardian" in body) == ("refused", False, False)


def test_the_two_blood_pressures_are_not_swapped():
    form = FORMS["3802/QĐ-BYT"]
    outcome = screening.judge(ONE, form, filled(form, **{"vital.bp_systolic": "75", "vital.bp_diastolic": "120"}))
    assert outcome.pending["errors"] == {"bp_diastolic": "bad_number"}


@pytest.mark.parametrize(("age", "missing"), [(65, {}), (66, {"bp_systolic": "missing_answer"}), (-1, {})])
def test_blood_pressure_is_measured_in_everybody_over_65(age, missing):
    form = rules.for_age(FORMS["4355/QĐ-BYT"], age)
    submitted = filled(form, **{"vital.bp_systolic": ""})
    assert screening.judge(ONE, form, submitted).pending["errors"] == missing


@pytest.mark.parametrize(("until", "kept"), [("2021-10-03", "2021-10-03"), ("2021-12-31", "2021-12-31"), ("", None)])
def test_a_deferral_says_until_when(until, kept):
    pending = screening.judge(ONE, FORM, {**EASY, "answer.ACUTE_ILLNESS": "yes"}).pending
    assert json.loads(seals(conclude(pending, "defer", until=until))[0])["body"].get("until") == kept


@pytest.mark.parametrize("until", [None, "2021-10-02", "tomorrow"])
def test_a_deferral_without_its_end_is_asked_for_it(until):
    """What the doctor had chosen stays: the reason is not typed twice."""
    pending = screening.judge(ONE, FORM, EASY).pending
    outcome = conclude(pending, "defer", "mệt", until=until)
    assert (outcome.facts, outcome.screen, outcome.notice.code) == ((), "conclusion", "need_until")
    assert (outcome.pending["asked"], outcome.pending["chosen"], outcome.pending["reason"]) == ("until", "defer", "mệt")
    assert seals(conclude(outcome.pending, "defer", "mệt", until="2021-10-04"))


def test_the_end_of_a_deferral_belongs_to_deferrals_only():
    pending = screening.judge(ONE, FORM, EASY).pending
    assert b"until" not in seals(conclude(pending, until="2021-10-04"))[0]


def test_the_ends_offered_are_days_from_today():
    assert screening.untils("2021-12-31") == [
        ("later_today", "2021-12-31"),
        ("tomorrow", "2022-01-01"),
        ("two_weeks", "2022-01-14"),
        ("three_months", "2022-03-31"),
        ("unsaid", ""),
    ]
