"""What stands on a vial or its box, as cameras and serial readers hand it over (G15; domain.md 3)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk import dosing, gs1
from kiosk.gs1 import Marking
from kiosk.outcome import Outcome
from tests.kiosk.made import LISTS

LOTS = LISTS["lots"]["items"]
# 05000456000017: an invented number with a good check digit.
RULES = {"vaccines": {**LISTS["rules"]["vaccines"]}, "mix": []}
RULES["vaccines"]["AZ"] = {**RULES["vaccines"]["AZ"], "codes": ["5000456000017", "VX-1234-21"], "doses_per_vial": [10]}
TODAY = "2021-10-03"
GS = "\x1d"


@pytest.mark.parametrize(
    "text",
    [
        "]d201050004560000171722013110ABV001\x1d21SER9",
        "01050004560000171722013110ABV001\x1d21SER9",
        "\x1d01050004560000171722013110ABV001\x1d\x1d21SER9\x1d",
        "]Q301050004560000171722013110ABV001\x1d21SER9",
        "01050004560000171722013110ABV001<GS>21SER9",
        "01050004560000171722013110ABV001{GS}21SER9",
        "010500045600001721SER9\x1d17220131\x1d10ABV001",
    ],
)
def test_gs1_however_its_separators_come(text):
    assert gs1.read(text) == Marking("05000456000017", "ABV001", "2022-01-31", "SER9", text)


@pytest.mark.parametrize(
    ("text", "marking"),
    [
        ("5000456000017", Marking(gtin="05000456000017")),
        ("0105000456000017", Marking(gtin="05000456000017")),
        ("1722020010ABV001", Marking(lot="ABV001", expiry="2022-02-28")),
        ("TRAM-LOT:ABV001", Marking(lot="ABV001")),
        ("ABV001", Marking()),
        ("5000456000018", Marking()),
        ("", Marking()),
    ],
)
def test_what_is_less_than_gs1(text, marking):
    """A bare EAN, a day of 00 (the month's last), our own code, a lot alone, a wrong check digit."""
    read = gs1.read(text)
    assert (read.gtin, read.lot, read.expiry, read.serial) == (marking.gtin, marking.lot, marking.expiry, "")
    assert read.text == text


@given(st.text(max_size=300) | st.text("0123456789\x1d]dC", max_size=60))
def test_any_text_is_read(text):
    found = dosing.scanned(gs1.read(text), lots=LOTS, rule_data=RULES, today=TODAY)
    assert isinstance(found, dosing.Told | Outcome)


def told(text, lots=LOTS):
    return dosing.scanned(gs1.read(text), lots=lots, rule_data=RULES, today=TODAY)


def test_a_listed_lot_is_taken_from_the_list_with_what_the_code_adds():
    found = told(f"01050004560000171722013110abv001{GS}21SER9")
    assert (found.by, found.lot, found.vaccine, found.expiry) == ("scan", "ABV001", "AZ", "2022-01-31")
    assert (found.gtin, found.serial) == ("05000456000017", "SER9")
    assert told("ABV001").row == LOTS[0]


def test_product_and_lot_list_that_disagree_are_a_sentence():
    outcome = told("010500045600001710PFZ002")
    assert outcome.notice.code == "scan_mismatch"
    assert outcome.notice.params == {"lot": "PFZ002", "vaccine": "AZ", "listed": "PFIZER"}


def test_a_lot_no_list_knows_is_blocked_until_a_lead_allows_it():
    """F86: not allotted to this site; the needle may be a fact all the same."""
    found = told("01050004560000171722063010NEW77")
    assert (found.row, found.lot, found.vaccine, found.expiry) == (None, "NEW77", "AZ", "2022-06-30")
    one = {"visit": "v-1", "identity": {"dob": "1979"}}
    drawn = dosing.Drawn("", dosing.doses_of(found, RULES), 0, 0)
    outcome = dosing.choose(one, found, drawn, history=[], rule_data=RULES, today=TODAY)
    assert [(row["rule"], row["weight"]) for row in outcome.pending["findings"]] == [("lot_unknown", "block")]
    assert outcome.pending["vial"]["doses"] == 10


def test_a_box_without_a_lot_needs_one_good_lot_of_its_product():
    assert told("5000456000017").lot == "ABV001", "the other AZ lot has expired"
    assert told("VX-1234-21").lot == "ABV001", "a national product code"
    more = [*LOTS, {**LOTS[0], "lot": "ABV002"}]
    assert told("5000456000017", more).notice.code == "scan_no_lot"


def test_what_nobody_knows_is_a_sentence():
    assert told("4006381333931").notice.code == "scan_unknown_product"
    assert told("NOPE").notice.code == "lot_unknown"
    assert told("10NOPE").notice.params == {"lot": "NOPE"}
