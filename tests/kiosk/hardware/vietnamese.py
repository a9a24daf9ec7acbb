# ruff: noqa: SIM905 - a list of names reads as a list of names
"""Made-up people for the tests: card payloads whose names together hold every Vietnamese letter."""

import unicodedata
from random import Random

_VOWELS = "aăâeêioôơuưy"
_TONES = ("", "\u0300", "\u0309", "\u0303", "\u0301", "\u0323")
_LOWER = [unicodedata.normalize("NFC", vowel + tone) for vowel in _VOWELS for tone in _TONES] + ["đ"]
LETTERS = "".join(_LOWER) + "".join(_LOWER).upper()  # 146: 73 lower, 73 upper

FAMILIES = (
    "Nguyễn Trần Lê Phạm Huỳnh Hoàng Phan Vũ Võ Đặng Bùi Đỗ Hồ Ngô Dương Lý Tạ Kiều Mạc Đoàn Ông Âu Ưng Ấu Ừng Ỷ Ẩn Ễnh"
    " Đèo Quách Thái Tống Khổng Ngụy Giàng Lò Vàng Cầm Hà Điểu Rơ K'Sor Y Chẩu Lầu Sùng Thạch Sơn Danh Kim"
).split()
MIDDLES = (
    "Văn Thị Ngọc Hữu Đức Mỹ Thanh Minh Quốc Bảo Gia Kim Xuân Thu Hồng Như Tường Phước Nhựt Trọng Ẩm Mẫn Uyển Duệ Đỉnh"
).split()
GIVENS = (
    "An Ân Anh Ánh Bằng Bích Chẩn Cường Dũng Duyên Đạt Đẵng Điệp Giang Giàu Hạnh Hiền Hiếu Hoà Hòa Hữu Khương Kỳ Kỹ Lẫm"
    " Liễu Lượng Mẫn Mỵ Nghĩa Ngoãn Ngữ Nhẫn Nhữ Nở Phượng Quỳnh Quý Quỵ Rỡ Sửu Thảo Thủy Thụy Thơ Tiễn Trữ Tuệ Tỵ Uyên"
    " Ưỡng Vỹ Vượng Xoàn Yến Ỷ Ệ Ỵ Ỡ Ẳng Ằng Ẵm Ặc Ổi Ỗi Ộc Ợt Ữ Ỹ Ĩnh Ũ Õng Ẽ Ẻ Ẹ"
).split()
PLACES = (
    "Trảng Dài, Biên Hòa, Đồng Nai|Phú Lộc, Tân Phú, Đồng Nai|Ỷ La, Tuyên Quang|Ẳng Nưa, Mường Ảng, Điện Biên"
    "|Ea Đar, Ea Kar, Đắk Lắk|Long An|Nhựt Tảo, Tân Trụ, Long An|Ngũ Hiệp, Thanh Trì, Hà Nội|Vĩnh Mỹ A, Hòa Bình, Bạc Liêu"
    "|Cỏ Vưỡng, Lục Ngạn, Bắc Giang|Bãi Cháy, Hạ Long, Quảng Ninh|Mỹ Xuyên, Sóc Trăng|Ẵm, Ổ, Kỳ Sơn, Nghệ An"
).split("|")


def card_payload(random: Random) -> bytes:
    """One card's QR: `id12|id9|name|DDMMYYYY|sex|address|DDMMYYYY` in UTF-8 (domain.md 1.1), invented throughout."""
    name = [random.choice(FAMILIES), *random.sample(MIDDLES, random.randrange(3)), random.choice(GIVENS)]
    if random.random() < 0.3:  # every letter gets its turn, also those no name has
        name.append("".join(random.sample(LETTERS, random.randrange(1, 7))))
    text = "|".join(
        (
            f"{random.randrange(1, 97):03d}{random.randrange(10**9):09d}",
            f"{random.randrange(10**9):09d}" if random.random() < 0.5 else "",
            (" ".join(name)).upper() if random.random() < 0.15 else " ".join(name),
            f"{random.randrange(1, 29):02d}{random.randrange(1, 13):02d}{random.randrange(1930, 2010)}",
            random.choice(("Nam", "Nữ")),
            f"{random.choice(('Tổ', 'Ấp', 'Thôn', 'Khu phố', 'Số nhà'))} {random.randrange(1, 99)}, {random.choice(PLACES)}",
            f"{random.randrange(1, 29):02d}{random.randrange(1, 13):02d}2021",
        )
    )
    return unicodedata.normalize("NFC", text).encode()
