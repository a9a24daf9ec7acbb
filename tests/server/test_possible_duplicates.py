"""One needle told twice, or two needles: both doses are kept, and the pair is named (F88, F89)."""

import itertools

import pytest

from server import vaccinations
from tests.server import made
from tests.server.made import MINUTE, MORNING

HOUR = 60 * MINUTE


def late(dose="d-late", given_on="2021-10-05", **changes):
    body = {
        "dose": dose, "person": made.person(1), "identity": made.identity(1), "vaccine": "pfizer", "lot": "FF1234",
        "dose_no": 1, "given_on": given_on, "place": made.SITE, "slip": "s-late", "photos": [], "reason": "phiếu giấy số 12",
        **changes,
    }  # fmt: skip
    return "dose.entered_late", body


def pairs(office):
    with office.db.read() as conn:
        found = vaccinations.possible_duplicates(vaccinations.of_person(conn, made.person(1)))
    return [(one["dose"], other["dose"]) for one, other in found]


def test_a_dose_told_by_two_kiosks_is_kept_twice_and_named(any_office):
    """F88."""
    one, other = any_office.kiosk(), any_office.kiosk("kiosk-2")
    any_office.accept(one, one.dosed(1, MORNING))
    any_office.accept(other, other.write("dose.given", {**given(), "dose": "d-2", "slip": "s-2"}, MORNING + HOUR))
    assert pairs(any_office) == [("d-1", "d-2")]
    any_office.accept(one, one.undone(1, MORNING + 2 * HOUR))
    assert pairs(any_office) == [], "what was undone is no double"


def given():
    return {
        "dose": "d-1", "visit": "v-1", "person": made.person(1), "vaccine": "pfizer", "lot": "FF1234",
        "expiry": "2021-12-31", "dose_no": 1, "read_back": True, "warnings": [], "slip": "s-1",
    }  # fmt: skip


@pytest.mark.parametrize("offline_first", [True, False])
def test_a_dose_entered_late_meets_the_record_that_was_offline(any_office, offline_first):
    """F89: a day beside it, whichever of the two comes first."""
    kiosk = any_office.kiosk()
    steps = [
        lambda: any_office.accept(kiosk, kiosk.dosed(1, MORNING)),
        lambda: any_office.append(late(given_on="2021-10-04")),
    ]
    for step in steps if offline_first else reversed(steps):
        step()
    assert pairs(any_office) == [("d-late", "d-1")]


@pytest.mark.parametrize(("day", "named"), [("2021-10-03", 0), ("2021-10-04", 1), ("2021-10-06", 1), ("2021-10-07", 0)])
def test_one_day_beside_is_near_two_are_not(any_office, day, named):
    kiosk = any_office.kiosk()
    any_office.accept(kiosk, kiosk.dosed(1, MORNING))
    any_office.append(late(given_on=day))
    assert len(pairs(any_office)) == named


def test_pairs_do_not_depend_on_the_order_of_rows():
    rows = [
        {"dose": name, "given_on": day, "status": "given"}
        for name, day in (("a", "2021-10-05"), ("b", "2021-10-05"), ("c", "2021-10-06"), ("d", "123456-01-01"))
    ]
    found = {
        tuple((one["dose"], other["dose"]) for one, other in vaccinations.possible_duplicates(order))
        for order in itertools.permutations(rows)
    }
    assert found == {(("a", "b"), ("a", "c"), ("b", "c"))}
