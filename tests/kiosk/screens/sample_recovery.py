"""What a scanned slip says, as the staff's screen gets it. Data only."""

_SLIP = {
    "slip": "7Q4M-X2PD-9K",
    "person": {"ticket": "", "name": "Nguyễn Thị Phương Thảo", "year": "1979", "sex": "", "masked": "075•••••1234"},
    "dose_no": 2,
    "vaccine_name": "AstraZeneca (Vaxzevria)",
    "lot": "ABV001",
    "day": "03/10/2021",
    "time": "09:41",
    "place": "Trạm y tế phường Trảng Dài",
    "signed": "good",
    "known": False,
}
RECOVERY = {
    "recovery": _SLIP,
    "recovery_known": {**_SLIP, "known": True},
    "recovery_forged": {**_SLIP, "signed": "forged"},
    "recovery_stranger": {**_SLIP, "signed": "stranger", "place": "bien-hoa"},
}
