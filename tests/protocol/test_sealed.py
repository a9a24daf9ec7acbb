"""Sealed pairs: the name stands in the clear, the box has one spelling, and nothing but `ProtocolError` comes out."""

from protocol import canon, envelope, sealed
from protocol.errors import ProtocolError
from tests.protocol.dice import Dice
from tests.protocol.examples import INC, hello_line
from tests.protocol.examples import sealed as record_line
from tests.protocol.raising import raises

NAME = sealed.name_line(k="kiosk-01", inc=INC, seq=7, key="00c0ffee00c0ffee")


def test_a_name_is_read_as_written():
    value = sealed.read_name(NAME)
    assert (value["k"], value["inc"], value["seq"], value["key"]) == ("kiosk-01", INC, 7, "00c0ffee00c0ffee")


def test_a_name_is_no_record_and_no_hello():
    assert sealed.is_sealed(NAME)
    assert not sealed.is_sealed(hello_line())
    assert not sealed.is_sealed(record_line("dose.given", 1))
    assert not sealed.is_sealed(b"")


def test_a_reader_of_before_knows_the_name_and_finds_no_record():
    """Such a server keeps it in quarantine under its own name, and is sent it again after the upgrade."""
    assert envelope.peek_name(NAME) == ("kiosk-01", INC, 7)
    assert raises(ProtocolError, envelope.parse, NAME).code == "missing"


def test_a_name_is_refused_when_it_is_none():
    for members in ({"seq": 0}, {"inc": "x"}, {"key": "12"}, {"k": ""}, {"sealed": 2}, {"v": 2}):
        value = sealed.read_name(NAME)
        value.update(members)
        raises(ProtocolError, sealed.read_name, canon.write(value, envelope.ORDER))
    raises(ProtocolError, sealed.read_name, b"{}")


def test_a_box_has_one_spelling():
    for length in range(90):
        box = bytes(Dice(length).below(256) for _ in range(length))
        line = sealed.box_line(box)
        assert b"\n" not in line
        assert sealed.read_box(line) == box
    for bad in (b"", b"es256 AAAA", line + b"=", line[:-1], line + b" ", sealed.PREFIX + b"@@@@"):
        raises(ProtocolError, sealed.read_box, bad)


def test_a_box_has_a_limit_that_the_longest_record_keeps():
    most = sealed.box_line(b"x" * sealed.MAX_BOX)
    assert len(sealed.read_box(most)) == sealed.MAX_BOX
    assert raises(ProtocolError, sealed.read_box, sealed.box_line(b"x" * (sealed.MAX_BOX + 3))).code == "too_long"


def test_what_is_inside_comes_outside():
    assert sealed.outside(sealed.inside(b"{}", b"es256 x")) == (b"{}", b"es256 x")
    for bad in (b"", b"{}", b"a\nb\nc", b"a\n\n"):
        raises(ProtocolError, sealed.outside, bad)
