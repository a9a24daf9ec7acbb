"""A record that only the centre can read: its name in the clear, the signed pair in a box for the centre's public key.

On the wire a sealed pair is two lines, the name's and the box's, and a message holds sealed pairs only. The name's line
is bound to its box (as HPKE's info), so no box can be passed off under another name. Sealing itself is passed in: this
module knows lines, not keys. To readers of before the name's line is a record without a body: kept, covered, asked again.
"""

import binascii

from protocol import canon, fields
from protocol.envelope import MAX_SIGNATURE, ORDER
from protocol.errors import ProtocolError

# HPKE (RFC 9180): DHKEM(P-256, HKDF-SHA256), HKDF-SHA256, AES-256-GCM; the box is the encapsulated key, then the text.
PREFIX = b"hpke-p256-aes256 "
# The encapsulated point (65) and the tag (16).
OVERHEAD = 81
MAX_BOX = canon.MAX_RECORD + 1 + MAX_SIGNATURE + OVERHEAD
MAX_BOX_LINE = len(PREFIX) + (MAX_BOX + 2) // 3 * 4
_BASE64 = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
_END = b',"sealed":1}'
_NAME = (
    ("v", fields.integer(1, 1), True),
    ("k", fields.word, True),
    ("inc", fields.hexadecimal(16), True),
    ("seq", fields.integer(1), True),
    ("key", fields.hexadecimal(16), True),
    ("sealed", fields.integer(1, 1), True),
)


def name_line(*, k, inc, seq, key) -> bytes:
    """The name's line of record `(k, inc, seq)`, sealed to the key of which `key` are the first digits of its digest."""
    line = canon.write({"v": 1, "k": k, "inc": inc, "seq": seq, "key": key, "sealed": 1}, ORDER)
    read_name(line)
    return line


def is_sealed(line: bytes) -> bool:
    """Is this the name's line of a sealed pair (and neither a record nor a hello)?"""
    return line.endswith(_END) and b'"kind":' not in line


def read_name(line: bytes) -> dict:
    """`v k inc seq key sealed` of a name's line, or `ProtocolError`."""
    value = canon.read(line, ORDER)
    fields.check_table(value, _NAME, "sealed")
    return value


def box_line(box: bytes) -> bytes:
    """The box as a line."""
    return PREFIX + binascii.b2a_base64(box)[:-1]


def read_box(line: bytes) -> bytes:
    """The box that `line` spells, or `ProtocolError`; one box has one spelling."""
    if len(line) > MAX_BOX_LINE:
        raise ProtocolError("too_long", "box")
    if not line.startswith(PREFIX):
        raise ProtocolError("unknown_word", "box")
    text = bytes(line[len(PREFIX) :])
    # MicroPython's decoder raises bare exceptions: nothing that it would stumble over is given to it.
    if len(text) % 4 or text.rstrip(b"=").strip(_BASE64):
        raise ProtocolError("bad_character", "box")
    box = binascii.a2b_base64(text)
    if box_line(box) != bytes(line):
        raise ProtocolError("not_canonical", "box")
    return box


def inside(line: bytes, signature: bytes) -> bytes:
    """What is put into the box: a record's line and its signature line."""
    return line + b"\n" + signature


def outside(text: bytes) -> tuple:
    """`(line, signature line)` out of an opened box, or `ProtocolError`."""
    at = text.find(b"\n")
    if at < 0 or b"\n" in text[at + 1 :]:
        raise ProtocolError("cut_short", "box")
    return (text[:at], text[at + 1 :])
