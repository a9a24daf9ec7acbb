"""Canonical JSON: one object, one spelling, so that a signature and a hash mean something.

UTF-8, no spaces, only integers and of 53 bits at most. The members named in a field table come first and in its
order, all others after them in sorted order; members of nested objects are sorted. A release that adds a field
adds it among the others, so every release writes and accepts the same bytes.
"""

import hashlib
import json

from protocol.errors import ProtocolError
from protocol.fields import MAX_INT

# The broker's message limit leaves room for a record, its signature and MQTT's header (faults F56).
MAX_RECORD = 16 * 1024
# Deeper nesting than any record has; CPython's reader dies of recursion long after (measurements.md 1).
MAX_DEPTH = 12


def write(value: dict, order: tuple = ()) -> bytes:
    """The canonical bytes of object `value`; `order` names its leading members.

    `ProtocolError` for what has no canonical spelling here: floats, nulls, integers beyond 53 bits, deep nesting.
    """
    keys = [key for key in order if key in value]
    if len(keys) < len(value):
        keys += sorted([key for key in value if key not in order])
    parts = [_text(key) + ":" + _any(value[key], 1) for key in keys]
    try:
        return ("{" + ",".join(parts) + "}").encode("utf-8")
    except UnicodeError:
        raise ProtocolError("surrogate")


def read(data: bytes, order: tuple = (), limit: int = MAX_RECORD) -> dict:
    """The object that `data` spells canonically. Any other bytes: `ProtocolError`, in bounded time and memory."""
    if len(data) > limit:
        raise ProtocolError("too_long")
    _check_depth(data)
    try:
        value = json.loads(data.decode("utf-8"))
    except ValueError:
        raise ProtocolError("not_json")
    if not isinstance(value, dict):
        raise ProtocolError("not_object")
    if write(value, order) != bytes(data):
        raise ProtocolError("not_canonical")
    return value


def digest(data: bytes) -> str:
    """SHA-256 of `data` as 64 hexadecimal digits."""
    return hashlib.sha256(data).digest().hex()


def _any(value, depth: int) -> str:
    # `depth` objects and lists are open around `value`; _check_depth counts alike, so what is written can be read.
    if isinstance(value, str):
        return _text(value)
    if value is True:
        return "true"
    if value is False:
        return "false"
    if isinstance(value, int):
        if not -MAX_INT <= value <= MAX_INT:
            raise ProtocolError("out_of_range")
        return str(value)
    if depth >= MAX_DEPTH:
        raise ProtocolError("too_deep")
    if isinstance(value, (list, tuple)):
        return "[" + ",".join([_any(item, depth + 1) for item in value]) + "]"
    if isinstance(value, dict):
        return "{" + ",".join([_text(key) + ":" + _any(value[key], depth + 1) for key in sorted(value)]) + "}"
    raise ProtocolError("not_canonical")


def _text(value) -> str:
    if not isinstance(value, str):
        raise ProtocolError("not_text")
    # Nearly every text is like this; sign by sign takes five times as long. Nothing was escaped if nothing was added.
    spelt = _quoted(value)
    if len(spelt) == len(value) + 2:
        return spelt
    parts = ['"']
    for char in value:
        code = ord(char)
        if char == '"' or char == "\\":
            parts.append("\\" + char)
        elif code < 0x20:
            parts.append("\\u%04x" % code)
        elif 0xD800 <= code < 0xE000:
            raise ProtocolError("surrogate")
        else:
            parts.append(char)
    parts.append('"')
    return "".join(parts)


def _plainly_quoted(value: str) -> str:
    """The quoted spelling of a text that needs no escape, empty for any other."""
    if '"' in value or "\\" in value or (value and (min(value) < " " or max(value) > "\ud7ff")):
        return ""
    return '"' + value + '"'


# CPython quotes a text in C, six times as fast; a surrogate passes there and is found by `write`. Boards have no such thing.
_quoted = getattr(getattr(json, "encoder", None), "encode_basestring", _plainly_quoted)


def _check_depth(data: bytes) -> None:
    # With no more openings than may be nested nothing can be too deep; nearly every record is like this.
    if data.count(b"{") + data.count(b"[") <= MAX_DEPTH:
        return
    depth = 0
    in_text = False
    escaped = False
    for byte in data:
        if in_text:
            if escaped:
                escaped = False
            elif byte == 0x5C:
                escaped = True
            elif byte == 0x22:
                in_text = False
        elif byte == 0x22:
            in_text = True
        elif byte in (0x5B, 0x7B):
            depth += 1
            if depth > MAX_DEPTH:
                raise ProtocolError("too_deep")
        elif byte in (0x5D, 0x7D):
            depth -= 1
