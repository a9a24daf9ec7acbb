"""What people of the seed may hold up instead of their card, for the virtual bench: the texts of the codes."""

from __future__ import annotations

import unicodedata
from typing import Any

from protocol import canon


def other_codes(seed: dict[str, Any]) -> list[dict[str, str]]:
    """Codes other than the card that name one of the seed's people: personal QR, registration, insurance card."""
    known, stranger = seed["appointment"][3], seed["appointment"][4]
    bare = (
        unicodedata.normalize("NFD", known["name"].replace("Đ", "D").replace("đ", "d"))
        .encode("ascii", "ignore")
        .decode()
        .upper()
    )
    code = canon.digest(f"{seed['site']['site']} cccd:{known['doc_no']}".encode())[:12].upper()
    texts = [str(stranger[name]).encode().hex() for name in ("name", "address")]
    born = "/".join(reversed(stranger["dob"].split("-")))
    sex = "1" if stranger["sex"] == "M" else "2"
    insured = f"GD4750101234567|{texts[0]}|{born}|{sex}|{texts[1]}|75 - 001|01/01/2021|31/12/2021|x|y|$"
    personal = f"******{known['doc_no'][6:]}|{bare}|{known['dob']}|0|162979000000000001|1<<{known['phone']}<<<"
    return [
        {"label": f"QR cá nhân · {known['name']}", "payload": personal, "kind": "personal_qr"},
        {"label": f"Mã đăng ký · {known['name']}", "payload": f"TRAM-REG:DK-{code}", "kind": "registration"},
        {"label": f"Thẻ BHYT · {stranger['name']}", "payload": insured, "kind": "health_card"},
    ]
