"""The made-up site of the simulation: reference lists as a kiosk holds them, and people's cards. No randomness."""

import hashlib
import json
from functools import cache

from argon2 import PasswordHasher

SITE = "trang-dai"
SHARD = "dong-nai"
# Sunday 3 October 2021, 08:00 in Viet Nam.
MORNING = 1633222800000
PIN = "246810"
PEOPLE = 9
LOTS = ("ABV001", "PFZ002")
# What a paper of before the campaign's day says, but for its day.
PAPER = {
    "lot": LOTS[0], "dose_no": "1", "month": "08", "year": "2021", "hour": "9", "minute": "15", "injector": "1003",
    "paper": "confirmation", "number": "00123/XN",
}  # fmt: skip
FAMILIES = ("Nguyễn", "Trần", "Lê", "Phạm", "Huỳnh", "Đặng", "Võ", "Bùi")
GIVEN = ("Ánh", "Bảo", "Duyên", "Hải", "Khôi", "Mỹ", "Nguyệt", "Thịnh", "Uyên")

_FORM = {
    "version": "4355/QĐ-BYT",
    "from": "2000-01-01",
    "items": [
        {"code": "ACUTE_ILLNESS", "vi": "Đang mắc bệnh cấp tính", "en": "Acute illness", "yes": "defer"},
    ],
    "vitals": [],
}


def staff_code(role):
    """The code a role signs in with."""
    return {"screener": "1002", "injector": "1003", "lead": "1009"}[role]


def lists():
    """The lists a kiosk is enrolled with: name to body."""
    # One cheap hash: the PIN's strength is argon2's affair, here it is checked some thousand times a second.
    pin = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(PIN)
    staff = [
        {
            "id": f"nv-{code}", "name": f"Nhân viên {code}", "initials": "NV", "role": role, "code": code, "pin": pin,
            "badge": hashlib.sha256(code.encode()).hexdigest(), "revoked": False,
        }
        for role, code in (("screener", "1002"), ("injector", "1003"), ("lead", "1009"))
    ]  # fmt: skip
    lots = [
        {"lot": "ABV001", "vaccine": "AZ", "expiry": "9999-12-31", "doses_per_vial": 10, "stopped": False},
        {"lot": "PFZ002", "vaccine": "PFIZER", "expiry": "9999-12-31", "doses_per_vial": 6, "stopped": False},
        {"lot": "OLD003", "vaccine": "AZ", "expiry": "1999-12-31", "doses_per_vial": 10, "stopped": False},
    ]
    vaccines = {
        "AZ": {"name": "AstraZeneca", "min_days": 28, "age_min": 18, "doses": 2, "source": "BYT"},
        "PFIZER": {"name": "Pfizer", "min_days": 21, "age_min": 12, "doses": 2, "source": "BYT"},
    }
    return {
        "site": {
            "site": SITE,
            "name": "Trạm y tế Trảng Dài",
            "hotline": "1900 9095",
            "day_offset_min": 420,
            "portal": "",
        },
        "staff": {"items": staff},
        "lots": {"items": lots},
        "rules": {"vaccines": vaccines, "mix": []},
        "forms": {"forms": [_FORM], "symptoms": [{"code": "rash", "vi": "Phát ban", "en": "Rash"}]},
        "appointments": {"items": []},
    }


@cache
def list_rows(writers=()):
    """The lists as rows of the kiosk's store; `writers`: names on the site's list of keys, none from an older server."""
    rows = []
    keys = [{"k": k, "public_key": "", "revoked": False} for k in writers]
    held = {**lists(), "keys": {"items": keys}} if keys else lists()
    for name, body in held.items():
        data = json.dumps(body, ensure_ascii=False).encode()
        sha = hashlib.sha256(data).hexdigest()
        row = {"name": name, "version": 7, "sha256": sha, "body": data, "issued": 1, "received_at": MORNING}
        rows.append(row)
    return rows


def secrets(number):
    """What names the n-th person, as bytes of a disk."""
    one = person(number)
    return tuple(one[what].encode() for what in ("name", "doc_no", "phone"))


def person(number):
    """The n-th person: `name`, `doc_no`, `phone` and the text of the card."""
    name = f"{FAMILIES[number % len(FAMILIES)]} Văn {GIVEN[number % len(GIVEN)]}"
    doc_no = f"0750790{number:05d}"
    card = f"{doc_no}|2712{number:05d}|{name}|14041979|Nam|Tổ {number}, Khu phố 3, Trảng Dài, Đồng Nai|25062021"
    return {"name": name, "doc_no": doc_no, "phone": f"09120{number:05d}", "card": card}
