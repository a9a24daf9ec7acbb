"""Any bytes and any text give a result or a ProtocolError, never another error (invariant I11), whole or in pieces."""

from itertools import pairwise

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from protocol import base45, boardlink, canon, cccd, envelope, inbox, slip_code, topics
from protocol.errors import ProtocolError
from tests.protocol.examples import BODIES, ack_line, board_words, chain, hello_line, sealed

GOOD_LINES = [sealed(kind) for kind in sorted(BODIES)] + [hello_line(), ack_line()]
CARD = "075079001234|271234567|Nguyễn Văn An|14041979|Nam|Trảng Dài, Biên Hòa, Đồng Nai|25062021"
ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


@st.composite
def damaged(draw, lines=GOOD_LINES):
    """A good line with bytes cut out, put in or exchanged: gets past the first checks far oftener than noise."""
    data = bytearray(draw(st.sampled_from(lines)))
    for _ in range(draw(st.integers(0, 3))):
        at = draw(st.integers(0, len(data)))
        length = draw(st.integers(0, 8))
        data[at : at + length] = draw(
            st.binary(max_size=8) | st.sampled_from([b"{", b'"', b"[1]", b"null", b"\\ud800"])
        )
    return bytes(data)


@st.composite
def altered(draw):
    """A canonical line whose members are exchanged for any values: only the tables can refuse it."""
    value = canon.read(draw(st.sampled_from(GOOD_LINES[:-2])), envelope.ORDER)
    for key in draw(st.lists(st.sampled_from(envelope.ORDER), max_size=3)):
        value[key] = draw(ANY_JSON)
    if isinstance(value["body"], dict) and value["body"] and draw(st.booleans()):
        value["body"][draw(st.sampled_from(sorted(value["body"])))] = draw(ANY_JSON)
    return value


FOREIGN = st.binary(max_size=300) | damaged()


def outcome(act, data):
    """What `act` gives, or the ProtocolError's class; anything else fails the test."""
    try:
        return act(data)
    except ProtocolError as error:
        assert isinstance(error.code, str)
        assert error.code
        return type(error)


@given(FOREIGN)
@example(b'{"a":' + b"9" * 5000 + b"}")
@example(b"[" * 10000)
@example(b"{}" + b"]" * 50 + b"[" * 5000)
@example(b'\xef\xbb\xbf{"v":1}')
@example(b'{"v":"\\ud800"}')
def test_any_bytes_as_a_line(data):
    for act in (envelope.parse, inbox.read_hello, inbox.read_ack, canon.read):
        outcome(act, data)
    name = envelope.peek_name(data)
    assert name is None or len(name) == 3


@given(altered())
def test_any_values_in_a_record(value):
    try:
        line = canon.write(value, envelope.ORDER)
    except ProtocolError:
        return
    record = outcome(envelope.parse, line)
    if isinstance(record, envelope.Record):
        assert record.line == line
        assert envelope.peek_name(line) == record.name()


@given(ANY_JSON)
def test_any_value_is_written_and_read_or_refused(value):
    try:
        line = canon.write({"a": value})
    except ProtocolError:
        return
    assert canon.write(canon.read(line)) == line


def in_pieces(message, cuts):
    reader = envelope.PairReader()
    found = []
    edges = [0, *sorted(cut % (len(message) + 1) for cut in cuts), len(message)]
    for first, last in pairwise(edges):
        found += reader.feed(message[first:last])
    reader.finish()
    return found


@given(
    st.lists(FOREIGN, max_size=6).map(b"\n".join)
    | st.lists(st.sampled_from(GOOD_LINES), max_size=6).map(lambda lines: b"".join(line + b"\ns\n" for line in lines)),
    st.lists(st.integers(0, 5000), max_size=8),
)
@example(b"l\ns\n" * 65, [])
@example(b"x" * 16385, [])
@example(b"l\n" + b"s" * 201, [3])
def test_any_message_whole_in_pieces_and_byte_by_byte(message, cuts):
    whole = outcome(envelope.unpack, message)
    assert outcome(lambda data: in_pieces(data, cuts), message) == whole
    assert outcome(lambda data: in_pieces(data, range(len(data))), message) == whole


@given(st.lists(st.tuples(st.sampled_from(GOOD_LINES), st.binary(max_size=90)), max_size=8))
def test_packed_pairs_come_back(pairs):
    pairs = [(line, signature.replace(b"\n", b"")) for line, signature in pairs]
    assert envelope.unpack(envelope.pack(pairs)) == pairs


@given(
    st.text()
    | st.lists(st.text(max_size=10) | st.sampled_from(CARD.split("|")), max_size=9).map("|".join)
    | st.text("0123456789|/-* ", max_size=60)
)
@example("075079001234|" + "|" * 3000)
@example("\x1c" * 10)
@example("²²²²²²²²²²²²|" * 6)
def test_any_text_as_a_card(text):
    assert cccd.kind_of(text) in (cccd.CCCD, cccd.PERSONAL, cccd.BADGE, cccd.SLIP, cccd.LOT, cccd.UNKNOWN)
    identity = outcome(cccd.read, text)
    if isinstance(identity, dict):
        assert cccd.kind_of(text) == cccd.CCCD
        warnings = identity.pop("warnings")
        assert set(warnings) <= {"number_year", "number_sex"}
        cccd.check_identity(identity)
        sealed("visit.checked_in", body={**BODIES["visit.checked_in"], "identity": identity})


@given(st.text(max_size=12), st.text(max_size=12))
def test_any_text_as_a_day_or_a_number(raw, number):
    day = cccd.read_day(raw)
    assert day == "" or len(day) in (4, 10)
    assert cccd.number_warnings(number, day, "M") is not None
    assert len(cccd.mask(number)) == len(number)


@given(
    st.text() | st.text(base45.ALPHABET).map("TRAM1:".__add__) | st.binary().map(base45.encode).map("TRAM1:".__add__)
)
def test_any_text_as_a_slip_or_base45(text):
    outcome(slip_code.decode, text)
    outcome(base45.decode, text)
    slip_code.read_number(text)


@given(st.binary())
def test_base45_round_trip(data):
    text = base45.encode(data)
    assert base45.decode(text) == data
    assert set(text) <= set(base45.ALPHABET)


@given(st.text() | st.lists(st.sampled_from(["tram", "1", "+", "#", "up", "a", ""]), max_size=8).map("/".join))
def test_any_text_as_a_topic(text):
    read = outcome(topics.read, text)
    if isinstance(read, tuple):
        assert topics.writer(*read) == text


@pytest.mark.parametrize("length", [1, 5])
def test_any_cut_of_a_message_is_refused(length):
    message = envelope.pack([(line, b"s" * 92) for line in chain(length)])
    for cut in range(1, len(message)):
        pairs = outcome(envelope.unpack, message[:cut])
        assert pairs is ProtocolError or message.startswith(envelope.pack(pairs))


FRAMES = [boardlink.write_frame(kind, 7, values) for kind, values in board_words()]


def heard(data, cuts):
    """What one end makes of bytes cut at these places: messages and codes of errors."""
    link, found = boardlink.Link(), []
    edges = [0, *sorted(cut % (len(data) + 1) for cut in cuts), len(data)]
    for first, last in pairwise(edges):
        link.feed(data[first:last])
        while True:
            try:
                message = link.next()
            except ProtocolError as error:
                found.append(error.code)
                continue
            if message is None:
                break
            found.append(message)
    assert link.held_bytes <= boardlink.MAX_FRAME + 1
    return found


@given(
    st.binary(max_size=400) | st.lists(damaged(FRAMES) | st.sampled_from(FRAMES), max_size=6).map(b"".join),
    st.lists(st.integers(0, 1000), max_size=8),
)
def test_any_bytes_on_the_boards_wire_whole_in_pieces_and_byte_by_byte(data, cuts):
    whole = heard(data, [])
    assert heard(data, cuts) == whole
    assert heard(data, range(len(data))) == whole


@given(st.binary(max_size=boardlink.MAX_FRAME))
def test_any_frame_that_is_read_is_written_alike(data):
    message = outcome(boardlink.read_frame, data)
    if isinstance(message, boardlink.Message):
        again = boardlink.write_frame(message.kind, message.seq, message.values)
        assert boardlink.read_frame(again[1:-1]) == message
