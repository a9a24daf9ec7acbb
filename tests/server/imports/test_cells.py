"""Cells into the house's form: what is taken, what is proposed, what is refused; nothing is guessed in silence."""

import pytest

from server.imports import cells


@pytest.mark.parametrize(
    ("cell", "told"),
    [
        ("Nguyễn Văn An", ("Nguyễn Văn An", ())),
        ("  NGUYỄN  VĂN AN ", ("Nguyễn Văn An", ("name_case",))),
        ("đặng thị hoa", ("Đặng Thị Hoa", ("name_case",))),
        ("Nguye\u0302\u0303n Va\u0306n An", ("Nguyễn Văn An", ())),
        ("Nguyễn\u200b Văn\u202e An", ("Nguyễn Văn An", ())),
        ("H’Hen Niê", ("H’Hen Niê", ())),
        ("", ("", ("name_missing",))),
        ('=HYPERLINK("x")', ("", ("name_bad",))),
        ("Nguyễn Văn An 2", ("", ("name_bad",))),
        ("<script>", ("", ("name_bad",))),
        ("-", ("", ("name_bad",))),
        ("A" * 121, ("", ("name_bad",))),
    ],
)
def test_names(cell, told):
    assert cells.name(cell) == told


@pytest.mark.parametrize(
    ("cell", "told"),
    [
        ("14/04/1979", ("1979-04-14", ())),
        ("1979-04-14", ("1979-04-14", ())),
        ("14-4-1979", ("1979-04-14", ())),
        ("14041979", ("1979-04-14", ())),
        ("19790414", ("1979-04-14", ())),
        ("1979-04-14 00:00:00", ("1979-04-14", ())),
        ("1979", ("1979", ())),
        ("04/14/1979", ("1979-04-14", ("day_turned",))),
        ("29/02/1979", ("", ("dob_bad",))),
        ("14/04/79", ("", ("dob_bad",))),
        ("28959", ("", ("dob_bad",))),
        ("2022", ("", ("dob_bad",))),
        ("06/10/2021", ("", ("dob_future",))),
        ("", ("", ("dob_missing",))),
    ],
)
def test_days_of_birth(cell, told):
    assert cells.birth(cell, today="2021-10-05") == told


@pytest.mark.parametrize(
    ("cell", "told"),
    [
        ("075079001234", ("cccd", "075079001234", ())),
        ("075.079.001.234", ("cccd", "075079001234", ())),
        ("'075079001234", ("cccd", "075079001234", ())),
        ("75079001234", ("cccd", "075079001234", ("zero_added",))),
        ("271234567", ("cmnd", "271234567", ())),
        ("71234567", ("cmnd", "071234567", ("zero_added",))),
        ("b1234567", ("passport", "B1234567", ())),
        ("7,5079E+10", ("none", "", ("number_rounded",))),
        ("7.5079E+10", ("none", "", ("number_rounded",))),
        ("12345", ("none", "", ("number_bad",))),
        ("", ("none", "", ())),
    ],
)
def test_numbers(cell, told):
    assert cells.number(cell) == told


@pytest.mark.parametrize(
    ("cell", "told"),
    [
        ("0912 345 678", ("0912345678", ())),
        ("+84 912.345.678", ("0912345678", ())),
        ("912345678", ("0912345678", ())),
        ("không có", ("", ("phone_left_out",))),
        ("", ("", ())),
    ],
)
def test_telephones(cell, told):
    assert cells.phone(cell) == told


def test_groups_by_number_or_by_their_text():
    assert cells.group("9. Người trên 65 tuổi") == (9, ())
    assert cells.group("Nhóm 09") == (9, ())
    assert cells.group("") == (0, ())
    assert cells.group("17") == cells.group("Người già") == (0, ("group_bad",))


def test_our_own_guard_comes_off_again():
    assert cells.plain("'=1+1") == "=1+1"
    assert cells.plain("'quoted'") == "'quoted'"


def test_health_insurance_numbers_of_every_year():
    for number in ("DN4797512345678", "7512345678", "075079001234"):
        assert cells.health_no(number) == (number, ())
    assert cells.health_no("12345") == ("", ("health_bad",))
