"""The national personal QR: whole and masked numbers, dates as seen, the extension's members, codes that are none."""

from protocol import cccd, personal_qr
from protocol.errors import NotOurs, ProtocolError
from tests.protocol.raising import raises

WHOLE = "075079001234|NGUYEN VAN AN|1979-04-14|0|162979000000000001|1<<0901234567<<<"
MASKED = "******509|NGUYEN VAN AN|1979/4/14|1|162979000000000001|1<GD4750101234567<0901234567<Nam<sig<"


def test_a_whole_number_is_a_person():
    identity = personal_qr.read(WHOLE + "\r\n")
    assert (identity["doc_type"], identity["doc_no"], identity["seen"]) == ("cccd", "075079001234", "")
    assert (identity["name"], identity["dob"], identity["sex"]) == ("NGUYEN VAN AN", "1979-04-14", "U")
    assert (identity["phone"], identity["health_no"], identity["warnings"]) == ("0901234567", "", [])


def test_a_masked_number_is_never_guessed():
    identity = personal_qr.read(MASKED)
    assert (identity["doc_type"], identity["doc_no"], identity["seen"]) == ("cmnd", "", "******509")
    assert (identity["dob"], identity["sex"], identity["health_no"]) == ("1979-04-14", "M", "GD4750101234567")
    assert personal_qr.read(WHOLE.replace("075079", "******"))["doc_type"] == "cccd"


def test_a_whole_number_that_disagrees_warns():
    assert personal_qr.read(WHOLE.replace("1979-04-14", "1980-04-14"))["warnings"] == ["number_year"]


def test_days_as_seen():
    for raw, day in (
        ("1979-04-14", "1979-04-14"),
        ("1979/4/14", "1979-04-14"),
        ("1979/04/14", "1979-04-14"),
        ("1979", "1979"),
        ("1979-02-31", "1979"),
        ("14/04/1979", "1979-04-14"),
        ("", ""),
        ("?", ""),
        ("0000/0/0", ""),
    ):
        assert personal_qr.read_day(raw) == day, raw
        assert personal_qr.read(WHOLE.replace("1979-04-14", raw))["dob"] == day


def test_an_extension_may_be_short_or_odd():
    for extra, phone in (
        ("", ""),
        ("1", ""),
        ("1<<", ""),
        ("1<<12", ""),
        ("<<0901234567", "0901234567"),
        ("<" * 90, ""),
    ):
        assert personal_qr.read(WHOLE[: WHOLE.rindex("|") + 1] + extra)["phone"] == phone
    assert personal_qr.read(WHOLE[: WHOLE.rindex("|")])["sex"] == "U"
    for sex, code in (("Nam", "M"), ("Nữ", "F"), ("1", "U"), ("0", "U"), ("x", "U")):
        assert personal_qr.read(WHOLE.replace("4567<<<", "4567<" + sex + "<<"))["sex"] == code


def test_what_is_shown_of_a_number_fits_or_not():
    for seen, number, fit in (
        ("******509", "271234509", True),
        ("******509", "271234508", False),
        ("******509", "075079001509", False),
        ("******001234", "075079001234", True),
        ("075079001234", "075079001234", True),
        ("", "", True),
    ):
        assert personal_qr.fits(seen, number) is fit


def test_other_codes_are_not_ours():
    for text in ("", "HC1:x", "*********|A|1979|0|162979000000000001|", WHOLE.replace("|0|", "|7|"), "|" * 9):
        assert cccd.kind_of(text) != cccd.PERSONAL
        assert raises(NotOurs, personal_qr.read, text).code == "not_a_personal_code"


def test_broken_codes_are_refused_with_the_field():
    for text, field in (
        (WHOLE.replace("NGUYEN VAN AN", ""), "name"),
        (WHOLE.replace("NGUYEN VAN AN", "a\u202eb"), "name"),
        (WHOLE.replace("NGUYEN VAN AN", "a" * 121), "name"),
        (WHOLE + "x" * 3000, "card"),
    ):
        assert raises(ProtocolError, personal_qr.read, text).field == field
