"""Base45: the vectors of RFC 9285 and what is no Base45."""

from protocol import base45
from protocol.errors import ProtocolError
from tests.protocol.raising import raises


def test_the_vectors_of_the_rfc():
    for data, text in (
        (b"AB", "BB8"),
        (b"Hello!!", "%69 VD92EX0"),
        (b"base-45", "UJCLQE7W581"),
        (b"ietf!", "QED8WEX0"),
    ):
        assert base45.encode(data) == text
        assert base45.decode(text) == data


def test_nothing_is_nothing():
    assert base45.encode(b"") == ""
    assert base45.decode("") == b""


def test_every_byte_alone_and_in_a_pair():
    for value in range(256):
        for data in (bytes([value]), bytes([value, 255 - value]), bytes([0, value, 0])):
            assert base45.decode(base45.encode(data)) == data


def test_zeroes_in_front_stay():
    assert base45.decode(base45.encode(b"\x00\x00\x00\x01")) == b"\x00\x00\x00\x01"


def test_a_length_that_cannot_be():
    for text in ("0", "0000", "BB8B"):
        assert raises(ProtocolError, base45.decode, text).code == "bad_length"


def test_characters_outside_the_alphabet():
    for text in ("bb8", "BB!", "Đ00", "00\n", "B,8"):
        assert raises(ProtocolError, base45.decode, text).code == "bad_character"


def test_numbers_too_large_for_their_bytes():
    for text in ("GGW", ":::", "V5", "::"):
        assert raises(ProtocolError, base45.decode, text).code == "out_of_range"
    assert base45.decode("FGW") == b"\xff\xff"
    assert base45.decode("U5") == b"\xff"
