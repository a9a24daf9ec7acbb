"""The dose decides: lot, read-back, confirmation, undo. The rules' own vectors are in tests/protocol."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk import dosing, gs1
from kiosk.outcome import Outcome
from protocol import envelope
from tests.kiosk.hostile import NAMES
from tests.kiosk.made import LISTS
from tests.kiosk.sealing import seals

ONE = {"visit": "v-1", "person": "cccd:075079001234", "state": "ready", "identity": {"dob": "1979-04-14"}}
IDS = {"dose": "d-1", "slip": "ABCDEFGHJK", "staff": "nv-1003", "vial": "vl-1"}
LEAD = {"id": "nv-1009", "by": "pin"}
FIRST = [{"vaccine": "AZ", "given_on": "2021-07-20", "dose_no": 1}]


def choose(lot_no="ABV001", history=FIRST, today="2021-10-03", one=ONE) -> Outcome:
    told = dosing.listed(lot_no, LISTS["lots"]["items"])
    assert told is not None
    drawn = dosing.Drawn("", dosing.doses_of(told, LISTS["rules"]), 0, 0)
    return dosing.choose(one, told, drawn, history=list(history), rule_data=LISTS["rules"], today=today)


def confirm(pending, *, lead=None, reason="", one=ONE) -> Outcome:
    return dosing.confirm(one, pending, lead=lead, reason=reason, ids=IDS)


@pytest.mark.parametrize(
    ("lot_no", "history", "today", "rules", "blocked"),
    [
        ("ABV001", FIRST, "2021-10-03", [], False),
        ("ABV001", [], "2021-10-03", [], False),
        ("ABV001", FIRST, "2021-08-01", ["interval"], False),
        ("ABV001", FIRST, "2021-07-20", ["same_day"], False),
        ("PFZ002", FIRST, "2021-10-03", ["mix"], False),
        ("OLD003", FIRST, "2021-10-03", ["lot_expired"], True),
        ("ABV001", FIRST, "2022-02-01", ["lot_expired"], True),
        ("ABV001", FIRST, "1970-01-01", ["interval"], False),
        ("ABV001", [*FIRST, {"vaccine": "AZ", "given_on": "2021-08-20", "dose_no": 2}], "2021-10-03", ["series_complete"], False),
    ],
)  # fmt: skip
def test_every_rule_that_speaks_is_read_back(lot_no, history, today, rules, blocked):
    """F86, F87, F35."""
    outcome = choose(lot_no, history, today)
    assert outcome.screen == "read_back"
    assert [finding["rule"] for finding in outcome.pending["findings"]] == rules
    assert outcome.pending["blocked"] is blocked


def test_clean_dose_needs_no_reason():
    body = envelope.parse(seals(confirm(choose().pending))[0]).body
    assert (body["dose_no"], body["warnings"], "override" in body) == (2, [], False)


def test_warning_needs_a_reason_and_names_who_said_it():
    """I8."""
    pending = choose("PFZ002").pending
    assert confirm(pending).notice.code == "need_reason"
    body = envelope.parse(seals(confirm(pending, reason="khan hiếm"))[0]).body
    assert body["override"] == {"who": "nv-1003", "reason": "khan hiếm", "by": "pin"}


def test_block_needs_a_lead_and_a_reason():
    """F86, I8."""
    pending = choose("OLD003").pending
    assert confirm(pending, reason="x").notice.code == "need_lead"
    assert confirm(pending, lead=LEAD, reason=" ").notice.code == "need_reason"
    body = envelope.parse(seals(confirm(pending, lead=LEAD, reason="đã gia hạn"))[0]).body
    assert body["override"]["who"] == "nv-1009"


@pytest.mark.parametrize("state", ["waiting", "called", "cleared", "observing", "left", "gone", "refused"])
def test_person_not_at_the_table_gets_no_dose(state):
    one = {**ONE, "state": state}
    assert confirm(choose(one=one).pending, one=one).notice.code == "wrong_state"


def test_undo_points_at_the_dose():
    one = {**ONE, "state": "observing", "dose": {"dose": "d-1", "slip": "ABCDEFGHJK"}}
    assert dosing.undo(one, "").notice.code == "need_reason"
    assert dosing.undo(ONE, "x").notice.code == "wrong_state"
    assert envelope.parse(seals(dosing.undo(one, "nhầm người"))[0]).body["dose"] == "d-1"
    assert dosing.undo({**one, "state": "gone"}, "x").notice.code == "wrong_state"


def test_what_was_shown_never_overrules_the_list_and_a_difference_is_said():
    listed = [{"vaccine": "AZ", "given_on": "2021-07-20", "dose_no": 1}]
    slip = {"vaccine": "AZ", "given_on": "2021-07-20", "dose_no": 1, "by": "slip"}
    assert dosing.history_of([], listed, [slip]) == [{**listed[0], "by": "centre"}]
    assert dosing.differing(dosing.history_of([], listed, [slip])) == []
    for other in ({**slip, "vaccine": "PFIZER"}, {**slip, "given_on": "2021-07-25"}):
        history = dosing.history_of([], listed, [other])
        (found,) = dosing.differing(history)
        assert (found.rule, found.weight, found.numbers) == ("history_differs", "warn", {"dose_no": 1})
        assert {**listed[0], "by": "centre"}.items() <= history[0].items(), "the list stands"
    later = {**slip, "dose_no": 2, "given_on": "2021-08-20"}
    history = dosing.history_of([], listed, [later])
    assert [(dose["dose_no"], dose["by"]) for dose in history] == [(1, "centre"), (2, "slip")]
    assert dosing.differing(history) == [], "the list may simply not know it yet"
    entered = [{"vaccine": "AZ", "given_on": "2021-07-01", "dose_no": 1}]
    assert [dose["by"] for dose in dosing.history_of([], [], [], entered)] == ["paper"]


def test_history_takes_each_dose_once():
    own = [{"day": "2021-07-20", "dose": {"vaccine": "AZ", "dose_no": 1}}, {"day": "2021-09-01"}]
    assert dosing.history_of(own, list(FIRST)) == [{**FIRST[0], "by": "site"}]
    later = [{"day": "2021-08-20", "dose": {"vaccine": "AZ", "dose_no": 2}}]
    assert [dose["dose_no"] for dose in dosing.history_of(later, list(FIRST))] == [1, 2]


@given(st.one_of(st.text(), st.sampled_from(NAMES)))
def test_any_lot_gives_an_outcome(lot_no):
    told = dosing.scanned(gs1.read(lot_no), lots=LISTS["lots"]["items"], rule_data=LISTS["rules"], today="2021-10-03")
    assert isinstance(told, dosing.Told) or told.notice.code in ("lot_unknown", "scan_unknown_product")


@given(st.text(), st.booleans())
def test_any_reason_gives_an_outcome(reason, led):
    assert isinstance(confirm(choose("OLD003").pending, lead=LEAD if led else None, reason=reason), Outcome)
