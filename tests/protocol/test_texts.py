"""Texts of the centre: what is refused and why, places filled; every text that passes fits where it is shown."""

from protocol import texts
from protocol.errors import ProtocolError
from tests.protocol.raising import raises

STAY = "Mời quý vị ngồi theo dõi đến {until}."


def fault(value, name, lang="vi"):
    error = raises(ProtocolError, texts.check, value, name, lang)
    return (error.code, error.field)


def test_good_texts_pass():
    texts.check("Mời đưa mã QR trên thẻ căn cước vào khung hình.", "welcome", "vi")
    texts.check(STAY, "stay", "vi")
    texts.check("Tra cứu, phản ánh: {portal}", "check", "vi")
    texts.check("1900 9095", "hotline", "vi")
    texts.check("Check or complain there.", "check", "en")


def test_each_rule_names_what_is_at_fault():
    assert fault("x " * 100, "welcome") == ("too_long", "welcome")
    assert fault("", "welcome") == ("empty", "welcome")
    assert fault("   ", "welcome") == ("empty", "welcome")
    assert fault(7, "welcome") == ("not_text", "welcome")
    assert fault("a\u202eb", "welcome") == ("control_character", "welcome")
    assert fault("a\nb", "welcome") == ("control_character", "welcome")
    assert fault("<b>Chào</b>", "welcome") == ("markup", "<")
    assert fault("A &amp; B", "welcome") == ("markup", "&")
    assert fault("Mời ngồi chờ.", "stay") == ("missing_place", "until")
    assert fault(STAY + STAY, "stay") == ("missing_place", "until")
    assert fault("Tra cứu.", "check") == ("missing_place", "portal")
    assert fault("{portal} {portal}", "check", "en") == ("missing_place", "portal")
    assert fault("Please stay.", "stay", "en") == ("missing_place", "until")
    assert fault("Chào {name}", "welcome") == ("unknown_place", "name")
    assert fault(STAY + " {name}", "stay") == ("unknown_place", "name")
    assert fault("Chào {", "welcome") == ("unknown_place", "{")
    assert fault("Chào }", "welcome") == ("unknown_place", "}")
    assert fault("Chào {}", "welcome") == ("unknown_place", "{")
    assert fault("Chào " + "a" * 21, "welcome") == ("long_word", "a" * 21)
    assert fault("gọi 1900", "hotline") == ("bad_character", "hotline")
    assert fault("x", "nothing") == ("unknown_word", "name")


def test_places_are_filled_once_and_what_fills_them_is_not_read_again():
    assert texts.fill(STAY, {"until": "10:12"}) == "Mời quý vị ngồi theo dõi đến 10:12."
    assert texts.fill("{portal}", {"portal": "{until}"}) == "{until}"
    assert texts.pieces(STAY) == [("Mời quý vị ngồi theo dõi đến ", "until"), (".", "")]
    assert texts.fill("Chào.", {}) == "Chào."


def test_limits_and_places_are_told_by_name():
    assert texts.limit("welcome") == 80
    assert texts.places("stay") == ("until",)
    assert len(set(texts.NAMES)) == len(texts.NAMES)
