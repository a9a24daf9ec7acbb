"""Who is here, as the door's pages get it: typed, asked for, confirmed, given a number. Data only."""

LONG_NAME = "Công Tằng Tôn Nữ Nguyễn Thị Quỳnh Hương"
TYPED = {
    "name": "Nguyễn Thị Hồng Phượng",
    "dob_day": "05",
    "dob_month": "09",
    "dob_year": "1946",
    "sex": "F",
    "doc_no": "",
    "phone": "",
}
ASKED = {"ask": ["name", "dob", "sex", "doc_no", "phone"], "seen": "", "name": ""}
MASKED = {
    "fields": {**TYPED, "name": LONG_NAME}, "errors": {}, "ask": ["doc_no"], "seen": "******509", "name": LONG_NAME,
}  # fmt: skip

CONFIRM = {
    "name": "Nguyễn Thị Hồng Phượng",
    "year": "1946",
    "sex": "F",
    "masked": "075•••••1234",
    "phone": "",
    "needs_phone": True,
    "appointment": None,
    "warnings": [],
    "proved": [],
    "staffed": False,
    "groups": [],
    "priority": "",
}
GROUPS = [
    {"code": "elderly", "vi": "Từ đủ 80 tuổi", "en": "80 years or older", "age_min": 80},
    {"code": "pregnant", "vi": "Đang mang thai", "en": "Pregnant"},
    {"code": "disabled", "vi": "Khuyết tật nặng", "en": "Severe disability"},
    {"code": "merit", "vi": "Người có công", "en": "Person of merit"},
]
TICKET = {
    "ticket": "A-017",
    "before": 6,
    "minutes": 20,
    "again": False,
    "printing": "printed",
    "waiting": True,
    "priority": None,
}
