"""The code on the slip: round trip, what is refused, and that whatever can be printed can be scanned back."""

from protocol import base45, cccd, fields, slip_code
from protocol.errors import NotOurs, ProtocolError
from tests.protocol.examples import HASH, INC, SLIP, changed
from tests.protocol.raising import raises

SIGNATURE = bytes(range(64))


def code_of(value=None):
    return slip_code.encode(slip_code.payload(value or SLIP), SIGNATURE)


def test_a_slip_reads_back():
    value, signed, signature = slip_code.decode(code_of())
    assert value == SLIP
    assert signed == slip_code.payload(SLIP)
    assert signature == SIGNATURE


def test_a_slip_is_known_by_its_prefix():
    assert code_of().startswith("TRAM1:")
    assert cccd.kind_of(code_of()) == cccd.SLIP


def test_a_code_has_only_characters_of_the_alphanumeric_mode():
    for char in code_of():
        assert char in base45.ALPHABET


def test_a_usual_slip_is_short():
    assert len(code_of()) < 500


def test_the_longest_slip_can_be_read_back():
    # A quotation mark takes two bytes, the letter outside the first plane four.
    longest = changed(SLIP, s="s" * 64, k="k" * 64, p="p" * 64, v="v" * 64, w="w" * 64, x="x" * 64)
    longest.update({"n": "𝄞" * fields.MAX_NAME, "l": "𝄞" * 32, "q": fields.MAX_INT, "t": fields.MAX_INT})
    assert slip_code.decode(code_of(longest))[0] == longest


def test_what_is_not_a_slip():
    for text in ("", "TRAM2:", "HC1:6BF", "tram1:", " " + code_of()):
        assert raises(NotOurs, slip_code.decode, text).code == "not_a_slip"


def test_a_damaged_slip_is_refused():
    code = code_of()
    for text, told in (
        ("TRAM1:", "cut_short"),
        ("TRAM1:" + base45.encode(SIGNATURE), "cut_short"),
        ("TRAM1:abc", "bad_character"),
        ("TRAM1:0", "bad_length"),
        ("TRAM1:" + "0" * slip_code.MAX_CODE, "too_long"),
    ):
        assert raises(ProtocolError, slip_code.decode, text).code == told
    for text in (code[:-3], code + "000", code[:40] + code[43:]):
        assert raises(ProtocolError, slip_code.decode, text)


def test_only_canonical_bytes_are_a_slip():
    signed = slip_code.payload(SLIP)
    assert raises(ProtocolError, slip_code.decode, slip_code.encode(b" " + signed, SIGNATURE)).code == "not_canonical"
    assert raises(ProtocolError, slip_code.decode, slip_code.encode(b"{}", SIGNATURE)).code == "missing"


def test_a_payload_is_checked():
    for members, field in (
        ({"d": 0}, "d"),
        ({"i": HASH}, "i"),
        ({"n": ""}, "n"),
        ({"q": None}, "q"),
        ({"b": "14/4"}, "b"),
    ):
        assert raises(ProtocolError, slip_code.payload, changed(SLIP, **members)).field == field


def test_a_payload_begins_with_the_slip_and_the_record_name():
    assert slip_code.payload(SLIP).startswith(b'{"s":"s-02","k":"kiosk-01","i":"' + INC.encode() + b'","q":7,')


def test_a_signature_has_64_bytes():
    for length in (0, 63, 65):
        assert raises(ProtocolError, slip_code.encode, b"{}", b"x" * length).code == "bad_length"


def test_a_code_that_no_reader_takes_is_not_made():
    assert raises(ProtocolError, slip_code.encode, b"x" * 1500, SIGNATURE).code == "too_long"


def test_slip_numbers_shown_and_typed():
    assert slip_code.show_number("7Q4MX2PD9K") == "7Q4M-X2PD-9K"
    assert slip_code.show_number("") == ""
    for typed in ("7Q4M-X2PD-9K", "7q4m x2pd 9k", "7q4m_x2pd.9k", " 7Q4MX2PD9K "):
        assert slip_code.read_number(typed) == "7Q4MX2PD9K"
    assert slip_code.read_number("oOiIlLuU") == "001111VV"


def test_a_dose_that_only_its_slip_tells_of_has_one_id_from_every_scan():
    assert slip_code.original(SLIP) == ("kiosk-01", INC, 7)
    ident = slip_code.dose_of(SLIP)
    fields.word(ident, "dose")
    assert slip_code.dose_of(slip_code.decode(code_of())[0]) == ident
    for other in (changed(SLIP, k="kiosk-02"), changed(SLIP, q=8), changed(SLIP, s="s-03")):
        assert slip_code.dose_of(other) != ident
