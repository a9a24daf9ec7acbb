"""The signed copy of a dose on the citizen's slip: if kiosk and hub burn, one scan of the paper restores the dose.

`TRAM1:` and Base45 of canonical JSON, a line feed and the 64-byte ES256 signature over the JSON. The name of the
record (k, inc, seq) stands in it, so a restored dose and the original arriving late are seen as one.
"""

from protocol import base45, canon, fields
from protocol.errors import NotOurs, ProtocolError

SLIP_PREFIX = "TRAM1:"
SIGNATURE_BYTES = 64
# The readers' cap (fault F13). A usual slip takes under 500 characters, the longest values that FIELDS allows
# 1,808: whatever can be printed can be scanned back.
MAX_CODE = 2048
RECOVERED = "r-"
_NAME = ("s", "k", "i", "q")
ORDER = ("s", "k", "i", "q", "p", "n", "b", "v", "l", "d", "t", "w", "x")
# Short member names save a QR version: slip, writer, incarnation, seq, person, name, birth, vaccine, lot, dose number,
# time (UTC ms), who gave it, site.
FIELDS = (
    ("s", fields.word, True),
    ("k", fields.word, True),
    ("i", fields.hexadecimal(16), True),
    ("q", fields.integer(1), True),
    ("p", fields.word, True),
    ("n", fields.text(fields.MAX_NAME, empty=False), True),
    ("b", fields.day, True),
    ("v", fields.word, True),
    ("l", fields.text(32), True),
    ("d", fields.integer(1, 9), True),
    ("t", fields.integer(0), True),
    ("w", fields.word, True),
    ("x", fields.word, True),
)


def payload(value: dict) -> bytes:
    """The bytes to sign for a dose described by `FIELDS`."""
    fields.check_table(value, FIELDS, "slip")
    return canon.write(value, ORDER)


def encode(signed: bytes, signature: bytes) -> str:
    """The text of the QR code for `payload` bytes and their raw 64-byte signature."""
    if len(signature) != SIGNATURE_BYTES:
        raise ProtocolError("bad_length", "signature")
    text = SLIP_PREFIX + base45.encode(signed + signature)
    if len(text) > MAX_CODE:
        raise ProtocolError("too_long", "slip")
    return text


def decode(text: str) -> tuple:
    """`(value, signed bytes, signature)` of a scanned slip; the caller verifies. `NotOurs` for other codes."""
    if not text.startswith(SLIP_PREFIX):
        raise NotOurs("not_a_slip")
    if len(text) > MAX_CODE:
        raise ProtocolError("too_long", "slip")
    data = base45.decode(text[len(SLIP_PREFIX) :])
    if len(data) <= SIGNATURE_BYTES:
        raise ProtocolError("cut_short", "slip")
    signed, signature = data[:-SIGNATURE_BYTES], data[-SIGNATURE_BYTES:]
    value = canon.read(signed, ORDER)
    fields.check_table(value, FIELDS, "slip")
    return (value, signed, signature)


def original(value: dict) -> tuple:
    """The name `(k, inc, seq)` of the record that slip `value` copies."""
    return (value["k"], value["i"], value["q"])


def dose_of(value: dict) -> str:
    """The id of a dose that only its slip tells of: the same from every scan and every copy of the slip.

    The slip's number is in it, for two branches of a copied card may have used one name for two doses.
    """
    return RECOVERED + canon.digest(canon.write({name: value[name] for name in _NAME}, _NAME))[:32]


def show_number(number: str) -> str:
    """A slip number as printed and read aloud: `7Q4M-X2PD-9K`."""
    return "-".join([number[at : at + 4] for at in range(0, len(number), 4)])


def read_number(typed: str) -> str:
    """A slip number as typed by a citizen: case, blanks and dashes do not matter, O is 0, I and L are 1."""
    out = []
    for char in typed.upper():
        if char in " -_.":
            continue
        out.append({"O": "0", "I": "1", "L": "1", "U": "V"}.get(char, char))
    return "".join(out)
