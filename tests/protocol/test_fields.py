"""Checks of single values: what passes, what is refused and with which word."""

from protocol import fields
from protocol.errors import ProtocolError
from tests.protocol.raising import raises


def refused(check, value):
    error = raises(ProtocolError, check, value, "here")
    assert error.field == "here"
    assert str(error) == error.code + ":here"
    return error.code


def test_text_has_a_length_and_no_control_characters():
    check = fields.text(5)
    for value in ("", "Nguyễ", "a b", '"\\/'):
        check(value, "here")
    assert refused(check, "123456") == "too_long"
    assert refused(check, 5) == "not_text"
    assert refused(check, None) == "not_text"
    for code in (0, 0x0A, 0x1F, 0x7F, 0x85, 0x9F, 0x61C, 0x200B, 0x200D, 0x2028, 0x202E, 0x2066, 0xFEFF, 0xDC00):
        assert refused(check, "a" + chr(code)) == "control_character", code
    assert refused(fields.text(5, empty=False), "") == "empty"


def test_word_is_plain_ascii():
    for value in ("a", "A-017", "cccd:075079001234", "1.0.0", "x/y_z", "w" * 64):
        fields.word(value, "here")
    assert refused(fields.word, "") == "bad_length"
    assert refused(fields.word, "w" * 65) == "bad_length"
    assert refused(fields.word, 1) == "not_text"
    for value in ("a b", "ế", "a+b", "a\n", "a|b"):
        assert refused(fields.word, value) == "bad_character"


def test_hexadecimal_is_lower_case_and_exact():
    check = fields.hexadecimal(4)
    check("09af", "here")
    for value in ("09a", "09aff", 9):
        assert refused(check, value) == "bad_length"
    for value in ("09AF", "09ag", "09a "):
        assert refused(check, value) == "bad_character"


def test_integer_is_no_boolean():
    check = fields.integer(1, 9)
    check(1, "here")
    check(9, "here")
    for value in (0, 10, -1):
        assert refused(check, value) == "out_of_range"
    for value in (True, "1", 1.0, None):
        assert refused(check, value) == "not_integer"
    assert refused(fields.integer(0), fields.MAX_INT + 1) == "out_of_range"


def test_boolean_is_no_integer():
    fields.boolean(True, "here")
    fields.boolean(False, "here")
    for value in (1, 0, "true", None):
        assert refused(fields.boolean, value) == "not_boolean"


def test_one_of_a_closed_set():
    check = fields.one_of("a", "b")
    check("a", "here")
    for value in ("c", "", "ab", 1, ["a"]):
        assert refused(check, value) == "unknown_word"


def test_day_may_be_a_year_or_unknown():
    for value in ("", "1950", "1979-04-14", "2020-02-29", "2000-02-29"):
        fields.day(value, "here")
    for value in (
        "79",
        "1979-4-14",
        "1979-13-01",
        "1979-04-31",
        "2021-02-29",
        "1900-02-29",
        "14/04/1979",
        "197x",
        "1979-04-1x",
    ):
        assert refused(fields.day, value) == "bad_day", value
    assert refused(fields.day, 1950) == "not_text"


def test_full_day_is_a_day_of_the_calendar():
    fields.full_day("2021-10-03", "here")
    for value in ("", "2021", "2021-10-32", "1849-12-31", "2021/10/03", "2021-10-00", "2021-00-10", None):
        assert refused(fields.full_day, value) == "bad_day"


def test_month_lengths():
    for month, length in ((1, 31), (2, 28), (4, 30), (6, 30), (7, 31), (9, 30), (11, 30), (12, 31)):
        assert fields.is_day("2021-%02d-%02d" % (month, length))
        assert not fields.is_day("2021-%02d-%02d" % (month, length + 1))


def test_list_checks_each_item():
    check = fields.list_of(fields.integer(0), 2)
    check([], "here")
    check([1, 2], "here")
    assert refused(check, [1, 2, 3]) == "too_many"
    assert refused(check, [1, "2"]) == "not_integer"
    for value in ((1, 2), "12", None):
        assert refused(check, value) == "not_list"


def test_mapping_checks_keys_and_values():
    check = fields.mapping(fields.boolean, 2)
    check({}, "here")
    check({"A": True, "B": False}, "here")
    assert refused(check, {"A": True, "B": True, "C": True}) == "too_many"
    assert refused(check, {"A": 1}) == "not_boolean"
    assert refused(check, {"a b": True}) == "bad_character"
    assert refused(check, []) == "not_object"


def test_table_names_the_field_and_keeps_unknown_members():
    rows = (("a", fields.integer(1), True), ("b", fields.word, False))
    check = fields.table(rows)
    check({"a": 1}, "here")
    check({"a": 1, "b": "x", "newer": None}, "here")
    assert refused(check, [1]) == "not_object"
    missing = raises(ProtocolError, check, {"b": "x"}, "here")
    assert (missing.code, missing.field) == ("missing", "a")
    wrong = raises(ProtocolError, check, {"a": 1, "b": ""}, "here")
    assert (wrong.code, wrong.field) == ("bad_length", "b")


def test_digits_are_ascii_and_counted():
    assert fields.digits("0123456789")
    assert fields.digits("123", 9, 3)
    assert not fields.digits("123", 9, 12)
    for value in ("", "12a", "١٢٣", "1 2", "-1"):
        assert not fields.digits(value)


def test_an_error_without_a_field_is_its_code():
    error = ProtocolError("too_long")
    assert (str(error), error.code, error.field) == ("too_long", "too_long", "")


def test_only_free_text_has_lines():
    fields.text(20, lines=True)("một\nhai", "content")
    raises(ProtocolError, fields.text(20), "một\nhai", "name")
    raises(ProtocolError, fields.text(20, lines=True), "một\r\nhai", "content")
