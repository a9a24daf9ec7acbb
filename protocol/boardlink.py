"""Serial frames between a kiosk and its I/O board (lamp, buzzer, button, slip sensor, cold-box thermometer), both ends.

A frame is `00 COBS(kind, sequence number, payload, CRC-32) 00`: noise costs the frame it hits and no other. Nothing is
sent again: every state is said anew within seconds. Readings carry an HMAC-SHA256 under the board's own key.
It must not know what a lamp or a reading means to a desk.
"""

import binascii
import hashlib
import struct

from protocol.errors import ProtocolError

# The longest message (a reading: 53 bytes) and its COBS byte, with room for a field more.
MAX_FRAME = 80
VERSION = 1
# Codes on the wire are places in these rows; they only grow.
LAMPS = ("off", "green", "amber", "red", "white")
SOUNDS = ("none", "accepted", "refused", "attention", "alarm")
# Why a reading holds no temperature: no sensor answers, or what it says cannot be (bad check sum, power-on value).
FAULTS = ("", "absent", "garbage")
# A DS18B20 measures -55.0 to 125.0 degrees Celsius.
LOWEST_TENTHS_C = -550
HIGHEST_TENTHS_C = 1250
# DS18B20 data sheet: the register's value after power-on, before any conversion. No cold box is that hot.
POWER_ON_TENTHS_C = 850
NAME_BYTES = 16

_NAME = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_."
_CRC_BYTES = 4

# kind: (code, layout of the payload, fields). The board says the first five, the kiosk the last two.
KINDS = {
    # `boot` counts the board's starts, and is kept in its flash: a reading of an earlier start is known as old.
    "hello": (1, ">BI16s", ("version", "boot", "name")),
    "button": (2, ">I", ("presses",)),
    "slip": (3, ">B", ("present",)),
    "reading": (4, ">IIIhB32s", ("boot", "n", "up_s", "tenths_c", "fault", "mac")),
    # `echo`: the kiosk's sequence number answered; `bad`: frames the board could not read since its start, modulo 65536.
    "alive": (5, ">BH", ("echo", "bad")),
    # `blink`: 0 steady, else half a period in tenths of a second; `lasts`: tenths of a second, 0 for "until told".
    "show": (65, ">BBBH", ("lamp", "blink", "sound", "lasts")),
    "ping": (66, ">", ()),
}
_BY_CODE = {row[0]: kind for kind, row in KINDS.items()}
_ROWS = {"lamp": LAMPS, "sound": SOUNDS, "fault": FAULTS}


class Message:
    """What one frame says. `kind`: a key of KINDS; `seq`: the sender's number, 0 to 255; `values`: field to value."""

    __slots__ = ("kind", "seq", "values")

    def __init__(self, kind: str, seq: int, values: dict):
        """As read by `read_frame`: words for lamps, sounds and faults, integers for the rest, bytes for `mac`."""
        self.kind = kind
        self.seq = seq
        self.values = values

    def __eq__(self, other):
        """Equal in all three."""
        return (
            isinstance(other, Message)
            and (self.kind, self.seq) == (other.kind, other.seq)
            and self.values == other.values
        )

    def __hash__(self):
        """By kind and number: the values may be a dictionary's."""
        return hash((self.kind, self.seq))


def mac(key: bytes, data: bytes) -> bytes:
    """HMAC-SHA256 (RFC 2104), 32 bytes. Written out: a board's MicroPython has SHA-256 and no `hmac`."""
    if len(key) > 64:
        key = hashlib.sha256(key).digest()
    key = key + bytes(64 - len(key))
    inner = hashlib.sha256(bytes([byte ^ 0x36 for byte in key]) + data).digest()
    return hashlib.sha256(bytes([byte ^ 0x5C for byte in key]) + inner).digest()


def signed_part(name: str, reading: dict) -> bytes:
    """The bytes a reading's `mac` is over: the board's name and all fields but `mac`."""
    _check_name(name)
    fault = FAULTS.index(reading["fault"])
    packed = struct.pack(">IIIhB", reading["boot"], reading["n"], reading["up_s"], reading["tenths_c"], fault)
    return b"tram-reading-1\x00" + name.encode() + b"\x00" + packed


def sign(name: str, key: bytes, reading: dict) -> dict:
    """The reading with its `mac`. `reading`: `boot`, `n`, `up_s`, `tenths_c` (0 with a fault), `fault`."""
    signed = dict(reading)
    signed["mac"] = mac(key, signed_part(name, reading))
    return signed


def is_genuine(name: str, key: bytes, reading: dict) -> bool:
    """Whether the board `name` with `key` made this reading. Compares without telling by time where it differs."""
    good = mac(key, signed_part(name, reading))
    differs = len(good) ^ len(reading["mac"])
    for ours, theirs in zip(good, reading["mac"]):
        differs |= ours ^ theirs
    return differs == 0


def write_frame(kind: str, seq: int, values: dict) -> bytes:
    """A frame, with a zero before it (ends whatever noise came) and after it. `ProtocolError` for a value out of range."""
    code, layout, fields = KINDS[kind]
    _check(kind, values)
    packed = []
    for field in fields:
        value = values[field]
        if field in _ROWS:
            value = _ROWS[field].index(value)
        elif field == "name":
            value = value.encode() + bytes(NAME_BYTES - len(value))
        packed.append(value)
    body = bytes([code, seq % 256]) + struct.pack(layout, *packed)
    return b"\x00" + _cobs(body + struct.pack(">I", binascii.crc32(body) & 0xFFFFFFFF)) + b"\x00"


def read_frame(data: bytes) -> Message:
    """What stood between two zeroes. `ProtocolError` for anything that no board or kiosk of ours wrote."""
    if len(data) > MAX_FRAME:
        raise ProtocolError("too_long", "frame")
    plain = _uncobs(data)
    if len(plain) < 2 + _CRC_BYTES:
        raise ProtocolError("bad_length", "frame")
    body = plain[:-_CRC_BYTES]
    if struct.unpack(">I", plain[-_CRC_BYTES:])[0] != binascii.crc32(body) & 0xFFFFFFFF:
        raise ProtocolError("bad_checksum", "frame")
    kind = _BY_CODE.get(body[0])
    if kind is None:
        raise ProtocolError("unknown_kind", "frame")
    _code, layout, fields = KINDS[kind]
    if len(body) - 2 != struct.calcsize(layout):
        raise ProtocolError("bad_length", kind)
    values = {}
    for field, raw in zip(fields, struct.unpack(layout, body[2:])):
        if field in _ROWS:
            if raw >= len(_ROWS[field]):
                raise ProtocolError("out_of_range", field)
            values[field] = _ROWS[field][raw]
        else:
            values[field] = _name_of(raw) if field == "name" else raw
    _check(kind, values)
    return Message(kind, body[1], values)


class Link:
    """One end of the wire: numbers what is sent, cuts what comes into messages, counts what was lost on the way.

    `feed(bytes)` takes anything. `next()` gives the messages in order, None when more bytes are needed, and raises
    `ProtocolError` once for each frame that is none; the frames after it are read all the same.
    """

    __slots__ = ("_ended", "_frame", "_heard", "_sent", "bad", "lost")

    def __init__(self):
        """A fresh end: nothing sent, nothing heard."""
        self._ended = []
        self._frame = bytearray()
        self._heard = -1
        self._sent = 0
        self.bad = 0
        self.lost = 0

    @property
    def held_bytes(self) -> int:
        """How many bytes wait for their frame's end; never more than MAX_FRAME + 1."""
        return len(self._frame)

    def send(self, kind: str, **values) -> bytes:
        """The bytes of a message; its number is one higher than the last, modulo 256."""
        data = write_frame(kind, self._sent, values)
        self._sent = (self._sent + 1) % 256
        return data

    def feed(self, data: bytes) -> None:
        """Take bytes as they came."""
        for byte in data:
            if byte == 0:
                if self._frame:
                    self._ended.append(bytes(self._frame))
                self._frame = bytearray()
            elif len(self._frame) <= MAX_FRAME:
                self._frame.append(byte)

    def next(self):
        """The next message, or None. `ProtocolError`: the next frame was none; it counts in `bad`."""
        if not self._ended:
            return None
        data = self._ended.pop(0)
        try:
            message = read_frame(data)
        except ProtocolError:
            self.bad += 1
            raise
        if message.kind != "hello" and self._heard >= 0:
            self.lost += (message.seq - self._heard - 1) % 256
        self._heard = message.seq
        return message


def _check(kind: str, values: dict) -> None:
    """A value that fits its bytes and still cannot be meant."""
    if kind == "hello":
        _check_name(values["name"])
        if values["version"] != VERSION:
            raise ProtocolError("unknown_version", kind)
    elif kind == "slip" and values["present"] not in (0, 1):
        raise ProtocolError("out_of_range", "present")
    elif kind == "reading":
        tenths_c = values["tenths_c"]
        if values["fault"]:
            if tenths_c != 0:
                raise ProtocolError("out_of_range", "tenths_c")
        elif not LOWEST_TENTHS_C <= tenths_c <= HIGHEST_TENTHS_C:
            raise ProtocolError("out_of_range", "tenths_c")


def _check_name(name: str) -> None:
    if not name or len(name) > NAME_BYTES:
        raise ProtocolError("bad_length", "name")
    for char in name:
        if char not in _NAME:
            raise ProtocolError("bad_character", "name")


def _name_of(raw: bytes) -> str:
    length = len(raw)
    while length and raw[length - 1] == 0:
        length -= 1
    for byte in raw[:length]:
        if byte < 0x21 or byte > 0x7E:
            raise ProtocolError("bad_character", "name")
    return raw[:length].decode()


def _cobs(data: bytes) -> bytes:
    """Consistent overhead byte stuffing (Cheshire and Baker 1999) of fewer than 254 bytes: no zero is left."""
    out = bytearray()
    run = bytearray()
    for byte in data:
        if byte == 0:
            out.append(len(run) + 1)
            out.extend(run)
            run = bytearray()
        else:
            run.append(byte)
    out.append(len(run) + 1)
    out.extend(run)
    return bytes(out)


def _uncobs(data: bytes) -> bytes:
    out = bytearray()
    at = 0
    while at < len(data):
        length = data[at]
        if length == 0 or at + length > len(data):
            raise ProtocolError("bad_stuffing", "frame")
        out.extend(data[at + 1 : at + length])
        at += length
        if at < len(data):
            out.append(0)
    return bytes(out)
