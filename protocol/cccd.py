"""The QR of the chip citizen card (CCCD gắn chip), and which of the known codes a scan is.

The code carries no signature: it identifies, it does not authenticate (domain.md 1.1). Text reaches this module
decoded and in NFC. A number that disagrees with the card's own birth year or sex warns and never blocks (1.6).
"""

from protocol import fields, records, slip_code
from protocol.errors import NotOurs, ProtocolError

# A real payload is about 120 bytes; 2,048 is the readers' cap (fault F13).
MAX_PAYLOAD = 2048
CCCD = "cccd"
PERSONAL = "personal_qr"
BADGE = "badge"
SLIP = "slip"
LOT = "lot"
HEALTH = "health_card"
CERTIFICATE = "certificate"
REGISTRATION = "registration"
UNKNOWN = "unknown"
# Our own codes begin with these words; all of ASCII, so that no decoder garbles them.
BADGE_PREFIX = "TRAM-BADGE:"
LOT_PREFIX = "TRAM-LOT:"
# What a registration is confirmed with: its code, which the site's list of appointments knows.
REGISTRATION_PREFIX = "TRAM-REG:"
# An EU DCC certificate (specification 1.0.8); read by `kiosk.dcc`, for CBOR and inflating are beyond a board.
CERTIFICATE_PREFIX = "HC1:"
_PREFIXES = (
    (BADGE_PREFIX, BADGE),
    (slip_code.SLIP_PREFIX, SLIP),
    (LOT_PREFIX, LOT),
    (REGISTRATION_PREFIX, REGISTRATION),
    (CERTIFICATE_PREFIX, CERTIFICATE),
)
_SEX = (("Nam", "M"), ("nam", "M"), ("NAM", "M"), ("Nữ", "F"), ("nữ", "F"), ("NỮ", "F"))
# Thông tư 59/2021/TT-BCA Đ.4: the fourth digit gives century and sex.
_CENTURIES = tuple([(century, sex) for century in (1900, 2000, 2100, 2200, 2300) for sex in ("M", "F")])


def kind_of(text: str) -> str:
    """Which known code `text` is: a word of those above."""
    for prefix, kind in _PREFIXES:
        if text.startswith(prefix):
            return kind
    parts = _split(text)
    if _is_health_card(parts):
        return HEALTH
    if _is_personal(parts):
        return PERSONAL
    if len(parts) >= 6 and fields.digits(parts[0], 12) and (not parts[1] or fields.digits(parts[1], 9, 12)):
        return CCCD
    if len(parts) >= 5 and fields.digits(parts[0], 12):
        return CCCD
    return UNKNOWN


def read(text: str) -> dict:
    """The identity on a card: a dict of `records.IDENTITY` plus `warnings`, a list of words.

    Accepts what is seen in the wild: no old number, six fields without it, dates as DDMMYYYY, DD/MM/YYYY, YYYY-MM-DD,
    a bare year, further fields of the 2024 card. `NotOurs` for other codes, `ProtocolError` for a broken card.
    """
    if len(text) > MAX_PAYLOAD:
        raise ProtocolError("too_long", "card")
    if kind_of(text) != CCCD:
        raise NotOurs("not_a_card")
    parts = _split(text)
    if not fields.digits(parts[1]) and parts[1]:
        parts.insert(1, "")
    if len(parts) < 6:
        raise ProtocolError("missing", "card")
    sex = _sex(parts[4])
    identity = {
        "doc_type": "cccd",
        "doc_no": parts[0],
        "old_no": parts[1],
        "name": _name(parts[2]),
        "dob": read_day(parts[3]),
        "sex": sex,
        "address": parts[5].strip(),
        "phone": "",
    }
    check_identity(identity)
    identity["warnings"] = number_warnings(parts[0], identity["dob"], sex)
    return identity


def check_identity(identity: dict) -> None:
    """Check an identity against the table of records; `ProtocolError` names the field."""
    fields.check_table(identity, records.IDENTITY, "identity")


def read_day(raw: str) -> str:
    """A card's date as `YYYY-MM-DD`, or `YYYY` when only the year is known, or empty when it is no date."""
    raw = raw.strip()
    if len(raw) == 4:
        return _year(raw)
    if fields.digits(raw, 8):
        parts = (raw[4:], raw[2:4], raw[:2])
    elif len(raw) == 10 and raw[2] == "/" and raw[5] == "/":
        parts = (raw[6:], raw[3:5], raw[:2])
    elif len(raw) == 10 and raw[4] == "-":
        parts = (raw[:4], raw[5:7], raw[8:])
    else:
        return ""
    text = "-".join(parts)
    if fields.is_day(text):
        return text
    return _year(parts[0])


def number_warnings(number: str, dob: str, sex: str) -> list:
    """Words for what a 12-digit personal number and the card disagree on: `number_year`, `number_sex`.

    Other numbers (an old CMND, a passport) tell nothing and warn of nothing.
    """
    if not fields.digits(number, 12):
        return []
    century, told = _CENTURIES[int(number[3])]
    warnings = []
    if dob and int(dob[:4]) != century + int(number[4:6]):
        warnings.append("number_year")
    if sex in ("M", "F") and sex != told:
        warnings.append("number_sex")
    return warnings


def person_key(identity: dict, visit: str) -> str:
    """The key under which records speak of this person; a person without papers is known by the visit alone."""
    if identity["doc_type"] != "none" and identity["doc_no"]:
        return identity["doc_type"] + ":" + identity["doc_no"]
    return "visit:" + visit


def mask(number: str) -> str:
    """A number as the room may see it: `075•••••1234`."""
    if len(number) < 8:
        return "•" * len(number)
    return number[:3] + "•" * (len(number) - 7) + number[-4:]


def _split(text: str) -> list:
    # A reader's line end is no part of the last field (domain.md 1.1).
    return text.strip().split("|")


def _is_personal(parts: list) -> bool:
    if len(parts) < 5 or parts[3] not in ("0", "1") or not 10 <= len(parts[4]) <= 20 or not fields.digits(parts[4]):
        return False
    # The number, whole or with its first digits masked.
    shown = parts[0].strip().replace("*", "")
    return 6 <= len(parts[0].strip()) <= 12 and fields.digits(shown)


def _is_health_card(parts: list) -> bool:
    if len(parts) < 6 or parts[-1].strip()[-1:] != "$":
        return False
    number, name = parts[0].strip(), parts[1].strip()
    if not (fields.digits(number, 10, 12) or (len(number) == 15 and fields.digits(number[2:]))):
        return False
    return bool(name) and len(name) % 2 == 0 and not name.strip("0123456789abcdefABCDEF")


def registration_code(text: str) -> str:
    """The code of a registration's QR (`TRAM-REG:<code>`). `NotOurs` for other codes, `ProtocolError` for a broken one."""
    text = text.strip()
    if not text.startswith(REGISTRATION_PREFIX):
        raise NotOurs("not_a_registration")
    code = text[len(REGISTRATION_PREFIX) :]
    fields.word(code, "registration")
    return code


def _year(raw: str) -> str:
    return raw if fields.digits(raw, 4) and int(raw) >= fields.MIN_YEAR else ""


def _sex(raw: str) -> str:
    for shown, code in _SEX:
        if raw.strip() == shown:
            return code
    return "U"


def _name(raw: str) -> str:
    return " ".join(raw.split())
