"""Invented examples of what the centre's desk says of kiosks and people, and a kiosk's answer. Nobody named here exists."""

BODIES = {
    "complaint.rechecked": {
        "complaint": "c-01",
        "person": "cccd:075079001234",
        "saw": ["00c0ffee12345678", "d411bfd4a9174c71"],
        "reason": "Số lô đã sửa đúng theo giấy, quyết định giữ nguyên",
    },
    "command.issued": {
        "command": "c-01",
        "k": "kiosk-03",
        "n": 1,
        "what": "stop_lot",
        "text": "",
        "about": "FF1234",
        "until": 1634014800000,
    },
    "command.answered": {"command": "c-01", "result": "done", "reason": ""},
    "person.linked": {
        "person": "cccd:075079001234",
        "other": "cmnd:271234567",
        "reason": "Cùng một người, đổi từ CMND sang CCCD",
        "because": ["same_number", "same_name", "same_dob"],
    },
    "person.unlinked": {"person": "cccd:075079001234", "other": "cmnd:271234567", "reason": "Nhầm với người cùng tên"},
    "person.told_apart": {
        "person": "cccd:075079001234",
        "other": "cccd:075079004321",
        "reason": "Hai anh em sinh đôi",
        "because": ["same_dob", "same_phone"],
    },
}
