"""A text on one line: nothing in it ends a line, and two texts stay two."""

from protocol.one_line import encoded


def test_what_is_harmless_stays_as_it_is():
    for text in ("", "Nguyễn Thị Ánh", "C:\\new", "a\u00a0b", "日本"):
        assert encoded(text) == text


def test_ends_of_lines_and_control_signs_are_spelled_out():
    assert encoded("a\nb\r\tc") == "a\\nb\\r\\tc"
    for code in (0x00, 0x1B, 0x7F, 0x85, 0x9B, 0x200B, 0x200F, 0x2028, 0x2029, 0x202E, 0x2066, 0x61C, 0xFEFF):
        assert encoded("a" + chr(code) + "b") == "a\\u%04xb" % code


def test_two_texts_never_become_one():
    assert encoded("a\n") == "a\\n"
    assert encoded("a\\n\n") == "a\\\\n\\n"
