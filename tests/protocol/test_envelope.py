"""The envelope: sealing and parsing, the chain, pairs of lines whole and byte by byte, limits, newer releases."""

from protocol import canon, envelope
from protocol.errors import ProtocolError, UnknownKind
from tests.protocol.examples import INC, WALL, chain, changed, envelope_of, loose, sealed
from tests.protocol.raising import raises

SIGNATURE = b"es256 " + b"A" * 86


def not_sealed(**members):
    arguments = envelope_of("visit.called", **members)
    error = raises(ProtocolError, envelope.seal, **arguments)
    return (error.code, error.field)


def not_parsed(line):
    error = raises(ProtocolError, envelope.parse, line)
    return (error.code, error.field)


def pairs_of(count):
    return [(line, SIGNATURE) for line in chain(count)]


def byte_by_byte(message):
    reader = envelope.PairReader()
    found = []
    for at in range(len(message)):
        found += reader.feed(message[at : at + 1])
    reader.finish()
    return found


def test_a_sealed_line_parses_to_the_same_members():
    line = sealed("visit.called", seq=7)
    record = envelope.parse(line)
    assert record.line == line
    assert record.digest == canon.digest(line)
    assert record.name() == ("kiosk-01", INC, 7)
    assert record.sort_key() == (WALL, 0, "kiosk-01", INC, 7, record.digest)
    assert (record.site, record.session) == ("yen-minh-01", "2021-10-03-a")
    assert record.who == {"id": "st-0007", "by": "badge"}
    assert record.ref == {"lots": 3, "staff": 12}
    assert record.t["sure"] == "synced"
    assert record.prev == envelope.GENESIS


def test_a_line_begins_with_its_version_and_name():
    assert sealed(seq=7).startswith(b'{"v":1,"k":"kiosk-01","inc":"00c0ffee12345678","seq":7,"prev":"0000')


def test_bytearray_parses_like_bytes():
    line = sealed()
    assert envelope.parse(bytearray(line)).line == line


def test_each_record_of_a_chain_points_at_the_one_before():
    found = [envelope.parse(line) for line in chain(4)]
    assert found[0].prev == envelope.GENESIS
    for at in range(1, 4):
        assert found[at].prev == found[at - 1].digest


def test_one_other_byte_is_another_digest():
    assert envelope.parse(sealed(seq=1)).digest != envelope.parse(sealed(seq=2)).digest


def test_seal_refuses_what_parse_would_refuse():
    for members, told in (
        ({"seq": 0}, ("out_of_range", "seq")),
        ({"k": "Kiosk 1"}, ("bad_character", "k")),
        ({"inc": "c0ffee"}, ("bad_length", "inc")),
        ({"prev": ""}, ("bad_length", "prev")),
        ({"session": "x" * 65}, ("too_long", "session")),
        ({"who": {"id": "a"}}, ("missing", "by")),
        ({"who": {"id": "a", "by": "luck"}}, ("unknown_word", "by")),
        ({"ref": {"lots": "3"}}, ("not_integer", "ref")),
        ({"ref": []}, ("not_object", "ref")),
        ({"t": {}}, ("missing", "wall")),
        ({"body": 5}, ("not_object", "body")),
    ):
        assert not_sealed(**members) == told
        assert not_parsed(loose(**members)) == told


def test_the_hybrid_clock_has_two_parts():
    t = envelope_of("visit.called")["t"]
    for hlc in ([], [1]):
        assert not_sealed(t=changed(t, hlc=hlc)) == ("bad_length", "hlc")
        assert not_parsed(loose(t=changed(t, hlc=hlc))) == ("bad_length", "hlc")
    assert not_sealed(t=changed(t, hlc=[1, 2, 3])) == ("too_many", "hlc")
    assert not_sealed(t=changed(t, sure="maybe")) == ("unknown_word", "sure")


def test_a_record_without_a_body_is_refused():
    assert not_parsed(loose(body=None)) == ("not_object", "body")


def test_a_record_over_the_limit_is_refused():
    body = {"visit": "v", "station": "screening", "desk": "d", "newer": "x" * canon.MAX_RECORD}
    assert not_sealed(body=body) == ("too_long", "")


def test_unknown_kinds_are_told_apart():
    arguments = changed(envelope_of("visit.called"), kind="visit.danced")
    assert raises(UnknownKind, envelope.seal, **arguments).field == "visit.danced"
    assert raises(UnknownKind, envelope.parse, loose(kind="visit.danced")).code == "unknown_kind"


def test_a_newer_version_is_told_apart_even_when_its_words_are_new():
    assert raises(UnknownKind, envelope.parse, loose(v=2)).code == "unknown_version"
    assert raises(UnknownKind, envelope.parse, loose(v=2, who={"id": "a", "by": "face"})).code == "unknown_version"
    for v in (0, 1001, "1"):
        assert raises(ProtocolError, envelope.parse, loose(v=v)).field == "v"


def test_unknown_members_of_the_envelope_stay_in_the_bytes():
    line = loose(newer=[1])
    assert envelope.parse(line).line == line


def test_peek_name_needs_the_name_only():
    for line in (sealed(seq=9), loose(seq=9, v=2), loose(seq=9, kind="visit.danced"), loose(seq=9, body=None, t=None)):
        assert envelope.peek_name(line) == ("kiosk-01", INC, 9)
    for line in (b"", b"{}", b"nonsense", sealed(seq=9)[:-1], loose(seq=0), loose(k=None)):
        assert envelope.peek_name(line) is None


def test_pack_and_unpack():
    for count in (0, 1, 3):
        pairs = pairs_of(count)
        assert envelope.unpack(envelope.pack(pairs)) == pairs
    assert envelope.pack([(b"a", b"b"), (b"c", b"d")]) == b"a\nb\nc\nd\n"


def test_pairs_come_alike_whole_and_byte_by_byte():
    message = envelope.pack(pairs_of(3))
    assert byte_by_byte(message) == envelope.unpack(message)


def test_an_unreadable_line_costs_its_own_pair_only():
    good = pairs_of(1)[0]
    message = envelope.pack([good, (b"\xff\x00 nonsense", b"?"), good])
    assert [pair[0] for pair in envelope.unpack(message)] == [good[0], b"\xff\x00 nonsense", good[0]]


def test_a_message_cut_short_is_refused():
    message = envelope.pack(pairs_of(1))
    for cut in (1, 5, len(SIGNATURE) + 1, len(SIGNATURE) + 2):
        reader = envelope.PairReader()
        assert reader.feed(message[:-cut]) == []
        assert raises(ProtocolError, reader.finish).code == "cut_short"


def test_a_line_over_the_limit_is_refused_before_it_ends():
    reader = envelope.PairReader()
    assert reader.feed(b"x" * canon.MAX_RECORD) == []
    assert raises(ProtocolError, reader.feed, b"x").code == "too_long"
    assert raises(ProtocolError, envelope.unpack, b"x" * canon.MAX_RECORD + b"x\n").code == "too_long"
    assert envelope.unpack(b"x" * canon.MAX_RECORD + b"\ns\n")


def test_a_signature_over_the_limit_is_refused():
    longest = b"s" * envelope.MAX_SIGNATURE
    assert envelope.unpack(b"line\n" + longest + b"\n") == [(b"line", longest)]
    assert raises(ProtocolError, envelope.unpack, b"line\n" + longest + b"s\n").code == "too_long"
    assert raises(ProtocolError, byte_by_byte, b"line\n" + longest + b"s").code == "too_long"


def test_a_message_has_a_greatest_number_of_pairs():
    assert len(envelope.unpack(b"l\ns\n" * envelope.MAX_PAIRS)) == envelope.MAX_PAIRS
    assert raises(ProtocolError, envelope.unpack, b"l\ns\n" * (envelope.MAX_PAIRS + 1)).code == "too_many"
