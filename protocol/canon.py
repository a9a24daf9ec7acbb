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
        spelt = data.decode("utf-8")
        value = _plainly_read(spelt, order)
        if value is not None:
            return value
        value = json.loads(spelt)
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


def _plainly_read(spelt: str, order: tuple):
    """The object of a text that is surely canonical; None says that `write` must be asked, or that it is none at all."""
    # An escape is spelt otherwise here, and null is nothing we know.
    if not _spell or not _decode or "\\" in spelt or "null" in spelt:
        return None
    try:
        value = _decode(spelt)
        keys = [key for key in order if key in value]
        if len(keys) < len(value):
            keys += sorted([key for key in value if key not in order])
        plain = "{" + ",".join(['"' + key + '":' + "".join(_spell(value[key], 0)) for key in keys]) + "}"
    except (TypeError, ValueError):
        return None
    return value if plain == spelt else None


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


def _whole(text: str):
    number = int(text)
    return number if -MAX_INT <= number <= MAX_INT else _strange(text)


def _strange(_text: str):
    # What stands for a number that `write` refuses: `_spell` refuses it too.
    return b""


def _refused(_value):
    raise TypeError


# CPython's own reader and speller, in C: a record is read in two thirds of the time. What they take otherwise than `write`
# does is kept from them or refused by them: null, escapes, floats, numbers too large. Boards have only the long road.
_make = getattr(getattr(json, "encoder", None), "c_make_encoder", None)
_spell = _make and _make(None, _refused, _quoted, None, ":", ",", True, False, False)
_decode = _make and json.JSONDecoder(parse_int=_whole, parse_float=_strange, parse_constant=_strange).decode


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
