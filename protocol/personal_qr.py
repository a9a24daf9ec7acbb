"""The national personal QR ("Mã QR cá nhân", QĐ 1405/QĐ-BTTTT of 11/9/2021): `SoGiayTo|HoTen|NgaySinh|Loai|QID|EXT`.

Its number may be masked (`******509`); what is shown of it stays in `seen`, and who it is has to be asked or matched.
Nothing in it is signed for us. Text reaches this module decoded and in NFC.
"""

from protocol import cccd, fields
from protocol.errors import NotOurs, ProtocolError

# Order inside EXT as far as it was seen: version, insurance number, phone, sex, signature, QID of who declared it.
_HEALTH_NO, _PHONE, _SEX = 1, 2, 3
# A bare digit is read both ways by different programs, so it says nothing.
_SEXES = {"Nam": "M", "nam": "M", "NAM": "M", "Nữ": "F", "nữ": "F", "NỮ": "F", "NU": "F", "Nu": "F", "M": "M", "F": "F"}


def read(text: str) -> dict:
    """`records.IDENTITY` plus `warnings`, `seen`: the number as shown (`******509`; empty when it is whole), `health_no`.

    `NotOurs` for other codes, `ProtocolError` for a broken one.
    """
    if len(text) > cccd.MAX_PAYLOAD:
        raise ProtocolError("too_long", "card")
    if cccd.kind_of(text) != cccd.PERSONAL:
        raise NotOurs("not_a_personal_code")
    parts = text.strip().split("|")
    number = parts[0].strip()
    whole = fields.digits(number)
    extra = parts[5].split("<") if len(parts) > 5 else []
    phone = _at(extra, _PHONE)
    identity: dict = {
        "doc_type": doc_type(number),
        "doc_no": number if whole else "",
        "old_no": "",
        "name": " ".join(parts[1].split()),
        "dob": read_day(parts[2]),
        "sex": _SEXES.get(_at(extra, _SEX), "U"),
        "address": "",
        "phone": phone if fields.digits(phone, 10) and phone[0] == "0" else "",
    }
    cccd.check_identity(identity)
    identity["warnings"] = cccd.number_warnings(identity["doc_no"], identity["dob"], identity["sex"])
    identity["seen"] = "" if whole else number
    identity["health_no"] = _at(extra, _HEALTH_NO)[:32]
    return identity


def read_day(raw: str) -> str:
    """`YYYY-MM-DD`, `YYYY/M/D` or `YYYY` as a day or a bare year; empty when it is no date."""
    parts = raw.strip().replace("/", "-").split("-")
    if (
        len(parts) == 3
        and fields.digits(parts[0], 4)
        and fields.digits(parts[1], 1, 2)
        and fields.digits(parts[2], 1, 2)
    ):
        text = "%s-%02d-%02d" % (parts[0], int(parts[1]), int(parts[2]))
        return text if fields.is_day(text) else cccd.read_day(parts[0])
    return cccd.read_day(raw)


def doc_type(number: str) -> str:
    """Which document a number, masked or whole, belongs to: by its length."""
    return {12: "cccd", 9: "cmnd"}.get(len(number), "none")


def fits(seen: str, number: str) -> bool:
    """May the masked number `seen` be `number`? Equal length, and each digit that is shown is the same."""
    if len(seen) != len(number):
        return False
    for at in range(len(seen)):
        if seen[at] != "*" and seen[at] != number[at]:
            return False
    return True


def _at(extra: list, place: int) -> str:
    return extra[place].strip() if place < len(extra) else ""
