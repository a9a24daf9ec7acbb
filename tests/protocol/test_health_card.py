"""The health-insurance card: hexadecimal texts, its own number kept apart from the personal one, codes that are none."""

from protocol import cccd, health_card
from protocol.errors import NotOurs, ProtocolError
from tests.protocol.raising import raises


def card(name="Nguyễn Văn An", number="GD4750101234567", birth="14/04/1979", sex="1", address="Trảng Dài, Đồng Nai"):
    # On MicroPython the hexadecimal of nothing is no text.
    texts = [text.encode("utf-8").hex() if text else "" for text in (name, address)]
    return "|".join((number, texts[0], birth, sex, texts[1], "75 - 001", "01/01/2021", "31/12/2021", "x", "y", "$"))


def test_a_card_names_a_person_without_an_identity_number():
    identity = health_card.read(card() + "\r\n")
    assert (identity["doc_type"], identity["doc_no"], identity["health_no"]) == ("none", "", "GD4750101234567")
    assert (identity["name"], identity["dob"], identity["sex"]) == ("Nguyễn Văn An", "1979-04-14", "M")
    assert (identity["address"], identity["warnings"]) == ("Trảng Dài, Đồng Nai", [])


def test_three_forms_of_number():
    for number, doc_no in (("GD4750101234567", ""), ("4750101234", ""), ("075079001234", "075079001234")):
        assert health_card.read(card(number=number))["doc_no"] == doc_no
    assert health_card.read(card(number="075079001234", birth="1980"))["warnings"] == ["number_year"]


def test_births_and_sexes():
    for birth, dob in (("14/04/1979", "1979-04-14"), ("1950", "1950"), ("", ""), ("31/02/1979", "1979")):
        assert health_card.read(card(birth=birth))["dob"] == dob
    for sex, code in (("1", "M"), ("2", "F"), ("", "U"), ("3", "U")):
        assert health_card.read(card(sex=sex))["sex"] == code


def test_upper_case_hexadecimal_is_read_too():
    text = card()
    name = text.split("|")[1]
    assert health_card.read(text.replace(name, name.upper()))["name"] == "Nguyễn Văn An"


def test_broken_cards_are_refused_with_the_field():
    good = card().split("|")
    for at, value, field in ((1, "ff", "name"), (1, "20", "name"), (4, "zz", "address"), (4, "ff", "address")):
        text = "|".join(good[:at] + [value] + good[at + 1 :])
        assert raises(ProtocolError, health_card.read, text).field == field, text
    assert raises(ProtocolError, health_card.read, card(name="x" * 2000)).code == "too_long"


def test_other_codes_are_not_ours():
    for text in ("", card()[:-1], card(number="GDX750101234567"), card(number="12345"), "HC1:x", card(name="")):
        assert cccd.kind_of(text) != cccd.HEALTH
        assert raises(NotOurs, health_card.read, text).code == "not_a_health_card"
