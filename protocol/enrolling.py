"""Enrolment by a one-time QR and renewal of certificates: what the QR says, what a kiosk asks, what it is answered.

Each question is one canonical line, signed by the kiosk's own record key. Makes no keys, checks no signature, keeps nothing.
"""

from protocol import canon, fields
from protocol.errors import NotOurs, ProtocolError

PREFIX = "TRAM-ENROL:"
ENROL_ORDER = ("enrol", "v", "secret")
KIT_ORDER = ("kit", "v", "k")
RENEW_ORDER = ("renew", "v", "k")
CERTIFICATE_ORDER = ("certificate", "v", "k")
# A P-256 certificate of ours takes 900 bytes as PEM; twice that is room, more is an attack.
MAX_PEM = 2000

_pem = fields.text(MAX_PEM, empty=False, lines=True)
_host = fields.text(253, empty=False)
_port = fields.integer(1, 65535)
_once = ("v", fields.integer(1, 1000), True)
_hardware = fields.text(80)

_ENROL = (
    ("enrol", fields.integer(1, 1), True), _once,
    ("secret", fields.word, True),
    # The certificate request of its TLS key, and its record-signing key's public half. The private halves stay.
    ("csr", _pem, True),
    ("key", _pem, True),
    ("hardware", _hardware, True),
    ("app", fields.word, True),
)  # fmt: skip
_KIT = (
    ("kit", fields.integer(1, 1), True), _once,
    ("k", fields.word, True),
    ("shard", fields.word, True),
    ("site", fields.word, True),
    ("lane", fields.text(1), True),
    ("desk", fields.text(8), True),
    ("broker_host", _host, True),
    ("broker_port", _port, True),
    ("certificate", _pem, True),
    ("signing", _pem, True),
    ("sealing", _pem, True),
)  # fmt: skip
_RENEW = (
    ("renew", fields.integer(1, 1), True), _once,
    ("k", fields.word, True),
    ("csr", _pem, True),
    ("hardware", _hardware, True),
)  # fmt: skip
_CERTIFICATE = (
    ("certificate", fields.integer(1, 1), True), _once,
    ("k", fields.word, True),
    ("pem", _pem, True),
)  # fmt: skip


def make_code(*, secret: str, fingerprint: str, host: str, port: int) -> str:
    """The QR's text. `fingerprint`: SHA-256 of the authority's certificate, 64 hexadecimal digits; `host:port`: the door."""
    return PREFIX + "|".join(("1", secret, fingerprint, host, str(port)))


def read_code(text: str) -> dict:
    """`secret`, `fingerprint`, `host`, `port` of a QR's text. `NotOurs` for another kind of code; else `ProtocolError`."""
    if not isinstance(text, str) or not text.startswith(PREFIX):
        raise NotOurs("not_enrolment")
    parts = text[len(PREFIX) :].split("|")
    if len(parts) != 5 or parts[0] != "1":
        raise ProtocolError("future" if len(parts) > 1 and fields.digits(parts[0]) else "bad_length", "code")
    fields.word(parts[1], "secret")
    fields.hexadecimal(64)(parts[2], "fingerprint")
    _host(parts[3], "host")
    if not fields.digits(parts[4]) or len(parts[4]) > 5:
        raise ProtocolError("out_of_range", "port")
    _port(int(parts[4]), "port")
    return {"secret": parts[1], "fingerprint": parts[2], "host": parts[3], "port": int(parts[4])}


def make_enrol(*, secret: str, csr: str, key: str, hardware: str, app: str) -> bytes:
    """The line with which a kiosk asks to be enrolled."""
    return _made(
        {"enrol": 1, "v": 1, "secret": secret, "csr": csr, "key": key, "hardware": hardware, "app": app},
        ENROL_ORDER, _ENROL, "enrol",
    )  # fmt: skip


def read_enrol(line: bytes) -> dict:
    """What `make_enrol` wrote, or `ProtocolError`."""
    return _read(line, ENROL_ORDER, _ENROL, "enrol")


def make_kit(value: dict) -> bytes:
    """The line that answers it: who the kiosk is now, its certificate, the broker, whose word to believe."""
    whole = {"kit": 1, "v": 1}
    whole.update(value)
    return _made(whole, KIT_ORDER, _KIT, "kit")


def read_kit(line: bytes) -> dict:
    """What `make_kit` wrote, or `ProtocolError`."""
    return _read(line, KIT_ORDER, _KIT, "kit")


def make_renew(*, k: str, csr: str, hardware: str) -> bytes:
    """The line with which a kiosk asks for a certificate with a later end."""
    return _made({"renew": 1, "v": 1, "k": k, "csr": csr, "hardware": hardware}, RENEW_ORDER, _RENEW, "renew")


def read_renew(line: bytes) -> dict:
    """What `make_renew` wrote, or `ProtocolError`."""
    return _read(line, RENEW_ORDER, _RENEW, "renew")


def is_renew(line: bytes) -> bool:
    """Is this line of a message on `up` a renewal's (and neither a record nor a hello)?"""
    return line.startswith(b'{"renew":')


def make_certificate(*, k: str, pem: str) -> bytes:
    """The line that answers it, to be signed by the centre."""
    return _made({"certificate": 1, "v": 1, "k": k, "pem": pem}, CERTIFICATE_ORDER, _CERTIFICATE, "certificate")


def read_certificate(line: bytes) -> dict:
    """What `make_certificate` wrote, or `ProtocolError`."""
    return _read(line, CERTIFICATE_ORDER, _CERTIFICATE, "certificate")


def is_certificate(line: bytes) -> bool:
    """Is this line of a message on `down` a certificate's?"""
    return line.startswith(b'{"certificate":')


def _made(value: dict, order, rows, name: str) -> bytes:
    fields.check_table(value, rows, name)
    return canon.write(value, order)


def _read(line: bytes, order, rows, name: str) -> dict:
    value = canon.read(line, order)
    fields.check_table(value, rows, name)
    return value
