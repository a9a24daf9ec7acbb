"""Canonical JSON: one spelling per object, and no other bytes are read."""

from protocol import canon
from protocol.errors import ProtocolError
from tests.protocol.raising import raises


def refused(data, **options):
    return raises(ProtocolError, canon.read, data, **options).code


def nested(depth):
    value = 1
    for _ in range(depth):
        value = [value]
    return value


def test_named_members_come_first_and_the_others_sorted():
    value = {"b": 1, "z": 2, "a": 3, "k": {"y": 1, "x": [True, False, "é"]}}
    assert canon.write(value, ("z", "k")) == '{"z":2,"k":{"x":[true,false,"é"],"y":1},"a":3,"b":1}'.encode()


def test_an_order_may_name_absent_members():
    assert canon.write({"b": 1}, ("a", "b", "c")) == b'{"b":1}'
    assert canon.write({}) == b"{}"


def test_read_gives_back_what_was_written():
    value = {"name": "Nguyễn Văn Ân", "n": -12, "list": [], "none": {}, "deep": {"a": [{"b": True}]}}
    assert canon.read(canon.write(value, ("name",)), ("name",)) == value


def test_text_escapes_only_what_it_must():
    written = canon.write({"a": '"\\\n\x00\x1f/\x7fỹ€𝄞'})
    assert written == '{"a":"\\"\\\\\\u000a\\u0000\\u001f/\x7fỹ€𝄞"}'.encode()
    assert canon.read(written)["a"] == '"\\\n\x00\x1f/\x7fỹ€𝄞'


def test_a_board_quotes_as_this_machine_does():
    for text in ("", "a", "Nguyễn Văn Ân", "/\x7fỹ€\ud7ff"):
        assert canon._plainly_quoted(text) == canon._quoted(text) == '"' + text + '"'
    for text in ('"', "\\", "a\n", "\x00", "𝄞", "\ue000"):
        assert canon._plainly_quoted(text) == ""


def test_tuples_are_written_as_lists():
    assert canon.write({"a": (1, (2,))}) == b'{"a":[1,[2]]}'


def test_other_spellings_of_the_same_object_are_refused():
    for data in (
        b'{"a": 1}',
        b' {"a":1}',
        b'{"a":1}\n',
        b'{"b":1,"a":1}',
        b'{"a":1,"a":1}',
        b'{"a":01}',
        b'{"a":+1}',
        b'{"a":-0}',
        b'{"a":1.0}',
        b'{"a":1e3}',
        b'{"a":"\\u0041"}',
        b'{"a":"\\/"}',
        b'{"a":"\\n"}',
        b'{"a":"\\u000A"}',
        b'{"a":[1,]}',
    ):
        assert refused(data) in ("not_canonical", "not_json"), data


def test_the_order_is_part_of_the_spelling():
    assert canon.read(b'{"b":1,"a":2}', ("b",)) == {"a": 2, "b": 1}
    assert refused(b'{"a":2,"b":1}', order=("b",)) == "not_canonical"


def test_what_is_no_object_is_refused():
    for data in (b"1", b'"a"', b"[]", b"true"):
        assert refused(data) == "not_object"


def test_what_is_no_json_is_refused():
    for data in (b"", b"{", b'{"a"', b"}{", b"\xff\xfe", b'{"a":"\xc3"}', b'{"a":nope}'):
        assert refused(data) == "not_json", data


def test_null_floats_and_constants_are_refused():
    for data in (b'{"a":null}', b'{"a":0.5}', b'{"a":NaN}', b'{"a":Infinity}'):
        assert refused(data) in ("not_canonical", "not_json")
    for value in (None, 0.5, b"bytes", {1, 2}):
        assert raises(ProtocolError, canon.write, {"a": value}).code == "not_canonical"


def test_integers_stop_at_53_bits():
    for value in (9007199254740991, -9007199254740991):
        assert canon.read(canon.write({"a": value})) == {"a": value}
        beyond = value + (1 if value > 0 else -1)
        assert raises(ProtocolError, canon.write, {"a": beyond}).code == "out_of_range"
        assert refused(b'{"a":%d}' % beyond) == "out_of_range"


def test_keys_are_text():
    assert raises(ProtocolError, canon.write, {1: 2}).code == "not_text"
    assert raises(ProtocolError, canon.write, {"a": {2: 2}}).code == "not_text"


def test_half_a_surrogate_pair_is_refused():
    assert refused(b'{"a":"\\ud800"}') in ("surrogate", "not_json", "not_canonical")
    assert raises(ProtocolError, canon.write, {"a": chr(0xD800)}).code == "surrogate"


def test_a_record_ends_at_its_limit():
    data = canon.write({"a": "x" * (canon.MAX_RECORD - 8)})
    assert len(data) == canon.MAX_RECORD
    assert canon.read(data)
    assert refused(data + b" ") == "too_long"
    assert refused(b'{"a":1}', limit=6) == "too_long"


def test_what_can_be_written_can_be_read_at_the_greatest_depth():
    value = {"a": nested(canon.MAX_DEPTH - 1)}
    assert canon.read(canon.write(value)) == value
    for deeper in ({"a": nested(canon.MAX_DEPTH)}, {"a": [nested(canon.MAX_DEPTH - 2), nested(canon.MAX_DEPTH)]}):
        assert raises(ProtocolError, canon.write, deeper).code == "too_deep"


def test_deep_nesting_is_refused_before_it_is_parsed():
    assert refused(b"[" * 16000) == "too_deep"
    assert refused(b'{"a":' * 3000) == "too_deep"


def test_brackets_within_text_are_no_nesting():
    value = {"a": "[{" * 100 + '\\"' + "[" * 50}
    assert canon.read(canon.write(value)) == value


def test_digest_is_sha_256_in_hexadecimal():
    assert canon.digest(b"abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"


def test_the_short_road_and_the_long_one_read_alike():
    short = canon._spell
    for data in (
        b"{}",
        b"[]",
        b'"a"',
        b'{"b":1,"a":2}',
        b'{"a":2,"b":1}',
        b'{"a":null}',
        b'{"a":"null"}',
        b'{"a":1.0}',
        b'{"a":NaN}',
        b'{"a":[9007199254740991,-9007199254740991]}',
        b'{"a":[9007199254740992]}',
        b'{"a":{"b":{},"a":[]}}',
        b'{"a":{"a":[true,false],"b":-0}}',
        b'{"a":"\\n"}',
        b'{"a":"\\u000a"}',
        '{"a":"é𝄞\x7f"}'.encode(),
    ):
        found = []
        for road in (short, None):
            canon._spell = road
            try:
                found.append(canon.read(data, ("b",)))
            except ProtocolError as error:
                found.append(error.code)
            canon._spell = short
        assert found[0] == found[1], data
