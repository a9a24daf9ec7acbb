"""Nasty JSON: whole lines that no reader should take, and values to put where a record has others. Data only."""

import math

DEEP = 2_000

# Lines as they stand, in the manner of the well-known suites of JSON parsers.
LINES = (
    b"", b" ", b"\x00", b"null", b"true", b"0", b'""', b"[]", b"{}", b"{", b"}", b"[", b'{"a"}', b'{"a":}', b"{,}", b"[,]",
    b"[1,]", b'{"a":1,}', b"[1 2]", b'{"a" 1}', b"{a:1}", b"{'a':1}", b'{"a":1}}', b'{"a":1}{"a":1}', b'{"a":1} #', b"//",
    b"/* */{}", b"+1", b"-", b"-0", b"01", b"1.", b".1", b"1e", b"1e+", b"0x1F", b"1e999", b"-1e999", b"NaN", b"Infinity",
    b'{"v":NaN}', b'{"v":-Infinity}', b'{"v":1e400}', b'{"v":1E1}', b'{"v":1.0}', b'{"v":-0}', b'{"v":00}', b'{"v":1_000}',
    b'{"seq":9007199254740992}', b'{"seq":' + b"9" * 4_400 + b"}", b'{"seq":-' + b"1" * 400 + b"}",
    b'{"a":1,"a":1}', b'{"a":1,"a":2}', b'{"k":"kiosk-1","k":"kiosk-2"}', b'{"":1}', b'{"\\u0000":1}',
    b'{"a":"\\ud800"}', b'{"a":"\\udc00\\ud800"}', b'{"a":"\\ud83d\\ude00"}', b'{"\\ud800":1}', b'{"a":"\\x41"}', b'{"a":"\\u12"}',
    b'{"a":"\\u0041"}', b'{"a":"\\/"}', b'{"a":"\t"}', b'{"a":"\x00"}', b'{"a":"\x1f"}', b'{"a":"\x7f"}', b'{"a":"\\"}', b'{"a":"\\',
    b'{"a":"\xff"}', b'{"a":"\xc0\xaf"}', b'{"a":"\xe0\x80\xaf"}', b'{"a":"\xf0\x80\x80\xaf"}', b'{"a":"\xed\xa0\x80"}',
    b'{"a":"\xf4\x90\x80\x80"}', b'{"a":"\xf8\x88\x80\x80\x80"}', b'{"a":"\xc3"}', b'{"a":"\xe1\xba"}', b'{"a":"\xef\xbf\xbf"}',
    b"\xef\xbb\xbf{}", b'\xef\xbb\xbf{"v":1}', "{}".encode("utf-16"), '{"v":1}'.encode("utf-16-be"), '{"v":1}'.encode("utf-32"),
    "{\u2028}".encode(), "{\u00a0}".encode(), b"{\x0c}", b'{"a":1}\r', b'\r{"a":1}', b'{ "a":1}', b'{"a":1} ', b'{"b":1,"a":1}',
    b"[" * DEEP, b'{"a":' * DEEP, b"[" * DEEP + b"]" * DEEP, b'{"a":' * 12 + b"1" + b"}" * 12, b'{"a":' * 13 + b"1" + b"}" * 13,
    b'{"a":"' + b"[" * 9_000 + b'"}', b'{"a":[' + b"[]," * 4_000 + b"[]]}", b'{"a":[' + b"0," * 7_000 + b"0]}",
    b"{" + b",".join(b'"%d":0' % n for n in range(1_500)) + b"}", b'{"a":"' + b"\\u0000" * 2_500 + b'"}',
    b'{"v":1,"k":"kiosk-1","inc":"00000000000000a1","seq":1}', b'{"v":2,"k":"kiosk-1","inc":"00000000000000a1","seq":1}',
    b'{"v":1,"k":[],"inc":{},"seq":true}', b'{"hello":1}', b'{"hello":1,"v":1}', b'{"hello":{}}', b'{"hello":', b'{"hello":1e9}',
    b'{"ack":1}', b"<xml/>", b"%PDF-1.4", b"GET / HTTP/1.1\r\n", b"\x10\x00\x00\x04MQTT", b"'; DROP TABLE record; --",
    b"\x1f\x8b\x08\x00", b"PK\x03\x04", b"!!python/object", b"${jndi:ldap://x}", b"%s%n%x", b"\x1b[2J",
)  # fmt: skip


def _nested(depth):
    value = 1
    for _ in range(depth):
        value = [value]
    return value


# Values for a member of a record that else is properly made and signed.
VALUES = (
    None, True, False, 0, -1, 1, 2**31, 2**53 - 1, 2**53, 2**63, 2**64, -(2**63) - 1, 10**300, 0.1, 1e308, math.inf, -math.inf, math.nan,
    "", " ", "\x00", "a\x00b", "\n", "\r\n", "\t", "\x7f", "\x85", "\ud800", "\udfff\ud800", "\ufffe", "\ufeff", "\u202e", "\u200b",
    "é", "e\u0301", "ỹ" * 60, "𝄞" * 30, "😀", "a" * 64, "a" * 65, "a" * 120, "a" * 2_001, "x" * 16_300, "ỹ" * 6_000, "../etc/passwd",
    "'; DROP TABLE record; --", "<script>alert(1)</script>", "=cmd|' /C calc'!A0", "%s%n", "{{7*7}}", "${x}", "\\", '"', "\\u0000",
    "2021-02-30", "0000-00-00", "9999-12-31", "1850-01-01", "1849-12-31", "2021-1-1", "٢٠٢١-٠١-٠١", "１２", "cccd:", ":", "/", "-",
    [], [[]], [1, [2, [3]]], {}, {"": ""}, {"a": None}, {"__class__": "x"}, {"body": {}}, [None] * 300, ["a"] * 3_000, [0] * 7_000,
    {str(n): n for n in range(30)}, {"x" * 200: 1}, {"a": {"b": {"c": {}}}}, _nested(9), _nested(11), _nested(12), _nested(40),
)  # fmt: skip
