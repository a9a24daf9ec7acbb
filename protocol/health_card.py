"""The QR of the paper health-insurance card (thẻ BHYT): `number|name in hex|birth|1 or 2|address in hex|…|$`.

It names a person but carries no identity number, except cards of 15/8/2025 on whose number is the personal one.
Unsigned. The texts inside are UTF-8 in hexadecimal; whoever reads them brings them to NFC.
"""

from protocol import cccd, fields
from protocol.errors import NotOurs, ProtocolError

_SEXES = {"1": "M", "2": "F"}


def read(text: str) -> dict:
    """`records.IDENTITY` plus `warnings`, `health_no`. `NotOurs` for other codes, `ProtocolError` for a broken one."""
    if len(text) > cccd.MAX_PAYLOAD:
        raise ProtocolError("too_long", "card")
    if cccd.kind_of(text) != cccd.HEALTH:
        raise NotOurs("not_a_health_card")
    parts = text.strip().split("|")
    number = parts[0].strip().upper()
    personal = fields.digits(number, 12)
    identity: dict = {
        "doc_type": "cccd" if personal else "none",
        "doc_no": number if personal else "",
        "old_no": "",
        "name": " ".join(_text(parts[1], "name").split()),
        "dob": cccd.read_day(parts[2]),
        "sex": _SEXES.get(parts[3].strip(), "U"),
        "address": _text(parts[4], "address").strip(),
        "phone": "",
    }
    cccd.check_identity(identity)
    identity["warnings"] = cccd.number_warnings(identity["doc_no"], identity["dob"], identity["sex"])
    identity["health_no"] = number
    return identity


def _text(raw: str, name: str) -> str:
    try:
        return bytes.fromhex(raw.strip()).decode("utf-8")
    except ValueError:
        raise ProtocolError("not_text", name)
