"""Readings of records: what a dose is now and who a person is, whatever the order of what was said."""

import itertools

import pytest

from protocol import envelope
from protocol.envelope import Record
from server.facts import effective_dose, effective_doses, fold_name, identity_of
from tests.server import made
from tests.server.made import MINUTE, MORNING, Kiosk


def read(*pairs: made.Pair) -> list[Record]:
    return sorted((envelope.parse(line) for line, _ in pairs), key=Record.sort_key)


def corrected(kiosk: Kiosk, n: int, at: int, **changes) -> made.Pair:
    return kiosk.write(
        "dose.corrected", {"dose": f"d-{n}", "person": made.person(n), "changes": changes, "reason": "x"}, at
    )


@pytest.mark.parametrize(
    ("name", "folded"),
    [
        ("Nguyễn Văn An", "nguyen van an"),
        ("ĐẶNG  QUỐC\u0020Bảo ", "dang quoc bao"),
        ("Lê Thị Mỹ Duyên", "le thi my duyen"),
        ("Huỳnh Ngọc Hải", "huynh ngoc hai"),
        ("Ưng Ước", "ung uoc"),
    ],
)
def test_names_fold_to_what_people_type(name, folded):
    assert fold_name(name) == folded


def test_a_dose_as_given():
    dose = effective_dose(read(Kiosk().dosed(1, MORNING)))
    assert (dose.place, dose.given_on, dose.given_at, dose.status, dose.late) == (
        made.SITE,
        "2021-10-05",
        MORNING,
        "given",
        False,
    )


def test_corrections_apply_in_order_and_undoing_holds():
    kiosk = Kiosk()
    told = read(
        kiosk.dosed(1, MORNING),
        corrected(kiosk, 1, MORNING + 1, lot="A", dose_no=2),
        corrected(kiosk, 1, MORNING + 2, lot="B"),
        kiosk.undone(1, MORNING + 3),
    )
    dose = effective_dose(told)
    assert (dose.lot, dose.dose_no, dose.corrections, dose.status) == ("B", 2, 2, "undone")


def test_a_correction_without_its_dose_is_no_dose():
    assert effective_dose(read(corrected(Kiosk(), 1, MORNING, lot="A"))) is None
    assert effective_doses([]) == []


def test_a_day_of_the_dose_is_viet_nams():
    before_midnight = MORNING + 16 * 60 * MINUTE - 1
    assert effective_dose(read(Kiosk().dosed(1, before_midnight))).given_on == "2021-10-05"
    assert effective_dose(read(Kiosk().dosed(1, before_midnight + 1))).given_on == "2021-10-06"


def test_doses_stand_in_the_order_they_were_given():
    kiosk = Kiosk()
    late = {
        "dose": "d-0", "person": made.person(1), "identity": made.identity(1), "vaccine": "v", "lot": "", "dose_no": 1,
        "given_on": "2021-08-01", "place": "elsewhere", "slip": "s", "photos": [], "reason": "x",
    }  # fmt: skip
    told = read(kiosk.dosed(1, MORNING, dose_no=2), kiosk.write("dose.entered_late", late, MORNING + 1))
    assert [(dose.dose, dose.place, dose.given_at) for dose in effective_doses(told)] == [
        ("d-0", "elsewhere", None),
        ("d-1", made.SITE, MORNING),
    ]


def test_a_later_blank_empties_nothing_and_a_later_word_holds():
    kiosk = Kiosk()
    told = read(
        kiosk.checked_in(1, MORNING, phone="0911111111", dob="1979-04-14"),
        kiosk.checked_in(1, MORNING + 1, phone="", dob="", name="Tên Mới"),
    )
    said = identity_of(told)
    assert (said["phone"], said["dob"], said["name"]) == ("0911111111", "1979-04-14", "Tên Mới")
    assert identity_of([]) is None


def test_an_officers_word_stands_over_every_check_in():
    kiosk = Kiosk()
    body = {"person": made.person(1), "changes": {"name": "Đúng"}, "reason": "x"}
    pairs = [
        kiosk.checked_in(1, MORNING),
        kiosk.write("person.corrected", body, MORNING + 1),
        kiosk.checked_in(1, MORNING + 2),
    ]
    for order in itertools.permutations(read(*pairs)):
        assert identity_of(order)["name"] == "Đúng"
