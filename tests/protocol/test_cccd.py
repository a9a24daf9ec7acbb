"""The citizen card's code: every layout seen in the wild, warnings that never block, codes that are no card."""

from protocol import cccd
from protocol.errors import NotOurs, ProtocolError
from tests.protocol.examples import IDENTITY, changed
from tests.protocol.raising import raises

FULL = "075079001234|271234567|Nguyễn Văn An|14041979|Nam|Tổ 5, Khu phố 3, Trảng Dài, Biên Hòa, Đồng Nai|25062021"
ODD = "075190004321||Lê Thị Mỹ Duyên|02092001|Nữ|Ấp 4, Phú Lộc, Tân Phú, Đồng Nai|25062021"
PERSONAL = "075079001234|NGUYEN VAN AN|1979-04-14|0|162979000000000001|1<<0901234567<<<"
MASKED = "******509|NGUYEN VAN AN|1979/4/14|1|162979000000000001|"
LETTERS = (
    "aàáảãạăằắẳẵặâầấẩẫậbcdđeèéẻẽẹêềếểễệghiìíỉĩịklmnoòóỏõọôồốổỗộơờớởỡợpqrstuùúủũụưừứửữựvxyỳýỷỹỵ",
    "AÀÁẢÃẠĂẰẮẲẴẶÂẦẤẨẪẬBCDĐEÈÉẺẼẸÊỀẾỂỄỆGHIÌÍỈĨỊKLMNOÒÓỎÕỌÔỒỐỔỖỘƠỜỚỞỠỢPQRSTUÙÚỦŨỤƯỪỨỬỮỰVXYỲÝỶỸỴ",
)


def refused(text):
    error = raises(ProtocolError, cccd.read, text)
    return (error.code, error.field)


def without_warnings(text):
    return changed(cccd.read(text), warnings=None)


def test_a_card():
    expected = changed(IDENTITY, phone="")
    assert without_warnings(FULL) == expected
    assert cccd.read(FULL)["warnings"] == []


def test_a_card_without_an_old_number():
    identity = cccd.read(FULL.replace("271234567", ""))
    assert identity["old_no"] == ""
    assert identity["name"] == "Nguyễn Văn An"


def test_six_fields_without_the_place_of_the_old_number():
    assert without_warnings(FULL.replace("|271234567", "")) == changed(IDENTITY, phone="", old_no="")


def test_five_fields_without_the_issue_date_either():
    assert without_warnings(FULL.replace("|271234567", "")[:-9]) == changed(IDENTITY, phone="", old_no="")


def test_six_fields_without_the_issue_date():
    assert without_warnings(FULL[:-9]) == changed(IDENTITY, phone="")


def test_an_old_number_of_twelve_digits():
    assert cccd.read(FULL.replace("271234567", "271234567890"))["old_no"] == "271234567890"


def test_an_eighth_field_and_the_tail_of_the_2024_card_are_opaque():
    for tail in ("|14042039", "|||Nguyễn Văn Cha|Lê Thị Mẹ||", "|x|y|z"):
        assert cccd.read(FULL + tail) == cccd.read(FULL)


def test_the_line_end_of_a_reader_is_no_part_of_the_card():
    for end in ("\r", "\n", "\r\n", "\t"):
        for text in (FULL, FULL[:-9]):
            assert cccd.read(text + end) == cccd.read(text)


def test_dates_in_every_form():
    for raw, day in (
        ("14041979", "1979-04-14"),
        ("14/04/1979", "1979-04-14"),
        ("1979-04-14", "1979-04-14"),
        (" 14041979 ", "1979-04-14"),
        ("1979", "1979"),
        ("00001979", "1979"),
        ("00041979", "1979"),
        ("01011979", "1979-01-01"),
        ("31021979", "1979"),
        ("31/02/1979", "1979"),
        ("1979-02-31", "1979"),
        ("29022000", "2000-02-29"),
    ):
        assert cccd.read_day(raw) == day
        identity = cccd.read(FULL.replace("14041979", raw))
        assert identity["dob"] == day


def test_what_is_no_date_is_an_unknown_day_and_no_error():
    for raw in (
        "",
        "?",
        "79",
        "0000",
        "00000000",
        "19790414",
        "1/4/1979",
        "14-04-1979",
        "aaaa",
        "1979/04/14",
        "aaaa-bb-cc",
    ):
        assert cccd.read_day(raw) == "", raw
        assert cccd.read(FULL.replace("14041979", raw))["dob"] == ""


def test_sex_in_every_spelling():
    for raw, sex in (
        ("Nam", "M"),
        ("nam", "M"),
        ("NAM", "M"),
        (" Nam ", "M"),
        ("Nữ", "F"),
        ("nữ", "F"),
        ("NỮ", "F"),
        ("", "U"),
        ("Khác", "U"),
        ("1", "U"),
    ):
        assert cccd.read(FULL.replace("|Nam|", "|" + raw + "|"))["sex"] == sex


def test_every_vietnamese_letter_stays_as_it_is():
    for letters in LETTERS:
        text = FULL.replace("Nguyễn Văn An", letters[:60]).replace("Trảng Dài", letters)
        assert cccd.read(text)["name"] == letters[:60]
        assert letters in cccd.read(text)["address"]
        assert cccd.read(FULL.replace("Nguyễn Văn An", letters[60:]))["name"] == letters[60:]


def test_blanks_around_a_name_are_folded():
    assert cccd.read(FULL.replace("Nguyễn Văn An", "  Nguyễn  Văn An "))["name"] == "Nguyễn Văn An"


def test_a_number_that_disagrees_warns_and_never_blocks():
    identity = cccd.read(ODD)
    assert identity["warnings"] == ["number_year"]
    assert (identity["dob"], identity["sex"], identity["old_no"]) == ("2001-09-02", "F", "")
    assert cccd.read(FULL.replace("|Nam|", "|Nữ|"))["warnings"] == ["number_sex"]
    assert cccd.read(ODD.replace("|Nữ|", "|Nam|"))["warnings"] == ["number_year", "number_sex"]


def test_century_and_sex_of_a_number():
    for digit, year, sex in (
        ("0", "1979", "M"),
        ("1", "1979", "F"),
        ("2", "2079", "M"),
        ("3", "2079", "F"),
        ("4", "2179", "M"),
        ("5", "2179", "F"),
        ("6", "2279", "M"),
        ("7", "2279", "F"),
        ("8", "2379", "M"),
        ("9", "2379", "F"),
    ):
        number = "075" + digit + "79001234"
        assert cccd.number_warnings(number, year + "-04-14", sex) == []
        assert cccd.number_warnings(number, year, "U") == []
        assert cccd.number_warnings(number, "", "") == []
        assert cccd.number_warnings(number, "1850", "F" if sex == "M" else "M") == ["number_year", "number_sex"]


def test_numbers_of_other_papers_tell_nothing():
    for number in ("", "271234567", "B1234567"):
        assert cccd.number_warnings(number, "1979-04-14", "M") == []


def test_codes_by_their_kind():
    for text, kind in (
        (FULL, cccd.CCCD),
        (ODD + "\r\n", cccd.CCCD),
        (PERSONAL, cccd.PERSONAL),
        (MASKED, cccd.PERSONAL),
        (PERSONAL[: PERSONAL.rindex("|")] + "\r\n", cccd.PERSONAL),
        ("TRAM-BADGE:st-0007", cccd.BADGE),
        ("TRAM-LOT:AZ|ABW1234", cccd.LOT),
        ("TRAM1:6BF", cccd.SLIP),
        ("", cccd.UNKNOWN),
        ("|", cccd.UNKNOWN),
        ("||||||", cccd.UNKNOWN),
        ("https://example.org", cccd.UNKNOWN),
        ("HC1:6BFOXN", cccd.CERTIFICATE),
        ("TRAM-REG:DK-7Q4M", cccd.REGISTRATION),
        ("GD4750101234567|4e677579|14/04/1979|1|4269|75 - 001|01/01/2021|31/12/2021|x|y|$", cccd.HEALTH),
        ("GD4750101234567|4e677579|14/04/1979|1|4269|75 - 001|01/01/2021|31/12/2021|x|y|", cccd.UNKNOWN),
        ("GD4750101234567|Nguy|14/04/1979|1|4269|$", cccd.UNKNOWN),
        ("4750101234|4e677|14/04/1979|1|4269|$", cccd.UNKNOWN),
        ("07507900123|271234567|Nguyễn Văn An|14041979|Nam|Đồng Nai|25062021", cccd.UNKNOWN),
        ("07507900123x|271234567|Nguyễn Văn An|14041979|Nam|Đồng Nai|25062021", cccd.UNKNOWN),
        ("tram-badge:st-0007", cccd.UNKNOWN),
    ):
        assert cccd.kind_of(text) == kind, text


def test_other_codes_are_not_ours():
    for text in ("", PERSONAL, MASKED, "TRAM-BADGE:x", "https://example.org", "|" * 100):
        assert raises(NotOurs, cccd.read, text).code == "not_a_card"


def test_a_masked_number_is_no_card_number():
    assert cccd.kind_of(MASKED) == cccd.PERSONAL
    assert cccd.kind_of(FULL.replace("075079", "******")) == cccd.UNKNOWN


def test_broken_cards_are_refused_with_the_field():
    assert refused(FULL.replace("Nguyễn Văn An", "")) == ("empty", "name")
    assert refused(FULL.replace("Nguyễn Văn An", "a" * 121)) == ("too_long", "name")
    assert refused(FULL.replace("Trảng Dài", "x" * 400)) == ("too_long", "address")
    assert refused("075079001234||Nguyễn Văn An|14041979|Nam") == ("missing", "card")


def test_control_characters_are_refused():
    for char in ("\x00", "\x1b", "\x7f", "\u200b", "\u202e", "\ufeff"):
        assert refused(FULL.replace("Trảng", "Tr" + char)) == ("control_character", "address")
    assert refused(FULL.replace("Văn", "V\u202en")) == ("control_character", "name")


def test_three_kilobytes_are_refused():
    assert refused(FULL + "|" + "x" * 3000) == ("too_long", "card")
    assert refused("x" * 3000) == ("too_long", "card")
    assert cccd.kind_of("|" * 3000) == cccd.UNKNOWN


def test_the_key_of_a_person():
    assert cccd.person_key(IDENTITY, "v-1") == "cccd:075079001234"
    assert cccd.person_key(changed(IDENTITY, doc_type="passport", doc_no="B1234567"), "v-1") == "passport:B1234567"
    assert cccd.person_key(changed(IDENTITY, doc_type="none"), "v-1") == "visit:v-1"
    assert cccd.person_key(changed(IDENTITY, doc_no=""), "v-1") == "visit:v-1"


def test_a_number_as_the_room_sees_it():
    assert cccd.mask("075079001234") == "075•••••1234"
    assert cccd.mask("12345678") == "123•5678"
    assert cccd.mask("1234567") == "•••••••"
    assert cccd.mask("") == ""


def test_the_code_of_a_registration():
    assert cccd.registration_code("TRAM-REG:DK-7Q4M\r\n") == "DK-7Q4M"
    assert raises(NotOurs, cccd.registration_code, FULL).code == "not_a_registration"
    for text in ("TRAM-REG:", "TRAM-REG:a b", "TRAM-REG:" + "x" * 65):
        assert raises(ProtocolError, cccd.registration_code, text).field == "registration"
